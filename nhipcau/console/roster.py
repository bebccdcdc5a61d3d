"""Importing a roster: what a file would add is shown first, with what is wrong row by row; then all of it, or nothing.

Between the two what was read lies sealed under the key of the day, and in no file.
"""

from __future__ import annotations

import json
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import asdict, astuple
from operator import attrgetter
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from nhipcau.actions.permissions import NETWORKERS
from nhipcau.actions.roster import PlacedRoster, names_of, place_roster
from nhipcau.bot.language.faults import Fault
from nhipcau.console.downloads import csv_file
from nhipcau.console.pages import render
from nhipcau.console.routes import Page
from nhipcau.console.visit import ROOT, Act, Visit
from nhipcau.office.chosen_columns import FIELDS, UNCLEAR, ChosenColumns, offer
from nhipcau.office.roster import Roster, RosterFile, RosterPerson, choose_sheet, read_roster, remarks, roster_with
from nhipcau.office.roster_problems import Problem, problems_of
from nhipcau.office.table_columns import column_letter
from nhipcau.office.table_reader import MOST_IN_ALL, MOST_ROWS, Bounds, InvalidTable, sheets_in
from nhipcau.operations.roster_import import add_placed
from nhipcau.storage import console_sessions
from nhipcau.storage.people import roster_keys

#: Of one file: more people than a province has fit in.
_BOUNDS = Bounds(2_000_000, MOST_ROWS, MOST_IN_ALL)
#: Problems on the page; the file of problems has all.
_SHOWN = 100
#: What was read of a file, as it lies between preview and import.
Read = Mapping[str, Any]


async def show(visit: Visit) -> Response:
    """Also what was previewed in a session that has ended meanwhile."""
    return await _page(visit, await _read_before(visit))


async def _page(visit: Visit, read: Read | None = None) -> Response:
    offered = read["offered"] if read else None
    # columns to choose, nothing more
    read = read if read and "people" in read else None
    problems = [Problem(*each) for each in read["problems"]] if read else []
    rows = {problem.row for problem in problems if problem.row}
    return await render(
        visit,
        "roster.html",
        here="network",
        read=read,
        offered=offered,
        fields=FIELDS,
        draft=visit.value("draft"),
        problems=problems[:_SHOWN],
        more=len(problems) - _SHOWN,
        wrong_rows=len(rows),
        people=read["people"][:10] if read else [],
    )


async def preview(visit: Visit) -> Response:
    """What the file would do. Nothing is written but the draft, sealed."""
    given = visit.typed.get("file")
    if not isinstance(given, UploadFile) or not given.filename:
        visit.problem = visit.t("console.roster.no_file")
        return await _page(visit)
    # one more byte than may be, so that a longer file is refused as such
    return await _look(visit, given.filename[:100], await given.read(_BOUNDS.bytes + 1))


async def choose_columns(visit: Visit) -> Response:
    """The same file once more, with the columns as they are chosen."""
    before = await _read_before(visit)
    if before is None:
        visit.problem = visit.t("console.roster.once_more")
        return await _page(visit)
    chosen = {name: _number(visit.value(f"column_{name}")) for name in FIELDS}
    columns = ChosenColumns(before["offered"]["sheet"], _number(visit.value("titles_row")) or 0, chosen)
    return await _look(visit, before["file"], b64decode(before["data"]), columns)


def _number(typed: str) -> int | None:
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 6 else None


async def _look(visit: Visit, name: str, data: bytes, chosen: ChosenColumns | None = None) -> Response:
    """The page with what the file would do, or with its columns to choose. The draft before is dropped."""
    try:
        read = await _read(visit, name, data, chosen)
    except InvalidTable as wrong:
        visit.problem = wrong.say(visit.t)
        return await _page(visit)
    token, earlier = secrets.token_urlsafe(24), visit.value("draft")
    console = visit.console
    async with console.parts.database.writing() as connection:
        content = json.dumps(read, ensure_ascii=False)
        await console_sessions.keep_draft(connection, console.parts.sealer, token, visit.today, content)
        await console_sessions.drop_draft(connection, earlier)
    visit.typed = FormData({"draft": token})
    return await _page(visit, read)


