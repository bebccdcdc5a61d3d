"""Files of reports as offices keep them: what a row becomes, or why it can't be taken."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from nhipcau.bot.language.catalogue import LANGUAGES, texts
from nhipcau.bot.language.topic_guess import TOPICS
from nhipcau.bot.units.tree import Tree, Unit
from nhipcau.model.imported_reports import ImportedReport
from nhipcau.model.reports import ReportState
from nhipcau.office.report_columns import codes_of, meanings, plain, report_titles
from nhipcau.office.report_days import months_before, read_day
from nhipcau.office.report_file import open_reports
from nhipcau.office.report_rows import ReadReports, Terms, read_reports
from nhipcau.office.report_words import judge, judge_all
from nhipcau.office.table_reader import InvalidTable
from tests.support.places import province

VI = texts("vi")
TERMS = Terms(date(2026, 12, 1), 24)
TREE = province()
ROAD = "Đường vào bản bị sạt không đi được"
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file: a text as CSV, rows as a workbook with these cells merged, mappings as JSON lines."""

    def written(content: str | Sequence[Any], *merged: str) -> Path:
        if isinstance(content, str):
            (path := tmp_path / "phan-anh.csv").write_text(content, encoding="utf-8")
            return path
        if isinstance(content[0], dict):
            lines = "".join(json.dumps(row) + "\n" for row in content)
            (path := tmp_path / "phan-anh.jsonl").write_text(lines, encoding="utf-8")
            return path
        book = Workbook()
        sheet = book.active
        assert sheet is not None
        for row in content:
            sheet.append(list(row))
        for cells in merged:
            sheet.merge_cells(cells)
        book.save(path := tmp_path / "phan-anh.xlsx")
        return path

    return written


def read(path: Path, unit: str = "", tree: Tree = TREE, terms: Terms = TERMS) -> ReadReports:
    within = tree.by_code[unit] if unit else tree.root
    assert within is not None
    return read_reports(open_reports(path), tree, within, terms)


def one(path: Path, **more: Any) -> ImportedReport:
    done = read(path, **more)
    assert [fault.say(VI) for fault in done.faults] == []
    (report,) = done.reports
    return report


def faults(path: Path, **more: Any) -> list[str]:
    done = read(path, **more)
    return [fault.say(VI) for fault in done.faults]


def area_of(report: ImportedReport) -> str:
    return TREE.by_id[report.area_id].code


def test_only_day_area_and_words_are_needed(write: Write) -> None:
    report = one(write(f"Ngày,Địa bàn,Nội dung\n5/11/2026,Xã Đồng Đăng,{ROAD}\n"))
    assert (report.day, area_of(report), report.text) == (date(2026, 11, 5), "X06184", ROAD)
    assert (report.topic, report.mood, report.spread, report.urgency) == ("GT", "", 0, "thuong")
    assert report.added == {"place": "", "proposal": "", "groups": "", "source": "nhap_ho"}
    assert report.state is ReportState.NEW


