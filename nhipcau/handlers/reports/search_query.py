"""Reads what a coordinator typed to search: words, "phrases in quotes", and fields such as "xã: Thất Khê"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from nhipcau.bot.forms.builtin import builtin_form
from nhipcau.bot.language.topic_guess import TOPICS
from nhipcau.bot.language.vietnamese import fold, nfc, read_date
from nhipcau.handlers.situation import Situation
from nhipcau.model.report_filter import ReportFilter
from nhipcau.model.reports import ReportState
from nhipcau.model.search import phrases_of

#: Words of the longest value: "không giải quyết được", "Điện, nước sinh hoạt".
_LONGEST = 6
_FIELDS = ("topic", "area", "state", "mood", "urgency", "since", "until")


class UnknownValue(Exception):
    """Nothing is called so. `field` and `value` as they were typed."""

    def __init__(self, field: str, value: str) -> None:
        super().__init__()
        self.field, self.value = field, value


def read_search(situation: Situation, text: str) -> ReportFilter | None:
    """None: personal data is looked for. Raises UnknownValue."""
    t = situation.texts
    names = {fold(name): field for field in _FIELDS for name in t(f"search.fields.{field}").split(", ")}
    # "xã:Thất Khê" as "xã: Thất Khê"
    typed = nfc(text).replace(":", ": ").split()
    words: list[str] = []
    given = ReportFilter()
    at = 0
    while at < len(typed):
        length = next((n for n in (2, 1) if _field(typed[at : at + n]) in names), 0)
        if not length:
            words.append(typed[at])
            at += 1
            continue
        field = names[_field(typed[at : at + length])]
        given, used = _value(situation, given, field, typed[at : at + length], typed[at + length :])
        at += length + used
    phrases = phrases_of(" ".join(words), situation.office.tree.known_places)
    return None if phrases is None else replace(given, phrases=phrases)


def _field(words: Sequence[str]) -> str:
    """The name of a field before its colon; "" where there is none."""
    name = fold(" ".join(words))
    return name[:-1] if name.endswith(":") else ""


def _value(
    situation: Situation, given: ReportFilter, field: str, name: Sequence[str], rest: Sequence[str]
) -> tuple[ReportFilter, int]:
    """With the value that the longest beginning of the rest is, and of how many words it was."""
    end = next((n for n, word in enumerate(rest) if word.endswith(":")), len(rest))
    for length in range(min(end, _LONGEST), 0, -1):
        found = _READERS[field](situation, " ".join(rest[:length]).strip(' ,;."'))
        if found:
            return replace(given, **found), length
    raise UnknownValue(" ".join(name).rstrip(":"), " ".join(rest[: min(end, 3)]))


def _coded(question: str, column: str) -> Callable[[Situation, str], dict[str, Any]]:
    def read(situation: Situation, value: str) -> dict[str, Any]:
        form = builtin_form("report", situation.texts.language)
        labels = {option.key: option.label for option in form.question(question).options}
        # topics are no options of the form: each report is offered the likeliest first
        codes = _meant(labels or {code: situation.texts(f"topic.{code}") for code in TOPICS}, value)
        return {column: codes} if codes else {}

    return read


def _meant(labels: dict[str, str], value: str) -> tuple[str, ...]:
    """The codes of this name, else those whose name has these words."""
    wanted = fold(value)
    same = tuple(code for code, label in labels.items() if wanted in (fold(label), fold(code)))
    return same or tuple(code for code, label in labels.items() if f" {wanted} " in f" {_bare(label)} ")


def _bare(label: str) -> str:
    return " ".join(fold(label).replace(",", " ").split())


def _state(situation: Situation, value: str) -> dict[str, Any]:
    labels = {state.value: situation.texts(f"state.{state}") for state in ReportState if state != "withdrawn"}
    codes = _meant(labels, value)
    return {"states": tuple(ReportState(code) for code in codes)} if codes else {}


def _area(situation: Situation, value: str) -> dict[str, Any]:
    found = situation.office.tree.find(value) or [place.unit for place in situation.office.tree.search(value)]
    areas = tuple(unit for unit in found if not unit.is_cell)
    return {"areas": areas} if areas else {}


def _day(column: str) -> Callable[[Situation, str], dict[str, Any]]:
    def read(situation: Situation, value: str) -> dict[str, Any]:
        day = read_date(value, situation.today)
        return {column: day} if day else {}

    return read


_READERS: dict[str, Callable[[Situation, str], dict[str, Any]]] = {
    "topic": _coded("topic", "topics"),
    "area": _area,
    "state": _state,
    "mood": _coded("mood", "moods"),
    "urgency": _coded("urgency", "urgencies"),
    "since": _day("since"),
    "until": _day("until"),
}
