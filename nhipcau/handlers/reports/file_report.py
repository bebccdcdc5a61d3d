"""Filing a report: its questions, its summary, its receipt."""

from __future__ import annotations

from typing import Any

from nhipcau.bot.forms.answer_matching import InvalidAnswer
from nhipcau.bot.forms.draft import SUMMARY, Draft, FormContext, FormEnd, FormStep, Input
from nhipcau.bot.forms.engine import answer, begin
from nhipcau.bot.forms.question_screen import show
from nhipcau.bot.forms.report_fields import to_column
from nhipcau.bot.language.catalogue import texts
from nhipcau.bot.language.command_words import Command
from nhipcau.bot.messaging.messages import Message
from nhipcau.handlers.buttons import PlaceAct, ReportAgain, RunCommand, SayPlace, choice
from nhipcau.handlers.reports import correct_report, join_issue, place_name, practice_report, report_place
from nhipcau.handlers.reports.report_form import ADDED, FEW_COLLABORATORS, context, new_draft, recorded, wants_more
from nhipcau.handlers.screens import closing, is_coordinator, menu
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.model.changes import AlertCoordinators, Audit, FileReport
from nhipcau.model.queries import AreaReaders

#: Urgent reports may be so many times as many: one refused could cost a life.
_URGENT_TIMES = 3


def start(
    situation: Situation,
    answers: dict[str, Any] | None = None,
    *,
    on_behalf: bool = False,
    practice: bool = False,
    preface: str = "",
) -> Message:
    """Begin a report. `answers`: taken over from the previous report."""
    draft = new_draft(situation, answers, on_behalf=on_behalf, practice=practice)
    if on_behalf:
        preface = situation.texts("report.on_behalf")
    return begin(context(situation, draft), draft, preface)


def report_again(situation: Situation, pressed: ReportAgain) -> DecisionResult:
    """ "Báo thêm việc khác": begin another report of the same area and way of receipt; its topic is asked anew."""
    answers = {"area": pressed.area} if pressed.area in situation.office.tree.by_code else {}
    on_behalf = pressed.on_behalf and is_coordinator(situation.me)
    return reply(start(situation, answers, on_behalf=on_behalf))


def say_place(situation: Situation, pressed: SayPlace) -> DecisionResult | None:
    """ "Đây là tên nơi": ask for the place's name; "Để nguyên": go on with the form."""
    draft = situation.conversation.with_nonce(pressed.nonce)
    if draft is None:
        return None
    situation.conversation.focus = draft.form
    if pressed.act is PlaceAct.LEAVE:
        return reply(show(context(situation, draft), draft))
    asked = place_name.ask(situation, draft, pressed.at if pressed.act is PlaceAct.PICK else None)
    return None if asked is None else reply(asked)


def take_place(situation: Situation, nonce: str, at: int, typed: str) -> DecisionResult:
    """Keep the place's name that was typed for a masked one, and go on with the form."""
    t, draft = situation.texts, situation.conversation.with_nonce(nonce)
    if draft is None:
        return reply(menu(situation, t("menu.nothing_open")))
    # in the office's language, as the sender's own could identify them
    note = texts(situation.office.language)("place_name.note")
    try:
        place_name.put(situation, draft, at, typed, note)
    except InvalidAnswer as wrong:
        why = t(wrong.why if "." in wrong.why else f"wrong.{wrong.why}", **wrong.facts)
        return reply(place_name.ask(situation, draft, at, why))
    message = show(context(situation, draft), draft, t("place_name.kept", text=draft.answers["content"]))
    return reply(place_name.with_choice(situation, draft, message))


def step_report(situation: Situation, draft: Draft, user_input: Input) -> Decision[DecisionResult]:
    form, asked = context(situation, draft), draft.at
    if place_name.is_said(situation, draft, user_input.text) and (which := place_name.ask(situation, draft, None)):
        return reply(which)
    asks_more = draft.at == SUMMARY and wants_more(draft)
    done = answer(form, draft, user_input)
    if asks_more:
        # once is enough, whatever the answer
        draft.extra |= {"more_asked": True, "again": True}
    if done.end is FormEnd.CANCELLED:
        situation.conversation.drop(draft)
        return reply(menu(situation, situation.texts("form.cancelled")))
    if done.end is FormEnd.SENT and draft.extra.get("corrects"):
        return (yield from correct_report.send(situation, draft))
    if done.end is FormEnd.SENT:
        urgent = draft.answers["urgency"] == "khan"
        if are_too_many(situation, draft.is_practice, urgent=urgent):
            return reply(show(form, draft, say_too_many(situation, urgent=urgent)))
        return _file(situation, draft)
    if done.end is FormEnd.OFFERED:
        outcome = yield from join_issue.join(situation, draft, done.picked)
        return outcome or reply(show(form, draft, situation.texts("issue.ended")))
    report_place.follow_area(draft)
    if done.end is FormEnd.OPEN and report_place.ask_when_urgent(situation.office.tree, draft):
        prefaces = (done.preface, situation.texts("report.emergency"))
        return reply(show(form, draft, "\n".join(line for line in prefaces if line)))
    yield from _load_few(situation, draft)
    if (yield from join_issue.load_similar_issues(situation, draft)):
        draft.extra["again"] = True
    message = _summary_again(form, draft, done)
    told = asked == "content" != draft.at
    return reply(place_name.with_choice(situation, draft, message) if told else message)