def test_labels_and_codes_say_the_same(write: Write) -> None:
    row = {
        **{"day": "2026-11-05", "area": "X06184", "text": ROAD, "topic": "DD", "mood": "buc_xuc", "spread": 3},
        **{"urgency": "khan", "groups": ["can_bo", "nong_dan"], "source": "hop", "proposal": "Sửa sớm"},
    }
    by_code = one(write([row | {"state": "in_progress"}]))
    labels = {
        **{"day": "05/11/2026", "area": "Xã Đồng Đăng", "topic": "Đất đai, mặt bằng", "mood": "bức xúc"},
        **{"spread": "Cả thôn, khối", "urgency": "Khẩn, trong ngày", "groups": "Nông dân; Cán bộ, viên chức"},
        **{"source": "họp thôn, chi bộ", "state": "Đang xử lý"},
    }
    assert one(write([row | labels])) == by_code
    assert by_code.added["groups"] == "nong_dan,can_bo"
    assert by_code.state is ReportState.IN_PROGRESS


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_label_of_every_language_is_read(language: str) -> None:
    t = texts(language)
    for column in ("topic", "mood", "spread", "urgency", "groups", "source", "state"):
        keys = [(code, f"{column}.{code}") for code in codes_of(column)]
        keys += [(code, f"report.{column}.{code}") for code in codes_of(column)]
        labels = {code: t(key) for code, key in keys if t.has(key)}
        assert {code: meanings(column)[plain(label)] for code, label in labels.items()} == {c: c for c in labels}
        assert set(labels) == set(codes_of(column))
    assert codes_of("topic") == TOPICS


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_title_of_an_export_names_its_column(language: str) -> None:
    t = texts(language)
    for name in ("code", "day", "topic", "area", "place", "mood", "spread", "urgency", "groups", "source", "text"):
        assert report_titles().meaning(t(f"export.column.{name}")) == name
        assert report_titles().meaning(t("export.code_of", column=t(f"export.column.{name}"))) == name
        assert report_titles().meaning(f"{name}_label") == name


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("5/12/2025", date(2025, 12, 5)),
        ("05.12.2025", date(2025, 12, 5)),
        ("5-12-25", date(2025, 12, 5)),
        ("2025-12-05", date(2025, 12, 5)),
        ("2025-12-05T08:30:00", date(2025, 12, 5)),
        ("05/12/2025 8:30", date(2025, 12, 5)),
        ("Ngày 5 tháng 12 năm 2025", date(2025, 12, 5)),
        ("45996", date(2025, 12, 5)),
        ("45996.354", date(2025, 12, 5)),
        ("5/12", None),
        ("31/2/2026", None),
        ("hôm qua", None),
        ("12", None),
    ],
)
def test_days_as_offices_write_them(written: str, day: date | None) -> None:
    assert read_day(written) == day


def test_24_months_back_and_never_in_the_future(write: Write) -> None:
    head = "day,area,text\n"
    assert months_before(date(2026, 12, 1), 24) == date(2024, 12, 1)
    assert months_before(date(2028, 2, 29), 24) == date(2026, 2, 28)
    assert faults(write(f"{head}2024-12-01,X06184,{ROAD}\n2026-12-01,X06184,{ROAD}\n")) == []
    assert faults(write(f"{head}2024-11-30,X06184,{ROAD}\n2026-12-02,X06184,{ROAD}\n")) == [
        "Dòng 2: ngày '2024-11-30' đã quá 24 tháng; bỏ dòng này, chỉ giữ được từ 01/12/2024.",
        "Dòng 3: ngày '2026-12-02' chưa tới; sửa lại ngày.",
    ]


def test_every_fault_of_every_row_is_named(write: Write) -> None:
    path = write(
        "STT,Ngày,Địa bàn,Nội dung,Tâm trạng\n"
        f"1,,Xã Đồng Đăng,{ROAD},vui\n2,5/11/2026,,,\n3,5/11/2026,Xã Không Có,{ROAD},\n4,32/11/2026,X06184,{ROAD},\n"
    )
    assert faults(path) == [
        "Dòng 2: thiếu ngày; ghi ngày như 05/12/2025. 'vui' không phải một trong phan_khoi, dong_tinh, quan_tam,"
        " ban_khoan, buc_xuc; ghi mã hoặc tên gọi đúng, hoặc để trống.",
        "Dòng 3: thiếu địa bàn; ghi tên hoặc mã xã, phường, cơ quan. thiếu nội dung; ghi nội dung, hoặc xóa dòng.",
        "Dòng 4: đơn vị 'Xã Không Có' không có trên hệ thống; ghi đúng tên hoặc mã như `nhipcau unit list`, hoặc thêm"
        " đơn vị bằng `nhipcau unit import`.",
        "Dòng 5: ngày '32/11/2026' không đọc được; ghi đủ ngày, tháng, năm như 05/12/2025.",
    ]


