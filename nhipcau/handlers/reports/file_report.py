"""Filing a report: the form, its summary, its receipt; and words sent outside of any form."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from nhipcau.bot.forms.answer_matching import LONGEST, InvalidAnswer, check_words
from nhipcau.bot.forms.builtin import builtin_form
from nhipcau.bot.forms.draft import SUMMARY, Caution, Draft, FormContext, FormEnd, FormStep, Input, SearchResult
from nhipcau.bot.forms.engine import answer, begin
from nhipcau.bot.forms.model import Option, Question
from nhipcau.bot.forms.next_question import advance
from nhipcau.bot.forms.question_options import one_line
from nhipcau.bot.forms.question_screen import show
from nhipcau.bot.forms.report_fields import added_questions, to_column
from nhipcau.bot.language.catalogue import Texts, texts
from nhipcau.bot.language.command_words import Command
from nhipcau.bot.language.person_check import accuses_person, generalised, identifies_person
from nhipcau.bot.language.topic_guess import TOPICS, guess
from nhipcau.bot.language.vietnamese import nfc
from nhipcau.bot.messaging.messages import Message
from nhipcau.bot.units.place_names import PlaceMatch
from nhipcau.bot.units.tree import Unit
from nhipcau.handlers.buttons import (
    KeptAct,
    OfferKept,
    PlaceAct,
    ReportAgain,
    RunCommand,
    SayPlace,
    choice,
    pack_answer,
)
from nhipcau.handlers.reports import join_issue, place_name, practice_report, report_place
from nhipcau.handlers.screens import closing, is_coordinator, menu
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.model.changes import AlertCoordinators, FileReport
from nhipcau.model.conversation import DraftKind, DraftName, KeptWords
from nhipcau.model.queries import AreaReaders
from nhipcau.privacy.screening import has_classification, screen

#: Pictures of one report, so that with its text it is displayed as three messages.
MAX_PHOTOS = 2
#: With fewer collaborators in an area a reader may guess who wrote, and the summary warns of it.
FEW_COLLABORATORS = 5


def refuse_secrets(text: str) -> tuple[str, str]:
    """Return the office's own text unmasked. Raises InvalidAnswer if it is classified as secret."""
    if has_classification(text):
        raise InvalidAnswer("secret")
    return text, ""


def screen_text(situation: Situation, text: str) -> tuple[str, str]:
    """The masked text and one sentence about what was masked (or "").

    Raises InvalidAnswer for text classified as secret or longer than any answer may be (as screening it takes long).
    """
    refuse_secrets(text)
    if len(text) > LONGEST:
        raise InvalidAnswer("long", length=len(text), most=LONGEST)
    screened = screen(text, situation.office.tree.known_places)
    if not screened.found:
        return screened.text, ""
    t = situation.texts
    counts: dict[str, int] = {}
    for found in screened.found:
        counts[found.kind] = counts.get(found.kind, 0) + 1
    parts = [f"{n} {t('mask.' + kind)}" for kind, n in counts.items()]
    what = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {t('mask.and')} {parts[-1]}"
    return screened.text, t("mask.done", what=what, text=screened.text)


def caution_about(situation: Situation, text: str) -> Caution | None:
    """What to tell before a (masked) text is taken that accuses one person, or lets one be guessed (R06, R35)."""
    t = situation.texts
    if accuses_person(text):
        return Caution(t("caution.accused"), t("caution.only_matter"))
    if identifies_person(text):
        general = generalised(text)
        can_be_general = general != text and not identifies_person(general)
        why = t("caution.identified_general" if can_be_general else "caution.identified")
        return Caution(why, t("caution.as_is"), general if can_be_general else "")
    return None


def _areas(units: Sequence[Unit]) -> list[Option]:
    return [_option(unit.code, unit.name) for unit in units]


def places_found(places: Sequence[PlaceMatch], t: Texts) -> SearchResult:
    """Units as choices, with the former name that matched: "Phường Đông Kinh (Vĩnh Trại cũ)"."""
    named = [
        (p.unit.code, t("form.was", name=p.unit.name, was=p.former_name) if p.former_name else p.unit.name)
        for p in places
    ]
    return SearchResult(tuple(_option(code, label) for code, label in named), all(place.is_sure for place in places))


