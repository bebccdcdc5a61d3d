"""Rosters as offices keep them: each case of tests/support/data/rosters is read as a clerk reads it, or refused."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from nhipcau.bot.language.catalogue import texts
from nhipcau.model.people import code_key
from nhipcau.office.roster import Roster, RosterPerson, open_roster, open_roster_as, phones, read_roster, remarks
from nhipcau.office.roster_columns import is_forbidden
from nhipcau.office.table_reader import InvalidRows, InvalidTable
from tests.support import DATA
from tests.support.places import province

ROSTERS = DATA / "rosters"
VI = texts("vi")
THU, LY = "Nông Văn Thử", "Lý Thị Thử"


def read(path: Path, sheet: str = "") -> tuple[list[RosterPerson], str]:
    """The people, and what is said about the file."""
    found = open_roster(path, sheet)
    roster: Roster = read_roster(found, province())
    if roster.faults:
        raise InvalidRows(roster.faults)
    return roster.people, " ".join(note.say(VI) for note in remarks(found, roster))


def refusal(path: Path) -> str:
    with pytest.raises(InvalidTable) as refused:
        read(path)
    said = refused.value.say(VI)
    assert "Traceback" not in said
    return said


@pytest.fixture
def written(tmp_path: Path) -> Any:
    """Writes a roster: a text as it is, rows as a workbook with these cells merged."""

    def write(content: str | bytes | Sequence[Sequence[Any]], *merged: str, name: str = "") -> Path:
        if isinstance(content, (str, bytes)):
            path = tmp_path / (name or "danh-sach.csv")
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
            return path
        book = Workbook()
        sheet = book.active
        assert sheet is not None
        for row in content:
            sheet.append(list(row))
        for cells in merged:
            sheet.merge_cells(cells)
        path = tmp_path / (name or "danh-sach.xlsx")
        book.save(path)
        return path

    return write


def as_csv(rows: Sequence[Sequence[str]], delimiter: str = ",") -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue()


# ------------------------------------------------------------------ the cases

CASES = {
    "id-number.csv": ([THU], "Không được phép giữ, đã bỏ các cột: Mã số định danh."),
    "health.csv": ([THU], "Không được phép giữ, đã bỏ các cột: Thông tin sức khỏe."),
    "father-first.csv": ([THU], "Không dùng đến các cột: Họ và tên bố."),
    "other-unit-first.csv": ([THU], "Không dùng đến các cột: Đơn vị giới thiệu."),
    "name-header-merged.xlsx": ([THU], ""),
    "name-in-two-columns.xlsx": ([THU], ""),
    "title-rows.xlsx": ([THU], ""),
    "unit-merged-down.xlsx": ([THU, LY], ""),
    "total-and-signature.xlsx": (
        [THU],
        "Bỏ qua dòng không phải người: 3 (Tổng cộng: 1 người), 4 (NGƯỜI LẬP BIỂU).",
    ),
    "sep-line.csv": ([THU], ""),
    "semicolons-with-commas.csv": ([THU], ""),
    "code-007.xlsx": ([THU], ""),
    "code-007-saved-as-csv.csv": ([THU], ""),
    "tcvn3-names.xlsx": (
        ["Nguyễn Văn Thử"],
        "Đã chuyển chữ từ phông cũ TCVN3 (.VnTime) sang Unicode; nhờ xem lại họ tên.",
    ),
    "tcvn3-titles.xlsx": (
        ["Nguyễn Văn Thử"],
        "Đã chuyển chữ từ phông cũ TCVN3 (.VnTime) sang Unicode; nhờ xem lại họ tên.",
    ),
    "xlsx-empty-fill.xlsx": ([THU], ""),
    "xlsx-odd-validation.xlsx": ([THU], ""),
    "two-phones.csv": ([THU], "Dòng 2: giữ số 0912000111, bỏ 0987000222."),
    "phone-apostrophe.csv": ([THU], ""),
    "day-as-number.xlsx": ([THU], "Không dùng đến các cột: Ngày tham gia."),
    "days.csv": ([THU, LY], "Không dùng đến các cột: Ngày tham gia."),
    "unit-eth.csv": ([THU], ""),
    "excel-97.xls": ([THU, LY], ""),
    "libreoffice.ods": ([THU], ""),
}


def test_every_roster_of_the_folder_is_a_case() -> None:
    assert {path.name for path in ROSTERS.iterdir()} == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_a_roster_is_read_as_a_clerk_reads_it(name: str) -> None:
    people, said = read(ROSTERS / name)
    names, expected = CASES[name]
    assert ([person.name for person in people], said) == (names, expected)
    assert {person.unit_code for person in people} == {"X06184"}
    assert people[0].phone in {"", "0912000111"}


# ------------------------------------------------------------------ titles


@pytest.mark.parametrize(
    ("title", "column"),
    [
        ("HỌ VÀ TÊN", "name"),
        ("Ho va ten", "name"),
        ("Họ và\ntên *", "name"),
        ("2. Họ và tên", "name"),
        ("Họ và tên (viết hoa)", "name"),
        ("Họ và tên (bố)", ""),
        ("Họ và tên chồng", ""),
        ("Xã / phường", "unit"),
        ("Xã, phường, đặc khu", "unit"),
        ("Đơn vị cũ", ""),
        ("Đơn vị (cũ)", ""),
        ("Thôn, bản, khối phố", "cell"),
        ("Chi bộ/thôn/khối", "cell"),
        ("Thôn trưởng", ""),
        ("SĐT (Zalo)", "phone"),
        ("Điện thoại/Zalo", "phone"),
        ("Điện thoại người thân", ""),
        ("Điện thoại, email", ""),
        ("Mã số", "code"),
        ("Mã số thuế", ""),
        ("Ngày sinh", ""),
    ],
)
def test_a_title_is_recognised_whole_or_not_at_all(title: str, column: str) -> None:
    from nhipcau.office.roster_columns import ROSTER

    assert ROSTER.meaning(title) == column


@pytest.mark.parametrize(
    "title",
    ["Ngày sinh", "Năm sinh", "Số CCCD", "Dân tộc", "Tôn giáo", "Số thẻ Đảng", "Ngày vào Đảng", "Bệnh nền", "Tuổi"],
)
def test_what_may_not_be_kept_is_dropped_and_said(title: str, written: Any) -> None:
    people, said = read(written(as_csv([["Họ và tên", title, "Đơn vị"], [THU, "bí mật", "Xã Đồng Đăng"]])))
    assert said == f"Không được phép giữ, đã bỏ các cột: {title}."
    assert "bí mật" not in repr(people)


def test_titles_of_two_rows_name_their_columns(written: Any) -> None:
    rows = [
        ["STT", "Họ và tên", "Nơi công tác", None, "Người giới thiệu", None, "Liên hệ"],
        [None, None, "Xã, phường", "Thôn, khối", "Họ và tên", "Đơn vị", "Điện thoại"],
        [1, THU, "Xã Đồng Đăng", "Thôn Nà Sla", LY, "Xã Thất Khê", 912000111],
    ]
    people, said = read(written(rows, "A1:A2", "B1:B2", "C1:D1", "E1:F1"))
    assert [(p.name, p.unit_code, p.cell, p.phone) for p in people] == [(THU, "X06184", "Thôn Nà Sla", "0912000111")]
    assert said == "Không dùng đến các cột: Người giới thiệu – Họ và tên, Người giới thiệu – Đơn vị."


def test_the_numbers_below_the_titles_are_nobody(written: Any) -> None:
    rows = [["STT", "Họ và tên", "Đơn vị"], ["(1)", "(2)", "(3)"], ["1", THU, "Xã Đồng Đăng"]]
    assert [person.name for person in read(written(as_csv(rows)))[0]] == [THU]


def test_two_columns_of_one_meaning_are_refused_if_they_differ(written: Any) -> None:
    rows = [["Họ và tên", "Đơn vị", "Đơn vị công tác"], [THU, "Xã Đồng Đăng", "Xã Đồng Đăng"]]
    assert read(written(as_csv(rows)))[0][0].unit_code == "X06184"
    rows.append([LY, "Xã Đồng Đăng", "Xã Thất Khê"])
    assert "B (Đơn vị), C (Đơn vị công tác) cùng một nghĩa" in refusal(written(as_csv(rows)))


def test_a_name_that_goes_on_in_an_untitled_column_is_asked(written: Any) -> None:
    rows = [["Họ và tên", "", "Đơn vị"], ["Nông Văn", "Thử", "Xã Đồng Đăng"]]
    assert "Cột B đứng sau Họ và tên chưa có tên" in refusal(written(as_csv(rows)))


def test_a_missing_column_is_named(written: Any) -> None:
    assert "thiếu cột Đơn vị" in refusal(written("Họ và tên,Nơi ở\nA,B\n"))
    assert "thiếu cột Họ và tên, Đơn vị" in refusal(written("Nhân khẩu,Nơi ở\nA,B\n"))


# ------------------------------------------------------------------ rows that are nobody


def test_sections_totals_and_signatures_are_passed_over(written: Any) -> None:
    rows = [
        ["UBND XÃ ĐỒNG ĐĂNG", None, None, None],
        ["DANH SÁCH", None, None, None],
        ["STT", "Họ và tên", "Đơn vị", "Điện thoại"],
        ["I", "Xã Đồng Đăng", None, None],
        [1, THU, "Xã Đồng Đăng", None],
        [None, "Cộng: 1", None, None],
        ["II", "XÃ THẤT KHÊ", None, None],
        [2, "Tống Thị Thử", "Xã Thất Khê", None],
        [3, "Bàn Văn Thử", "Xã Thất Khê", None],
        [4, None, None, None],
        [None, "Tổng số: 3 người", None, None],
        [None, None, "Lạng Sơn, ngày 05 tháng 02 năm 2026", None],
        [None, "NGƯỜI LẬP BIỂU", "CHỦ TỊCH", None],
        [None, "Hoàng Văn Ký", "Lương Thị Ký", None],
    ]
    people, said = read(written(rows))
    assert [(person.row, person.name) for person in people] == [
        (5, THU),
        (8, "Tống Thị Thử"),
        (9, "Bàn Văn Thử"),
    ]
    assert re.findall(r"(\d+) \(", said) == ["4", "6", "7", "10", "11", "12", "13", "14"]


def test_the_second_line_of_somebody_is_not_somebody_else(written: Any) -> None:
    rows = [
        ["STT", "Họ và tên", "Đơn vị", "Điện thoại"],
        [1, THU, "Xã Đồng Đăng", 912000111],
        [None, None, None, 987000222],
    ]
    people, said = read(written(rows, "A2:A3", "B2:B3", "C2:C3"))
    assert [(person.name, person.phone) for person in people] == [(THU, "0912000111")]
    assert said == "Bỏ qua dòng không phải người: 3 (987000222)."


@pytest.mark.parametrize("ditto", ["nt", "-nt-", "Như trên", '"', "〃"])
def test_the_same_as_above_is_the_unit_above(written: Any, ditto: str) -> None:
    rows = [["Họ và tên", "Đơn vị"], [THU, "Xã Đồng Đăng"], [LY, ditto], ["Vi Thị Thử", ditto]]
    assert [person.unit_code for person in read(written(as_csv(rows)))[0]] == ["X06184"] * 3


def test_a_person_without_a_unit_is_never_passed_over(written: Any) -> None:
    rows = [["STT", "Họ và tên", "Đơn vị"], ["1", THU, "Xã Đồng Đăng"], ["", "Cộng: 1", ""], ["2", LY, ""]]
    assert refusal(written(as_csv(rows))).startswith("Dòng 4: thiếu đơn vị")


def test_the_titles_of_a_next_page_are_nobody(written: Any) -> None:
    title = ["Họ và tên", "Vai trò", "Đơn vị"]
    rows = [title, [THU, "", "Xã Đồng Đăng"], title, [LY, "", "Xã Đồng Đăng"]]
    assert [person.name for person in read(written(as_csv(rows)))[0]] == [THU, LY]


# ------------------------------------------------------------------ cells


@pytest.mark.parametrize(
    ("text", "kept", "others"),
    [
        ("912000111", "0912000111", []),
        ("+84 912 000 111", "0912000111", []),
        ("84912000111", "0912000111", []),
        ("0912.000.111", "0912000111", []),
        ("0912-000-111", "0912000111", []),
        ("(0205) 3812345", "02053812345", []),
        ("0912000111 (Zalo)", "0912000111", []),
        ("0912000111; 0987000222", "0912000111", ["0987000222"]),
        ("0912000111\n0987000222", "0912000111", ["0987000222"]),
        ("0912000111 hoặc 0987000222", "0912000111", ["0987000222"]),
        ("0912000111 - 0987000222", "0912000111", ["0987000222"]),
        ("12345 / 0987000222", "0987000222", ["12345"]),
        ("", "", []),
        ("12345", None, []),
        ("0163200011", None, []),
    ],
)
def test_the_first_phone_number_of_a_cell_is_kept(text: str, kept: str | None, others: list[str]) -> None:
    assert phones(text) == (kept, others)


@pytest.mark.parametrize(("one", "other"), [("007", "7"), ("CTV 007", "ctv007"), ("0", "000")])
def test_a_code_is_the_same_however_it_is_written(one: str, other: str) -> None:
    assert code_key(one) == code_key(other)
    assert code_key(one) != code_key("8")


def test_a_code_and_a_name_that_mean_two_units_are_refused(written: Any) -> None:
    rows = [["Họ và tên", "Mã đơn vị", "Đơn vị"], [THU, "X06184", "Xã Đồng Đăng"]]
    assert read(written(as_csv(rows)))[0][0].unit_code == "X06184"
    rows.append([LY, "X06184", "Xã Thất Khê"])
    assert "mã đơn vị 'X06184' là Xã Đồng Đăng, còn tên ghi 'Xã Thất Khê'" in refusal(written(as_csv(rows)))


def test_a_former_name_is_said_and_one_of_many_asked(written: Any) -> None:
    said = read(written(as_csv([["Họ và tên", "Đơn vị"], [THU, "Phường Vĩnh Trại"]])))[1]
    assert said == "dòng 2: 'Phường Vĩnh Trại' nay là Phường Đông Kinh (X05977)."
    assert "có thể là nhiều nơi" in refusal(written(as_csv([["Họ và tên", "Đơn vị"], [THU, "Hoàng Văn Thụ"]])))


def test_several_sheets_with_lists_are_asked_for(tmp_path: Path) -> None:
    book = Workbook()
    for name, person in (("Đồng Đăng", THU), ("Thất Khê", LY)):
        sheet = book.create_sheet(name)
        sheet.append(["Họ và tên", "Đơn vị"])
        sheet.append([person, f"Xã {name}"])
    del book["Sheet"]
    book.create_sheet("Ghi chú").append(["Không phải danh sách"])
    book.save(path := tmp_path / "hai-trang.xlsx")
    assert "nhiều trang có danh sách: Đồng Đăng, Thất Khê" in refusal(path)
    people, said = read(path, "that khe")
    assert [person.name for person in people] == [LY]
    assert said == "Chỉ đọc trang Thất Khê; không đọc: Đồng Đăng, Ghi chú."


@pytest.mark.parametrize(
    "title",
    [
        *("Tôn giáo", "Dân tộc", "Là đảng viên", "Số thẻ Đảng", "Ngày vào Đảng", "Sức khỏe", "Bệnh nền", "Ngày sinh"),
        *(
            "CCCD",
            "Số định danh",
            "Nhóm máu",
            "Lý lịch",
            "Đoàn viên",
            "religion",
            "Ethnicity",
            "party_card",
            "birth_date",
        ),
        *("Tình trạng sức khỏe", "Thành phần dân tộc", "Hộ nghèo", "Số tài khoản", "Giới tính", "Theo đạo"),
    ],
)
def test_columns_of_what_somebody_is_are_refused(title: str) -> None:
    """R11, R30: dropped, and said."""
    assert is_forbidden(title)


@pytest.mark.parametrize(
    "title",
    ["Họ và tên", "Đơn vị", "Chi bộ", "Chi bộ sinh hoạt", "Vai trò", "Điện thoại", "Trạng thái", "Ghi chú", "Mã CTV"],
)
def test_columns_that_are_needed_are_kept(title: str) -> None:
    assert not is_forbidden(title)


def test_columns_are_named_by_letter_or_title(tmp_path: Path) -> None:
    path = tmp_path / "ds.csv"
    path.write_text(as_csv([["Danh sách"], ["Người", "Nơi", "Ngày sinh"], [THU, "Xã Thất Khê", "1980"]]), "utf-8")
    roster = read_roster(open_roster_as(path, "", 2, {"name": "A", "unit": "nơi"}), province())
    assert [(person.name, person.unit_code) for person in roster.people] == [(THU, "X06040")]
    for called in ({"name": "A", "unit": "C"}, {"name": "A", "unit": "Z"}, {"name": "A"}, {"name": "A", "unit": "A"}):
        with pytest.raises(InvalidTable):
            open_roster_as(path, "", 2, called)
