"""Composing a request: the form's choices and typed answers, and the request the draft would make."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

from nhipcau.actions.opening import Opening, refuse_moment
from nhipcau.actions.requests import Repetition
from nhipcau.bot.forms.answer_matching import InvalidAnswer
from nhipcau.bot.forms.builtin import builtin_form
from nhipcau.bot.forms.draft import Draft, FormContext, SearchResult
from nhipcau.bot.forms.model import Form, Option, Question, QuestionKind
from nhipcau.bot.language.catalogue import Texts, texts
from nhipcau.bot.language.date_time_phrases import HoursOrClock, read_deadline, read_length, read_moment
from nhipcau.bot.language.times_of_day import counts_by_moon
from nhipcau.bot.language.vietnamese import fold, nfc
from nhipcau.bot.recurrence.rules import InvalidRule, parse_rule, rule_phrase
from nhipcau.bot.units.tree import Unit
from nhipcau.handlers.buttons import pack_answer
from nhipcau.handlers.reports.report_form import places_found, refuse_secrets, screen_text
from nhipcau.handlers.screens import short_title
from nhipcau.handlers.situation import Situation
from nhipcau.model.conversation import DraftKind, name_of
from nhipcau.model.people import Role
from nhipcau.model.request_kinds import RequestKind
from nhipcau.model.requests import Attachment, Audience, Each, Request, RequestContent, RequestState
from nhipcau.office.request_file import LONGEST, LONGEST_CHOICE, MOST_CHOICES, why_not_a_choice

_OWN = "own"
_SETS = {"yesno": "yesno", "agree": "choice", "scale": "scale", "text": "text"}
#: Rules offered; others may be typed.
_RULES = ("week fri 16:00", "month 25 16:00", "quarter 25 16:00")
_HOURS = {"1d": 24, "2d": 48, "3d": 72, "7d": 168, "2h": 2, "6h": 6, "24h": 24, "48h": 48}
#: How long a notice is delivered, also to people who join.
NOTICE_LIFETIME = timedelta(days=30)
_MORNING_HOUR = 8


def context_without_preview(situation: Situation, draft: Draft) -> FormContext:
    """The form with its choices and typed answers; compose_request.py adds the preview."""
    t, tree, person = situation.texts, situation.office.tree, situation.me
    below = tree.below(person.unit)

    def options(question: Question, draft: Draft) -> list[Option]:
        if question.source == "audience_units":
            near = [u for u in below if u.id == person.unit.id or u.parent_id == person.unit.id]
            return [Option(u.code, u.name) for u in near]
        maker = _OPTIONS.get(question.source)
        return [*(maker(situation, draft) if maker else []), *question.options]

    def search(question: Question, text: str) -> SearchResult:
        if question.source == "audience_units":
            return places_found(tree.search(text, below), t)
        if shown := _shown_length(question, text):
            return SearchResult((shown,))
        if not _TYPED[question.source](situation, draft, text):
            return SearchResult()
        return SearchResult(tuple(o for o in _OPTIONS[question.source](situation, draft) if o.key == _OWN))

    def keep(text: str) -> tuple[str, str]:
        # a notice is the office's own text and may hold phone numbers
        return refuse_secrets(text) if name_of(draft).kind is DraftKind.COMPOSE_NOTICE else screen_text(situation, text)

    form = builtin_form(draft.form, t.tag)
    if not any(unit.is_cell for unit in tree.below(unit_of(situation, draft))):
        # where nobody sits in a cell, each commune answers anyway
        form = replace(form, questions=tuple(q for q in form.questions if q.id != "each"))
    return FormContext(
        form=form,
        texts=t,
        pack=pack_answer,
        options=options,
        screen=keep,
        search=search,
        is_previewed=True,
        today=situation.today,
    )


# ------------------------------------------------------------------ choices that may also be typed


def _sets(situation: Situation, draft: Draft) -> list[Option]:
    typed = [Option(_OWN, " / ".join(draft.extra["labels"]))] if draft.extra.get("labels") else []
    return [*typed, *(Option(key, situation.texts(f"compose.set.{key}")) for key in _SETS)]


def _rules(situation: Situation, draft: Draft) -> list[Option]:
    t, own = situation.texts, draft.extra.get("rule")
    typed = [Option(_OWN, rule_phrase(parse_rule(own), t))] if own else []
    return [*typed, *(Option(rule, rule_phrase(parse_rule(rule), t)) for rule in _RULES)]


def _moments(situation: Situation, draft: Draft) -> list[Option]:
    t, own = situation.texts, draft.extra.get("at")
    typed = [Option(_OWN, words_of_moment(datetime.fromisoformat(own)))] if own else []
    morning = words_of_moment(_next_morning(situation.local))
    return [*typed, Option("now", t("compose.at_once")), Option("morning", morning)]


def _shown_length(question: Question, text: str) -> Option | None:
    """The choice that says this length in other words: "24h" for "24 giờ", "một tuần" for "7 ngày"."""
    if question.source not in {"deadlines", "leads"} or (length := read_length(text)) is None:
        return None
    return next((o for o in question.options if timedelta(hours=_HOURS[o.key]) == length), None)


def _deadlines(situation: Situation, draft: Draft) -> list[Option]:
    own = draft.extra.get("until")
    return [Option(_OWN, words_of_moment(datetime.fromisoformat(own)))] if own else []


def _leads(situation: Situation, draft: Draft) -> list[Option]:
    t, own = situation.texts, int(draft.extra.get("lead", 0))
    hours = own // 3600
    return [Option(_OWN, t("time.hours", n=hours) if hours % 24 else t("time.days", n=hours // 24))] if own else []


_OPTIONS = {"answer_sets": _sets, "rules": _rules, "moments": _moments, "deadlines": _deadlines, "leads": _leads}


def _type_labels(situation: Situation, draft: Draft, text: str) -> bool:
    labels = _own_labels(situation, text)
    if labels:
        draft.extra["labels"] = labels
    return bool(labels)


def _type_rule(situation: Situation, draft: Draft, text: str) -> bool:
    """Raises InvalidAnswer with the fault of the rule."""
    try:
        draft.extra["rule"] = parse_rule(text).text
    except InvalidRule as wrong:
        raise InvalidAnswer(f"rule.{wrong.why}", text=nfc(text)[:60]) from None
    return True


def _type_moment(situation: Situation, draft: Draft, text: str) -> bool:
    """Raises InvalidAnswer for what is no moment, or one that can't be planned for."""
    draft.extra["at"] = _ahead(situation, read_moment(text, situation.local), text, "moment")
    return True