def test_words_are_masked_and_decomposed_ones_composed(write: Write) -> None:
    import unicodedata

    words = unicodedata.normalize("NFD", "Chị Nông Thị Mến, 0912 345 678, bị cắt điện")
    done = read(write([{"day": "2026-11-05", "area": "X06184", "text": words, "place": "nhà ông Lý Văn Thử"}]))
    assert done.reports[0].text == "Chị [HỌ TÊN], [SĐT], bị cắt điện"
    assert "Thử" not in done.reports[0].added["place"]
    assert done.masked > 0


def test_secrets_are_refused_without_being_repeated(write: Write) -> None:
    text = "TỐI MẬT: kế hoạch diễn tập"
    (said,) = faults(write([{"day": "2026-11-05", "area": "X06184", "text": ROAD, "proposal": text}]))
    assert said == "Dòng 1: có dấu mật; bỏ dòng này, tài liệu mật không đưa vào đây."


def test_words_about_one_person_want_a_confirmation(write: Write) -> None:
    texts_ = ["Trưởng thôn ăn chặn tiền hỗ trợ của bà con", "Cụ bà 85 tuổi ở thôn Nà Sla bị nhiễm HIV"]
    path = write([{"day": "2026-11-05", "area": "X06184", "text": text} for text in texts_])
    accused, guessed = faults(path)
    assert accused.startswith("Dòng 1: nói về việc sai của một người; chỉ nêu sự việc")
    assert 'viết chung hơn, ví dụ: "Cụ bà cao tuổi ở một thôn bị nhiễm HIV"' in guessed
    assert [r.text for r in read(path, terms=replace(TERMS, confirmed=True)).reports] == texts_


def test_an_area_of_several_places_is_asked_for(write: Write) -> None:
    path = write(f"day,area,text\n2026-11-05,Hoàng Văn Thụ,{ROAD}\n2026-11-05,Xã Đồng Đăng,{ROAD}\n")
    (said,) = faults(path)
    for name in ("Xã Hoàng Văn Thụ", "Xã Bình Gia", "Phường Kỳ Lừa"):
        assert name in said
    ward = TREE.find("Phường Kỳ Lừa")[0]
    done = read(path, unit=ward.code)
    assert [fault.row for fault in done.faults] == [3]
    assert "địa bàn 'Xã Đồng Đăng' không thuộc Phường Kỳ Lừa" in done.faults[0].say(VI)
    # within this ward only one place was called so
    assert [area_of(report) for report in done.reports] == [ward.code]
    assert done.former == {"Hoàng Văn Thụ": ward}


def test_a_cell_that_spills_over_the_titles_is_no_words_lost(write: Write) -> None:
    (said,) = faults(write("day,area,text\n2026-11-05,X06184,Đường sạt, xe không đi được\n"))
    assert said == "Dòng 2: nhiều ô hơn số cột; đặt nội dung có dấu phẩy trong ngoặc kép, hoặc lưu lại thành .xlsx"


def test_what_lies_in_a_commune_means_the_commune(write: Write) -> None:
    commune = TREE.by_code["X06184"]
    parts = [("C1", "Thôn Nà Sla", "cell"), ("C2", "Trạm Y tế Đồng Đăng", "cơ quan")]
    more = [
        Unit(9000 + n, code, name, kind, f"{commune.path}{code}/", commune.id)
        for n, (code, name, kind) in enumerate(parts)
    ]
    tree = Tree([*TREE.units, *more])
    for unit in more:
        report = one(write(f"day,area,text\n2026-11-05,{unit.name},{ROAD}\n"), tree=tree)
        assert (report.area_id, report.added["place"]) == (commune.id, unit.name)


