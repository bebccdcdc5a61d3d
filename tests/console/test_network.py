"""Mạng lưới: who is where, found by name and state; cards, successors, removal; a list that leaves is on record."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from nhipcau.storage.tables import audit, console_forms, data_requests, invites, people
from tests.support.console import Browser, signed_in
from tests.support.people import id_of, many
from tests.support.reports import filed
from tests.support.world import World

pytestmark = pytest.mark.slow


async def hanh(world: World, unit: str = "X06040", role: str = "coordinator") -> Browser:
    return await signed_in(world, await world.joined("Chị Hạnh", unit, role))


def names(browser: Browser) -> list[str]:
    """Of the table of people."""
    found = [cell.text_content() for cell in browser.page.xpath("//tr[@data-row]/th")]
    return [" ".join(name.split()) for name in found]


async def test_the_tree_counts_and_each_number_opens_its_list(world: World) -> None:
    await many(world, 3, "X06043")
    await world.joined("Bác Cộng", "X06043")
    browser = await hanh(world, "T20")
    assert (browser.status, (await browser.open("/console/network")).heading) == (200, "Mạng lưới")
    [row] = browser.page.xpath("//tr[th/a[text()='Xã Tràng Định']]")
    cells = {cell.get("data-label"): cell for cell in row.iter("td")}
    numbers = {label: cell.text_content().strip() for label, cell in cells.items()}
    assert numbers["Số người"] == "4"
    assert (numbers["Đã tham gia"], numbers["Chưa vào"], numbers["Không liên lạc được"]) == ("1", "3", "0")
    for label in ("Số người", "Đã tham gia", "Chưa vào"):
        await browser.open(cells[label].find(".//a").get("href").partition("#")[0])
        assert f"{numbers[label]} người" in browser.text
        assert len(names(browser)) == int(numbers[label])


async def test_silence_is_told_apart_from_nothing_new(world: World) -> None:
    bac = await world.joined("Bác Báo", "X06043")
    await filed(bac, "Đường vào thôn lầy lội", area="Xã Tràng Định")
    browser = await hanh(world, "T20")
    await browser.open("/console/network")
    heard = {
        row.find("th").text_content(): row.xpath("td[@data-label='28 ngày qua']") for row in browser.page.iter("tr")
    }
    assert heard["Xã Tràng Định"][0].text_content() == "Có phản ánh"
    assert heard["Xã Thất Khê"][0].text_content() == "Im lặng"
    admin = await signed_in(world, await world.joined("Cô An", "T20", "admin"))
    assert "Im lặng" not in (await admin.open("/console/network")).text


async def test_people_are_found_by_words_of_the_name_and_by_number(world: World) -> None:
    browser = await hanh(world)
    await world.joined("Nông Văn Khôi")
    await world.card("Hoàng Thị Lan")
    await browser.open("/console/network")
    await browser.press("Tìm", q="khoi nong")
    assert names(browser) == ["Nông Văn Khôi"]
    await browser.press("Tìm", q="", state="invited")
    assert names(browser) == ["Hoàng Thị Lan"]
    await browser.press("Tìm", q="", state="", role="coordinator")
    assert names(browser) == ["Chị Hạnh"]
    await browser.press("Tìm", q="không ai cả")
    assert "Không có ai như vậy" in browser.text


async def test_pages_go_through_all_people_once(world: World) -> None:
    expected = [*await many(world, 70, "X06043"), *await many(world, 65, "X06040")]
    browser = await signed_in(world, await world.joined("Cô An", "T20", "admin"))
    await browser.open("/console/network?role=collaborator")
    assert "135 người" in browser.text
    seen = names(browser)
    while browser.page.xpath("//a[@rel='next']"):
        await browser.open(browser.page.xpath("//a[@rel='next']")[0].get("href").partition("#")[0])
        seen += names(browser)
    assert seen == [*sorted(expected[70:]), *sorted(expected[:70])]
    # a search has pages too, and somebody who is gone meanwhile loses nobody
    await browser.open("/console/network?q=ly+van&after=X06040.gone")
    assert names(browser)[0] == "Lý Văn Số000"


async def test_a_new_card_is_shown_with_its_links_and_the_old_one_ends(world: World) -> None:
    browser = await hanh(world)
    id, old = await world.card("Nông Văn Khôi")
    await browser.open(f"/console/network/people/{id}")
    assert browser.heading == "Nông Văn Khôi"
    assert old in browser.text
    await browser.press("Thẻ mới")
    assert "Đã làm thẻ mới" in browser.notice
    assert old not in browser.text
    [code] = [row.code for row in await world.rows(select(invites).where(~invites.c.revoked)) if row.person_id == id]
    assert code in browser.text
    phone = world.phone("khoi")
    await phone.say(f"/start {code}")
    await phone.tap("Đồng ý")
    await browser.open(f"/console/network/people/{id}")
    assert code not in browser.text
    assert "Đã tham gia" in browser.text


async def test_removing_needs_the_name_once_more_and_acts_once(world: World) -> None:
    browser = await hanh(world)
    await world.joined("Nông Văn Khôi")
    id = await id_of(world, "Nông Văn Khôi")
    await browser.open(f"/console/network/people/{id}")
    await browser.press("Xóa khỏi mạng lưới", again="Ai đó")
    assert "Lỗi: Chữ gõ lại" in browser.text
    assert await world.rows(select(people).where(people.c.id == id))
    sent = browser.filled("Xóa khỏi mạng lưới", {"again": "nong van khoi"})
    await browser.send(*sent)
    assert "Đã xóa" in browser.notice
    assert not await world.rows(select(people).where(people.c.id == id))
    await browser.send(*sent)
    assert browser.status == 404 or browser.path == "/console/network"
    assert [row.number for row in await world.rows(audit.select()) if row.kind == "person.remove"] == [1]
    assert (await browser.open(f"/console/network/people/{id}")).status == 404


async def test_a_successor_takes_over_with_a_card(world: World) -> None:
    browser = await hanh(world)
    await world.joined("Nông Văn Khôi")
    id = await id_of(world, "Nông Văn Khôi")
    await browser.open(f"/console/network/people/{id}")
    await browser.press("Đồng ý thay", successor="123", again="Nông Văn Khôi")
    assert "Lỗi: Tên cần có chữ" in browser.text
    await browser.press("Đồng ý thay", successor="Hoàng Thị Lan", again="khôi")
    assert "Chưa làm gì cả" in browser.notice
    assert 'value="Hoàng Thị Lan"' in browser.answer.text
    await browser.press("Đồng ý thay", successor="Hoàng Thị Lan", again="Nông Văn Khôi")
    assert browser.heading == "Hoàng Thị Lan"
    assert "Mã thẻ" in browser.text


async def test_the_list_leaves_only_with_a_reason_that_names_nobody(world: World) -> None:
    """R24 Why is asked, how many and why stand in the register and the audit; as at the command line."""
    browser = await hanh(world)
    await world.joined('=Nông "Khôi"')
    await browser.open("/console/network")
    before = await world.rows(console_forms.select())
    await browser.press("Tải về", why=" ", format="csv")
    assert "Bác ghi lý do" in browser.notice
    assert not await world.rows(data_requests.select())
    await browser.press("Tải về", why="Gửi giấy mời tập huấn cho 0912345678", format="csv")
    assert browser.answer.content.startswith(b"\xef\xbb\xbf")
    assert "'=Nông" in browser.answer.text
    [entry] = await world.rows(data_requests.select())
    assert (entry.number, "0912345678" in entry.note, "giấy mời" in entry.note) == (2, False, True)
    assert [row.number for row in await world.rows(audit.select()) if row.kind == "export.people"] == [2]
    await browser.open("/console/network?state=invited&role=leader")
    assert "Tải về" not in browser.buttons()
    await browser.open("/console/network?role=coordinator")
    await browser.press("Tải về", why="x", format="xlsx")
    assert browser.answer.content.startswith(b"PK")
    assert await world.rows(console_forms.select()) == before


async def test_nobody_beyond_the_scope_or_the_rights(world: World) -> None:
    browser = await hanh(world)
    await world.joined("Ông Khác", "X06184")
    other = await id_of(world, "Ông Khác")
    await world.joined("Anh Minh", "X06040", "coordinator")
    colleague = await id_of(world, "Anh Minh")
    for address in ("/console/network?unit=X06184", "/console/network?unit=nope", f"/console/network/people/{other}"):
        assert (await browser.open(address)).status == 404, address
    await browser.open("/console/network?q=khác")
    assert names(browser) == []
    await browser.open(f"/console/network/people/{colleague}")
    assert "do cấp trên quản lý" in browser.text
    assert "Thẻ mới" not in browser.buttons()
    token = browser.page.xpath("//input[@name='token']")[0].get("value")
    await browser.send("POST", f"/console/network/people/{colleague}", [("token", token), ("do", "card")])
    assert "do cấp trên quản lý" in browser.notice
    leader = await signed_in(world, await world.joined("Ông Lực", "T20", "leader"))
    for address in ("/console/network", f"/console/network/people/{other}"):
        assert (await leader.open(address)).status == 404


async def test_markup_in_a_name_stays_words(world: World) -> None:
    browser = await hanh(world)
    id, _ = await world.card("<b>Khôi</b>")
    await browser.open("/console/network")
    assert "<b>Khôi" not in browser.answer.text
    await browser.open(f"/console/network/people/{id}")
    assert browser.heading == "<b>Khôi</b>"