#: Cached, as every report offers all topics and a hundred areas.
_option = lru_cache(maxsize=2048)(Option)


def context(situation: Situation, draft: Draft | None = None) -> FormContext:
    """The report's form. `draft`: needed where it may be an exercise."""
    t, tree = situation.texts, situation.office.tree

    def options(question: Question, draft: Draft) -> list[Option]:
        if question.source == "topics":
            guessed = guess(str(draft.answers.get("content") or ""))
            codes = [*guessed, *(code for code in TOPICS if code not in guessed)]
            return [_option(code, t(f"topic.{code}")) for code in codes]
        if question.source == "areas":
            return _areas(tree.near(situation.me.unit))
        if question.source == "places":
            return report_place.options(tree, draft)
        return list(question.options)

    def search(question: Question, text: str) -> SearchResult:
        if question.source == "places" and draft is not None:
            return report_place.find(tree, draft, text, screen_text(situation, text)[0])
        return places_found(tree.search(text, tree.areas), t) if question.source == "areas" else SearchResult()

    return FormContext(
        form=builtin_form(DraftKind.REPORT, t.tag),
        texts=t,
        pack=pack_answer,
        options=options,
        screen=lambda text: screen_text(situation, text),
        caution=lambda text: caution_about(situation, text),
        summary=lambda draft: _summary(situation, draft),
        search=search,
        offers=lambda draft: join_issue.offers(situation, draft),
        today=situation.today,
        banner=t("practice.head") if draft is not None and draft.is_practice else "",
    )


def _summary(situation: Situation, draft: Draft) -> str:
    t = situation.texts
    words = answers_in_words(situation)
    lines = [t("report.emergency")] if draft.answers.get("urgency") == "khan" else []
    lines += [t("form.check"), "• " + " – ".join(one_line(words, draft, id) for id in _LEVELS)]
    lines.append(f'• "{draft.answers["content"]}"')
    extras = [id for id in (*_ADDED, "photos") if draft.answers.get(id)]
    lines += [f"• {t(f'report.{id}.line')}: {one_line(words, draft, id)}" for id in extras]
    if draft.extra.get("few"):
        lines.append(t("report.few"))
    return "\n".join(lines)


_ADDED = tuple(question.id for question in added_questions())
_LEVELS = ("topic", "area", "spread", "mood", "urgency")


def answers_in_words(situation: Situation) -> FormContext:
    """The report's form without its summary, for displaying answers."""
    full = context(situation)
    return FormContext(form=full.form, texts=full.texts, pack=pack_answer, options=full.options)


def new_draft(situation: Situation, answers: dict[str, Any] | None = None, **extra: Any) -> Draft:
    nonce = situation.new_id("nonce")
    return situation.conversation.begin(DraftName(DraftKind.REPORT), nonce, answers=dict(answers or {}), extra=extra)


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


def keep(situation: Situation, text: str, photo: str) -> tuple[KeptWords | None, str, str]:
    """Add text or a picture, masked, to the kept words, until the person says whether they are a report.

    Returns the kept words (None: refused), the reason for a refusal (or ""), and a sentence about what was masked.
    """
    t, kept_words = situation.texts, situation.conversation.kept or KeptWords("", (), "")
    masked, notice = "", ""
    if text:
        try:
            masked, notice = screen_text(situation, nfc(text))
            check_words("\n".join(part for part in (kept_words.text, masked) if part))
        except InvalidAnswer as wrong:
            return None, t(f"wrong.{wrong.why}", **wrong.facts), ""
    photos = (*kept_words.photos, photo) if photo else kept_words.photos
    if len(photos) > MAX_PHOTOS:
        notice = "\n".join(line for line in (notice, t("form.photos_full")) if line)
    words = "\n".join(part for part in (kept_words.text, masked) if part)
    situation.conversation.kept = KeptWords(words, photos[:MAX_PHOTOS], situation.new_id("nonce"))
    return situation.conversation.kept, "", notice