def test_code_and_label_of_an_area_agree(write: Write) -> None:
    head = "day,area,area_label,text\n"
    assert area_of(one(write(f"{head}2026-11-05,X06184,Xã Đồng Đăng,{ROAD}\n"))) == "X06184"
    (said,) = faults(write(f"{head}2026-11-05,X06184,Xã Thất Khê,{ROAD}\n"))
    assert "mã và tên địa bàn không phải một nơi" in said


def test_a_dirty_sheet_is_read_as_a_clerk_reads_it(write: Write) -> None:
    path = write(
        [
            ["TỔNG HỢP Ý KIẾN NHÂN DÂN THÁNG 11"],
            [],
            ["TT", "Ngày phản ánh", "Xã, phường", "Nội dung phản ánh", "Người phản ánh", "Ghi chú"],
            ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)"],
            ["I. Lĩnh vực giao thông", None, None, None, None, None],
            [1, 46331, "Xã Đồng Đăng", ROAD, "Nông Văn Thử", ""],
            [2, date(2026, 11, 6), None, "Mất điện cả tuần ở chợ", "", ""],
            [3, "nt", "nt", "Rác để đầy ngã ba", "", ""],
            [None, None, None, "Tổng cộng: 3 ý kiến", None, None],
            [None, None, None, "Đồng Đăng, ngày 30 tháng 11 năm 2026", None, None],
            [None, None, None, "NGƯỜI LẬP BIỂU", None, None],
        ],
        "C6:C7",
        "A5:F5",
    )
    done = read(path)
    assert [fault.say(VI) for fault in done.faults] == []
    assert [(r.day.day, area_of(r)) for r in done.reports] == [(5, "X06184"), (6, "X06184"), (6, "X06184")]
    assert done.passed_over == [4, 5, 9, 10, 11]
    assert open_reports(path).dropped == ["Người phản ánh", "Ghi chú"]


def test_unknown_keys_of_a_line_are_refused_not_stored(write: Write) -> None:
    row = {"day": "2026-11-05", "area": "X06184", "text": ROAD}
    said = faults(write([row, row | {"reporter": "Nông Văn Thử"}, row | {"text": {"a": 1}}]))
    assert said[0].startswith("Dòng 2: không có cột 'reporter'")
    assert "Thử" not in said[0]
    assert said[1] == "Dòng 3: cột 'text' phải là chữ, số hoặc danh sách chữ"


def test_lines_that_are_no_json_are_named(tmp_path: Path) -> None:
    (path := tmp_path / "a.jsonl").write_text('{"day": \n[]\n', encoding="utf-8")
    assert faults(path) == ["Dòng 1: không đọc được dòng này", "Dòng 2: không đọc được dòng này"]


def test_withdrawn_reports_and_exercises_are_skipped(write: Write) -> None:
    row = {"day": "2026-11-05", "area": "X06184", "text": ROAD}
    done = read(write([row | {"state": "withdrawn", "text": ""}, row | {"practice": True}, row]))
    assert (done.skipped, len(done.reports), done.faults) == (2, 1, [])


def test_a_missing_column_is_named(write: Write) -> None:
    with pytest.raises(InvalidTable) as refused:
        open_reports(write("Ngày,Ý gì đó\n5/11/2026,a\n"))
    assert "thiếu cột Địa bàn, Nội dung" in refused.value.say(VI)
    assert "Area" in refused.value.say(texts("en"))


def test_thousands_of_words_are_judged_like_one() -> None:
    """By several processes where there are processors for them."""
    samples = [ROAD, "Chị Nông Thị Mến, 0912 345 678, bị cắt điện", "Trưởng thôn ăn chặn tiền hỗ trợ của bà con"]
    words = {f"{text} lần {n}": n % 2 == 0 for n in range(700) for text in samples}
    found = judge_all(words, TREE.known_places)
    assert list(found) == list(words)
    for each, topic in list(words.items())[::50]:
        assert found[each] == judge(each, TREE.known_places, with_topic=topic)
