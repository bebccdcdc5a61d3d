"""What coordinators can infer by chat alone about who wrote (R31, R14): the same whoever it was."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from nhipcau.handlers.buttons import ManageReport, OfficeAct, ReplyAct, ReplyToOffice
from nhipcau.storage import outbox as store
from nhipcau.storage.delivery_outcomes import DeliveryResults, record_outcomes
from nhipcau.storage.tables import contacts, people, requests
from tests.support.people import details
from tests.support.reports import answer, filed
from tests.support.requests import ask, crowd, end, yesno
from tests.support.world import Phone, World

pytestmark = pytest.mark.slow

COMMUNE = "X06184"
WORDS = "Đã san lấp xong hôm qua"


async def blocked(world: World, channel: str) -> int:
    """Let every waiting message of this app be refused, as one whose person has blocked the bot; returns how many."""
    parts, today = world.parts, world.now.date()
    async with parts.database.writing() as connection:
        rows = await store.claim(connection, parts.sealer, channel, world.now, quiet=False, most=50)
        refused = DeliveryResults(dropped=[(row, "unreachable") for row in rows], blocked=rows)
        await record_outcomes(connection, parts.sealer, refused, world.now, today)
    return len(rows)


async def joined_on(world: World, name: str, channel: str, unit: str = COMMUNE) -> Phone:
    _, code = await world.card(name, unit)
    phone = world.phone(name, channel)
    await phone.say(f"/start {code}")
    await phone.tap("Đồng ý")
    return phone


async def test_new_cards_one_by_one_do_not_show_who_wrote(world: World) -> None:
    """O1: after each colleague is given a new card the author's report is answered. Nobody's card changes the way."""
    khoi = await world.joined("Khôi", COMMUNE, "coordinator")
    names = [f"Cộng tác viên {n}" for n in range(5)]
    phones = {name: await world.joined(name, COMMUNE) for name in names}
    code = await filed(phones[names[3]], "đường liên thôn hỏng nặng")
    spy = await world.joined("Người thử", COMMUNE)
    replies = []
    for name in names:
        await khoi.say("mạng lưới")
        while f"{name} – đã tham gia" not in khoi.labels():
            await khoi.tap("Xem thêm")
        await khoi.tap(f"{name} – đã tham gia")
        await khoi.tap("Thẻ mới")
        card = khoi.last.text.split("Mã: ")[1].split("\n")[0]
        await world.phone(f"mới {name}").say(f"/start {card}")
        replies.append(await answer(khoi, code, "Trả lời", WORDS))
        # nothing goes to the area while the key lives
        assert await spy.read() == []
    assert len(set(replies)) == 1


@pytest.mark.parametrize("act", ["Trả lời", "Hỏi lại"])
async def test_an_answer_refused_by_the_app_changes_no_screen(world: World, act: str) -> None:
    """O2: the author has blocked the bot. The network reads as before, and so does who would be asked."""
    khoi = await world.joined("Khôi", COMMUNE, "coordinator")
    author = await joined_on(world, "Lan", "telegram")
    await joined_on(world, "Mùi", "telegram")
    code = await filed(author, "đường liên thôn hỏng nặng")
    await blocked(world, "telegram")
    await khoi.say("mạng lưới")
    before = khoi.last
    await answer(khoi, code, act, WORDS)
    assert await blocked(world, "telegram") == 1
    await khoi.say("mạng lưới")
    assert khoi.last == before
    assert [row.reachable for row in await world.rows(select(contacts.c.reachable))].count(False) == 0
    # a message to many does mark them, and then it tells nothing of reports
    await ask(world, {"title": "Việc", "questions": [{"text": "Có gì mới?"}]}, "rapid", COMMUNE)
    assert await blocked(world, "telegram") == 2
    known = await details(world)
    states = {known[row.id].name: row.state for row in await world.rows(select(people.c.id, people.c.state))}
    assert (states["Lan"], states["Mùi"]) == ("unreachable", "unreachable")


async def test_a_preview_does_not_tell_who_wrote_just_now(world: World) -> None:
    """O3: a notice to a commune of one collaborator, before and after they report about another commune."""
    khoi = await world.joined("Khôi", COMMUNE, "coordinator")
    author = await joined_on(world, "Lan", "zalo_oa")
    await world.wait(days=8)

    async def preview() -> str:
        await khoi.say("hủy")
        for words in ("thông báo", "1", "Lịch tiêm chủng", "Sáng thứ Bảy tại trạm y tế", "1", "1", "1", "1", "1"):
            if "Gửi" in khoi.labels():
                break
            await khoi.say(words)
        assert "Gửi" in khoi.labels(), khoi.last.text
        return khoi.last.text

    before = await preview()
    await filed(author, "cầu treo hỏng")
    await khoi.say("hủy")
    assert await preview() == before
    assert "Qua Zalo OA: 1 người, nhiều nhất 55 đ." in before


async def test_a_board_of_few_does_not_tell_who_came_back(world: World) -> None:
    """What waited for somebody arrives the moment they write; of few people the board says only who answered."""
    khoi = await world.joined("Khôi", COMMUNE, "coordinator")
    author = await joined_on(world, "Lan", "zalo_oa")
    await world.wait(days=8)
    await ask(world, {"title": "Việc", "deadline": "5d", "questions": [{"text": "Có gì mới?"}]}, "rapid", COMMUNE)
    await khoi.say("tiến độ")
    before = khoi.last.text
    await author.say("trợ giúp")
    await world.wait(seconds=5)
    await khoi.say("tiến độ")
    assert khoi.last.text.split("\n")[1:] == before.split("\n")[1:]


async def test_nobody_of_the_area_writes_into_anothers_report(world: World) -> None:
    """A reply "from the area" is taken only once the reporter can't be found, since only then the area was asked."""
    khoi = await world.joined("Khôi", COMMUNE, "coordinator")
    lan, mui = await world.joined("Lan", COMMUNE), await world.joined("Mùi", COMMUNE)
    code = await filed(lan, "đường liên thôn hỏng nặng")
    await answer(khoi, code, "Hỏi lại", "Đoạn nào?")
    await mui.press(ReplyToOffice(code, ReplyAct.AREA))
    assert mui.last.text.startswith("Không tìm thấy báo cáo đó nữa.")
    world.now += timedelta(days=100)
    await world.clock.sweep()
    await khoi.press(ManageReport(code, OfficeAct.SHOW))
    await mui.press(ReplyToOffice(code, ReplyAct.AREA))
    assert not mui.last.text.startswith("Không tìm thấy")


