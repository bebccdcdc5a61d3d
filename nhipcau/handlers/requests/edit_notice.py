"""A coordinator writes a text about a request (a correction, what was decided), reads it as others will, sends it."""

from __future__ import annotations

from nhipcau.bot.forms.draft import Draft, FormContext, FormEnd, Input
from nhipcau.bot.forms.engine import answer
from nhipcau.bot.forms.model import Form, Question, QuestionKind
from nhipcau.bot.forms.question_screen import begin
from nhipcau.bot.messaging.messages import Message
from nhipcau.handlers.reports.file_report import refuse_secrets, screen_text
from nhipcau.handlers.screens import closing, menu
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.model.changes import Change, CorrectNotice, TellDecision
from nhipcau.model.queries import RequestsOf
from nhipcau.model.request_kinds import ASKED, RequestKind
from nhipcau.model.requests import Request, RequestState

_LONGEST = 1500
#: What may be written, and of which requests in which state.
_WHATS = {
    "correct": ((RequestKind.NOTICE,), (RequestState.OPEN,)),
    "decide": (ASKED, (RequestState.CLOSED,)),
}


def begin_words(situation: Situation, what: str, request: Request) -> Message:
    """Ask for the words."""
    name = f"words:{what}:{request.id}"
    kept = situation.talk.drafts.get(name)
    draft = situation.talk.begin(kept or Draft(form=name, nonce=situation.new_id("nonce")))
    draft.extra["title"] = request.title
    return begin(walk(situation, draft), draft)


def walk(situation: Situation, draft: Draft) -> FormContext:
    t = situation.texts
    _, what, _ = draft.form.split(":")
    title = str(draft.extra["title"])
    question = Question("words", QuestionKind.TEXT, t(f"words.{what}_ask", title=title), maximum=_LONGEST)

    def keep(text: str) -> tuple[str, str]:
        # official information is the office's own, numbers to call included
        return refuse_secrets(text) if what == "correct" else screen_text(situation, text)

    def summary(draft: Draft) -> str:
        shown = t(f"words.{what}", title=title, text=draft.answers["words"])
        return "\n".join((t("compose.preview"), "———", shown, "———"))

    return FormContext(
        form=Form("words", "", (question,)), texts=t, screen=keep, summary=summary, today=situation.today
    )


def step(situation: Situation, draft: Draft, said: Input) -> Decision[DecisionResult]:
    done = answer(walk(situation, draft), draft, said)
    if done.end is FormEnd.OPEN:
        return reply(done.message)
    _, what, id = draft.form.split(":")
    situation.talk.drop(draft.form)
    if done.end is FormEnd.CANCELLED:
        return reply(menu(situation, situation.texts("form.cancelled")))
    kinds, states = _WHATS[what]
    found = yield from load(RequestsOf(situation.me.unit.path, kinds, states))
    if not any(request.id == id for request in found):
        # withdrawn or ended meanwhile, or not in this coordinator's unit any more
        return reply(menu(situation, situation.texts("board.gone")))
    text, actor = str(draft.answers["words"]), situation.me.id
    write: Change = CorrectNotice(id, text, actor) if what == "correct" else TellDecision(id, text, actor)
    return reply(closing(situation, situation.texts(f"words.{what}_done")), changes=[write])
