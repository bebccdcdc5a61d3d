"""What is done with several reports of the list at once: the same as with each of them, one after another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from urllib.parse import parse_qsl, urlencode

from starlette.responses import Response

from nhipcau.actions import issues as issue_actions
from nhipcau.actions import reports as actions
from nhipcau.actions.decision import Refusal
from nhipcau.actions.permissions import COORDINATORS
from nhipcau.actions.replies import fill, refuse_fields
from nhipcau.console.assignment import read_assignment
from nhipcau.console.own_words import MAX_ANSWER_CHARS, read_words
from nhipcau.console.report_acts import hold
from nhipcau.console.report_list import MAX_CHOSEN, show
from nhipcau.console.report_replies import add_reply
from nhipcau.console.routes import Page
from nhipcau.console.visit import ROOT, Act, Visit
from nhipcau.model.changes import Change
from nhipcau.model.queries import IssueIn, ReportIn
from nhipcau.model.reports import Report, ReportState

Decide = Callable[[Report], list[Change] | Refusal]
#: Letters of the address shown after a form, as `console_forms.place` keeps it.
_MAX_PLACE_CHARS = 300
#: Refused reports that are named.
_MAX_NAMED = 8


async def receive(visit: Visit) -> Response:
    def decide(report: Report) -> list[Change] | Refusal:
        if report.state not in (ReportState.NEW, ReportState.WITHDRAWN):
            # nothing goes back to "received"
            return Refusal("console.bulk.not_new")
        return actions.set_state(visit.actor, report, ReportState.RECEIVED, "", visit.console.new_id)

    return await _to_each(visit, "received", decide)


async def speak(visit: Visit, verb: str) -> Response:
    """One text to all of them: an answer, or where they were passed on to. Its fields are filled for each."""
    words = read_words(visit, "words", MAX_ANSWER_CHARS)
    if words is not None and (refused := refuse_fields(words)):
        visit.refuse(refused)
    if words is None or visit.problem:
        return await show(visit)

    def decide(report: Report) -> list[Change] | Refusal:
        filled = fill(visit.actor, report, words, visit.t)
        if len(filled) > MAX_ANSWER_CHARS:
            return Refusal("console.bulk.long")
        return actions.speak(visit.actor, report, verb, filled, "", visit.console.new_id)

    return await _to_each(visit, verb, decide)


async def take_reply(visit: Visit) -> Response:
    """A saved reply below what was typed, with its fields as they are."""
    await add_reply(visit)
    return await show(visit)


async def assign(visit: Visit) -> Response:
    """All of them to one section, which is made first where it is new."""
    if not visit.values("code"):
        visit.problem = visit.t("console.bulk.none_chosen")
        return await show(visit)
    chosen = await read_assignment(visit, "assign_due")
    if chosen is None:
        return await show(visit)
    await visit.apply(list(chosen.changes))
    assigned = partial(actions.assign, visit.actor, section=chosen.section, due=chosen.due)
    return await _to_each(visit, "assign", assigned)


async def merge(visit: Visit) -> Response:
    issue = await visit.ask(IssueIn(visit.scope, visit.value("issue"))) if visit.value("issue") else None
    if issue is None:
        visit.problem = visit.t("console.report.no_issue")
        return await show(visit)
    merged = partial(issue_actions.merge, visit.actor, issue=issue, new_id=visit.console.new_id)
    return await _to_each(visit, "merge", merged)


async def _to_each(visit: Visit, what: str, decide: Decide) -> Response:
    codes = list(dict.fromkeys(visit.values("code")))[:MAX_CHOSEN]
    if not codes:
        visit.problem = visit.t("console.bulk.none_chosen")
        return await show(visit)
    refused: list[tuple[str, str]] = []
    for code in codes:
        report = await visit.ask(ReportIn(visit.scope, code))
        decided = Refusal("inbox.gone") if report is None else decide(report)
        if isinstance(decided, Refusal):
            refused.append((code, decided.key.rpartition(".")[2]))
        elif report is not None:
            await hold(visit, report, decided)
    return visit.go(_place(visit, what, len(codes) - len(refused), refused))


def _place(visit: Visit, what: str, done: int, refused: Sequence[tuple[str, str]]) -> str:
    """The same list, with what was done in its address; without its filter where that is long."""
    named = ",".join(f"{code}.{why}" for code, why in refused[:_MAX_NAMED])
    did = urlencode({"did": f"{what}.{done}.{len(refused)}", **({"left": named} if named else {})})
    same = urlencode([pair for pair in parse_qsl(visit.request.url.query) if pair[0] not in ("did", "left")])
    place = f"{ROOT}/reports?{same}&{did}" if same else f"{ROOT}/reports?{did}"
    return place if len(place) <= _MAX_PLACE_CHARS else f"{ROOT}/reports?{did}"


_ACTS = {
    "receive": Act(receive),
    "answer": Act(partial(speak, verb="answer")),
    "pass": Act(partial(speak, verb=ReportState.PASSED_ON.value)),
    "merge": Act(merge),
    "assign": Act(assign),
    "reply": Act(take_reply, writes=False),
}
PAGES = (Page("/reports", COORDINATORS, show, _ACTS),)
