"""Fills a temporary database with a province, the collaborators of one commune, and two cards for the visitor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

from nhipcau.bot.language.yaml_file import read_yaml
from nhipcau.context import AppContext
from nhipcau.model.changes import MakeInvite
from nhipcau.model.people import Role
from nhipcau.office.provinces import find_province, province_units
from nhipcau.privacy.identifiers import new_id
from nhipcau.storage import invites, schema
from nhipcau.storage import people as stored
from nhipcau.storage.audit import OFFICE
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
    unit: str


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
        codes = []
        named = [(body["collaborator"], "collaborator"), (body["coordinator"], "coordinator")]
        named += [(name, "collaborator") for name in body["people"]]
        for name, role in named:
            id, code = new_id("id"), new_id("invite")
            values = {
                "id": id,
                "mark": new_id("id"),
                "name": name,
                "unit_id": unit.id,
                "role": role,
                "state": "invited",
            }
            await stored.add_people(connection, [{**values, "language": parts.settings.language}])
            card = MakeInvite(code, unit.id, Role(role), id, 1, now + timedelta(days=1), OFFICE)
            await invites.make_invites(connection, [card], now.date())
            codes.append(code)
    return Sample(codes[0], codes[1], codes[2:], body["reports"], body["answers"], unit.name)
