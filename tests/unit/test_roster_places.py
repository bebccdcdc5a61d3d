"""Where the people of a roster belong: the cell named, made where it is missing; and who is on record already."""

from __future__ import annotations

import pytest

from nhipcau.actions.decision import Actor
from nhipcau.actions.roster import MOST_NEW_CELLS, PlacedRoster, RosterKey, place_roster
from nhipcau.bot.language.catalogue import texts
from nhipcau.bot.units.tree import Tree, Unit
from nhipcau.office.roster import RosterPerson

VI = texts("vi")
ROOT = Unit(1, "T20", "Tỉnh Lạng Sơn", "tỉnh", "/T20/")
COMMUNE = Unit(2, "X1", "Xã Đồng Đăng", "xã", "/T20/X1/", 1)
AGENCY = Unit(3, "CQ1", "Sở Y tế", "cơ quan", "/T20/CQ1/", 1)
NA_PAN = Unit(4, "X1-01", "Thôn Nà Pàn", "cell", "/T20/X1/X1-01/", 2)
BLOCK = Unit(5, "X1-02", "Khối phố 1", "cell", "/T20/X1/X1-02/", 2)
TREE = Tree([ROOT, COMMUNE, AGENCY, NA_PAN, BLOCK])


def person(
    row: int, name: str, unit: str = "X1", cell: str = "", code: str = "", role: str = "collaborator"
) -> RosterPerson:
    return RosterPerson(row, code, name, role, unit, cell, "", "", "invited")


def placed(*people: RosterPerson, on_record: tuple[RosterKey, ...] = ()) -> PlacedRoster:
    return place_roster(Actor.office(ROOT), people, TREE, on_record)


def where(found: PlacedRoster) -> list[tuple[str, str]]:
    return [(each.unit_code, each.cell) for each in found.people]


@pytest.mark.parametrize("cell", ["Thôn Nà Pàn", "thon na pan", "Nà Pàn", "Chi bộ thôn Nà Pàn", "X1-01", "x1-01"])
def test_a_cell_is_known_however_it_is_written(cell: str) -> None:
    found = placed(person(2, "Nông Văn Thử", cell=cell))
    assert (where(found), found.cells) == ([("X1-01", "")], [])


def test_a_missing_cell_is_made_once_for_all_who_name_it() -> None:
    found = placed(
        person(2, "Nông Văn Thử", cell="Thôn Nà Sla"),
        person(3, "Lý Thị Thử", cell="Nà Sla"),
        person(4, "Vi Thị Thử", cell="Thôn Nà Pán"),
        person(5, "Vi Văn Thử", unit="CQ1", cell="Chi bộ Văn phòng"),
    )
    assert where(found) == [("X1-03", ""), ("X1-03", ""), ("X1-04", ""), ("CQ1-01", "")]
    assert [(cell.code, cell.name, cell.kind, cell.parent) for cell in found.cells] == [
        ("X1-03", "Thôn Nà Sla", "cell", "X1"),
        # another village than Nà Pàn
        ("X1-04", "Thôn Nà Pán", "cell", "X1"),
        ("CQ1-01", "Chi bộ Văn phòng", "cell", "CQ1"),
    ]


def test_the_provinces_own_chi_bo_stays_words() -> None:
    found = placed(person(2, "Nông Văn Thử", unit="T20", cell="Chi bộ Văn phòng"))
    assert (where(found), found.cells) == ([("T20", "Chi bộ Văn phòng")], [])


def test_a_cell_that_may_be_several_is_asked() -> None:
    twins = Tree([*TREE.units, Unit(6, "X1-09", "Bản Nà Pàn", "cell", "/T20/X1/X1-09/", 2)])
    (fault,) = place_roster(Actor.office(ROOT), [person(2, "Nông Văn Thử", cell="Nà Pàn")], twins, []).faults
    assert "có thể là nhiều nơi (X1-01 Thôn Nà Pàn, X1-09 Bản Nà Pàn)" in fault.say(VI)


def test_a_unit_that_is_a_cell_and_another_cell_are_refused() -> None:
    assert where(placed(person(2, "Nông Văn Thử", unit="X1-01", cell="Nà Pàn"))) == [("X1-01", "")]
    (fault,) = placed(person(2, "Nông Văn Thử", unit="X1-01", cell="Khối phố 1")).faults
    assert "không thuộc Thôn Nà Pàn" in fault.say(VI)


