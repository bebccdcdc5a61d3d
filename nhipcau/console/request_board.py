"""The board of a request, as the chat's board shows it: counts, units, who has not answered, official answers. Its
counts are also sent while the page is open."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from starlette.responses import Response, StreamingResponse

from nhipcau.actions.permissions import COORDINATORS, READERS, may
from nhipcau.console import sign_in
from nhipcau.console.pages import fragment
from nhipcau.console.routes import Page
from nhipcau.console.visit import Console, NotHere, Visit
from nhipcau.handlers.requests.board_text import (
    answer_labels,
    answer_words,
    board_digest,
    count_lines,
    groups_of,
    notes_of,
    silent_units,
    with_words,
)
from nhipcau.model.counts import BoardFacts
from nhipcau.model.queries import Answers, Board, Responsible
from nhipcau.model.request_kinds import BY_UNIT
from nhipcau.model.request_queries import RequestIn
from nhipcau.model.requests import Request, RequestState
from nhipcau.privacy.suppression import may_show

#: Seconds between two looks at the counts, and of one stream; the browser then asks for another.
LOOK_SECONDS, _LASTS = 2.0, 600.0
#: Streams of one session at once.
_MOST_STREAMS = 4


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One line of the table of units."""

    name: str
    #: silent, part, done; of a notice "": only its counts.
    state: str
    answered: int
    of: int
    #: Who is responsible, where nobody has answered.
    responsible: str = ""


@dataclass(frozen=True, slots=True)
class AnswerLine:
    unit: str
    labels: str
    words: str
    added: Sequence[str]


@dataclass(frozen=True, slots=True)
class ShownBoard:
    counts: Sequence[str]
    units: Sequence[UnitLine]
    answers: Sequence[AnswerLine]
    digest: str


async def facts_of(visit: Visit, request: Request) -> BoardFacts:
    """What a board shows this reader."""
    rows = await visit.ask(Board(visit.scope, request))
    if request.kind not in BY_UNIT:
        return BoardFacts(rows)
    answers = await visit.ask(Answers(visit.scope, request.id))
    silent = silent_units(rows, visit.office.tree)
    responsible = await visit.ask(Responsible(visit.scope, silent)) if silent else {}
    return BoardFacts(rows, answers, responsible)


def board_of(visit: Visit, request: Request, facts: BoardFacts) -> ShownBoard:
    t, tree = visit.t, visit.office.tree
    lines = [line.removeprefix("• ") for line in count_lines(request, facts, tree, t)]
    answers = []
    for answer in with_words(facts.answers):
        unit = tree.by_code[str(answer["_code"])]
        commune = tree.commune_of(unit)
        name = f"{unit.name}, {commune.name}" if unit.is_cell and commune.id != visit.person.unit.id else unit.name
        added = [note.text for note in notes_of(answer) if note.kind == "reply"]
        answers.append(AnswerLine(name, answer_labels(answer, t), answer_words(request, answer, t), added))
    return ShownBoard(lines, _units(visit, request, facts), answers, board_digest(request, facts))


def _units(visit: Visit, request: Request, facts: BoardFacts) -> list[UnitLine]:
    """Of official requests who has answered and who has not; of a notice, how many of each unit have read it; of a poll
    nothing."""
    tree = visit.office.tree
    if request.kind == "notice" and len(facts.rows) > 1:
        rows = [row for row in facts.rows if may_show(row.asked)]
        ordered = sorted(rows, key=lambda row: (row.answered / row.asked, row.unit.name))
        return [UnitLine(row.unit.name, "", row.answered, row.asked) for row in ordered]
    if request.kind not in BY_UNIT or (len(facts.rows) < 2 and not request.traits.one_a_unit):
        return []
    lines = []
    for group in groups_of(facts.rows, tree):
        state = "silent" if group.is_silent else "done" if group.is_complete else "part"
        responsible = facts.responsible.get(group.unit.id, "") if group.is_silent else ""
        lines.append(UnitLine(group.unit.name, state, group.answered, len(group.rows), responsible))
    return sorted(lines, key=lambda line: ("silent", "part", "done").index(line.state))


# ------------------------------------------------------------------ while the page is open


async def counts(visit: Visit) -> Response:
    """The counts as server-sent events, each time they change."""
    request = await visit.ask(RequestIn(visit.scope, visit.request.path_params["id"]))
    if request is None:
        raise NotHere
    if request.state is not RequestState.OPEN or visit.console.streams[visit.session.id] >= _MOST_STREAMS:
        # a stream that ends is asked for anew; 204 ends it for good
        return Response(status_code=204)
    headers = {"X-Accel-Buffering": "no"}
    return StreamingResponse(_stream(visit), media_type="text/event-stream", headers=headers)


async def _stream(visit: Visit) -> AsyncIterator[str]:
    console, session, shown = visit.console, visit.session.id, ""
    console.streams[session] += 1
    try:
        async with asyncio.timeout(_LASTS):
            while not console.closing.is_set():
                found = await _board_now(console, visit)
                if found is None:
                    return
                digest, words, is_over = found
                yield _event(words) if digest != shown else ": \n\n"
                if is_over:
                    # at this the page asks for no more
                    yield "event: over\ndata: \n\n"
                    return
                shown = digest
                await _pause(console)
    except TimeoutError:
        return
    finally:
        console.streams[session] -= 1
        if not console.streams[session]:
            del console.streams[session]


async def _pause(console: Console) -> None:
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            await console.closing.wait()
    except TimeoutError:
        return


async def _board_now(console: Console, visit: Visit) -> tuple[str, str, bool] | None:
    """Digest and words of the board now, and whether the request has ended; None where whoever reads may not any
    more."""
    async with console.reading() as (at, office):
        found = await sign_in.who(console, at.connection, office, visit.request)
        if found is None or not may(found[1], READERS):
            return None
        now = Visit(console, visit.request, found[1], found[0], office, at)
        request = await now.ask(RequestIn(now.scope, visit.request.path_params["id"]))
        if request is None:
            return None
        is_over = request.state is not RequestState.OPEN
        board = board_of(now, request, await facts_of(now, request))
        facts = {"board": board, "request": request, "reads_answers": may(found[1], COORDINATORS)}
        return board.digest, await fragment(now, "request_counts.html", is_over=is_over, **facts), is_over


def _event(words: str) -> str:
    lines = "".join(f"data: {line}\n" for line in words.splitlines())
    return f"event: counts\n{lines}\n"


PAGES = (Page("/requests/{id}/counts", READERS, counts),)
