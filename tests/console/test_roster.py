"""Importing a roster at the console: shown first, row by row; then all of it or nothing, and only what is theirs."""

from __future__ import annotations

import io
import zipfile

import pytest
from sqlalchemy import delete

from nhipcau.office.workbook import Sheet, write_book
from nhipcau.storage.tables import audit, console_sessions
from tests.support.console import Browser, signed_in
from tests.support.people import details
from tests.support.world import World

pytestmark = pytest.mark.slow

TITLES = ["Họ và tên", "Đơn vị", "Vai trò", "Chi bộ / thôn / khối", "Điện thoại"]


def table(*rows: list[str], titles: list[str] = TITLES) -> bytes:
    return "\r\n".join(",".join(row) for row in (titles, *rows)).encode()


async def opened(world: World, role: str = "coordinator", unit: str = "X06040") -> Browser:
    browser = await signed_in(world, await world.joined(f"Người {role}", unit, role))
    return await browser.open("/console/network/roster")


async def names(world: World) -> set[str]:
    return {person.name for person in (await details(world)).values()}


KHOI = ["Nông Văn Khôi", "Xã Thất Khê", "Cộng tác viên", "Thôn Nà Sla", "0912345678"]
LAN = ["Hoàng Thị Lan", "X06040", "Cộng tác viên", "", ""]


async def test_a_preview_says_what_comes_and_only_import_does_it(world: World) -> None:
    browser = await opened(world)
    assert browser.heading == "Mạng lưới"
    await browser.upload("Xem trước", "file", "ds.csv", table(KHOI, LAN))
    assert "sẽ thêm 2 người" in browser.text
    assert "Lập 1 thôn, bản, khối mới: Thôn Nà Sla" in browser.text
    assert "A – Họ và tên" in browser.text
    assert await names(world) == {"Người coordinator"}
    sent = browser.filled("Nhập", {})
    await browser.send(*sent)
    assert (browser.path, "Đã nhập danh sách" in browser.notice) == ("/console/network", True)
    assert await names(world) == {"Người coordinator", "Nông Văn Khôi", "Hoàng Thị Lan"}
    # posted twice it acts once, and the next file adds nobody again
    await browser.send(*sent)
    assert len(await names(world)) == 3
    await browser.open("/console/network/roster")
    await browser.upload("Xem trước", "file", "ds.csv", table(KHOI, LAN))
    assert "2 người đã có từ trước" in browser.text
    assert "Nhập" not in browser.buttons()
    assert [row.number for row in await world.rows(audit.select()) if row.kind == "roster.import"] == [2]


async def test_between_preview_and_import_nothing_lies_readable(world: World) -> None:
    browser = await opened(world)
    out = io.BytesIO()
    write_book(out, [Sheet("Danh sách", TITLES, [KHOI])])
    await browser.upload("Xem trước", "file", "ds.xlsx", out.getvalue())
    assert "sẽ thêm 1 người" in browser.text
    for path in world.parts.settings.data_dir.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert "Nông Văn Khôi".encode() not in data, path
            assert b"0912345678" not in data, path


async def test_each_problem_is_named_by_its_row_before_the_button(world: World) -> None:
    browser = await opened(world)
    rows = [KHOI, ["Lý 4", "Xã Thất Khê", "", "", "12"], *([LAN] * 1), ["=1+1", "Xã Không Có", "Vua", "", ""]]
    await browser.upload("Xem trước", "file", "ds.csv", table(*rows))
    assert "Dòng 3:" in browser.text
    assert "Dòng 5:" in browser.text
    assert "Nhập" not in browser.buttons()
    token, draft = (browser.page.xpath(f"//input[@name='{name}']")[0].get("value") for name in ("token", "draft"))
    await browser.press("Tải bảng lỗi")
    assert browser.answer.content.startswith(b"\xef\xbb\xbf")
    assert '"\'=1+1"' in browser.answer.text
    # whoever sends the button all the same adds nobody
    await browser.send("POST", "/console/network/roster", [("token", token), ("draft", draft), ("do", "import")])
    assert "Chưa nhập ai" in browser.notice
    assert len(await names(world)) == 1


@pytest.mark.parametrize(
    ("role", "row", "said"),
    [
        ("coordinator", ["Nông Văn Khôi", "Xã Đồng Đăng", "Cộng tác viên", "", ""], "không thuộc Xã Thất Khê"),
        ("coordinator", ["Nông Văn Khôi", "Xã Thất Khê", "Quản trị", "", ""], "chỉ cấp trên thêm được vai trò này"),
        ("admin", ["Nông Văn Khôi", "Xã Thất Khê", "Điều phối viên", "", ""], ""),
        ("admin", ["Nông Văn Khôi", "Tỉnh Lạng Sơn", "Cộng tác viên", "", ""], "không thuộc Xã Thất Khê"),
    ],
)
async def test_rows_beyond_the_right_are_problems(world: World, role: str, row: list[str], said: str) -> None:
    browser = await opened(world, role)
    await browser.upload("Xem trước", "file", "ds.csv", table(row))
    assert said in browser.text
    assert ("Nhập" in browser.buttons()) is (said == "")


