"""Hand-over: a successor gets what is open and never what was written; who left is reached by nothing any more."""

from __future__ import annotations

import asyncio
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from nhipcau.bot.messaging.button import unpack
from nhipcau.bot.messaging.events import Event, EventKind
from nhipcau.handlers.buttons import (
    AnswerRequest,
    ChooseChannel,
    ChooseLanguage,
    LinkApp,
    ManageMember,
    MemberAct,
    MyData,
    MyReport,
    MyReportAct,
    ReplyAct,
    ReplyToOffice,
)
from nhipcau.storage.reports import my_reports
from nhipcau.storage.tables import (
    contacts,
    conversations,
    invites,
    official_answers,
    outbox,
    participation,
    people,
    reports,
    requests,
    rules,
)
from nhipcau.storage.units import load_tree
from tests.support.people import change, details, id_of
from tests.support.reports import answer, filed
from tests.support.requests import ask, yesno
from tests.support.world import MORNING, Phone, World, open_world

pytestmark = pytest.mark.slow

LAN, MUI = "Hoàng Thị Lan", "Nông Thị Mùi"
NEWS = {"title": "Báo cáo tuần", "questions": [{"text": "Có gì mới?", "kind": "text"}]}


@pytest.fixture
def world(office: World) -> World:
    """On each database."""
    return office


async def replaced(khoi: Phone, name: str = LAN, successor: str = MUI) -> str:
    """The code of the successor's card."""
    await khoi.say("mạng lưới")
    label = next(label for label in khoi.labels() if label.startswith(name))
    await khoi.tap(label)
    await khoi.tap("Người thay")
    await khoi.say(successor)
    await khoi.tap("Đồng ý thay")
    assert f"Đã ghi: {successor} thay {name}." in khoi.last.text, khoi.last.text
    return khoi.last.text.split("Mã: ")[1].split()[0]


async def join(world: World, code: str, address: str = "new phone") -> Phone:
    """With the card; what is open has been asked a few seconds later."""
    phone = world.phone(address)
    await phone.say(f"/start {code}")
    await phone.tap("Đồng ý")
    await world.wait(seconds=5)
    await phone.read()
    return phone


async def person(world: World, name: str) -> Any:
    return (await world.rows(select(people).where(people.c.id == await id_of(world, name))))[0]


async def duty(world: World, title: str) -> str:
    """A period of a duty of Đồng Đăng, asked now."""
    id = await ask(world, {**NEWS, "title": title}, "rapid", "X06184")
    async with world.parts.database.writing() as connection:
        await connection.execute(update(requests).where(requests.c.id == id).values(kind="duty"))
    return id


def read(phone: Phone) -> str:
    return "\n".join(f"{m.text} {' '.join(c.label for c in m.choices)}" for m in phone.messages)


# ------------------------------------------------------------------ what goes along


