"""`synthesis` and `template` by real processes."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from docx import Document

from tests.support.processes import nhipcau
from tests.support.standins import soffice

pytestmark = pytest.mark.slow


_REPORT = {
    **{"day": "2026-11-10", "topic": "GT", "mood": "buc_xuc", "spread": 3, "urgency": "thuong", "groups": ""},
    **{"source": "", "text": "x", "proposal": "", "issue": "", "confirmed": "", "month": "m", "state": "new"},
}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A province with two reports of November from Thất Khê."""
    folder = tmp_path_factory.mktemp("office")
    nhipcau(folder, "init", "--province", "Lạng Sơn")
    with sqlite3.connect(folder / "n.db") as connection:
        (unit,) = connection.execute("SELECT id FROM units WHERE code = 'X06040'").fetchone()
        values = {**_REPORT, "area_id": unit}
        add = f"INSERT INTO reports (code, {', '.join(values)}) VALUES (?, {', '.join(['?'] * len(values))})"
        connection.executemany(add, [(code, *values.values()) for code in ("PA-1", "PA-2")])
    return folder


def test_a_synthesis_is_written_and_verified(office: Path) -> None:
    file = office / "a.docx"
    made = json.loads(nhipcau(office, "synthesis", "--period", "2026-11", "--unit", "T20", "-o", str(file), "--json"))
    assert set(made) == {"file", "reports", "figures", "open_parts"}
    assert (made["file"], made["reports"]) == (str(file), 2)
    assert made["figures"] > 50
    assert {"III", "IV"} <= set(made["open_parts"])
    assert json.loads(nhipcau(office, "synthesis", "verify", str(file), "--json")) == []
    assert len(Document(str(file)).inline_shapes) == 1
    with sqlite3.connect(office / "n.db") as connection:
        connection.execute("UPDATE reports SET state = 'withdrawn' WHERE code = 'PA-2'")
    found = json.loads(nhipcau(office, "synthesis", "verify", str(file), "--json", status=1))
    assert {"reference": "I.1", "written": 2, "now": 1} in found
    with sqlite3.connect(office / "n.db") as connection:
        connection.execute("UPDATE reports SET state = 'new' WHERE code = 'PA-2'")
    assert "export.synthesis" in nhipcau(office, "audit", "list", "--json")


@pytest.mark.parametrize("layout", ["state", "party"])
def test_a_template_is_written_changed_and_used(office: Path, layout: str) -> None:
    template, file = office / f"{layout}.docx", office / f"{layout}-out.docx"
    nhipcau(office, "template", "new", "--layout", layout, "-o", str(template))
    nhipcau(office, "template", "check", str(template))
    page = Document(str(template))
    page.add_paragraph("Kỳ này có {{ so_phan_anh }} phản ánh.")
    page.save(str(template))
    nhipcau(office, "template", "check", str(template))
    asked = ("synthesis", "--period", "2026-11", "--unit", "X06040", "--template", str(template), "-o", str(file))
    nhipcau(office, *asked)
    assert "Kỳ này có 2[I.1] phản ánh." in [p.text for p in Document(str(file)).paragraphs]
    assert json.loads(nhipcau(office, "synthesis", "verify", str(file), "--json")) == []


def test_wrong_templates_end_with_1_and_write_nothing(office: Path) -> None:
    template, file = office / "wrong.docx", office / "none.docx"
    page = Document()
    page.add_paragraph("{{ chu_tich }}")
    page.save(str(template))
    said = nhipcau(office, "template", "check", str(template), status=1)
    assert "chu_tich" in said
    asked = ("synthesis", "--period", "2026-11", "--unit", "T20", "--template", str(template), "-o", str(file))
    assert "chu_tich" in nhipcau(office, *asked, status=1)
    assert not file.exists()


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--period", "2026-13", "--unit", "T20", "-o", "x.docx"), "2026-13"),
        (("--period", "2099", "--unit", "T20", "-o", "x.docx"), "2099"),
        (("--period", "2026-11", "--unit", "Không có", "-o", "x.docx"), "Không có"),
        (("--unit", "T20", "-o", "x.docx"), "--period"),
        (("--period", "2026-11", "--unit", "T20"), "-o"),
        (("--period", "2026-11", "--layout", "church", "-o", "x.docx"), "church"),
        (("--period", "2026-11", "--topic", "xyz", "-o", "x.docx"), "xyz"),
        (("--period", "2026-11", "--template", "absent.docx", "-o", "x.docx"), "absent.docx"),
    ],
)
def test_wrong_use_ends_with_2(office: Path, arguments: tuple[str, ...], word: str) -> None:
    assert word in nhipcau(office, "synthesis", *arguments, status=2)