async def _read(visit: Visit, name: str, data: bytes, chosen: ChosenColumns | None) -> dict[str, Any]:
    """What is kept of a file until it is imported. Raises InvalidTable where no choice of columns would help."""
    sheets = await run_in_threadpool(sheets_in, data, name, _BOUNDS)
    offered = await run_in_threadpool(offer, name, sheets, chosen or ChosenColumns())
    read = {"whose": visit.person.id, "file": name, "data": b64encode(data).decode(), "offered": asdict(offered)}
    try:
        if chosen is None:
            found = await run_in_threadpool(choose_sheet, name, sheets)
        else:
            found = await run_in_threadpool(roster_with, name, sheets, chosen)
        roster = await run_in_threadpool(read_roster, found, visit.office.tree)
    except InvalidTable as wrong:
        if wrong.key not in UNCLEAR:
            raise
        visit.problem = wrong.say(visit.t)
        return read
    return read | _read_of(visit, found, roster, await _placed(visit, roster.people))


async def _placed(visit: Visit, people: list[RosterPerson]) -> PlacedRoster:
    on_record = await roster_keys(visit.at.connection, visit.at.sealer, [person.code for person in people])
    return await run_in_threadpool(place_roster, visit.actor, people, visit.office.tree, on_record)


def _read_of(visit: Visit, found: RosterFile, roster: Roster, placed: PlacedRoster) -> dict[str, Any]:
    t, tree, table = visit.t, visit.office.tree, found.table
    faults: list[Fault] = sorted(roster.faults + placed.faults, key=attrgetter("row"))
    columns = [
        [name, f"{column_letter(place)} – {table.header[place] if place < len(table.header) else ''}"]
        for name, places in table.places.items()
        for place in places
    ]
    said = [*remarks(found, roster), *placed.notes]
    if found.units:
        said.append(Fault("file.other_sheets", sheet=table.sheet.name, sheets=found.units.sheet.name))
    return {
        "columns": columns,
        "people": [asdict(person) for person in roster.people],
        "skipped": roster.skipped,
        "remarks": [each.say(t) for each in said],
        "problems": [list(astuple(problem)) for problem in problems_of(faults, t)],
        **_counts(visit, placed),
        "units": {code: tree.by_code[code].name for code in {person.unit_code for person in roster.people}},
    }


def _counts(visit: Visit, placed: PlacedRoster) -> dict[str, Any]:
    cells = names_of(placed.cells, visit.office.tree.by_code)
    return {"added": len(placed.people), "known": placed.known, "cells": cells}


async def _read_before(visit: Visit) -> Read | None:
    """What this person has previewed; None where it is another's, or gone."""
    content = await console_sessions.read_draft(visit.at.connection, visit.at.sealer, visit.value("draft"))
    read: Read = json.loads(content) if content else {}
    return read if read.get("whose") == visit.person.id else None


async def import_people(visit: Visit) -> Response:
    read = await _read_before(visit)
    if read is None or "people" not in read or read["problems"]:
        visit.problem = visit.t("console.roster.once_more")
        return await _page(visit)
    people = [RosterPerson(**person) for person in read["people"]]
    gone = [person for person in people if person.unit_code not in visit.office.tree.by_code]
    placed = await _placed(visit, [] if gone else people)
    if gone or placed.faults:
        # units or people changed since it was previewed
        visit.problem = visit.t("console.roster.once_more")
        return await _page(visit)
    await add_placed(visit.context, placed, visit.person.id)
    await console_sessions.drop_draft(visit.context.connection, visit.value("draft"))
    return visit.go(f"{ROOT}/network", "imported")


async def take_problems(visit: Visit) -> Response:
    """All that is wrong as a file, to work through beside the roster."""
    read, t = await _read_before(visit), visit.t
    if read is None or "people" not in read:
        visit.problem = t("console.roster.once_more")
        return await _page(visit)
    titles = [t(f"roster.problem.{name}") for name in ("row", "column", "value", "wrong", "fix")]
    return csv_file("problems", titles, [["" if cell is None else cell for cell in row] for row in read["problems"]])


PAGES = (
    Page(
        "/network/roster",
        NETWORKERS,
        show,
        {
            "preview": Act(preview, writes=False),
            "import": Act(import_people),
            "problems": Act(take_problems, writes=False),
            "columns": Act(choose_columns, writes=False),
        },
        takes_files=True,
    ),
)
