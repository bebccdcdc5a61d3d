"""Telegram itself in trouble during a broadcast and dialogues: 429 to everything, 5xx for long, connections reset."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.broadcast import ask_all, copies, people_reached, said_to
from tests.support.standins.telegram import TelegramStandIn
from tests.support.standins.telegram_phone import Phone
from tests.support.telegram_office import (
    arrives,
    bring_in,
    people,
    prepared,
    readiness,
    reports,
    rows,
    serving,
    stopped,
    until,
)

pytestmark = pytest.mark.slow

#: Seconds of trouble: long enough for several tries of everything.
STORM = 5.0
WORDS = "đường vào bản lầy lội"


def too_many(tg: TelegramStandIn) -> None:
    tg.flood(1, times=10_000)


def down(tg: TelegramStandIn) -> None:
    tg.break_down(times=10_000)


async def kept_and_said(tmp_path: Path, tg: TelegramStandIn, phones: list[Phone], receipts: list[str]) -> None:
    """Everybody was reached, every report stands once, nothing waits any more; by the phones and by the database."""
    await until(lambda: rows(tmp_path, "SELECT count(*) FROM outbox") == [(0,)])
    codes = [re.findall(r"PA-\w{7}", receipt)[0] for receipt in receipts]
    assert Counter(code for (code,) in rows(tmp_path, "SELECT code FROM reports")) == Counter(codes)
    everybody = {phone.first_name for phone in phones}
    assert people_reached(tmp_path) == everybody
    assert set(copies(tg, "Giờ tiếp dân")) == everybody
    assert tg.waiting == 0


@pytest.mark.parametrize("storm", [too_many, down])
async def test_everybody_gets_everything_once_after_an_outage_of_the_app(
    tmp_path: Path, tg: TelegramStandIn, storm: Callable[[TelegramStandIn], None]
) -> None:
    phones = people(tg, 40)
    async with prepared(tmp_path) as world:
        await bring_in(world, phones)
    lan, *asking = phones[:5]
    async with serving(tmp_path, tg, TELEGRAM_RATE="40") as service:
        await ask_all(tmp_path, len(phones))
        await until(lambda: len(copies(tg)) >= 28)
        before = dict(tg.counts)
        storm(tg)
        reporting = asyncio.create_task(reports(lan, WORDS))
        for phone in asking:
            await phone.say("trợ giúp")
        await asyncio.sleep(STORM)
        assert not (await readiness(service))["ok"]
        assert tg.counts["sendMessage"] > before["sendMessage"]
        assert copies(tg, WORDS) == {}
        tg.mend()
        receipt = await reporting
        for phone in asking:
            await arrives(phone, "Bác nhắn một câu là thành báo cáo")
        await kept_and_said(tmp_path, tg, phones, [receipt])
        for said in said_to(tg).values():
            assert len(said) == len(set(said)), "said twice, though the app had refused it"
        assert (await readiness(service))["ok"]
        assert await stopped(service) == 0


async def test_what_was_reset_after_it_was_taken_is_said_at_most_once_more(tmp_path: Path, tg: TelegramStandIn) -> None:
    """Nobody can know whether a message arrived whose answer was lost: rather twice than never, and only that one."""
    phones = people(tg, 40)
    async with prepared(tmp_path) as world:
        await bring_in(world, phones)
    resets = 0
    async with serving(tmp_path, tg) as service:

        def reset(method: str, times: int) -> int:
            tg.fault(method, times=times, reset=True)
            return times

        resets += reset("sendMessage", 12)
        await ask_all(tmp_path, len(phones))
        await until(lambda: len(copies(tg)) == len(phones))
        reset("getUpdates", 2)
        reset("answerCallbackQuery", 2)
        resets += reset("sendMessage", 4)
        receipts = await asyncio.gather(*(reports(phone, WORDS) for phone in phones[:5]))
        await kept_and_said(tmp_path, tg, phones, receipts)
        extra = {chat: len(said) - len(set(said)) for chat, said in said_to(tg).items()}
        assert 0 < sum(extra.values()) <= resets
        assert max(Counter(words for said in said_to(tg).values() for words in said).values()) <= 2
        assert await stopped(service) == 0
