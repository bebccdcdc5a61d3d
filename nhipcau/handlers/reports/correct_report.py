"""Correcting a report that was sent, while nobody has taken it up: the same form, filled in; what is sent replaces."""

from __future__ import annotations

from typing import Any

from nhipcau.actions import reports as actions
from nhipcau.actions.decision import Refusal
from nhipcau.bot.forms.draft import LIST_MEND, SUMMARY, Draft
from nhipcau.bot.forms.kinds import KINDS
from nhipcau.bot.forms.question_screen import show
from nhipcau.bot.forms.report_fields import added_questions, keys_in, to_column
from nhipcau.bot.language.command_words import Command
from nhipcau.bot.messaging.messages import Message
from nhipcau.handlers.buttons import RunCommand, choice
from nhipcau.handlers.reports import report_place
from nhipcau.handlers.reports.offered_words import offer
from nhipcau.handlers.reports.report_form import ADDED, context
from nhipcau.handlers.screens import closing
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.model.changes import AlertCoordinators, Change
from nhipcau.model.conversation import DraftKind, DraftName, KeptWords
from nhipcau.model.queries import MyReports
from nhipcau.model.report_title import named
from nhipcau.model.reports import Report


def begin(situation: Situation, report: Report) -> Message:
    """The lines of the report that can be edited; a correction already begun goes on."""
    name = DraftName(DraftKind.REPORT, report.code)
    draft = situation.conversation.find(name)
    if draft is None:
        answers, held = _answers(situation, report)
        draft = situation.conversation.begin(
            name,
            situation.new_id("nonce"),
            answers=answers,
            trail=list(answers),
            extra={
                "corrects": report.code,
                "more_asked": True,
                "place_of": report.area.code,
                "place_asked": True,
                **held,
            },
            at=SUMMARY,
            listed=LIST_MEND,
            step=1,
        )
    situation.conversation.focus = draft.form
    return show(context(situation, draft), draft)


def _answers(situation: Situation, report: Report) -> tuple[dict[str, Any], dict[str, str]]:
    """Its columns as answers of the form, and what the draft holds beside them. What nobody told (an urgent report of
    one tap) counts as skipped."""
    answers: dict[str, Any] = {
        "content": report.text,
        "topic": report.topic,
        "area": report.area.code,
        "spread": str(report.spread) if report.spread else None,
        "mood": report.mood or None,
        "urgency": report.urgency,
    }
    for question in added_questions():
        column = report.added[question.id]
        if column:
            answers[question.id] = keys_in(column) if KINDS[question.kind].many else column
    held: dict[str, str] = {}
    if place := report.added[report_place.PLACE]:
        answers[report_place.PLACE], held = report_place.answer_of(situation.office.tree, report.area, place)
    return answers, held


def send(situation: Situation, draft: Draft) -> Decision[DecisionResult]:
    """Replace the report; where it was taken up meanwhile, the new words are kept and offered as another report."""
    t, answers, code = situation.texts, draft.answers, str(draft.extra["corrects"])
    area = situation.office.tree.by_code[answers["area"]]
    found = yield from load(MyReports(situation.me.tag_secret, code))
    situation.conversation.drop(draft)
    values = {
        "topic": answers["topic"],
        "area_id": area.id,
        "mood": answers.get("mood") or "",
        "spread": int(answers.get("spread") or 0),
        "urgency": answers["urgency"],
        "text": answers["content"],
        **{id: to_column(answers.get(id)) for id in ADDED},
        "place": report_place.words_of(situation.office.tree, draft),
    }
    decided = actions.correct(found[0], values, situation.new_id) if found else Refusal("mine.gone")
    if isinstance(decided, Refusal):
        kept_words = KeptWords(str(answers["content"]), (), situation.new_id("nonce"))
        situation.conversation.kept = kept_words
        return reply(offer(situation, kept_words, decided.words(t)))
    changes: list[Change] = list(decided)
    before = found[0]
    if values["urgency"] == "khan" and (before.urgency, before.area) != ("khan", area):
        changes.append(AlertCoordinators(area, str(values["topic"]), code, str(values["text"])))
    sentence = t("mine.corrected", report=named(str(values["text"]), before.day, code))
    return reply(
        closing(situation, sentence, choice(t("menu.cuatoi"), RunCommand(Command.MY_REPORTS))), changes=changes
    )