async def opened_code(world: World, name: str, unit: str) -> Phone:
    """Somebody who joins with the unit's open code."""
    phone = world.phone(name)
    await phone.say(f"/start {await world.invite(unit)}")
    await phone.tap("Đồng ý")
    if "Để sau" in phone.labels():
        await phone.tap("Để sau")
    return phone


async def test_four_own_phones_on_an_open_code_do_not_make_five(world: World) -> None:
    """O4: k counts persons of the roster, so a coordinator's own phones don't show what one collaborator answered."""
    khoi = await world.joined("Khôi", COMMUNE, "coordinator")
    await world.joined("Lan", COMMUNE)
    for n in range(4):
        await opened_code(world, f"máy {n}", COMMUNE)
    for words in ("thăm dò", "Họp tối thứ Bảy có tiện không?", "1", "1", "1", "1"):
        await khoi.say(words)
    assert "Mới có 1 người, ít hơn 5" in khoi.last.text
    assert await ask(world, yesno(), unit=COMMUNE)
    await world.clock.tick()
    assert [row.state for row in await world.rows(select(requests.c.state))] == ["stopped"]


async def test_answers_of_open_codes_do_not_lift_a_result_over_k(world: World) -> None:
    """Five of the roster are asked and four answer, with four more phones on the open code: too few of them."""
    lans = await crowd(world, 5)
    others = [await opened_code(world, f"máy {n}", "X06040") for n in range(4)]
    id = await ask(world, yesno())
    for phone in (*lans[:4], *others):
        await phone.read()
        await phone.tap("Có")
    await end(world, id)
    assert "Chưa đủ 5 người trả lời nên không công bố" in (await lans[0].read())[-1].text


async def test_a_commune_without_a_roster_counts_who_joined(world: World) -> None:
    phones = [await opened_code(world, f"máy {n}", "X06040") for n in range(6)]
    id = await ask(world, yesno())
    late = await opened_code(world, "đến sau", "X06040")
    for phone in (*phones[:4], late):
        await phone.read()
        await phone.tap("Có" if phone is not late else "Không")
    await end(world, id)
    # the fifth joined after the poll had opened
    assert "Chưa đủ 5 người trả lời nên không công bố" in (await phones[0].read())[-1].text
