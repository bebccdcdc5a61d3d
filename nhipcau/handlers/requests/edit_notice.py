"""A coordinator writes a text about a request, a correction or what was decided: text, preview, send."""

from __future__ import annotations

from nhipcau.actions import requests as actions
from nhipcau.actions.decision import Refusal
from nhipcau.bot.forms.draft import Draft, FormContext, FormEnd, Input
from nhipcau.bot.forms.engine import answer, begin
from nhipcau.bot.forms.model import Form, Question, QuestionKind
from nhipcau.bot.messaging.messages import Message
from nhipcau.handlers.buttons import pack_answer
from nhipcau.handlers.reports.report_form import refuse_secrets, screen_text
from nhipcau.handlers.screens import closing, menu
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.model.conversation import DraftKind, DraftName, name_of
from nhipcau.model.queries import RequestsOf
from nhipcau.model.request_kinds import ASKED, RequestKind
from nhipcau.model.requests import Request, RequestState

_MAX_CHARS = 1500
#: Kinds and states of the requests each may be written about.
_ALLOWED = {
    DraftKind.CORRECTION: ((RequestKind.NOTICE,), (RequestState.OPEN,)),
    DraftKind.DECISION: (ASKED, (RequestState.CLOSED,)),
}


def begin_words(situation: Situation, kind: DraftKind, request: Request) -> Message:
    """Ask for the text, or continue its draft."""
    name, conversation = DraftName(kind, request.id), situation.conversation
    draft = conversation.find(name) or conversation.begin(name, situation.new_id("nonce"))
    conversation.focus = draft.form
    draft.extra["title"] = request.title
    return begin(context(situation, draft), draft)


def context(situation: Situation, draft: Draft) -> FormContext:
    t = situation.texts
    kind = name_of(draft).kind
    title = str(draft.extra["title"])
    question = Question("words", QuestionKind.TEXT, t(f"words.{kind}_ask", title=title), maximum=_MAX_CHARS)

    def keep(text: str) -> tuple[str, str]:
        # a notice is the office's own text and may hold phone numbers
        return refuse_secrets(text) if kind is DraftKind.CORRECTION else screen_text(situation, text)

    def summary(draft: Draft) -> str:
        displayed = t(f"words.{kind}", title=title, text=draft.answers["words"])
        return "\n".join((t("compose.preview"), "———", displayed, "———"))

    return FormContext(
        form=Form("words", "", (question,)),
        texts=t,
        pack=pack_answer,
        screen=keep,
        summary=summary,
        today=situation.today,
    )


def step_words(situation: Situation, draft: Draft, user_input: Input) -> Decision[DecisionResult]:
    done = answer(context(situation, draft), draft, user_input)
    if done.end is FormEnd.OPEN:
        return reply(done.message)
    name = name_of(draft)
    kind, id = name.kind, name.request
    situation.conversation.drop(draft)
    if done.end is FormEnd.CANCELLED:
        return reply(menu(situation, situation.texts("form.cancelled")))
    kinds, states = _ALLOWED[kind]
    found = yield from load(RequestsOf(situation.scope, kinds, states))
    request = next((request for request in found if request.id == id), None)
    if request is None:
        # withdrawn or ended meanwhile, or no longer in this coordinator's scope
        return reply(menu(situation, situation.texts("board.gone")))
    decide = actions.correct_notice if kind is DraftKind.CORRECTION else actions.tell_decision
    decided = decide(situation.actor, request, str(draft.answers["words"]))
    if isinstance(decided, Refusal):
        return reply(menu(situation, decided.words(situation.texts)))
    return reply(closing(situation, situation.texts(f"words.{kind}_done")), changes=decided)
