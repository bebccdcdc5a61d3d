"""Tables as office programs write them: encodings, delimiters, old fonts, kinds of workbooks; and how much is read."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from nhipcau.bot.language.catalogue import texts
from nhipcau.office import table_reader
from nhipcau.office.old_fonts import font_of, read_old_font
from nhipcau.office.table_reader import InvalidTable, read_sheets
from tests.support import DATA

ROWS = [["Họ và tên", "Đơn vị"], ["Nguyễn Thị Thử", "Xã Đồng Đăng"]]
TEXT = "Họ và tên,Đơn vị\nNguyễn Thị Thử,Xã Đồng Đăng\n"
#: The same in the fonts of before Unicode.
TCVN3 = "Hä vµ tªn,§¬n vÞ\nNguyÔn ThÞ Thö,X· §ång §¨ng\n"
VNI = "Hoï vaø teân,Ñôn vò\nNguyeãn Thò Thöû,Xaõ Ñoàng Ñaêng\n"
#: As Windows wrote it before Unicode: marks of tones behind their letters.
WINDOWS_1258 = "Ho\u0323 va\u0300 tên,Đơn vi\u0323\nNguyê\u0303n Thi\u0323 Thư\u0309,Xa\u0303 Đô\u0300ng Đăng\n"


def rows_of(path: Path) -> list[list[str]]:
    """The rows in the first way in which the file has two columns."""
    ways = [way for ways in read_sheets(path) for way in ways]
    return next(way.rows for way in ways if len(way.rows[0]) > 1)


def refusal(path: Path) -> str:
    with pytest.raises(InvalidTable) as refused:
        read_sheets(path)
    said = refused.value.say(texts("vi"))
    assert said.startswith(path.name)
    assert "\n" not in said
    return said


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        TEXT.replace(",", "\t").encode("utf-16"),
        TEXT.replace(",", ";").encode(),
        TEXT.replace(",", "|").encode(),
        b"sep=|\r\n" + TEXT.replace(",", "|").replace("\n", "\r\n").encode(),
        WINDOWS_1258.encode("cp1258"),
        TCVN3.encode("latin-1"),
        VNI.encode("latin-1"),
        TCVN3.encode(),
        VNI.encode(),
    ],
    ids=lambda data: repr(data[:14]),
)
def test_a_text_file_is_read_in_the_encoding_it_is_in(tmp_path: Path, data: bytes) -> None:
    (path := tmp_path / "bang.csv").write_bytes(data)
    assert rows_of(path) == ROWS


@pytest.mark.parametrize(
    ("written", "font", "meant"),
    [
        ("NguyÔn V¨n Thö", "TCVN3 (.VnTime)", "Nguyễn Văn Thử"),
        ("NGUYÔN V¡N THö", "TCVN3 (.VnTime)", "NGUYỄN VĂN THỬ"),
        ("TrÇn ThÞ H­¬ng", "TCVN3 (.VnTime)", "Trần Thị Hương"),
        ("Ph¹m §×nh Kú", "TCVN3 (.VnTime)", "Phạm Đình Kỳ"),
        ("Nguyeãn Vaên Thöû", "VNI", "Nguyễn Văn Thử"),
        ("NGUYEÃN VAÊN THÖÛ", "VNI", "NGUYỄN VĂN THỬ"),
        ("Traàn Thò Höông", "VNI", "Trần Thị Hương"),
        ("AÙnh Nguyeät", "VNI", "Ánh Nguyệt"),
    ],
)
def test_a_font_of_before_unicode_is_known_by_its_words(written: str, font: str, meant: str) -> None:
    assert font_of([written, "Họ và tên"]) == [font]
    assert read_old_font([[written]], font) == ([[meant]], [])


@pytest.mark.parametrize("name", ["Lý Văn Hà", "Vò", "Hoà", "Krông Nô", "H'Mông", "Đắk Lắk", "NGUYỄN VĂN THỬ", "Thuý"])
def test_unicode_is_no_old_font(name: str) -> None:
    assert font_of([name]) == []


def test_a_word_that_reads_both_ways_follows_its_column() -> None:
    old = [["Họ và tên", "Vai trò"], ["NguyÔn V¨n Thö", ""], ["Vò Hµ", ""], ["Vò Lan", ""]]
    assert read_old_font(old, "TCVN3 (.VnTime)")[0][2:] == [["Vũ Hà", ""], ["Vũ Lan", ""]]
    assert read_old_font(old, "TCVN3 (.VnTime)")[0][0] == old[0]
    mixed = [*old, ["Nguyễn Thị Lý", ""]]
    assert read_old_font(mixed, "TCVN3 (.VnTime)")[1] == [(3, 0)]


# ------------------------------------------------------------------ workbooks


def test_what_a_spreadsheet_does_to_cells_is_undone(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([912000111, "'0912", "Xã Ðồng Ðăng", "  Lý  ", "Nguyê\u0303n"])
    book.save(path := tmp_path / "o.xlsx")
    assert rows_of(path) == [["912000111", "0912", "Xã Đồng Đăng", "Lý", "Nguyễn"]]


@pytest.mark.parametrize("name", ["bang.xlsx", "bang.csv"])
def test_the_kind_of_a_file_is_told_by_its_content(tmp_path: Path, name: str) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in ROWS:
        sheet.append(row)
    book.save(path := tmp_path / name)
    assert rows_of(path) == ROWS


@pytest.mark.parametrize("data", [b"<html><table></table></html>", b"%PDF-1.7\n", b"PK\x03\x04 broken", b"\0\0\0\0"])
def test_what_is_no_table_is_refused_with_a_way_out(tmp_path: Path, data: bytes) -> None:
    (path := tmp_path / "la.xlsx").write_bytes(data)
    assert "CSV UTF-8" in refusal(path)


# ------------------------------------------------------------------ bounds


def workbook_of(path: Path, cells: dict[str, str]) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for cell, text in cells.items():
        sheet[cell] = text
    book.save(path)
    return path


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"A1": "Họ và tên", "XFD1048576": "x"}, "nội dung tệp quá lớn"),
        ({"A1": "Họ và tên", "A30000": "x"}, "quá nhiều dòng"),
        ({"A1": "Họ và tên", "ZZ1": "x"}, "quá nhiều cột"),
        ({"A1": "Họ và tên", "B2": "x" * 30_000}, "dòng 2 có ô quá dài"),
    ],
    ids=["the last cell", "rows", "columns", "a cell"],
)
def test_a_workbook_is_read_within_bounds(tmp_path: Path, cells: dict[str, str], said: str) -> None:
    assert said in refusal(workbook_of(tmp_path / "lon.xlsx", cells))


@pytest.mark.slow
def test_a_small_file_that_unfolds_hugely_is_refused(tmp_path: Path) -> None:
    workbook_of(small := tmp_path / "nho.xlsx", {"A1": "Họ và tên"})
    with (
        zipfile.ZipFile(small) as source,
        zipfile.ZipFile(path := tmp_path / "bom.xlsx", "w", zipfile.ZIP_DEFLATED) as out,
    ):
        for part in source.namelist():
            data = source.read(part)
            if part.endswith("sheet1.xml"):
                text = b'<c r="B1" t="inlineStr"><is><t>' + b"x" * 100_000_000 + b"</t></is></c></row>"
                data = data.replace(b"</row>", text)
            out.writestr(part, data)
    assert path.stat().st_size < 1_000_000
    assert "quá" in refusal(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Họ và tên,Đơn vị\n" + "A,B\n" * 100_000, "quá nhiều dòng"),
        ("Họ và tên,Đơn vị\n" + "x" * 1_000_000, "ô quá dài"),
        ("Họ và tên" + "," * 1_000, "quá nhiều cột"),
    ],
    ids=["rows", "a cell", "columns"],
)
def test_a_text_file_is_read_within_bounds(tmp_path: Path, text: str, said: str) -> None:
    (path := tmp_path / "lon.csv").write_text(text, encoding="utf-8")
    assert said in refusal(path)


def test_a_large_file_is_not_even_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_reader, "MOST_BYTES", 10)
    (path := tmp_path / "lon.csv").write_text(TEXT, encoding="utf-8")
    assert "quá lớn" in refusal(path)


def test_a_reading_that_ends_badly_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*arguments: object, **options: object) -> object:
        raise subprocess.TimeoutExpired("python", 60)

    monkeypatch.setattr(subprocess, "run", run)
    assert "quá lớn" in refusal(DATA / "rosters" / "code-007.xlsx")
