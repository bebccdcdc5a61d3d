"""Workbooks and tables, read back by another library than wrote them."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from nhipcau.bot.language.catalogue import LANGUAGES, texts
from nhipcau.bot.language.vietnamese import nfc
from nhipcau.bot.messaging.events import clean
from nhipcau.office.export_book import export_sheets
from nhipcau.office.export_tables import Table
from nhipcau.office.table_writer import write_csv, write_jsonl
from nhipcau.office.workbook import MOST_CHARACTERS, MOST_ROWS, Sheet, write_book

FORMULAS = ["- Đường hỏng", "=1+1", "+84 gọi", "@lan", "-", '=HYPERLINK("http://x")', "\t=1", "＝1+1"]


def excel(text: str) -> datetime:
    """A moment as a workbook holds it: without a zone."""
    return datetime.fromisoformat(text)


def read(sheets: list[Sheet]) -> Workbook:
    out = io.BytesIO()
    write_book(out, sheets)
    return load_workbook(io.BytesIO(out.getvalue()))


def values(book: Workbook, name: str) -> list[tuple[Any, ...]]:
    return list(book[name].iter_rows(values_only=True))


# ------------------------------------------------------------------ as an office would make it


def test_a_sheet_looks_as_an_office_makes_one() -> None:
    rows = [["PA-1", date(2026, 11, 23), "Nước đục\nở Nà Han", 3]]
    book = read([Sheet("Phản ánh", ["Mã số", "Ngày", "Nội dung", "Số"], rows, above=["Xã Thất Khê", "Tháng 11"])])
    page = book["Phản ánh"]
    assert [cell.value for cell in page[1]][:1] == ["Xã Thất Khê"]
    titles = page[3]
    assert [cell.value for cell in titles] == ["Mã số", "Ngày", "Nội dung", "Số"]
    assert all(cell.font.bold and cell.alignment.wrap_text for cell in titles)
    assert page.freeze_panes == "A4"
    assert page.auto_filter.ref == "A3:D4"
    assert page.print_title_rows == "$3:$3"
    day, words, count = page["B4"], page["C4"], page["D4"]
    assert (day.value, day.number_format, day.is_date) == (excel("2026-11-23"), "dd/mm/yyyy", True)
    assert words.alignment.wrap_text
    assert count.value == 3
    assert page.column_dimensions["C"].width > page.column_dimensions["D"].width >= 8


def test_a_moment_stands_with_its_minutes_and_no_zone() -> None:
    moment = datetime.fromisoformat("2026-11-23T17:00+07:00")
    cell = read([Sheet("x", ["Hạn"], [[moment]])])["x"]["A2"]
    assert (cell.value, cell.number_format) == (excel("2026-11-23 17:00"), "dd/mm/yyyy hh:mm")


@pytest.mark.parametrize("text", FORMULAS)
def test_what_looks_like_a_formula_is_text_as_it_was(text: str) -> None:
    cell = read([Sheet("x", ["Nội dung"], [[text]])])["x"]["A2"]
    assert (cell.value, cell.data_type) == (text, "s")
    assert cell.quotePrefix
    out = io.BytesIO()
    write_csv(out, ["text"], [[text]])
    [_, [found]] = csv.reader(io.StringIO(out.getvalue().decode("utf-8-sig"), newline=""))
    assert found == "'" + text


@pytest.mark.parametrize("text", ["\x00=1+1", " \t=1+1", "\u200b=1+1", "\ufeff@SUM(A1)", "\xa0-1"])
def test_a_formula_behind_what_nobody_sees_is_one(text: str) -> None:
    """F23: some programs leave out what stands before it."""
    cell = read([Sheet("x", ["Nội dung"], [[text]])])["x"]["A2"]
    assert (cell.data_type, cell.quotePrefix) == ("s", True)
    out = io.BytesIO()
    write_csv(out, ["text"], [[text]])
    assert "\"'" in out.getvalue().decode("utf-8-sig")


def test_every_text_of_a_csv_file_is_quoted() -> None:
    """F23: where a semicolon parts cells, "x;=1+1" would be a formula in the second one."""
    out = io.BytesIO()
    write_csv(out, ["text", "count"], [["x;=1+1", 5]])
    assert out.getvalue().decode("utf-8-sig").splitlines()[1] == '"x;=1+1",5'


@pytest.mark.parametrize("text", ["Nước", "0912", "2026-11-23", "TRUE", "http://x.vn", "1e5", "_x0041_"])
def test_other_text_stays_text_without_a_mark(text: str) -> None:
    cell = read([Sheet("x", ["Nội dung"], [[text]])])["x"]["A2"]
    assert (cell.value, cell.data_type, cell.quotePrefix, cell.hyperlink) == (text, "s", False, None)


def test_what_a_sheet_cannot_hold_does_not_break_it() -> None:
    odd = ["Nước\x0bdọc\x0cđứt", "a\x00b\x1fc\uffffd", "x" * 40_000, "Một\r\nHai", "\u2028 \U0001f4a7"]
    found = [row[0] for row in values(read([Sheet("x", ["Nội dung"], [[text] for text in odd])]), "x")[1:]]
    assert found[:2] == ["Nước dọc đứt", "a b c d"]
    assert len(found[2]) == MOST_CHARACTERS
    assert found[2].endswith("x…")
    assert found[3:] == ["Một\nHai", "\u2028 \U0001f4a7"]


def test_more_rows_than_excel_opens_are_named_and_not_cut() -> None:
    class Many(list[list[str]]):
        def __len__(self) -> int:
            return MOST_ROWS

    with pytest.raises(OSError, match="use --format csv"):
        write_book(io.BytesIO(), [Sheet("x", ["a"], Many())])


def test_an_empty_sheet_has_its_titles_and_filter() -> None:
    page = read([Sheet("x", ["a", "b"], [])])["x"]
    assert page.auto_filter.ref == "A1:B2"
    assert [cell.value for cell in page[1]] == ["a", "b"]


# ------------------------------------------------------------------ an export


def _table() -> Table:
    header = ["code", "day", "topic", "topic_label", "groups", "groups_label", "practice", "photos"]
    rows = [
        {
            "code": "PA-1",
            "day": "2026-11-23",
            "topic": "NT",
            "topic_label": "Nước",
            "groups": ["gia", "tre"],
            "groups_label": ["Người già", "Trẻ em"],
            "practice": False,
            "photos": ["a.jpg", "b.jpg"],
        },
        {
            "code": "PA-2",
            "day": "",
            "topic": "GT",
            "topic_label": "Giao thông",
            "groups": [],
            "groups_label": [],
            "practice": True,
            "photos": [],
        },
    ]
    return Table([name for name in header if "_label" not in name], header, rows)


def test_labels_come_first_codes_last_and_the_second_sheet_explains() -> None:
    book = read(export_sheets("reports", _table(), texts("vi")))
    assert book.sheetnames == ["Phản ánh", "Mã"]
    titles, first, second = values(book, "Phản ánh")
    expected = ["Mã số", "Ngày", "Chủ đề", "Nhóm người", "Bản tập", "Tệp ảnh", "Chủ đề (mã)", "Nhóm người (mã)"]
    assert list(titles) == expected
    moment = excel("2026-11-23")
    assert first == ("PA-1", moment, "Nước", "Người già; Trẻ em", "Không", "a.jpg; b.jpg", "NT", "gia; tre")
    assert second == ("PA-2", None, "Giao thông", None, "Có", None, "GT", None)
    heads, *codes = values(book, "Mã")
    assert heads == ("Cột", "Tên cột cho máy", "Mã", "Nghĩa")
    assert [row[1] for row in codes if row[1] not in {"topic", "groups"}] == [
        "code",
        "day",
        "topic_label",
        "groups_label",
        "practice",
        "photos",
    ]
    assert [row[2:] for row in codes if row[1] == "topic"] == [("GT", "Giao thông"), ("NT", "Nước")]
    assert ("Nhóm người (mã)", "groups", "tre", "Trẻ em") in codes


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_export_without_rows_still_has_its_two_sheets(language: str) -> None:
    table = _table()
    table.rows.clear()
    book = read(export_sheets("reports", table, texts(language)))
    assert len(book.sheetnames) == 2
    assert [len(values(book, name)) for name in book.sheetnames] == [1, 1 + len(table.header)]


# ------------------------------------------------------------------ words that stay apart


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Nước\x0bdọc\x0cđứt", "Nước\ndọc\nđứt"),
        ("Nước\u2028dọc\u2029đứt\x85rồi", "Nước\ndọc\nđứt\nrồi"),
        ("Nước\r\ndọc\rđứt", "Nước\ndọc\nđứt"),
        ("Nước\tdọc\x07đứt\x1frồi\x7fạ\x9fđấy", "Nước dọc đứt rồi ạ đấy"),
        ("Nước\x1cdọc\x1dđứt\x1erồi", "Nước\ndọc\nđứt\nrồi"),
        ("hủ\u200by", "hủy"),
    ],
)
def test_control_characters_keep_words_apart(typed: str, kept: str) -> None:
    assert nfc(typed) == kept
    assert nfc(clean(typed)) == kept
    assert clean(kept) == kept


def test_one_record_is_one_line_whatever_it_holds() -> None:
    words = "Nước\u2028dọc\u2029đứt\x85rồi\x0bạ\n\r\x1c"
    out = io.BytesIO()
    write_jsonl(out, [{"text": words}, {"text": "hai"}])
    lines = out.getvalue().decode().splitlines()
    assert [json.loads(line)["text"] for line in lines] == [words, "hai"]
