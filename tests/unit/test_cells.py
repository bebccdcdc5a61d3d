"""Cells: which names mean which thôn, bản, khối or chi bộ, what is a cell in a list of units, and how one is made."""

from __future__ import annotations

from pathlib import Path

import pytest

from nhipcau.actions.decision import Refusal
from nhipcau.actions.units import make_cell
from nhipcau.bot.units.cells import is_cell_kind
from nhipcau.bot.units.tree import Tree, Unit
from nhipcau.model.changes import AddUnit
from nhipcau.office.table_reader import InvalidTable
from nhipcau.office.unit_list import UnitRow, open_units, read_units, with_kinds

ROOT = Unit(1, "T20", "Tỉnh Lạng Sơn", "tỉnh", "/T20/")
COMMUNE = Unit(2, "X1", "Xã Đồng Đăng", "xã", "/T20/X1/", 1)
AGENCY = Unit(3, "SYT", "Sở Y tế", "cơ quan", "/T20/SYT/", 1)
NAMES = ("Chi bộ thôn Nà Pai", "Thôn Nà Pàn", "Thôn Nà Pán", "Thôn Bản Rọi", "Thôn Rọi", "Khối 3", "Tổ dân phố 3")
CELLS = [Unit(10 + n, f"X1-{n:02}", name, "cell", f"/T20/X1/X1-{n:02}/", 2) for n, name in enumerate(NAMES, start=1)]
OFFICE_CELL = Unit(40, "SYT-01", "Chi bộ Phòng Nghiệp vụ", "cell", "/T20/SYT/SYT-01/", 3)
TREE = Tree([ROOT, COMMUNE, AGENCY, *CELLS, OFFICE_CELL])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Chi bộ thôn Nà Pai", ["Chi bộ thôn Nà Pai"]),
        ("Nà Pai", ["Chi bộ thôn Nà Pai"]),
        ("thôn nà pai", ["Chi bộ thôn Nà Pai"]),
        ("na pai", ["Chi bộ thôn Nà Pai"]),
        ("Nà Pàn", ["Thôn Nà Pàn"]),
        ("na pan", ["Thôn Nà Pàn", "Thôn Nà Pán"]),
        ("Bản Rọi", ["Thôn Bản Rọi"]),
        ("Rọi", ["Thôn Rọi"]),
        ("khối 3", ["Khối 3"]),
        ("Khối phố 3", ["Khối 3"]),
        ("tổ 3", ["Tổ dân phố 3"]),
        ("3", []),
        ("Nà Lạ", []),
    ],
)
def test_a_name_means_the_cells_it_reads_as(typed: str, meant: list[str]) -> None:
    assert [cell.name for cell in TREE.cells_named(COMMUNE, typed)] == meant


def test_exactly_keeps_villages_apart_that_differ_in_marks() -> None:
    assert TREE.cells_named(COMMUNE, "Nà Pản", exactly=True) == []
    assert [cell.name for cell in TREE.cells_named(COMMUNE, "Nà Pản")] == ["Thôn Nà Pàn", "Thôn Nà Pán"]
    assert [cell.name for cell in TREE.cells_named(COMMUNE, "thôn Nà Pán", exactly=True)] == ["Thôn Nà Pán"]


def test_the_tree_knows_cells_and_their_commune() -> None:
    assert TREE.cells(COMMUNE) == CELLS
    assert TREE.cells(CELLS[0]) == []
    assert TREE.commune_of(CELLS[0]) == COMMUNE
    assert [TREE.commune_of(unit) for unit in (OFFICE_CELL, AGENCY, ROOT)] == [AGENCY, AGENCY, ROOT]
    assert TREE.find("thôn Nà Pai") == [CELLS[0]]


def test_no_cell_is_an_area_and_an_agency_is_one() -> None:
    assert TREE.areas == [ROOT, COMMUNE, AGENCY]
    assert TREE.near(CELLS[0])[0] == COMMUNE
    assert TREE.near(OFFICE_CELL) == [AGENCY, ROOT, COMMUNE]
    assert TREE.search("Nà Pai", TREE.areas) == []


@pytest.mark.parametrize("kind", ["thôn", "Bản", "khối", "chi bộ/thôn/khối", "Tổ dân phố", "thon", "Chi bo", "cell"])
def test_kinds_offices_write_for_cells(kind: str) -> None:
    assert is_cell_kind(kind)


@pytest.mark.parametrize("kind", ["xã", "Ban", "ban", "cơ quan", "tổ chức CTXH", "Khối", "tỉnh", ""])
def test_other_kinds_are_no_cells(kind: str) -> None:
    assert is_cell_kind(kind) == (kind == "Khối")


def test_what_lies_right_below_the_root_is_no_cell() -> None:
    rows = [
        UnitRow("A", "Chi bộ Văn phòng", "chi bộ", "T20"),
        UnitRow("B", "Thôn Nà Sla", "", "X1"),
        UnitRow("C", "Khuổi Nà", "thôn", "X1"),
        UnitRow("D", "Trạm Y tế", "", "X1"),
    ]
    assert [row.kind for row in with_kinds(rows, TREE)] == ["chi bộ", "cell", "cell", ""]


def test_a_list_of_units_puts_nothing_below_a_cell(tmp_path: Path) -> None:
    file = tmp_path / "units.csv"
    file.write_text("Mã đơn vị,Tên đơn vị,Loại,Mã cấp trên\nC,Xóm Trong,xóm,X1-01\n", encoding="utf-8")
    with pytest.raises(InvalidTable):
        read_units(open_units(file), TREE)


def test_a_cell_gets_the_next_free_code() -> None:
    made = make_cell(TREE, COMMUNE, "  Thôn  Nà Sla ")
    assert made == AddUnit("X1-08", "Thôn Nà Sla", "cell", "X1")
    assert make_cell(TREE, COMMUNE, "Thôn Mới", {"X1-08"}) == AddUnit("X1-09", "Thôn Mới", "cell", "X1")
    for parent, name in ((ROOT, "Thôn A"), (CELLS[0], "Thôn A"), (COMMUNE, " – ")):
        assert isinstance(make_cell(TREE, parent, name), Refusal)
