"""Updates delivered again, out of order, or very late: each counts once, or is told that it came too late."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.support.broadcast import ask_all, close, said_to
from tests.support.installation import Installation
from tests.support.standins.telegram import TelegramStandIn
from tests.support.standins.telegram_phone import Phone
from tests.support.telegram_office import (
    UNIT,
    again,
    arrives,
    bring_in,
    let_leases_run_out,
    people,
    prepared,
    reports,
    rows,
    says,
    serving,
    stopped,
    taps,
    until,
)

pytestmark = pytest.mark.slow


async def test_updates_repeated_after_a_restart_change_and_say_nothing(
    place: Installation, tg: TelegramStandIn
) -> None:
    [lan, mui] = phones = people(tg, 2)
    async with prepared(place) as world:
        await bring_in(world, [lan])
        code = await world.invite(UNIT, uses=1)
    # in an order of their own: a database may give rows in any
    content = (
        "SELECT code, text, state FROM reports ORDER BY code",
        "SELECT id, sealed, state FROM people ORDER BY id",
        "SELECT code, uses_left FROM invites ORDER BY code",
    )
    async with serving(place, tg) as service:
        await reports(lan, "đường vào bản lầy lội")
        await mui.start(code)
        await arrives(mui, "đồng ý tham gia chứ?")
        await taps(mui, "Đồng ý", "Tên để đơn vị liên hệ?")
        await taps(mui, "Để sau", "Đã tham gia")
        await says(mui, "báo cáo", "Bác kể giúp")
        handed = sorted(set(tg.handed))
        await until(lambda: tg.confirmed > max(handed))
        before = [rows(place, statement) for statement in content], [len(phone.messages) for phone in phones]
        service.kill()
        let_leases_run_out(place)
        tg.redeliver(*handed, *handed)
        await again(service)
        await until(lambda: len(tg.handed) >= 3 * len(handed))
        tg.redeliver(*reversed(handed))
        await until(lambda: len(tg.handed) >= 4 * len(handed))
        answered = [await says(phone, "trợ giúp", "Bác nhắn một câu là thành báo cáo") for phone in phones]
        after = [rows(place, statement) for statement in content], [len(phone.messages) - 1 for phone in phones]
        said = said_to(tg)
        repeated = [len(said[phone.chat_id]) - len(set(said[phone.chat_id])) for phone in phones]
        # at most the very last message was still in flight at the kill
        assert max(repeated) <= 1
        assert after == (before[0], [count + more for count, more in zip(before[1], repeated, strict=True)])
        assert "Bác kể giúp" in answered[1].text, "the open question is open still"


async def test_updates_out_of_order_or_long_confirmed_are_handled_once(tmp_path: Path, tg: TelegramStandIn) -> None:
    phones = people(tg, 6)
    *quick, late = phones
    async with prepared(tmp_path) as world:
        await bring_in(world, phones)

    def help_asked(phone: Phone, id: int) -> dict[str, object]:
        message = {"message_id": id % 10_000, "from": phone.user, "chat": phone.chat, "date": int(time.time()) - 80_000}
        return {"update_id": id, "message": {**message, "text": "trợ giúp"}}

    async with serving(tmp_path, tg) as service:
        ids = [900_000_500 - 100 * number for number in range(len(quick))]
        for phone, id in zip(quick, ids, strict=True):
            tg.push_raw(help_asked(phone, id))
        for phone in quick:
            await arrives(phone, "Bác nhắn một câu là thành báo cáo")
        await until(lambda: tg.confirmed == max(ids) + 1)
        # one that Telegram found again: its number lies below all that was confirmed
        tg.push_raw(help_asked(late, 800_000_001))
        await arrives(late, "Bác nhắn một câu là thành báo cáo")
        tg.redeliver(800_000_001, *ids)
        await says(late, "việc", "Hiện không có việc nào")
        assert [len(phone.messages) for phone in phones] == [1] * len(quick) + [2]
        assert await stopped(service) == 0


async def test_a_press_after_the_poll_has_closed_is_told_so_and_not_counted(
    tmp_path: Path, tg: TelegramStandIn
) -> None:
    phones = people(tg, 7)
    *answering, late = phones
    async with prepared(tmp_path) as world:
        await bring_in(world, phones)
    async with serving(tmp_path, tg):
        id = await ask_all(tmp_path, 7)
        for phone in phones:
            await arrives(phone, "Giờ tiếp dân")
        for phone in answering:
            await taps(phone, "Có", "Đã ghi nhận câu trả lời")
        [(counted,)] = rows(tmp_path, "SELECT count(*) FROM poll_answers")
        await close(tmp_path, id)
        # the same presses once more, and one made in time that was under way for long
        tg.redeliver(*sorted(set(tg.handed)))
        await taps(late, "Có", "Câu này đã đóng")
        assert rows(tmp_path, "SELECT count(*) FROM poll_answers") == [(counted,)]
        assert counted == len(answering)
        for phone in answering:
            await arrives(phone, "Kết quả: Giờ tiếp dân")
            assert len(phone.messages) == 3
