"""`roster import`: collaborators from a file of the office, all of them or none."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nhipcau.cli.help_pages import Family
from nhipcau.cli.runner import (
    CommandFailed,
    Json,
    WrongUse,
    command,
    input_file,
    not_written,
    print_json,
    print_result,
    spoken,
)

if TYPE_CHECKING:
    from nhipcau.actions.decision import Actor
    from nhipcau.actions.roster import PlacedRoster, RosterKey
    from nhipcau.bot.language.faults import Fault
    from nhipcau.bot.units.tree import Tree, Unit
    from nhipcau.cli.transaction import Transaction
    from nhipcau.context import AppContext
    from nhipcau.office.roster import Roster, RosterFile
    from nhipcau.privacy.sealing import Sealer
    from nhipcau.storage.database import Connection

app = Family()
roster_app = Family(no_args_is_help=True)
app.add_typer(roster_app, name="roster")


class _OnlyLooked(Exception):
    """Ends the transaction of a dry run without keeping anything of it."""


class _Faulty(Exception):
    """Ends the transaction because of these faults; `right`: how many rows are right."""

    def __init__(self, faults: Sequence[Fault], right: int = 0) -> None:
        super().__init__()
        self.faults = faults
        self.right = right


@dataclass(frozen=True, slots=True)
class _Read:
    """A roster, and the units and people on record it was compared with."""

    units: Mapping[str, Unit]
    on_record: Sequence[RosterKey]
    roster: Roster
    placed: PlacedRoster


@dataclass(frozen=True, slots=True)
class _Imported:
    roster: Roster
    placed: PlacedRoster
    #: How many units the file's own list of units added, and the new cells as the office reads them.
    units: int
    cells: list[str]
    notes: list[Fault]


@command(roster_app, "import")
async def roster_import(
    parts: AppContext,
    file: Path,
    dry_run: Annotated[bool, typer.Option("--dry-run")] = False,
    sheet: Annotated[str, typer.Option("--sheet")] = "",
    column: Annotated[list[str] | None, typer.Option("--column")] = None,
    titles: Annotated[int, typer.Option("--titles", min=0)] = 0,
    problems: Annotated[Path | None, typer.Option("--problems")] = None,
    as_json: Json = False,
) -> None:
    """Add people from a CSV file or a workbook: all rows or none."""
    from nhipcau.office.roster import open_roster, open_roster_as, remarks
    from nhipcau.office.table_reader import InvalidTable

    t = spoken()
    if problems and problems.suffix.lower() not in {".xlsx", ".csv"}:
        raise WrongUse("roster.problems_file", file=problems)
    if problems:
        # first of all, so that nobody is added where it can't be written
        _write_problems(parts, problems, [])
    try:
        # before the transaction: nobody waits while a large file is read
        if column or titles:
            found = open_roster_as(input_file(file), sheet, titles, _called(column or []))
        else:
            found = open_roster(input_file(file), sheet)
        done = await _import(parts, found, dry_run=dry_run)
    except InvalidTable as wrong:
        if wrong.key == "file.no_sheet":
            raise WrongUse(wrong) from None
        raise _refused(parts, [wrong], 0, problems, as_json=as_json) from None
    except _Faulty as faulty:
        raise _refused(parts, faulty.faults, faulty.right, problems, as_json=as_json) from None
    notes = [note.say(t) for note in [*remarks(found, done.roster), *done.notes]]
    if done.units:
        notes.append(t("roster.units", number=done.units))
    if done.cells:
        notes.append(t("roster.cells", number=len(done.cells), cells=", ".join(done.cells)))
    for note in notes:
        print(note, file=sys.stderr)
    counts = {"added": len(done.placed.people), "known": done.placed.known, "skipped": done.roster.skipped}
    body = {
        **counts,
        "units": done.units,
        "cells": [asdict(cell) for cell in done.placed.cells],
        "passed_over": [row for row, _ in done.roster.passed_over],
        "forbidden": done.roster.forbidden,
        "dropped": done.roster.dropped,
        "notes": notes,
    }
    print_result(as_json, body, t("roster.would_add" if dry_run else "roster.added", **counts))


def _called(columns: Sequence[str]) -> dict[str, str]:
    """What our columns are called in the file, of "NAME=COLUMN"."""
    from nhipcau.office.chosen_columns import FIELDS

    pairs = [each.partition("=")[::2] for each in columns]
    for name, called in pairs:
        if name not in FIELDS or not called:
            raise WrongUse("roster.column", column=name, columns=", ".join(FIELDS))
    return dict(pairs)


async def _import(parts: AppContext, found: RosterFile, *, dry_run: bool) -> _Imported:
    """Do it in one transaction, of which a dry run keeps nothing: so both say the same. Raises _Faulty."""
    from nhipcau.cli.transaction import writing

    # a large roster takes seconds, in which nobody else could write
    async with parts.database.reading() as connection:
        ready = await _read(connection, parts.sealer, found)
    done: _Imported | None = None
    try:
        async with writing(parts) as transaction:
            done = await _add(transaction, found, ready, dry_run=dry_run)
            if dry_run:
                raise _OnlyLooked
    except _OnlyLooked:
        pass
    assert done is not None
    return done


async def _read(connection: Connection, sealer: Sealer, found: RosterFile, ready: _Read | None = None) -> _Read:
    """The roster as units and people are now; `ready`: read before, and good while both are as they were."""
    from nhipcau.actions.roster import place_roster
    from nhipcau.office.roster import read_roster
    from nhipcau.storage import people as people_storage
    from nhipcau.storage.units import load_tree

    tree = await load_tree(connection)
    is_same = ready is not None and ready.units == tree.by_code
    roster = ready.roster if ready is not None and is_same else read_roster(found, tree)
    on_record = await people_storage.roster_keys(connection, sealer, [person.code for person in roster.people])
    if ready is not None and is_same and ready.on_record == on_record:
        return ready
    return _Read(tree.by_code, on_record, roster, place_roster(_office(tree), roster.people, tree, on_record))


async def _add(transaction: Transaction, found: RosterFile, ready: _Read, *, dry_run: bool) -> _Imported:
    from nhipcau.actions.roster import names_of
    from nhipcau.operations.roster_import import add_placed

    connection = transaction.connection
    units, notes = await _add_units(transaction, found)
    sealer = transaction.parts.sealer
    read = await _read(connection, sealer, found, ready)
    roster, placed = read.roster, read.placed
    if faults := sorted(roster.faults + placed.faults, key=attrgetter("row")):
        raise _Faulty(faults, len(roster.people) + roster.skipped - len(placed.faults))
    cells = names_of(placed.cells, read.units)
    # of a dry run nothing is kept, but their keys would stay behind
    await add_placed(transaction.context, placed, keeps_people=not dry_run)
    return _Imported(roster, placed, units, cells, [*notes, *placed.notes])


async def _add_units(transaction: Transaction, found: RosterFile) -> tuple[int, list[Fault]]:
    """Add the units of the workbook's own list of units; how many were new. One with faults is left out, and said."""
    from nhipcau.bot.language.faults import Fault
    from nhipcau.model.changes import AddUnit
    from nhipcau.office.table_reader import InvalidRows
    from nhipcau.office.unit_list import read_units

    if found.units is None:
        return 0, []
    try:
        rows = [row for row in read_units(found.units, transaction.tree) if row.code not in transaction.tree.by_code]
    except InvalidRows as wrong:
        first = wrong.faults[0].say(spoken())
        return 0, [Fault("roster.units_unread", sheet=found.units.sheet.name, why=first)]
    await transaction.apply([AddUnit(**asdict(row)) for row in rows])
    return len(rows), []


