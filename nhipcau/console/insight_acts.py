"""What a coordinator does with an early signal, and counts as a file."""

from __future__ import annotations

import io
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from nhipcau.actions import signals as actions
from nhipcau.actions.decision import Refusal
from nhipcau.actions.permissions import COORDINATORS, READERS, may
from nhipcau.bot.forms.answer_matching import InvalidAnswer, check_words
from nhipcau.bot.language.vietnamese import nfc
from nhipcau.console.downloads import XLSX, attachment, download
from nhipcau.console.insight import counted, read_cut, show, show_words, trend_svg
from nhipcau.console.routes import Page
from nhipcau.console.visit import ROOT, Act, NotHere, Visit
from nhipcau.handlers.reports.report_form import masked_words
from nhipcau.model.changes import Audit
from nhipcau.model.queries import Signals
from nhipcau.model.signals import Signal, SignalMark
from nhipcau.office.tally_tables import head_lines, tally_sheets, tally_table
from nhipcau.office.workbook import write_book
from nhipcau.operations.commit import apply


async def mark_seen(visit: Visit) -> Response:
    return await _mark(visit, SignalMark.SEEN)


async def follow(visit: Visit) -> Response:
    return await _mark(visit, SignalMark.FOLLOW)


async def unfollow(visit: Visit) -> Response:
    return await _mark(visit, SignalMark.UNFOLLOW)


async def explain(visit: Visit) -> Response:
    """The typed sentence why a topic has grown; personal data in it is masked, as everywhere."""
    signal = await _signal(visit)
    t = visit.t
    if signal is not None and signal.explanation != visit.value("before"):
        return await _again(visit, t("console.insight.explained_meanwhile", words=signal.explanation))
    try:
        words, _ = masked_words(nfc(visit.value("words")), visit.office.tree.known_places, t)
        check_words(words)
    except InvalidAnswer as wrong:
        return await _again(visit, t(f"wrong.{wrong.why}", **wrong.facts))
    return await _mark(visit, SignalMark.EXPLAIN, words)


async def _signal(visit: Visit) -> Signal | None:
    if not may(visit.person, COORDINATORS):
        raise NotHere
    id = visit.value("signal")
    return next((signal for signal in await visit.ask(Signals(visit.scope)) if signal.id == id), None)


async def _mark(visit: Visit, mark: SignalMark, words: str = "") -> Response:
    signal = await _signal(visit)
    if signal is None:
        return await _again(visit, visit.t("signal.over"))
    decided = actions.mark_signal(visit.actor, signal, mark, words)
    if isinstance(decided, Refusal):
        return await _again(visit, decided.words(visit.t))
    await visit.apply(decided)
    return visit.go(f"{ROOT}/insight#signals", f"signal_{mark}")


async def _again(visit: Visit, problem: str) -> Response:
    """The page with what is wrong and what was typed."""
    visit.problem = problem
    return await show(visit)


# ------------------------------------------------------------------ as a file


async def tally_file(visit: Visit, form: str) -> Response:
    """The counts of the page with their codes; in the workbook their base stands above them."""
    cut, t = read_cut(visit), visit.t
    if cut.problem:
        return await _again(visit, cut.problem)
    found = await counted(visit, cut, cut.period)
    table = tally_table(found, {unit.code: unit.name for unit in visit.office.tree.areas}, t)
    async with visit.console.committer.transaction() as work:
        await apply(work, [Audit("export.tally", visit.person.id, len(found.rows))])
    if form == "csv":
        return await download("tally", table, form, t)
    out = io.BytesIO()
    await run_in_threadpool(write_book, out, tally_sheets(table, head_lines(found, t), t))
    return attachment(out.getvalue(), "tally.xlsx", XLSX)


ACTS = {"seen": Act(mark_seen), "explain": Act(explain), "follow": Act(follow), "unfollow": Act(unfollow)}
PAGES = (
    Page("/insight", READERS, show, ACTS),
    Page("/insight/words", READERS, show_words),
    Page("/insight/tally.csv", READERS, partial(tally_file, form="csv")),
    Page("/insight/tally.xlsx", READERS, partial(tally_file, form="xlsx")),
    Page("/chart/trend.svg", READERS, trend_svg),
)