def test_who_oversees_only_a_cell_is_said() -> None:
    found = placed(person(2, "Nông Văn Thử", cell="Nà Pàn", role="coordinator"))
    assert [note.say(VI) for note in found.notes] == [
        "Dòng 2: Nông Văn Thử phụ trách riêng Thôn Nà Pàn; nếu phụ trách cả xã, hãy để trống cột thôn, khối."
    ]


@pytest.mark.parametrize(
    ("on_record", "again"),
    [
        (("7", "Tên Cũ", 2, ""), person(2, "Nông Văn Thử", cell="Thôn Mới", code="007")),
        ((None, "Nông Văn Thử", 4, ""), person(2, "NÔNG VĂN THỬ", cell="Nà Pàn")),
        # on record from before cells were units
        ((None, "Nông Văn Thử", 2, "thôn Nà Pàn"), person(2, "Nông Văn Thử", cell="Nà Pàn")),
        (("7", "Nông Văn Thử", 4, ""), person(2, "Nông Văn Thử", cell="Nà Pàn")),
        # who had no number has one now
        ((None, "Nông Văn Thử", 4, ""), person(2, "Nông Văn Thử", cell="Nà Pàn", code="7")),
    ],
)
def test_somebody_on_record_is_not_added_again(on_record: RosterKey, again: RosterPerson) -> None:
    found = placed(again, on_record=(on_record,))
    assert (found.people, found.known, found.cells, found.faults) == ([], 1, [], [])


@pytest.mark.parametrize(
    ("on_record", "other"),
    [
        (("7", "Nông Văn Thử", 4, ""), person(2, "Nông Văn Thử", cell="Nà Pàn", code="8")),
        ((None, "Nông Văn Thử", 4, ""), person(2, "Nông Văn Thử")),
        ((None, "Nông Văn Thử", 4, ""), person(2, "Nông Văn Thử", cell="Khối phố 1")),
    ],
)
def test_somebody_else_of_the_name_is_added(on_record: RosterKey, other: RosterPerson) -> None:
    assert len(placed(other, on_record=(on_record,)).people) == 1


def test_one_name_twice_in_a_cell_needs_numbers() -> None:
    twice = [person(2, "Nông Văn Thử", cell="Nà Pàn"), person(3, "Nông Văn Thử", cell="Thôn Nà Pàn")]
    (fault,) = placed(*twice).faults
    assert fault.say(VI).startswith("Dòng 3: Nông Văn Thử ở Thôn Nà Pàn đã có ở dòng 2;")
    numbered = [person(2, "Nông Văn Thử", cell="Nà Pàn", code="1"), person(3, "Nông Văn Thử", cell="Nà Pàn", code="2")]
    assert len(placed(*numbered).people) == 2


def test_more_cells_than_a_commune_has_are_another_column() -> None:
    """F18: a roster may name thousands of cells; the work stays bounded, and one sentence a row says what to do."""
    found = placed(*(person(row, f"Nông Văn Thử{row}", cell=f"Thôn Số {row}") for row in range(2, 502)))
    assert len(found.cells) == MOST_NEW_CELLS
    assert len(found.faults) == 500 - MOST_NEW_CELLS
    said = found.faults[0].say(VI)
    assert "Xã Đồng Đăng có quá 200 thôn, khối mới" in said
    assert "xem lại cột thôn, khối" in said
    # a cell of before is still found among so many
    assert where(placed(person(2, "Nông Văn Thử", cell="Nà Pàn"))) == [("X1-01", "")]


@pytest.mark.parametrize(
    ("role", "own", "placed_role", "unit", "may"),
    [
        ("coordinator", COMMUNE, "collaborator", "X1", True),
        ("coordinator", COMMUNE, "collaborator", "X1-01", True),
        ("coordinator", COMMUNE, "collaborator", "CQ1", False),
        ("coordinator", COMMUNE, "coordinator", "X1", False),
        ("coordinator", ROOT, "leader", "X1", False),
        ("admin", COMMUNE, "coordinator", "X1-01", True),
        ("admin", COMMUNE, "collaborator", "T20", False),
        ("leader", ROOT, "collaborator", "X1", False),
        ("collaborator", ROOT, "collaborator", "X1", False),
        ("office", ROOT, "admin", "T20", True),
    ],
)
def test_who_may_place_whom_where(role: str, own: Unit, placed_role: str, unit: str, *, may: bool) -> None:
    """R25 Admins everybody, coordinators collaborators, in their unit and below; else it is a fault of the row."""
    who = person(2, "Nông Văn Thử", unit=unit, role=placed_role)
    found = place_roster(Actor("a", own, role), [who], TREE, [])
    assert (len(found.people), [fault.row for fault in found.faults]) == ((1, []) if may else (0, [2]))