def _type_deadline(situation: Situation, draft: Draft, text: str) -> bool:
    """Raises InvalidAnswer for what is no moment, or past, or may as well be a length."""
    try:
        at = read_deadline(text, situation.local)
    except HoursOrClock:
        raise InvalidAnswer("hours_or_clock", text=nfc(text)[:60]) from None
    draft.extra["until"] = _ahead(situation, at, text, "deadline")
    return True


def _ahead(situation: Situation, at: datetime | None, text: str, otherwise: str) -> str:
    """The moment as it is kept in a draft. Raises InvalidAnswer where there is none, or it can't be planned for."""
    if at is None:
        raise InvalidAnswer("moon" if counts_by_moon(text) else otherwise)
    if refused := refuse_moment(at, situation.now):
        raise InvalidAnswer(refused.why, days=LONGEST.days)
    return at.isoformat()


def _type_lead(situation: Situation, draft: Draft, text: str) -> bool:
    """Raises InvalidAnswer for what is no length in whole hours."""
    length = read_length(text)
    if length is None or length % timedelta(hours=1) or length > LONGEST:
        raise InvalidAnswer("lead")
    draft.extra["lead"] = int(length.total_seconds())
    return True


_TYPED = {
    "answer_sets": _type_labels,
    "rules": _type_rule,
    "moments": _type_moment,
    "deadlines": _type_deadline,
    "leads": _type_lead,
}


def _own_labels(situation: Situation, text: str) -> list[str]:
    """The labels of a typed set of answers like "Có / Không / Chưa rõ", masked; [] if it is none."""
    try:
        masked, _ = screen_text(situation, nfc(text))
    except InvalidAnswer:
        return []
    labels = [label.strip() for label in re.split(r"[/;|\n]", masked) if label.strip()]
    seen: set[str] = set()
    for label in labels:
        if len(label) > LONGEST_CHOICE or why_not_a_choice(label, seen):
            return []
        seen.add(fold(label))
    return labels if 2 <= len(labels) <= MOST_CHOICES else []


def words_of_moment(at: datetime) -> str:
    """A local moment as "08:00 26/11"."""
    return f"{at:%H:%M} {at:%d/%m}"


def _next_morning(local: datetime) -> datetime:
    morning = local.replace(hour=_MORNING_HOUR, minute=0, second=0, microsecond=0)
    return morning if morning > local else morning + timedelta(days=1)


# ------------------------------------------------------------------ the request it would make


def unit_of(situation: Situation, draft: Draft) -> Unit:
    unit = situation.office.tree.by_code.get(str(draft.answers.get("unit")))
    return unit if unit is not None and situation.me.unit.holds(unit) else situation.me.unit


def audience_of(situation: Situation, draft: Draft) -> Audience:
    roles = {"both": (Role.COLLABORATOR, Role.COORDINATOR), "coordinator": (Role.COORDINATOR,)}
    chosen = roles.get(str(draft.answers.get("roles")), (Role.COLLABORATOR,))
    return Audience((unit_of(situation, draft).path,), chosen)