def test_a_file_that_is_no_synthesis_ends_with_1(office: Path) -> None:
    file = office / "other.docx"
    Document().save(str(file))
    assert "other.docx" in nhipcau(office, "synthesis", "verify", str(file), status=1)


def test_a_draft_is_refreshed_in_place(office: Path) -> None:
    file = office / "draft.docx"
    nhipcau(office, "synthesis", "--period", "2026-11", "--unit", "T20", "-o", str(file))
    with sqlite3.connect(office / "n.db") as connection:
        connection.execute("UPDATE reports SET mood = 'phan_khoi' WHERE code = 'PA-2'")
    made = json.loads(nhipcau(office, "synthesis", "refresh", str(file), "-o", str(file), "--json"))
    assert made["file"] == str(file)
    assert made["changed"] > 0
    assert (made["gone"], made["new_issues"]) == ([], [])
    assert json.loads(nhipcau(office, "synthesis", "verify", str(file), "--json")) == []


def test_a_synthesis_on_topics_is_verified_on_them(office: Path) -> None:
    file = office / "chuyen-de.docx"
    asked = ("synthesis", "--period", "2026-11", "--topic", "DD", "--topic", "giao thông, hạ tầng", "-o", str(file))
    assert json.loads(nhipcau(office, *asked, "--json"))["reports"] == 2
    assert json.loads(nhipcau(office, "synthesis", "verify", str(file), "--json")) == []
    assert any("về Đất đai, mặt bằng; Giao thông" in p.text for p in Document(str(file)).paragraphs)
    only = office / "dat-dai.docx"
    asked = ("synthesis", "--period", "2026-11", "--topic", "dat dai, mat bang", "--unit", "T20", "-o", str(only))
    assert json.loads(nhipcau(office, *asked, "--json"))["reports"] == 0


def test_a_pdf_stands_beside_the_document(office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    soffice.put_on_path(monkeypatch, tmp_path, soffice.WRITES)
    file = office / "ban.docx"
    asked = ("synthesis", "--period", "2026-11", "--unit", "T20", "-o", str(file), "--pdf", "--json")
    made = json.loads(nhipcau(office, *asked))
    assert made["pdf"] == str(office / "ban.pdf")
    assert (office / "ban.pdf").read_bytes().startswith(b"%PDF-")
    assert json.loads(nhipcau(office, "synthesis", "verify", str(file), "--json")) == []
    review = ("review", "--period", "2026", "--document", str(office / "nam.docx"), "--pdf", "--json")
    assert json.loads(nhipcau(office, *review))["pdf"] == str(office / "nam.pdf")


def test_without_a_program_for_it_no_pdf_is_begun(
    office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    soffice.take_off_path(monkeypatch, tmp_path)
    file = office / "khong.docx"
    said = nhipcau(office, "synthesis", "--period", "2026-11", "-o", str(file), "--pdf", status=1)
    assert "libreoffice-writer-nogui" in said
    assert not file.exists()


@pytest.mark.parametrize("option", [("--layout", "party"), ("--pdf",)])
def test_what_a_table_does_not_have_is_refused(office: Path, option: tuple[str, ...]) -> None:
    said = nhipcau(office, "review", "--period", "2026", *option, status=2)
    assert option[0] in said
    assert "--document" in said
