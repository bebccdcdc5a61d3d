"""Who of a roster is new, and the cell each belongs to: one that is not there yet is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from nhipcau.actions.decision import Actor, Refusal
from nhipcau.actions.permissions import may_place
from nhipcau.actions.units import make_cell
from nhipcau.bot.language.faults import Fault, RowFault
from nhipcau.bot.language.vietnamese import fold
from nhipcau.bot.units.cells import CELL, named
from nhipcau.bot.units.tree import Tree, Unit
from nhipcau.model.changes import AddUnit
from nhipcau.model.people import code_key
from nhipcau.office.roster import CellFault, RosterPerson

#: The columns at fault, as rosters mostly call them.
_NAME, _CELL, _UNIT, _ROLE = "Họ và tên", "Chi bộ / thôn / khối", "Đơn vị", "Vai trò"
#: Who oversees a unit and all below it.
_OVERSEERS = frozenset({"coordinator", "leader", "admin"})
#: Of somebody on record: number, name, unit id, words about the cell.
RosterKey = tuple[str | None, str, int, str]


@dataclass(frozen=True, slots=True)
class PlacedPerson:
    person: RosterPerson
    #: Code of the unit they belong to: their cell, or the commune or agency itself.
    unit_code: str
    #: What stands in the column of cells where no cell was made of it.
    cell: str


#: Cells a roster makes in one commune: the largest have some sixty, and more is another column taken for theirs.
MOST_NEW_CELLS = 200


@dataclass(slots=True)
class PlacedRoster:
    #: People who are not on record yet.
    people: list[PlacedPerson] = field(default_factory=list)
    #: How many are.
    known: int = 0
    #: Cells to make first.
    cells: list[AddUnit] = field(default_factory=list)
    faults: list[RowFault] = field(default_factory=list)
    notes: list[Fault] = field(default_factory=list)


def place_roster(
    actor: Actor, people: Iterable[RosterPerson], tree: Tree, on_record: Sequence[RosterKey]
) -> PlacedRoster:
    """The people to add, each in their cell. Somebody known by number, or without one by name and place, is not added
    again, and nothing is made for them. Whom the actor may not place is a fault of their row."""
    placed = PlacedRoster()
    known = _Known(tree, on_record)
    cells = _Cells(tree)
    rows: dict[tuple[str, int, str], int] = {}
    for person in people:
        unit = tree.by_code[person.unit_code]
        if not may_place(actor, person.role, unit):
            placed.faults.append(RowFault(person.row, _not_theirs(actor, person, unit)))
            continue
        if known.has_code(person):
            placed.known += 1
            continue
        found = cells.of(unit, person)
        if isinstance(found, Fault):
            placed.faults.append(RowFault(person.row, found))
            continue
        where, words = found
        earlier = rows.setdefault((fold(person.name), where.id, fold(words)), person.row)
        if earlier != person.row and not person.code:
            again = CellFault("file.name_again", _NAME, person.name, unit=where.name, earlier=earlier)
            placed.faults.append(RowFault(person.row, again))
            continue
        if known.has_name(person, where.id, words):
            placed.known += 1
            continue
        cells.use(where)
        placed.people.append(PlacedPerson(person, where.code, words))
        if where.is_cell and person.role in _OVERSEERS:
            placed.notes.append(Fault("file.oversees_cell", row=person.row, name=person.name, unit=where.name))
    placed.cells = cells.made
    return placed


def _not_theirs(actor: Actor, person: RosterPerson, unit: Unit) -> CellFault:
    if actor.unit.holds(unit):
        return CellFault("file.role_not_theirs", _ROLE, person.role)
    return CellFault("file.unit_not_theirs", _UNIT, unit.name, unit=actor.unit.name)


class _Known:
    """Recognises people on record."""

    def __init__(self, tree: Tree, on_record: Sequence[RosterKey]) -> None:
        self._codes = {code_key(code) for code, *_ in on_record if code}
        self._names: set[tuple[str, int, str]] = set()
        #: Those without a number of their own.
        self._numberless: set[tuple[str, int, str]] = set()
        for code, name, unit_id, words in on_record:
            unit = tree.by_id[unit_id]
            # before cells were units their names were kept as words
            cells = tree.cells_named(unit, words, exactly=True) if words else []
            key = (fold(name), cells[0].id, "") if len(cells) == 1 else (fold(name), unit_id, fold(words))
            self._names.add(key)
            if not code:
                self._numberless.add(key)

    def has_code(self, person: RosterPerson) -> bool:
        return bool(person.code) and code_key(person.code) in self._codes

    def has_name(self, person: RosterPerson, unit_id: int, words: str) -> bool:
        """Whether somebody of this name is there; with a number, only somebody who has none yet."""
        return (fold(person.name), unit_id, fold(words)) in (self._numberless if person.code else self._names)


class _Cells:
    """The cells of the tree, and those made for this roster."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        #: By id of the commune or agency; their own ids are negative, as they are not stored yet.
        self._new: dict[int, list[Unit]] = {}
        self._additions: dict[str, AddUnit] = {}
        self._used: set[str] = set()
        #: What a name in the roster was found to mean: thousands of rows name a few cells.
        self._meant: dict[tuple[int, str], list[Unit]] = {}

    @property
    def made(self) -> list[AddUnit]:
        """The new cells somebody belongs to."""
        return [addition for code, addition in self._additions.items() if code in self._used]

    def use(self, unit: Unit) -> None:
        self._used.add(unit.code)

    def of(self, unit: Unit, person: RosterPerson) -> tuple[Unit, str] | Fault:
        """The unit somebody belongs to, and words about the cell where none can be made; or why it can't be told."""
        if not person.cell:
            return unit, ""
        parent = self._tree.commune_of(unit)
        key = (parent.id, person.cell)
        if (found := self._meant.get(key)) is None:
            cells = [*self._tree.cells(parent), *self._new.get(parent.id, [])]
            by_code = [cell for cell in cells if cell.code.casefold() == person.cell.casefold()]
            found = self._meant[key] = by_code or named(person.cell, cells, exactly=True)
        if unit.is_cell:
            return (unit, "") if unit in found else CellFault("file.cell_disagrees", _CELL, person.cell, unit=unit.name)
        if len(found) > 1:
            several = ", ".join(f"{cell.code} {cell.name}" for cell in found[:5])
            return CellFault("file.cell_unsure", _CELL, person.cell, cells=several)
        return (found[0], "") if found else self._make(parent, person)

    def _make(self, parent: Unit, person: RosterPerson) -> tuple[Unit, str] | Fault:
        # a province has chi bộ of its own, which are no cells
        if parent.parent_id is None:
            return parent, person.cell
        if len(self._new.get(parent.id, ())) >= MOST_NEW_CELLS:
            return CellFault("file.many_cells", _CELL, person.cell, unit=parent.name, most=MOST_NEW_CELLS)
        made = make_cell(self._tree, parent, person.cell, self._additions)
        if isinstance(made, Refusal):
            return Fault(made.key, **made.facts)
        new = Unit(-len(self._additions) - 1, made.code, made.name, CELL, f"{parent.path}{made.code}/", parent.id)
        self._new.setdefault(parent.id, []).append(new)
        self._additions[made.code] = made
        # what was no cell, or one of others, may be this one
        self._meant = {key: found for key, found in self._meant.items() if key[0] != parent.id}
        return new, ""


def names_of(cells: Iterable[AddUnit], units: Mapping[str, Unit]) -> list[str]:
    """The new cells as the office reads them: "Thôn Nà Sla (Xã Đồng Đăng, X06184-01)"."""
    return [f"{cell.name} ({units[cell.parent].name}, {cell.code})" for cell in cells]