@pytest.mark.slow
async def test_the_card_passes_on_place_and_open_work_and_nothing_settled(world: World) -> None:
    khoi = await world.joined("Nguyễn Văn Khôi", "X06184", "coordinator")
    lan = await world.joined(LAN, "X06184")
    await change(world, LAN, cell="Thôn Nà Han", responsible=True, code="CTV7", contact="0912345678")
    before_it = await person(world, LAN), (await details(world))[await id_of(world, LAN)]
    settled, waiting = await duty(world, "Tuần đã xong"), await duty(world, "Tuần còn mở")
    rapid = await ask(world, {**NEWS, "title": "Mưa lũ"}, "rapid", "X06184")
    sample = await ask(world, {**NEWS, "title": "Một người", "audience": {"sample": 1}}, "rapid", "X06184")
    await settle(world, settled)
    before = await world.rows(select(participation).where(participation.c.person_id == (await person(world, LAN)).id))

    code = await replaced(khoi)
    mui, of_mui = await person(world, MUI), (await details(world))[await id_of(world, MUI)]
    [gone] = await world.rows(select(people).where(people.c.state == "left"))
    assert (gone.id, gone.sealed, gone.code_lookup) == (before_it[0].id, None, before_it[0].code_lookup)
    assert not world.parts.sealer.people.lives(gone.id)
    place = ("unit_id", "role", "responsible")
    assert [getattr(mui, name) for name in place] == [getattr(gone, name) for name in place]
    assert (mui.state, mui.code_lookup, mui.consented_at) == ("invited", None, None)
    assert (of_mui.cell, of_mui.code, of_mui.contact) == ("Thôn Nà Han", "", "")
    assert of_mui.tag_secret not in {"", before_it[1].tag_secret}
    cards = await world.rows(select(invites).where(invites.c.person_id == mui.id))
    assert [(c.code, c.uses_left, c.adds, c.expires_at - world.now) for c in cards] == [
        (code, 1, False, timedelta(days=30))
    ]
    # what they were asked, and how far they came, is theirs
    assert await world.rows(select(participation).where(participation.c.person_id == gone.id)) == before

    new = await join(world, code)
    asked = {row.request_id for row in await world.rows(_asked_of(mui.id))}
    assert asked == {waiting, rapid}
    assert sample not in asked
    assert "Tuần còn mở" in read(new)
    assert "Mưa lũ" in read(new)
    assert "Tuần đã xong" not in read(new)
    await new.say("việc")
    assert new.last.text.startswith("2 việc đang chờ bác:")
    # the card is spent, and the earlier door is nobody's
    assert "không đúng hoặc đã hết hạn" in (await world.phone("third").say(f"/start {code}"))[-1].text
    assert (await lan.say("việc"))[-1].text.startswith("Chào bác, đây là Nhịp Cầu.")


def _asked_of(id: str) -> Any:
    return select(participation.c.request_id).where(participation.c.person_id == id)


async def settle(world: World, id: str, *, extra: bool = False) -> None:
    """Somebody has answered in the name of Đồng Đăng."""
    async with world.parts.database.writing() as connection:
        unit_id = (await load_tree(connection)).by_code["X06184"].id
        row = {"id": f"{id}-{extra}", "request_id": id, "unit_id": unit_id, "day": world.now.date(), "late": False}
        row |= {"nothing_to_report": True, "extra": extra, "version": 1, "answers": "{}"}
        await connection.execute(insert(official_answers), [row])


async def test_a_settled_duty_asks_no_newcomer_whoever_they_are(world: World) -> None:
    await world.joined(LAN, "X06184")
    settled = await duty(world, "Tuần đã xong")
    await settle(world, settled, extra=True)
    first = await join(world, await world.invite("X06184"), "first")
    await first.tap("Để sau")
    await world.wait(seconds=5)
    await first.read()
    # what was only added settles nothing
    assert "Tuần đã xong" in read(first)
    await settle(world, settled)
    second = await join(world, await world.invite("X06184"), "second")
    await second.tap("Để sau")
    await world.wait(seconds=5)
    await second.read()
    assert "Tuần đã xong" not in read(second)


@pytest.mark.slow
async def test_running_requests_are_told_to_the_successor_else_to_the_unit(world: World) -> None:
    top = await world.joined("Nguyễn Văn Khôi", "T20", "coordinator")
    await world.joined("Lý Thị Chi", "X06184", "coordinator")
    beside = await world.joined("Bế Văn Ba", "X06184", "coordinator")
    ids = [await ask(world, {**NEWS, "title": f"Việc {n}"}, "rapid", "X06184") for n in range(3)]
    chi = await person(world, "Lý Thị Chi")
    async with world.parts.database.writing() as connection:
        await connection.execute(update(requests).values(asked_by=chi.id))
        await connection.execute(update(requests).where(requests.c.id == ids[2]).values(state="closed"))
        await connection.execute(insert(rules), [_rule(chi.unit_id, chi.id, "u1"), _rule(chi.unit_id, "other", "u2")])
    code = await replaced(top, "Lý Thị Chi", "Hứa Văn Mới")
    new = await person(world, "Hứa Văn Mới")
    assert new.role == "coordinator"
    asked_by = {row.id: row.asked_by for row in await world.rows(select(requests.c.id, requests.c.asked_by))}
    assert asked_by == {ids[0]: new.id, ids[1]: new.id, ids[2]: chi.id}
    assert {r.id: r.asked_by for r in await world.rows(select(rules))} == {"u1": new.id, "u2": "other"}
    # not in yet: the unit's coordinators hear the end
    async with world.parts.database.writing() as connection:
        await connection.execute(update(requests).where(requests.c.id == ids[0]).values(closes_at=world.now))
    await world.wait(minutes=1)
    await beside.read()
    assert 'Đã đóng: "Việc 0".' in read(beside)
    phone = await join(world, code)
    async with world.parts.database.writing() as connection:
        await connection.execute(update(requests).where(requests.c.id == ids[1]).values(closes_at=world.now))
    await world.wait(minutes=1)
    await phone.read()
    await beside.read()
    assert 'Đã đóng: "Việc 1".' in read(phone)
    assert 'Đã đóng: "Việc 1".' not in read(beside)
    assert "Việc 0" not in read(phone)


