"""Kho câu hỏi: the questions that one's unit and those above it keep; one's own are changed and deleted."""

from __future__ import annotations

from collections import defaultdict

from starlette.responses import Response

from nhipcau.actions import question_bank
from nhipcau.actions.decision import Refusal
from nhipcau.actions.permissions import COORDINATORS
from nhipcau.bot.language.faults import Fault
from nhipcau.console import request_form
from nhipcau.console.pages import render
from nhipcau.console.request_form import Faults
from nhipcau.console.routes import Page
from nhipcau.console.visit import ROOT, Act, NotHere, Visit
from nhipcau.handlers.requests.written_request import check_question
from nhipcau.model.question_bank import BankQuestion
from nhipcau.model.request_queries import QuestionBank

_HERE = f"{ROOT}/requests/questions"


async def show(visit: Visit) -> Response:
    bank = await visit.ask(QuestionBank(visit.person.unit))
    return await render(visit, "questions.html", here="requests", bank=bank)


async def show_question(visit: Visit) -> Response:
    question = await _own(visit)
    if not visit.typed:
        visit.typed = request_form.form_of_question(question.described)
    return await _page(visit, question, Faults())


async def _page(visit: Visit, question: BankQuestion, faults: Faults) -> Response:
    if faults.above or faults.by_field:
        visit.problem = " ".join(faults.above) or visit.t("console.requests.look_below")
    kinds = [str(each) for each in request_form.QUESTION_KINDS]
    wrong = defaultdict(str, faults.by_field)
    return await render(visit, "question.html", here="requests", question=question, question_kinds=kinds, wrong=wrong)


async def _own(visit: Visit) -> BankQuestion:
    """The question of this page, which the own unit or one below it keeps. Raises NotHere."""
    bank = await visit.ask(QuestionBank(visit.person.unit))
    found = [each for each in bank if each.id == visit.request.path_params["id"] and visit.scope.holds(each.unit)]
    if not found:
        raise NotHere
    return found[0]


async def change(visit: Visit) -> Response:
    question, described, faults = await _own(visit), request_form.read_question(visit), Faults()
    try:
        check_question(described, visit.now, visit.office.zone, visit.t)
    except Fault as wrong:
        faults.add(wrong, visit.t)
        return await _page(visit, question, faults)
    decided = question_bank.change(visit.actor, question, described)
    if isinstance(decided, Refusal):
        visit.refuse(decided)
        return await _page(visit, question, faults)
    await visit.apply(decided)
    return visit.go(_HERE, "question_changed")


async def drop(visit: Visit) -> Response:
    decided = question_bank.drop(visit.actor, await _own(visit))
    if isinstance(decided, Refusal):
        visit.refuse(decided)
        return await show_question(visit)
    await visit.apply(decided)
    return visit.go(_HERE, "question_dropped")


PAGES = (
    Page("/requests/questions", COORDINATORS, show),
    Page("/requests/questions/{id}", COORDINATORS, show_question, {"save": Act(change), "drop": Act(drop)}),
)
