"""The message by which a request reaches people: title, who asks, what is stored, first question."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from nhipcau.bot.forms.draft import DONE, NONE, SKIP
from nhipcau.bot.forms.kinds import KINDS
from nhipcau.bot.forms.model import Form, Question, QuestionKind
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.messaging.button import unpack
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.handlers.buttons import AnswerRequest, AskedRequest, ContinueDraft, choice
from nhipcau.model.requests import Request

#: The question that takes pictures beside an answer in words; its id is no other question's.
PICTURES = "photos"
MAX_PICTURES = 2
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def moment(at: datetime, zone: ZoneInfo, t: Texts) -> str:
    """ "17:00 thứ Sáu 27/11"."""
    local = at.astimezone(zone)
    return t("time.moment", time=f"{local:%H:%M}", day=t(f"time.{_DAYS[local.weekday()]}"), date=f"{local:%d/%m}")


def asked_by(choices: Sequence[Choice]) -> str:
    """Id of the request whose first question these choices answer, or ""."""
    buttons = (unpack(choice.data) for choice in choices)
    return next((button.request for button in buttons if isinstance(button, AnswerRequest)), "")


def time_left(until: datetime, now: datetime, t: Texts) -> str:
    """The time left, in the largest unit that fits."""
    seconds = max(0.0, (until - now).total_seconds())
    if seconds < 60:
        return t("time.less")
    minutes = math.ceil(seconds / 60)
    if minutes > 2 * 24 * 60:
        return t("time.days", n=round(minutes / (24 * 60)))
    if minutes > 120:
        return t("time.hours", n=round(minutes / 60))
    return t("time.minutes", n=minutes)


def info_line(request: Request, zone: ZoneInfo, t: Texts) -> str:
    """One line: who asks, how many questions, what is stored, until when."""
    facts = {"unit": request.unit.name, "n": request.asked, "until": moment(request.closes_at, zone, t)}
    if not request.is_poll:
        return t(f"push.{request.kind}", **facts)
    key = "push.sealed" if request.content.sealed else "push.poll"
    return t(key, questions=len(request.form.questions), **facts)


def heading_lines(request: Request, zone: ZoneInfo, t: Texts) -> list[str]:
    """Title, intro, and the line of `head`."""
    if request.kind == "notice":
        # its title is the beginning of its text: don't repeat it
        return [info_line(request, zone, t), request.content.intro]
    title = t("push.urgent", title=request.title) if request.content.urgent and not request.is_poll else request.title
    question = request.form.questions[0].text
    # the title of a poll made in the chat is its question: don't repeat it
    named = [] if question.startswith(request.title.removesuffix("…")) else [title]
    return [*named, *([request.content.intro] if request.content.intro else []), info_line(request, zone, t)]


def ask(
    request: Request, zone: ZoneInfo, t: Texts, *, remind: str = "", writing: bool = False, corrected: bool = False
) -> Message:
    """The pushed message. `remind`: the time left, for a reminder; `writing`: the person has an unfinished report;
    `corrected`: a notice whose text has changed."""
    question = request.form.questions[0]
    lines = [t("notice.corrected")] if corrected else []
    lines += [t("push.remind", left=remind, title=request.title)] if remind else heading_lines(request, zone, t)
    text = KINDS[question.kind].ask(question, t)
    if len(request.form.questions) > 1 and request.kind != "notice":
        text += f" (1/{len(request.form.questions)})"
    lines.append(text)
    choices = [each for _, each in choices_of(request, t)]
    if writing:
        choices.append(way_to_report(t))
    return Message(
        "\n".join(lines),
        tuple(choices),
        number_answers=KINDS[question.kind].number_answers,
        photo=request.content.attachment.photo,
        file=request.content.attachment.file,
        file_name=request.content.attachment.file_name,
        keeps=f"notice:{request.id}" if request.kind == "notice" else "",
    )


def as_trial(request: Request, t: Texts) -> Request:
    """The same, with the word for a trial before its title and each of its questions."""

    def marked(text: str) -> str:
        return t("push.trial", text=text) if text else ""

    form, content = request.form, request.content
    questions = tuple(replace(question, text=marked(question.text)) for question in form.questions)
    is_notice = request.kind == "notice"
    content = replace(
        content,
        title=marked(content.title),
        intro=marked(content.intro) if is_notice else content.intro,
        form=replace(form, title=marked(form.title), questions=questions),
    )
    return replace(request, content=content)


def way_to_report(t: Texts) -> Choice:
    """The choice below a push that leads back to an unfinished report."""
    return choice(t("menu.tieptuc"), ContinueDraft(), way=True)


def remind(request: Request, zone: ZoneInfo, now: datetime, begun: bool, t: Texts) -> Message:
    """A reminder: the first question again, or a button to the draft if the person has begun."""
    rest = time_left(request.closes_at, now, t)
    if not begun:
        return ask(request, zone, t, remind=rest)
    words = t("push.remind", left=rest, title=request.title) + " " + t("push.begun")
    return Message(words, (choice(t("form.go_on"), AskedRequest(request.id)),))


def choices_of(request: Request, t: Texts) -> list[tuple[str, Choice]]:
    """The choices of a request's first question, each with its key."""
    question = request.form.questions[0]
    kind = KINDS[question.kind]

    def keyed(label: str, key: str, *, way: bool = False, stays: bool = False) -> tuple[str, Choice]:
        return key, choice(label, AnswerRequest(request.id, question.id, key), way=way, stays=stays)

    choices = [keyed(option.label, option.key, stays=kind.many) for option in kind.options(question, t)]
    if kind.many:
        choices.append(keyed(t("form.done"), DONE))
    if request.traits.nothing:
        choices.insert(0, keyed(t(request.traits.nothing), NONE))
    if request.is_poll or question.optional:
        choices.append(keyed(t("form.skip"), SKIP, way=True))
    return choices


def answerable_form(form: Form, kind: str, t: Texts) -> Form:
    """The form for answering: every question of a poll may be skipped; summary lines are named by number; a unit that
    answers in words may add pictures."""
    questions = tuple(
        replace(q, optional=q.optional or kind == "poll", short=q.short or t("form.question", n=n))
        for n, q in enumerate(form.questions, start=1)
    )
    kinds = [KINDS[q.kind] for q in questions]
    in_words = any(k.own_words for k in kinds) and not any(k.takes_photo for k in kinds)
    if kind in {"rapid", "duty"} and in_words:
        questions = (*questions, _pictures(t))
    return replace(form, questions=questions)


def _pictures(t: Texts) -> Question:
    ask, short = t("report.photos.ask"), t("report.photos.short")
    return Question(PICTURES, QuestionKind.PHOTO, ask, maximum=MAX_PICTURES, offered=True, short=short)


Band = Literal["quarter", "half", "in_time", "late"]


def band(opens: datetime, closes: datetime, now: datetime) -> Band:
    """The share of the time allowed that was used. Stored in place of the time."""
    allowed = (closes - opens).total_seconds() or 1.0
    used = (now - opens).total_seconds() / allowed
    if used > 1:
        return "late"
    return "quarter" if used <= 0.25 else "half" if used <= 0.5 else "in_time"