def are_too_many(situation: Situation, practice: bool = False, *, urgent: bool) -> bool:
    """Whether a collaborator has filed as many reports as one person has to tell of in a day (R36)."""
    most = _most(situation, urgent=urgent)
    return bool(most) and not practice and not is_coordinator(situation.me) and situation.reports_today >= most


def say_too_many(situation: Situation, *, urgent: bool) -> str:
    return situation.texts(f"report.too_many{'_urgent' if urgent else ''}", most=_most(situation, urgent=urgent))


def _most(situation: Situation, *, urgent: bool) -> int:
    return situation.office.reports_a_day * (_URGENT_TIMES if urgent else 1)


def _load_few(situation: Situation, draft: Draft) -> Decision[None]:
    """Before the summary, load whether the chosen area has few collaborators."""
    if draft.is_practice:
        return
    if draft.at != SUMMARY:
        return
    tree = situation.office.tree
    area = report_place.cell_of(tree, draft) or tree.by_code[draft.answers["area"]]
    # how many serve in a place given in words is not known: fewer than in the whole area
    counted_of = report_place.PLACE if report_place.is_in_words(draft) else area.code
    if draft.extra.get("few_of") == counted_of:
        return
    readers = yield from load(AreaReaders(area))
    draft.extra["few"] = readers < FEW_COLLABORATORS or report_place.is_in_words(draft)
    draft.extra["few_of"] = counted_of
    draft.extra["again"] = True


def _summary_again(form_context: FormContext, draft: Draft, done: FormStep) -> Message | None:
    """The step's message; the summary made again if facts for it were loaded after the step."""
    if not draft.extra.pop("again", False) or done.message is None:
        return done.message
    return show(form_context, draft, done.preface)


def _file(situation: Situation, draft: Draft) -> DecisionResult:
    t, conversation, answers = situation.texts, situation.conversation, draft.answers
    if draft.is_practice:
        # nothing of an exercise is stored, and nobody is alerted, however urgent it is
        conversation.drop(draft)
        return reply(practice_report.receipt(situation, answers["content"]))
    area = situation.office.tree.by_code[answers["area"]]
    code = situation.new_id("code")
    values = {
        "day": situation.today,
        "topic": answers["topic"],
        "area_id": area.id,
        "mood": answers["mood"],
        "spread": int(answers["spread"]),
        "urgency": answers["urgency"],
        "text": answers["content"],
        **{id: to_column(answers.get(id)) for id in ADDED},
        "place": report_place.words_of(situation.office.tree, draft),
        "state": "new",
    }
    if draft.extra.get("on_behalf"):
        values["source"] = "nhap_ho"
    changes: list[Any] = [FileReport(code, situation.me.tag_secret, values, tuple(answers.get("photos") or ()))]
    if draft.extra.get("on_behalf"):
        changes.append(Audit("report.on_behalf", situation.me.id))
    conversation.drop(draft)
    if answers["urgency"] == "khan":
        changes.append(AlertCoordinators(area, str(answers["topic"]), code, str(answers["content"])))
    key = "done_urgent" if answers["urgency"] == "khan" else "done"
    receipt = closing(
        situation,
        t(
            "report.done_behalf" if draft.extra.get("on_behalf") else f"report.{key}",
            code=code,
            recorded=recorded(situation, answers["topic"], area, answers["mood"]),
        ),
        choice(t("report.more"), ReportAgain(area.code, bool(draft.extra.get("on_behalf")))),
        choice(t("menu.cuatoi"), RunCommand(Command.MY_REPORTS), beside=True),
    )
    return reply(receipt, changes=changes)