def _office(tree: Tree) -> Actor:
    from nhipcau.actions.decision import Actor
    from nhipcau.bot.units.tree import Unit

    # without units no row has one
    return Actor.office(tree.root or Unit(0, "", "", "", "/"))


def _refused(
    parts: AppContext, faults: Sequence[Fault], right: int, problems: Path | None, *, as_json: bool
) -> CommandFailed:
    """Every fault a line, and that nobody was added; also as a table, where one is asked for."""
    from nhipcau.bot.language.faults import Fault, Faults
    from nhipcau.office.roster_problems import problems_of

    lines = [*faults]
    rows = problems_of(faults, spoken())
    if any(row.row for row in rows):
        lines.append(Fault("roster.nobody", wrong=len({row.row for row in rows}), right=right))
    if problems:
        _write_problems(parts, problems, rows)
        lines.append(Fault("roster.problems_written", file=problems))
    if as_json:
        print_json({"added": 0, "known": 0, "skipped": 0, "problems": [asdict(row) for row in rows]})
    return CommandFailed(Faults(lines))


def _write_problems(parts: AppContext, path: Path, rows: list[Any]) -> None:
    from nhipcau.office.roster_problems import write_problems

    try:
        write_problems(path, rows, spoken())
    except OSError as error:
        raise not_written(path, error) from None
