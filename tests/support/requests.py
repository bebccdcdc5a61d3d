"""Polls and rapid requests in a world: asked from a file's words, answered by many, exported as the office does."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from nhipcau.actions.opening import opening_time
from nhipcau.bot.forms.model import Form
from nhipcau.cli.export import export
from nhipcau.model.request_changes import MakeRule, OpenRequest
from nhipcau.model.request_kinds import RequestKind
from nhipcau.model.requests import Audience, Each, RequestContent
from nhipcau.office.request_file import read_request
from nhipcau.operations import recurring_requests as rule_operations
from nhipcau.operations import requests as request_operations
from nhipcau.operations.operation_context import OperationContext
from nhipcau.privacy.identifiers import new_id
from nhipcau.storage.tables import participation, poll_answers, requests
from tests.support.world import Phone, World


def yesno(title: str = "Họp tối thứ Bảy?", **more: Any) -> dict[str, Any]:
    """A poll of one question, as its file says it (JSON is YAML)."""
    return {"title": title, "questions": [{"text": "Có tiện không?", "kind": "yesno"}], **more}


async def ask(
    world: World, file: dict[str, Any], kind: str = "poll", unit: str = "X06040", opens: datetime | None = None
) -> str:
    """Ask now, or plan it for later; the id. The word of the office is read as its command reads it."""
    settings = world.parts.settings
    path = settings.data_dir / "request.yaml"
    path.write_text(json.dumps(file, ensure_ascii=False), encoding="utf-8")
    spec = read_request(path, RequestKind(kind), world.now, settings.zone)
    opens_at = opens or world.now
    async with world.committer.transaction() as work:
        tree = work.office.tree
        paths = tuple(tree.find(name)[0].path for name in spec.units) or (tree.by_code[unit].path,)
        id = new_id("request")
        row = OpenRequest(
            id=id,
            unit_id=tree.by_code[unit].id,
            content=RequestContent(
                RequestKind(kind),
                spec.title,
                spec.intro,
                Form(id, spec.title, spec.questions, spec.intro),
                spec.sealed,
                spec.urgent,
                escalates=spec.escalates,
            ),
            audience=Audience(paths, spec.roles, spec.sample),
            opens_at=opens_at,
            closes_at=spec.closes_at or opens_at + (spec.duration or timedelta(days=3)),
            asked_by=None,
            repeats=spec.repeats,
        )
        await request_operations.create(work, row)
        if opens is None:
            await request_operations.open_request(work, id)
    return id


async def crowd(world: World, number: int, unit: str = "X06040") -> list[Phone]:
    """That many collaborators who have joined, their greeting read."""
    return [await world.joined(f"Người {n}", unit) for n in range(1, number + 1)]


async def read_all(phones: Sequence[Phone]) -> None:
    for phone in phones:
        await phone.read()


async def answer_all(phones: Sequence[Phone], labels: Sequence[str]) -> None:
    """Each reads what waits and presses their label of the newest message; fewer labels: the others stay silent."""
    for phone, label in zip(phones, labels, strict=False):
        await phone.read()
        await phone.tap(label)


async def end(world: World, id: str, *, stop: bool = False) -> None:
    """Close or stop it as the command line does."""
    async with world.committer.transaction() as work:
        await (request_operations.stop if stop else request_operations.close)(work, id)


async def prolong(world: World, id: str, until: datetime) -> None:
    async with world.committer.transaction() as work:
        await request_operations.prolong(work, id, until, "office")


async def state_of(world: World, id: str) -> str:
    return str((await world.rows(requests.select().filter_by(id=id)))[0].state)


async def states(world: World, id: str) -> list[str]:
    """Where those who were asked stand, sorted."""
    return sorted(row.state for row in await world.rows(participation.select().filter_by(request_id=id)))


async def stored(world: World, id: str) -> list[dict[str, Any]]:
    """Every answer kept of a poll, in no order; those of an open one are opened with its key, without their unit."""
    rows = await world.rows(poll_answers.select().filter_by(request_id=id))
    sealer = world.parts.sealer
    found = [json.loads(sealer.of_poll(id).open(row.sealed) if row.sealed else row.answers) for row in rows]
    return [{key: value for key, value in answer.items() if not key.startswith("_")} for answer in found]


async def exported(world: World, what: str, form: str = "csv", *, unit: str = "", poll: str = "") -> Path:
    target = world.parts.settings.data_dir / f"{what}.{form}"
    await export(world.parts, what, form, target, since="", until="", unit=unit, poll=poll)
    return target


async def csv_rows(world: World, what: str, *, unit: str = "", poll: str = "") -> list[dict[str, str]]:
    text = (await exported(world, what, unit=unit, poll=poll)).read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


async def lay_down(world: World, rule: str = "week fri 16:00", kind: str = "duty", **more: Any) -> str:
    """A rule of the office of Lạng Sơn, as its command would keep it; the id."""
    from nhipcau.bot.forms.model import Form, Question, QuestionKind
    from nhipcau.handlers.requests.due_times import next_dues

    given: dict[str, Any] = {"seconds": 24 * 3600, "working_days": True, "catch_up": True, "roles": ("collaborator",)}
    given |= more
    each = given.get("each", Each.CELL)
    async with world.parts.database.writing() as connection:
        office = await world.parts.office(connection)
        root = office.tree.root
        assert root is not None
        (first,) = next_dues(rule, given["working_days"], world.now, office, 1)
        form = Form("x", "Báo cáo", (Question("q1", QuestionKind.TEXT, "Có gì mới?"),))
        row = MakeRule(
            id="rule1",
            unit_id=root.id,
            content=RequestContent(RequestKind(kind), "Báo cáo", "", form, each=each),
            audience=Audience((root.path,), given["roles"]),
            rule=rule,
            seconds=given["seconds"],
            working_days=given["working_days"],
            catch_up=given["catch_up"],
            due=first.due,
            next_at=given.get("next_at") or opening_time(kind, timedelta(seconds=given["seconds"]), first.due),
            asked_by=None,
        )
        await rule_operations.make(OperationContext(connection, world.parts.sealer, office, world.now), row)
    return row.id
