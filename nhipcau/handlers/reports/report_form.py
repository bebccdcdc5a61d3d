"""The form of a report: its options, its masking and its summary."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from nhipcau.bot.forms.answer_matching import LONGEST, InvalidAnswer
from nhipcau.bot.forms.builtin import builtin_form
from nhipcau.bot.forms.draft import Caution, Draft, FormContext, SearchResult
from nhipcau.bot.forms.model import Option, Question
from nhipcau.bot.forms.question_options import one_line
from nhipcau.bot.forms.report_fields import added_questions
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.person_check import accuses_person, generalised, identifies_person
from nhipcau.bot.language.topic_guess import TOPICS, guess
from nhipcau.bot.units.place_names import PlaceMatch
from nhipcau.bot.units.tree import Unit
from nhipcau.handlers.buttons import pack_answer
from nhipcau.handlers.reports import join_issue, report_place
from nhipcau.handlers.situation import Situation
from nhipcau.model.conversation import DraftKind, DraftName
from nhipcau.privacy.screening import has_classification, screen
from nhipcau.privacy.screening_places import KnownPlaces

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
    return masked_words(text, situation.office.tree.known_places, situation.texts)


def masked_words(text: str, places: KnownPlaces, t: Texts) -> tuple[str, str]:
    """As `screen_text`."""
    refuse_secrets(text)
    if len(text) > LONGEST:
        raise InvalidAnswer("long", length=len(text), most=LONGEST)
    screened = screen(text, places)
    if not screened.found:
        return screened.text, ""
    counts: dict[str, int] = {}
    for found in screened.found:
        counts[found.kind] = counts.get(found.kind, 0) + 1
    parts = [f"{n} {t('mask.' + kind)}" for kind, n in counts.items()]
    what = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {t('mask.and')} {parts[-1]}"
    return screened.text, t("mask.done", what=what, text=screened.text)


def caution_about(situation: Situation, text: str) -> Caution | None:
    """What to tell before a (masked) text is taken that accuses one person, or lets one be guessed (R06, R35)."""
    return caution_in(text, situation.texts)


def caution_in(text: str, t: Texts) -> Caution | None:
    """The same (`caution_about`), in the given language."""
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

    form = builtin_form(DraftKind.REPORT, t.tag)
    if draft is not None and draft.extra.get("corrects"):
        # pictures that were sent stay as they are
        form = replace(form, questions=tuple(q for q in form.questions if q.id != "photos"))
    return FormContext(
        form=form,
        texts=t,
        pack=pack_answer,
        options=options,
        screen=lambda text: screen_text(situation, text),
        caution=lambda text: caution_about(situation, text),
        summary=lambda draft: _summary(situation, draft),
        search=search,
        offers=lambda draft: join_issue.offers(situation, draft),
        takes_more=lambda draft: "content" if wants_more(draft) else "",
        today=situation.today,
        banner=t("practice.head") if draft is not None and draft.is_practice else "",
    )


def _summary(situation: Situation, draft: Draft) -> str:
    t = situation.texts
    words = answers_in_words(situation)
    lines = [t("report.emergency")] if draft.answers.get("urgency") == "khan" else []
    lines += [t("form.check"), "• " + " – ".join(one_line(words, draft, id) for id in _LEVELS)]
    lines.append(f'• "{draft.answers["content"]}"')
    extras = [id for id in (*ADDED, "photos") if draft.answers.get(id)]
    lines += [f"• {t(f'report.{id}.line')}: {one_line(words, draft, id)}" for id in extras]
    if draft.extra.get("few"):
        lines.append(t("report.few"))
    if wants_more(draft):
        lines.append(t("report.tell_more"))
    return "\n".join(lines)


def wants_more(draft: Draft) -> bool:
    """Whether its words are too few to say where and since when, and that was not yet asked."""
    if draft.is_practice or draft.extra.get("more_asked"):
        return False
    return len(_WORD.findall(str(draft.answers.get("content") or ""))) < _FEW_WORDS


ADDED = tuple(question.id for question in added_questions())
_WORD = re.compile(r"[^\W_]+")
#: Fewer words tell what, but neither where nor since when: "Mất nước", "Đường hỏng nặng quá".
_FEW_WORDS = 5
_LEVELS = ("topic", "area", "spread", "mood", "urgency")


def answers_in_words(situation: Situation) -> FormContext:
    """The report's form without its summary, for displaying answers."""
    full = context(situation)
    return FormContext(form=full.form, texts=full.texts, pack=pack_answer, options=full.options)


def new_draft(situation: Situation, answers: dict[str, Any] | None = None, **extra: Any) -> Draft:
    nonce = situation.new_id("nonce")
    return situation.conversation.begin(DraftName(DraftKind.REPORT), nonce, answers=dict(answers or {}), extra=extra)


def recorded(situation: Situation, topic: str, area: Unit, mood: str = "") -> str:
    """What a receipt says was recorded: the topic, the area, and the mood where one was told."""
    t = situation.texts
    facts = [t(f"topic.{topic}"), area.name, t(f"report.mood.{mood}").lower() if mood else ""]
    return " – ".join(fact for fact in facts if fact) + "."