def _rule(unit_id: int, asked_by: str, id: str) -> dict[str, Any]:
    return {
        **{"id": id, "kind": "duty", "unit_id": unit_id, "title": "x", "form": "{}", "audience": "{}"},
        **{"rule": "week fri 16:00", "seconds": 60, "due": MORNING + timedelta(days=300), "state": "ended"},
        **{"next_at": MORNING + timedelta(days=300), "asked_by": asked_by},
    }


# ------------------------------------------------------------------ who may, and when not


async def test_a_card_the_predecessor_had_not_used_opens_nothing(world: World) -> None:
    await world.joined(LAN, "X06184")
    khoi = await world.joined("Nguyễn Văn Khôi", "X06184", "coordinator")
    await khoi.say("mạng lưới")
    await khoi.tap(next(label for label in khoi.labels() if label.startswith(LAN)))
    await khoi.tap("Thẻ mới")
    unused = khoi.last.text.split("Mã: ")[1].split()[0]
    await replaced(khoi)
    phone = world.phone("found card")
    await phone.say(f"/start {unused}")
    assert "Đồng ý" not in phone.labels()
    assert len(await world.rows(select(people).where(people.c.state == "left"))) == 1


async def test_only_who_may_change_somebody_replaces_them_never_oneself(world: World) -> None:
    khoi = await world.joined("Nguyễn Văn Khôi", "X06184", "coordinator")
    await world.joined("Bế Văn Ba", "X06184", "coordinator")
    far = await world.joined("Người Xa", "X06040", "coordinator")
    lan = await world.joined(LAN, "X06184")
    ids = {name: (await person(world, name)).id for name in ("Nguyễn Văn Khôi", "Bế Văn Ba", "Người Xa", LAN)}
    await far.press(ManageMember(ids[LAN], MemberAct.REPLACE))
    assert far.last.text.startswith("Không thấy người này trong mạng lưới")
    await lan.press(ManageMember(ids[LAN], MemberAct.REPLACE))
    assert lan.last.text.startswith("Việc này không thuộc vai trò")
    await khoi.press(ManageMember(ids["Bế Văn Ba"], MemberAct.REPLACE))
    assert khoi.last.text.startswith("Người này do cấp trên quản lý")
    for verb in ("replace", "replace!"):
        await khoi.press(ManageMember(ids["Nguyễn Văn Khôi"], MemberAct(verb)))
        assert "Người thay" not in khoi.labels()
        assert khoi.last.text.startswith("Nguyễn Văn Khôi – điều phối viên")
    # sure without a name: an old button asks again
    await khoi.press(ManageMember(ids[LAN], MemberAct.REPLACE_SURE))
    assert khoi.last.text.startswith(f"Ai thay {LAN}?")
    await khoi.say(MUI)
    await khoi.say("việc")
    await khoi.press(ManageMember(ids[LAN], MemberAct.REPLACE_SURE))
    assert khoi.last.text.startswith(f"Ai thay {LAN}?")
    # a name typed for one is not another's
    await khoi.say(MUI)
    await khoi.press(ManageMember(ids["Bế Văn Ba"], MemberAct.REPLACE_SURE))
    assert {row.state for row in await world.rows(select(people.c.state))} == {"consented"}
    assert len(await world.rows(select(people))) == 4


