"""Saved replies where reports are answered: put into the answer, and their fields filled."""

from __future__ import annotations

from nhipcau.actions.replies import fill, refuse_fields
from nhipcau.bot.forms.answer_matching import InvalidAnswer, check_words
from nhipcau.console.own_words import MAX_ANSWER_CHARS, read_words, retype
from nhipcau.console.visit import Visit
from nhipcau.model.office_queries import SavedReplies
from nhipcau.model.reports import Report


async def add_reply(visit: Visit, report: Report | None = None) -> None:
    """Put the chosen reply below what was typed, which is not lost; of one report with its fields filled."""
    replies = await visit.ask(SavedReplies(visit.scope))
    chosen = next((reply for reply in replies if reply.id == visit.value("reply_id")), None)
    if chosen is None:
        visit.problem = visit.t("reply.none_chosen")
        return
    words = fill(visit.actor, report, chosen.words, visit.t) if report else chosen.words
    typed = visit.value("words")
    retype(visit, "words", f"{typed}\n{words}" if typed else words)


def read_filled(visit: Visit, report: Report, field: str) -> str | None:
    """As `read_words`, with fields filled for this report."""
    words = read_words(visit, field, MAX_ANSWER_CHARS)
    if words is None:
        return None
    if refused := refuse_fields(words):
        visit.refuse(refused)
        return None
    try:
        return check_words(fill(visit.actor, report, words, visit.t), MAX_ANSWER_CHARS)
    except InvalidAnswer as wrong:
        visit.problem = visit.t(f"wrong.{wrong.why}", **wrong.facts)
        return None
