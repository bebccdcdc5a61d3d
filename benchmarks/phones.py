"""The people of a benchmark: phones at the Telegram stand-in that always take the first choice that leads on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from tests.support.standins.telegram import TelegramStandIn
from tests.support.standins.telegram_phone import Phone

#: Choices that leave or detour; whoever sees only such types a sentence.
_WAYS_OUT = ("Hủy", "Lùi", "Bỏ qua", "Khác …", "Xem thêm")
_DETOURS = ("Sửa", "Trang", "Thêm")
#: What a filed report's receipt begins with, in every bot.
RECEIPT = "Đã ghi nhận báo cáo"
BEGIN = "/baocao"
SENTENCE = "đường liên thôn hỏng nặng hai tháng nay, chưa thấy ai sửa"
#: Seconds without an answer after which a benchmark has failed.
_PATIENCE = 60.0


def onward(buttons: Sequence[str]) -> str:
    """The first choice that leads on, or ""."""
    return next((label for label in buttons if label not in _WAYS_OUT and not label.startswith(_DETOURS)), "")


async def file_reports(phone: Phone, number: int) -> int:
    """File so many reports one after another; returns how many updates that took."""
    updates = 0
    for _ in range(number):
        await phone.say(BEGIN)
        updates += 1
        while not (seen := await phone.expect(_PATIENCE)).text.startswith(RECEIPT):
            label = onward(seen.buttons)
            await (phone.tap(label, seen) if label else phone.say(SENTENCE))
            updates += 1
    return updates


async def updates_per_second(standin: TelegramStandIn, chats: range, reports: int) -> float:
    """All phones at once; from the first act to the last receipt."""
    begun = time.monotonic()
    done = await asyncio.gather(*(file_reports(standin.phone(chat), reports) for chat in chats))
    return sum(done) / (time.monotonic() - begun)
