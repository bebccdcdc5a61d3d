"""What one sender may do: wrong codes, messages of strangers, reports a day (R36); nobody is kept from a good code."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from nhipcau.bot.messaging.events import Event, EventKind
from nhipcau.intake import sender_limits, slice
from nhipcau.intake.buckets import Buckets
from nhipcau.intake.sender_limits import CodeLimits, SenderLimits
from nhipcau.privacy.identifiers import CODE_LENGTH
from nhipcau.storage.tables import audit, contacts, events, invites, outbox, reports
from tests.support.reports import filed
from tests.support.world import MORNING, Phone, World, open_world

pytestmark = pytest.mark.slow

_REFUSED, _WAIT = "Mã này không đúng hoặc đã hết hạn", "Từ đây đã thử nhiều mã không đúng hoặc đã hết hạn"


async def _guess(phone: Phone, times: int) -> None:
    for number in range(times):
        await phone.say(f"/start GUESSED{number:03}")


async def _rows(world: World) -> tuple[int, int, int]:
    tables = (contacts, events, outbox)
    return tuple([(await world.rows(select(func.count()).select_from(table)))[0][0] for table in tables])


async def test_a_code_has_ten_letters_and_an_older_one_stays_good(world: World) -> None:
    code = await world.invite()
    assert len(code) == CODE_LENGTH == 10
    async with world.parts.database.writing() as connection:
        await connection.execute(update(invites).where(invites.c.code == code).values(code="ABCDEFGH"))
    phone = world.phone("lạ")
    # typed alone, as it stands on paper
    await phone.say("abcd efgh".replace(" ", ""))
    await phone.tap("Đồng ý")
    await phone.tap("Để sau")
    assert "Đã tham gia" in phone.messages[-1].text


async def test_a_wrong_code_leaves_only_its_events_id(world: World) -> None:
    """R36: not the contact, not the answer once it was read; that the event was handled, so that it is not twice."""
    contacts_, events_, outbox_ = await _rows(world)
    stranger = world.phone("lạ")
    await stranger.say("/start WRONGCODE2")
    assert _REFUSED in stranger.last.text
    assert await _rows(world) == (contacts_, events_ + 1, outbox_)


async def test_a_refused_event_sent_again_says_nothing(world: World) -> None:
    event = Event("telegram", "77", "lạ", EventKind.TEXT, text="/start WRONGCODE2")
    await world.dispatch.submit([event])
    assert _REFUSED in (await world.fetch("telegram", "lạ"))[0][1].text
    await world.dispatch.submit([event])
    assert await world.fetch("telegram", "lạ") == []
    # after a restart neither
    world.dispatch.limits = SenderLimits(lambda: world.now)
    await world.dispatch.submit([event])
    assert await world.fetch("telegram", "lạ") == []


async def test_after_wrong_codes_none_is_looked_up_for_a_while(world: World) -> None:
    code = await world.invite()
    stranger = world.phone("lạ")
    await _guess(stranger, 5)
    assert _REFUSED in stranger.last.text
    await stranger.say(f"/start {code}")
    assert _WAIT in stranger.last.text
    # told once; what follows is not even written down
    assert await stranger.say(f"/start {code}") == []
    world.now += timedelta(minutes=6)
    await stranger.say(f"/start {code}")
    assert "Bác đủ 18 tuổi" in stranger.last.text


async def test_others_wrong_codes_keep_nobody_from_a_good_one(world: World) -> None:
    world.dispatch.limits.codes = CodeLimits(lambda: world.now, (3, 1000))
    for number in range(5):
        await world.phone(f"kẻ đoán {number}").say("/start WRONGCODE2")
    code = await world.invite()
    # who has failed before waits, who has not is let in
    guesser = world.phone("kẻ đoán 0")
    await guesser.say(f"/start {code}")
    assert _WAIT in guesser.last.text
    lan = world.phone("Lan")
    await lan.say(f"/start {code}")
    assert "Bác đủ 18 tuổi" in lan.last.text


async def test_somebody_who_has_joined_may_not_guess_either(world: World) -> None:
    lan = await world.joined("Lan")
    await _guess(lan, 5)
    assert _REFUSED in lan.last.text
    await lan.say("/start GUESSED999")
    assert _WAIT in lan.last.text
    # everything else goes on
    await lan.say("của tôi")
    assert _WAIT not in lan.last.text


async def test_wrong_codes_of_an_hour_are_one_line_of_the_audit(world: World) -> None:
    """Who guessed is not in it, nor when within the day."""
    for number in range(3):
        await world.phone(f"lạ {number}").say("/start WRONGCODE2")
    assert await world.rows(select(audit.c.number).where(audit.c.kind == "refused.code")) == []
    world.now += timedelta(hours=1)
    for _ in range(2):
        await world.phone("ai đó").say("chào")
    assert await world.rows(select(audit.c.number).where(audit.c.kind == "refused.code")) == [(3,)]


def test_one_internet_address_may_try_so_many_codes() -> None:
    now = MORNING
    codes = CodeLimits(lambda: now)
    for number in range(60):
        assert codes.may_try(f"web:{number}", "203.0.113.7")
        codes.note_wrong(f"web:{number}", "203.0.113.7")
    assert not codes.may_try("web:new", "203.0.113.7")
    assert codes.may_try("web:new", "203.0.113.8")
    # who shares the address comes in a second later, who has failed there does not
    now += timedelta(seconds=1)
    assert codes.may_try("web:new", "203.0.113.7")
    codes.note_wrong("web:worse", "203.0.113.7")
    assert not codes.may_try("web:new", "203.0.113.7")


def test_a_bucket_fills_again_and_remembers_no_more_than_it_may() -> None:
    buckets = Buckets(2, 10)
    for _ in range(3):
        buckets.take("a", 0)
    assert buckets.is_empty("a", 9)
    assert not buckets.is_empty("a", 10)
    assert buckets.is_full("a", 20)
    # a clock set back gives nothing back, and takes nothing more
    assert buckets.left("a", -100) == 0
    for number in range(30_000):
        buckets.take(str(number), 0)
    assert len(buckets) == 20_000


async def test_a_stranger_who_floods_is_not_read_for_a_while(world: World) -> None:
    stranger = world.phone("lạ")
    answered = [bool(await stranger.say("xin chào")) for _ in range(70)]
    assert answered == [True] * 60 + [False] * 10
    lan = await world.joined("Lan")
    assert lan.messages


async def test_more_reports_a_day_than_one_person_tells_of_wait(tmp_path: Path) -> None:
    """R36: counted in memory, forgotten daily; the draft stays, and words of danger still pass."""
    async with open_world(tmp_path, reports_a_day=2) as world:
        lan = await world.joined("Lan")
        for _ in range(2):
            await filed(lan, "đường vào bản lầy lội hai tháng nay")
        with pytest.raises(AssertionError, match="Hôm nay bác đã gửi 2 báo cáo"):
            await filed(lan, "đường vào bản lầy lội hai tháng nay")
        assert "Hôm nay bác đã gửi 2 báo cáo" in lan.last.text
        assert 'bác sửa mức khẩn thành "Khẩn, trong ngày"' in lan.last.text
        assert await _filed(world) == 2
        await lan.say("cứu với, nhà sập có người bị kẹt")
        await lan.tap("Gửi khẩn ngay")
        assert await _filed(world) == 3
        for _ in range(4):
            await lan.say("cứu với, nhà sập có người bị kẹt")
            await lan.tap("Gửi khẩn ngay")
        assert "Hôm nay bác đã gửi 6 báo cáo" in lan.last.text
        assert 'nhắn "gặp người"' in lan.last.text
        assert await _filed(world) == 6
        world.now += timedelta(days=1)
        await lan.say("báo cáo")
        await lan.tap("Tiếp tục")
        await lan.tap("Gửi")
        assert "Đã ghi nhận báo cáo" in lan.last.text
        assert await _filed(world) == 7


async def _filed(world: World) -> int:
    return int((await world.rows(select(func.count()).select_from(reports)))[0][0])


async def test_a_slow_batch_is_cut_and_the_rest_comes_next(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """One transaction decides for so long at most; nobody is lost, and nobody is answered twice."""
    monkeypatch.setattr(slice, "LONGEST", 0.0)
    strangers = [world.phone(f"s{number}") for number in range(4)]
    batch = [Event("web", f"x{n}", each.address, EventKind.TEXT, text="chào") for n, each in enumerate(strangers)]
    assert [event.id for event in await world.dispatch.handle(batch)] == ["x1", "x2", "x3"]
    assert (await world.rows(select(events.c.id))) == [("x0",)]
    await world.dispatch.submit(batch)
    assert sorted(await world.rows(select(events.c.id))) == [("x0",), ("x1",), ("x2",), ("x3",)]
    assert [len(await world.fetch("web", each.address)) for each in strangers] == [1, 1, 1, 1]


def test_nothing_typed_is_counted_with_its_words() -> None:
    """R36: what is remembered names a chat, a day and a number."""
    assert set(sender_limits.Decided.__dataclass_fields__) == {
        *("event", "person_id", "wrong_code", "was_tried", "reports", "day")
    }