async def test_two_who_do_it_at_once_make_one_successor(world: World) -> None:
    top = await world.joined("Nguyễn Văn Khôi", "T20", "coordinator")
    khoi = await world.joined("Lý Thị Chi", "X06184", "coordinator")
    await world.joined(LAN, "X06184")
    id = (await person(world, LAN)).id
    for phone, name in ((top, "Một Người"), (khoi, "Hai Người")):
        await phone.press(ManageMember(id, MemberAct.REPLACE))
        await phone.say(name)
    taps = [
        Event(
            "web",
            world.next_event(),
            phone.address,
            EventKind.TAP,
            data=ManageMember(id, MemberAct.REPLACE_SURE).pack(),
            ref=phone.ids[-1],
        )
        for phone in (top, khoi)
    ]
    await world.dispatch.submit(taps)
    said = [(await phone.read())[-1].text for phone in (top, khoi)]
    assert sum(text.startswith("Đã ghi:") for text in said) == 1, said
    assert sum("Đã rời" in text for text in said) == 1, said
    new = await world.rows(select(people).where(people.c.state == "invited"))
    assert len(new) == 1
    assert len(await world.rows(select(invites).where(invites.c.revoked.is_(False), invites.c.uses_left > 0))) == 1


async def test_what_they_do_in_the_same_moment_leaves_nothing_behind(world: World) -> None:
    khoi = await world.joined("Lý Thị Chi", "X06184", "coordinator")
    lan = await world.joined(LAN, "X06184")
    id = (await person(world, LAN)).id
    await khoi.press(ManageMember(id, MemberAct.REPLACE))
    await khoi.say(MUI)
    await world.dispatch.submit(
        [
            Event(
                "web",
                world.next_event(),
                khoi.address,
                EventKind.TAP,
                data=ManageMember(id, MemberAct.REPLACE_SURE).pack(),
                ref=khoi.ids[-1],
            ),
            Event("web", world.next_event(), lan.address, EventKind.TEXT, text="đường liên thôn hỏng nặng"),
        ]
    )
    assert await world.rows(select(conversations).where(conversations.c.person_id == id)) == []
    assert await world.rows(select(contacts).where(contacts.c.person_id == id)) == []
    assert await world.rows(select(people.c.state).where(people.c.id == id)) == [("left",)]


# ------------------------------------------------------------------ nothing that was written

#: Never a word of ours.
CANARY = "quạ khoang"
_WRITTEN = st.lists(
    st.sampled_from(["report", "draft", "kept", "poll", "rapid", "started", "withdraw", "practice", "voice", "reply"]),
    min_size=1,
    max_size=5,
    unique=True,
)


_HALF_WRITTEN = frozenset({"draft", "kept", "started", "practice", "voice"})


async def write(world: World, lan: Phone, khoi: Phone, what: str) -> None:
    """The predecessor writes their canary in one of the ways there are."""
    words = f"đường hỏng, {CANARY} {what}"
    match what:
        case "report" | "withdraw" | "reply":
            code = await filed(lan, words)
            if what == "reply":
                await answer(khoi, code, "Hỏi lại", "Hỏng ở đoạn nào?")
                await lan.read()
                await lan.press(ReplyToOffice(code, ReplyAct.REPLY))
                await lan.say(words)
            elif what == "withdraw":
                await lan.press(MyReport(code, MyReportAct.WITHDRAW_SURE))
        case "draft" | "practice":
            await lan.say("báo cáo" if what == "draft" else "tập viết")
            if lan.labels()[:1] == ["Tiếp tục"]:
                await lan.tap("Tiếp tục")
            await lan.say(words)
        case "kept" | "voice":
            await (lan.say(words) if what == "kept" else lan.send(EventKind.VOICE))
        case _:
            kind = "poll" if what == "poll" else "rapid"
            text = {"title": f"Hỏi {what}", "questions": [{"text": "Có gì mới?", "kind": "text"}]}
            id = await ask(world, text, "poll" if kind == "poll" else "rapid", "X06184")
            await lan.read()
            await lan.press(AnswerRequest(id, "q1", "open"))
            await lan.say(words)
            if what != "started" and "Gửi" in lan.labels():
                await lan.tap("Gửi")


