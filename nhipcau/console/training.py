"""Lessons: how far people of each unit have come, as far as may be told; and a link by which people join."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Mapping, Sequence

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from nhipcau.actions import network
from nhipcau.actions.permissions import NETWORKERS
from nhipcau.bot.units.tree import Unit
from nhipcau.console.downloads import XLSX, attachment, csv_file, record_export
from nhipcau.console.pages import render
from nhipcau.console.qr import square
from nhipcau.console.routes import Page
from nhipcau.console.visit import Act, Visit
from nhipcau.model.training import Training, TrainingOf, at_least
from nhipcau.office.lesson_file import Lesson
from nhipcau.office.workbook import Sheet, write_book


async def show(visit: Visit) -> Response:
    return await _page(visit)


async def _page(visit: Visit, code: str = "") -> Response:
    """`code`: of the invite just made."""
    lessons = _lessons(visit)
    by_unit = await _by_unit(visit, lessons)
    links = {name: link for name, link in visit.office.links(code).items() if link} if code else {}
    t, shelf = visit.t, visit.console.parts.lessons.current
    return await render(
        visit,
        "training.html",
        here="network",
        lessons=lessons,
        faults=[f"{name}: {wrong.say(t)}" for name, wrong in sorted(shelf.faults.items())],
        total=sum(by_unit.values(), Training()),
        lines=sorted(by_unit.items(), key=lambda line: line[0].code),
        told=_told,
        code=code,
        role=network.invited_by(visit.actor.role),
        links=[(t(f"channel.{name}") if t.has(f"channel.{name}") else name, link) for name, link in links.items()],
        squares={link: square(link) for link in links.values()},
        uses=network.LINK_USES,
        days=network.LINK_DAYS,
    )


def _lessons(visit: Visit) -> Sequence[Lesson]:
    return visit.office.lessons.get(visit.t.language, ())


async def _by_unit(visit: Visit, lessons: Sequence[Lesson]) -> Mapping[Unit, Training]:
    """Communes, agencies and the unit above, each with its cells; those where somebody has joined."""
    tree = visit.office.tree
    found: dict[Unit, Training] = defaultdict(Training)
    for unit_id, training in (await visit.ask(TrainingOf(visit.scope, tuple(each.id for each in lessons)))).items():
        found[tree.commune_of(tree.by_id[unit_id])] += training
    return found


def _told(done: int, joined: int) -> str:
    """As it may be shown: "≥ 10", or "< 5"."""
    number = at_least(done, joined)
    return f"≥ {number}" if number else "< 5"


async def invite(visit: Visit) -> Response:
    """A link by which people join the own unit, shown once."""
    made = network.invite(visit.actor, network.invited_by(visit.actor.role), visit.now, visit.console.new_id)
    await visit.apply([made])
    return await _page(visit, made.code)


async def take(visit: Visit) -> Response:
    """The table as a file."""
    t, lessons = visit.t, _lessons(visit)
    by_unit = await _by_unit(visit, lessons)
    titles = [t(f"console.training.{name}") for name in ("unit", "joined", "some", "every")]
    rows = []
    for unit, training in sorted(by_unit.items(), key=lambda line: line[0].code):
        done = [training.some, training.every, *(training.by_lesson.get(lesson.id, 0) for lesson in lessons)]
        rows.append([unit.name, training.joined, *(_told(number, training.joined) for number in done)])
    await record_export(visit, "export.training", len(rows))
    header = [*titles, *(lesson.title for lesson in lessons)]
    if visit.query.get("format") != "xlsx":
        return csv_file("training", header, rows)
    out = io.BytesIO()
    await run_in_threadpool(write_book, out, [Sheet(t("console.training.title"), header, rows)])
    return attachment(out.getvalue(), "training.xlsx", XLSX)


PAGES = (
    Page("/network/training", NETWORKERS, show, {"invite": Act(invite)}),
    Page("/network/training/file", NETWORKERS, take),
)
