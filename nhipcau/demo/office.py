"""Fills a temporary database with a province, the collaborators of one commune, and two cards for the visitor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

from nhipcau.actions.units import make_cell
from nhipcau.bot.language.yaml_file import read_yaml
from nhipcau.bot.units.tree import Unit
from nhipcau.context import AppContext
from nhipcau.model.changes import AddUnit, MakeInvite
from nhipcau.model.people import Role
from nhipcau.office.provinces import find_province, province_units
from nhipcau.privacy.identifiers import new_id
from nhipcau.storage import invites, schema
from nhipcau.storage.audit import OFFICE
from nhipcau.storage.database import Connection
from nhipcau.storage.sealed_people import add_people
from nhipcau.storage.units import add_units, load_tree


@dataclass(frozen=True, slots=True)
class Sample:
    #: Card codes of the visitor's two phones.
    collaborator: str
    coordinator: str
    #: Card codes of the simulated people.
    cards: list[str]
    #: Text → the mood its reporter chooses.
    reports: dict[str, str]
    answers: list[str]
    unit: Unit
    coordinator_id: str


async def fill(parts: AppContext) -> Sample:
    body: dict[str, Any] = read_yaml(files(__package__).joinpath("sample_commune.yaml"))
    await schema.prepare(parts.database)
    now = datetime.now(UTC)
    async with parts.database.writing() as connection:
        rows = province_units(find_province("Lạng Sơn"))
        await add_units(
            connection, [{"code": r.code, "name": r.name, "kind": r.kind, "parent": r.parent} for r in rows]
        )
        unit = (await load_tree(connection)).by_code[body["unit"]]
        cells = await _make_cells(connection, unit, body["cells"])
        codes, ids = [], []
        named = [(body["collaborator"], "collaborator", cells[0]), (body["coordinator"], "coordinator", unit)]
        named += [(name, "collaborator", cells[n % len(cells)]) for n, name in enumerate(body["people"], start=1)]
        for name, role, place in named:
            id, code = new_id("id"), new_id("invite")
            values = {
                "id": id,
                "tag_secret": new_id("id"),
                "name": name,
                "unit_id": place.id,
                "role": role,
                "state": "invited",
            }
            await add_people(connection, parts.sealer, [{**values, "language": parts.settings.language}])
            card = MakeInvite(code, place.id, Role(role), id, 1, now + timedelta(days=1), OFFICE)
            await invites.make_invites(connection, [card], now.date())
            codes.append(code)
            ids.append(id)
    return Sample(codes[0], codes[1], codes[2:], body["reports"], body["answers"], unit, ids[1])


async def _make_cells(connection: Connection, unit: Unit, names: Sequence[str]) -> list[Unit]:
    """The cells of the sample commune, as a roster's import would make them."""
    tree = await load_tree(connection)
    rows: list[dict[str, str]] = []
    for name in names:
        made = make_cell(tree, unit, name, {row["code"] for row in rows})
        assert isinstance(made, AddUnit)
        rows.append(asdict(made))
    await add_units(connection, rows)
    by_code = (await load_tree(connection)).by_code
    return [by_code[row["code"]] for row in rows]