def offer(situation: Situation, kept_words: KeptWords, notice: str = "") -> Message:
    """Ask whether the kept words shall become a report."""
    t = situation.texts
    lines = [notice or (f'"{kept_words.text}"' if kept_words.text else t("report.photo_in"))]
    lines.append(t("report.offer" if kept_words.text else "report.offer_photo"))
    acts = (KeptAct.YES, KeptAct.NO)
    return Message("\n".join(lines), tuple(choice(t(f"form.{act}"), OfferKept(act, kept_words.nonce)) for act in acts))


def answer_offer(situation: Situation, kept_words: KeptWords, act: KeptAct) -> DecisionResult:
    """ "Có": begin a report with the kept words as its content; else drop them."""
    situation.conversation.kept = None
    if act is not KeptAct.YES:
        return reply(menu(situation, situation.texts("report.not_offered")))
    return reply(start_with(situation, kept_words))


def start_with(situation: Situation, kept_words: KeptWords, **answers: Any) -> Message:
    """Begin a report with these words, and with other answers that the person gave by a tap."""
    held = kept_words.text if caution_about(situation, kept_words.text) else ""
    if kept_words.text and not held:
        answers["content"] = kept_words.text
    if kept_words.photos:
        answers["photos"] = list(kept_words.photos[-MAX_PHOTOS:])
    draft = new_draft(situation, answers)
    if held:
        draft.at, draft.held = "content", held
    if "content" in answers:
        draft.trail = ["content"]
    message = begin(context(situation), draft)
    return place_name.with_choice(situation, draft, message) or message


def add_to_draft(situation: Situation, draft: Draft, kept_words: KeptWords, **answers: Any) -> Message:
    """Add words and pictures to a report that is being written, and go on with it."""
    content = "\n".join(part for part in (draft.answers.get("content"), kept_words.text) if part)
    photos = [*(draft.answers.get("photos") or []), *kept_words.photos][:MAX_PHOTOS]
    draft.answers.update(answers, content=content, **({"photos": photos} if photos else {}))
    situation.conversation.focus = draft.form
    form = context(situation, draft)
    if draft.at == "content" or draft.at in answers:
        advance(form, draft)
    return show(form, draft, situation.texts("danger.added"))


def report_again(situation: Situation, pressed: ReportAgain) -> DecisionResult:
    """ "Báo thêm việc khác": begin another report with the same topic, area and way of receipt."""
    answers = {}
    if pressed.topic in TOPICS and pressed.area in situation.office.tree.by_code:
        answers = {"topic": pressed.topic, "area": pressed.area}
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
    done = answer(form, draft, user_input)
    if done.end is FormEnd.CANCELLED:
        situation.conversation.drop(draft)
        return reply(menu(situation, situation.texts("form.cancelled")))
    if done.end is FormEnd.SENT:
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
        **{id: to_column(answers.get(id)) for id in _ADDED},
        "place": report_place.words_of(situation.office.tree, draft),
        "state": "new",
        "practice": draft.is_practice,
    }
    if draft.extra.get("on_behalf"):
        values["source"] = "nhap_ho"
    changes: list[Any] = [FileReport(code, situation.me.tag_secret, values, tuple(answers.get("photos") or ()))]
    conversation.drop(draft)
    if draft.is_practice:
        # an exercise alerts nobody, however urgent
        return reply(practice_report.receipt(situation, code, answers["content"]), changes=changes)
    if answers["urgency"] == "khan":
        changes.append(AlertCoordinators(area, str(answers["topic"]), code))
    key = "done_urgent" if answers["urgency"] == "khan" else "done"
    receipt = closing(
        situation,
        t("report.done_behalf" if draft.extra.get("on_behalf") else f"report.{key}", code=code),
        choice(t("report.more"), ReportAgain(str(answers["topic"]), area.code, bool(draft.extra.get("on_behalf")))),
        choice(t("menu.cuatoi"), RunCommand(Command.MY_REPORTS), beside=True),
    )
    return reply(receipt, changes=changes)