async def test_leaders_have_no_roster_and_nobody_uses_anothers_draft(world: World) -> None:
    leader = await opened(world, "leader", "T20")
    assert leader.status == 404
    browser, other = await opened(world), await opened(world, "admin", "T20")
    await browser.upload("Xem trước", "file", "ds.csv", table(KHOI))
    draft = browser.page.xpath("//input[@name='draft']")[0].get("value")
    token = other.page.xpath("//input[@name='token']")[0].get("value")
    for do in ("import", "problems"):
        await other.send("POST", "/console/network/roster", [("token", token), ("draft", draft), ("do", do)])
        assert "bác chọn lại tệp" in other.notice
    assert "Nông Văn Khôi" not in await names(world)


async def test_a_preview_outlives_the_session(world: World) -> None:
    phone = await world.joined("Chị Hạnh", role="coordinator")
    browser = await (await signed_in(world, phone)).open("/console/network/roster")
    await browser.upload("Xem trước", "file", "ds.csv", table(KHOI))
    async with world.parts.database.writing() as connection:
        await connection.execute(delete(console_sessions))
    await browser.press("Nhập")
    assert "đã được giữ" in browser.notice
    await phone.say("đăng nhập")
    await browser.press("Đăng nhập", code=phone.last.text.split()[-1].strip("."))
    assert browser.path == "/console/network/roster", browser.text
    assert "sẽ thêm 1 người" in browser.text
    await browser.press("Nhập")
    assert "Nông Văn Khôi" in await names(world)


def bomb() -> bytes:
    """A workbook that unfolds without end."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/workbook.xml", "<workbook/>" + " " * 20_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("ds.csv", b"a" * 2_000_001, "tệp quá lớn, tối đa 2 MB"),
        ("ds.xlsx", bomb(), "ds.xlsx"),
        ("ds.pdf", b"%PDF-1.4 x", "không phải bảng đọc được"),
        ("ds.csv", b"\x00\x01\x02", "không đọc được chữ"),
        ("ds.csv", b"", "không có dòng nào"),
        ("ds.csv", table(titles=["Màu", "Mùi"]), "thiếu cột"),
        ("<b>ds</b>.csv", table(titles=["Màu", "Mùi"]), "<b>ds</b>.csv"),
    ],
)
async def test_a_file_that_is_no_roster_gets_one_sentence(world: World, name: str, content: bytes, said: str) -> None:
    browser = await opened(world)
    await browser.upload("Xem trước", "file", name, content)
    assert browser.status == 200
    assert said in browser.notice
    assert "Nhập" not in browser.buttons()


async def test_without_a_file_it_says_so(world: World) -> None:
    browser = await opened(world)
    await browser.press("Xem trước")
    assert "Bác chọn một tệp" in browser.notice


async def test_columns_that_are_not_recognised_are_chosen(world: World) -> None:
    """The preview asks for them with what stands in each; what was chosen is what is imported."""
    browser = await opened(world)
    rows = [["Danh sách CTV"], ["Người", "Nơi", "Ngày sinh", "Số"], [KHOI[0], KHOI[1], "1/2/1980", KHOI[4]]]
    await browser.upload("Xem trước", "file", "ds.csv", table(*rows, titles=["Màu"]))
    assert "thiếu cột" in browser.notice
    assert "B – Nơi (Xã Thất Khê)" in browser.text
    # what may not be stored is neither shown nor chosen (R11)
    assert "1980" not in browser.text
    assert "Nhập" not in browser.buttons()
    await browser.press("Xem trước với các cột này", column_name="0", column_unit="0")
    assert "được chọn cho hai mục" in browser.notice
    await browser.press("Xem trước với các cột này", column_name="0", column_unit="1", column_phone="3")
    assert "sẽ thêm 1 người" in browser.text
    await browser.press("Xem trước với các cột này", column_phone="", column_code="2")
    assert "sẽ thêm 1 người" in browser.text
    await browser.press("Nhập")
    added = {person.name: person for person in (await details(world)).values()}[KHOI[0]]
    assert "1980" not in repr(added)
    assert KHOI[4] not in repr(added)


async def test_a_column_recognised_wrongly_is_chosen_anew(world: World) -> None:
    browser = await opened(world)
    titles = ["Họ và tên", "Họ tên thường gọi", "Đơn vị"]
    await browser.upload("Xem trước", "file", "ds.csv", table(["Khôi", KHOI[0], KHOI[1]], titles=titles))
    assert "sẽ thêm 1 người" in browser.text
    await browser.press("Xem trước với các cột này", column_name="1")
    await browser.press("Nhập")
    assert KHOI[0] in await names(world)