#: Everything a successor can open.
_OPENED = (
    *("việc", "của tôi", "riêng tư", "thông tin", "menu", "báo cáo", "hủy", "tập viết", "hủy", "trợ giúp"),
    *("lùi", "/start", "bài học", "liên kết", "dừng", "ngôn ngữ", "viec", "1", "2", "1", "cua toi", "1", "2"),
)


async def hand_over(acts: list[str], *, same_phone: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with open_world(Path(folder)) as world:
            khoi = await world.joined("Lý Thị Chi", "X06184", "coordinator")
            lan = await world.joined(LAN, "X06184")
            for n in range(4):
                await world.joined(f"Người {n}", "X06184")
            # what is left half-written comes last: nothing else can be filed below it
            for what in sorted(acts, key=_HALF_WRITTEN.__contains__):
                await write(world, lan, khoi, what)
            tags = {row.code: row.tag for row in await world.rows(select(reports))}
            code = await replaced(khoi)
            assert await world.rows(select(outbox).join(contacts).where(contacts.c.person_id.is_(None))) == []
            phone = await join(world, code, lan.address if same_phone else "new phone")
            for words in _OPENED:
                await phone.say(words)
            for choice in [c for m in list(phone.messages) for c in m.choices]:
                # not what leaves
                if not isinstance(unpack(choice.data), MyData | LinkApp | ChooseChannel | ChooseLanguage):
                    await phone.press(choice.data)
            # the office answers what lies there: that reaches the area, and quotes nobody
            for report in await world.rows(select(reports).where(reports.c.state.in_(("new", "received")))):
                await answer(khoi, report.code, "Trả lời", "Tuần sau sửa")
            await world.wait(hours=80)
            await phone.read()
            assert CANARY not in read(phone)
            # nothing was tied anew either: tags are what they were, and fit nobody who is here
            mui = await person(world, MUI)
            secret = (await details(world))[mui.id].tag_secret
            new = {row.code: row.tag for row in await world.rows(select(reports)) if row.code in tags}
            assert new == tags
            async with world.parts.database.reading() as connection:
                tree = await load_tree(connection)
                theirs = await my_reports(connection, world.parts.sealer, tree, secret)
            assert not {report.code for report in theirs} & set(tags)


@pytest.mark.slow
@settings(max_examples=8, deadline=None)
@given(_WRITTEN, st.booleans())
def test_nothing_the_predecessor_wrote_reaches_the_successors_phone(acts: list[str], same_phone: bool) -> None:
    asyncio.run(hand_over(acts, same_phone=same_phone))


@pytest.mark.slow
@pytest.mark.parametrize("same_phone", [False, True])
async def test_nothing_of_the_commonest_reaches_it_either(same_phone: bool) -> None:
    await hand_over(["report", "rapid", "reply", "kept", "draft"], same_phone=same_phone)


@pytest.mark.slow
async def test_the_scan_would_find_it(world: World) -> None:
    """On the predecessor's own phone all of it is there to be found."""
    khoi = await world.joined("Lý Thị Chi", "X06184", "coordinator")
    lan = await world.joined(LAN, "X06184")
    for _ in range(4):
        await world.joined(f"Người {_}", "X06184")
    for what in ("report", "reply", "rapid", "poll", "kept"):
        lan.messages, lan.ids = lan.messages[-1:], lan.ids[-1:]
        await write(world, lan, khoi, what)
    await lan.say("của tôi")
    assert CANARY in read(lan)
    assert await world.rows(select(official_answers).where(official_answers.c.answers.contains(CANARY)))
    assert not await world.rows(select(requests).where(requests.c.title.contains(yesno()["title"])))