def opens_later(situation: Situation, draft: Draft) -> datetime | None:
    """The moment chosen for sending; None: now."""
    chosen = draft.answers.get("when")
    if chosen == "morning":
        return _next_morning(situation.local)
    return datetime.fromisoformat(draft.extra["at"]) if chosen == _OWN else None


def repetition_of(draft: Draft) -> Repetition:
    chosen = str(draft.answers["rule"])
    rule = str(draft.extra["rule"]) if chosen == _OWN else chosen
    lead = str(draft.answers["lead"])
    return Repetition(rule, int(draft.extra["lead"]) if lead == _OWN else _HOURS[lead] * 3600)


def closing_of(draft: Draft) -> datetime | timedelta:
    """When the request closes, or how long it is open."""
    kind = name_of(draft).kind
    if kind is DraftKind.COMPOSE_NOTICE:
        return NOTICE_LIFETIME
    if kind is DraftKind.COMPOSE_DUTY:
        return repetition_of(draft).length
    chosen = str(draft.answers["close"])
    return datetime.fromisoformat(draft.extra["until"]) if chosen == _OWN else timedelta(hours=_HOURS[chosen])


def request_of(situation: Situation, draft: Draft, id: str, opening: Opening, people: int) -> Request:
    """The request as its recipients would get it; of a duty, the first one."""
    kind = RequestKind(name_of(draft).kind.composes)
    form = _form(situation, draft, id)
    intro = str(draft.answers["text"]) if kind == "notice" else ""
    attached: dict[str, str] = draft.answers.get("attachment") or {}
    attachment = Attachment(attached.get("photo", ""), attached.get("file", ""), attached.get("title", ""))
    return Request(
        id=id,
        unit=situation.me.unit,
        content=RequestContent(
            kind,
            form.title,
            intro,
            form,
            urgent=opening.urgent,
            attachment=attachment,
            each=Each(draft.answers.get("each") or Each.CELL),
        ),
        state=RequestState.SCHEDULED,
        opens_at=opening.opens_at,
        closes_at=opening.closes_at,
        asked=people,
    )


def question_alone(draft: Draft) -> Form | None:
    """The question as far as it was given, with choices of the coordinator's own; None: not yet."""
    if "question" not in draft.answers:
        return None
    labels = draft.extra["labels"] if draft.answers.get("options") == _OWN else ()
    options = tuple(Option(str(n), label) for n, label in enumerate(labels, start=1))
    return Form("", "", (Question("q1", QuestionKind.CHOICE, str(draft.answers["question"]), options),))


def _form(situation: Situation, draft: Draft, id: str) -> Form:
    """The form of the request."""
    answers = draft.answers
    if name_of(draft).kind is DraftKind.COMPOSE_NOTICE:
        return notice_form(id, str(answers["text"]), texts(situation.office.language))
    text = str(answers["question"])
    if name_of(draft).kind in {DraftKind.COMPOSE_RAPID, DraftKind.COMPOSE_DUTY}:
        return Form(id, str(answers["title"]), (Question("q1", QuestionKind.TEXT, text),))
    chosen = str(answers["options"])
    if chosen == _OWN:
        kind, labels = QuestionKind.CHOICE, list(draft.extra["labels"])
    else:
        kind = QuestionKind(_SETS[chosen])
        labels = texts(situation.office.language)("compose.agree_labels").split("|") if chosen == "agree" else []
    options = tuple(Option(str(n), label) for n, label in enumerate(labels, start=1))
    return Form(id, title_of(text), (Question("q1", kind, text, options),))


_MAX_TITLE_CHARS = 60
#: Not after a capital letter, as in "TP. Lạng Sơn".
_SENTENCE_END = re.compile(r"(?<=[^\WA-ZĐ])\.\s")


def title_of(text: str) -> str:
    """A short title: the first line, or if that is long its first sentence, cut at a word."""
    line = text.strip().split("\n")[0]
    return short_title(line if len(line) <= _MAX_TITLE_CHARS else _SENTENCE_END.split(line)[0], _MAX_TITLE_CHARS)


def notice_form(id: str, text: str, t: Texts) -> Form:
    """The form of a notice asks whether it was read, or to how many it was passed on."""
    read, spread = Option("1", t("notice.read")), Option("2", t("notice.spread"))
    return Form(
        id,
        title_of(text),
        (
            Question("q1", QuestionKind.CHOICE, t("notice.ask"), (read, spread)),
            Question(
                "q2",
                QuestionKind.NUMBER,
                t("notice.how_many"),
                optional=True,
                when=f'answer(1) == "{spread.label}"',
                minimum=0,
                maximum=1_000_000,
            ),
        ),
    )
