"""Question kinds: how typed words become a value, and a value words again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from nhipcau.bot.forms.model import Option, Question, QuestionKind
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.label_matching import match_label, words_of
from nhipcau.bot.language.vietnamese import fold, nfc, read_date, read_number, read_quantity, without_politeness

#: Characters of one typed answer; longer ones are asked to be shortened (nothing is lost: the app still shows them).
LONGEST = 2000
#: The largest number that counts as an answer.
_LARGEST = 10**15


class InvalidAnswer(Exception):
    """What was typed is not an answer. `why` names the sentence (of `wrong.`, or a whole key), `facts` fill it."""

    def __init__(self, why: str, **facts: Any) -> None:
        super().__init__(why)
        self.why = why
        self.facts = facts


def scale_bounds(question: Question) -> tuple[int, int]:
    """The two ends of a scale; 1 to 5 where the form does not say."""
    low = 1 if question.minimum is None else int(question.minimum)
    high = 5 if question.maximum is None else int(question.maximum)
    return low, high


def options_of_kind(question: Question, t: Texts) -> list[Option]:
    """The options a question has by itself: its own, yes and no, or the steps of its scale."""
    if question.kind is QuestionKind.YESNO:
        return [Option("yes", t("form.yes")), Option("no", t("form.no"))]
    if question.kind is QuestionKind.SCALE:
        low, high = scale_bounds(question)
        return [Option(str(n), str(n)) for n in range(low, high + 1)]
    return list(question.options)


def scale_ends(question: Question, t: Texts) -> str:
    """What the two ends of a scale mean, or ""."""
    if question.kind is not QuestionKind.SCALE or not (question.low or question.high):
        return ""
    low, high = scale_bounds(question)
    return t("form.scale", low=low, low_label=question.low, high=high, high_label=question.high)


_AROUND = " .,!?…"


def match_option(text: str, labels: Sequence[str], *, numbers: bool, exact: bool = False) -> int | None:
    """Which label typed words mean: its number, the label, or enough of it. None: no one label.

    `exact`: nothing but the label itself, in any case, without marks, with politeness around it.
    """
    if text in labels and labels.count(text) == 1 and not any(c.isdecimal() for c in text):
        return labels.index(text)
    if numbers:
        number = read_number(text, len(labels))
        if number is not None and any(c.isnumeric() for c in text):
            return number - 1
        if number is not None and _the_label(text, labels) is None:
            # "nam" is five, but where "Nam" can be chosen it is that; "một" may mean "Một xóm" as well as the first
            begun = [n for n, label in enumerate(labels) if fold(label).startswith(fold(text).strip(_AROUND) + " ")]
            return None if begun and begun != [number - 1] else number - 1
    return _the_label(text, labels) if exact else match_label(text, labels)


def _the_label(text: str, labels: Sequence[str]) -> int | None:
    polite = " ".join(without_politeness(text.strip(_AROUND).split()))
    named = [words_of(label) for label in labels]
    return next((named.index(words) for words in map(words_of, (text, polite)) if words and words in named), None)


def read_answer(
    question: Question, text: str, options: Sequence[Option], today: date | None, *, numbers: bool = True
) -> Any:
    """The value of a typed answer. Raises Misread. `numbers`: one may name a place among the options."""
    text = nfc(text)
    match question.kind:
        case QuestionKind.TEXT:
            return check_words(text, int(question.maximum or LONGEST))
        case QuestionKind.NUMBER:
            return _number(question, text)
        case QuestionKind.SCALE:
            return _scale(question, text)
        case QuestionKind.DATE:
            day = read_date(text, today) if today else None
            if day is None:
                raise InvalidAnswer("date")
            return day.isoformat()
        case QuestionKind.SEVERAL:
            return _several(text, options)
        case QuestionKind.PHOTO | QuestionKind.FILE:
            raise InvalidAnswer(question.kind.value)
        case _:
            index = match_option(text, [o.label for o in options], numbers=numbers)
            if index is None:
                raise InvalidAnswer("choice")
            return options[index].key


def check_words(text: str, most: int = LONGEST) -> str:
    """The text, if it holds words and is not too long. Raises Misread."""
    if not any(c.isalnum() for c in text):
        raise InvalidAnswer("empty")
    if len(text) > most:
        raise InvalidAnswer("long", length=len(text), most=most)
    return text


def _quantity(text: str) -> float | int | None:
    """An amount that somebody can mean; None for more digits than that."""
    try:
        value = read_quantity(text)
    except OverflowError:
        return None
    return value if value is None or abs(value) <= _LARGEST else None


def _number(question: Question, text: str) -> float | int:
    value = _quantity(text)
    if value is None:
        raise InvalidAnswer("number")
    low, high = question.minimum, question.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        raise InvalidAnswer("range", low=_plain(low), high=_plain(high))
    return value


def _scale(question: Question, text: str) -> int:
    low, high = scale_bounds(question)
    ends = [label for label in (question.low, question.high) if label]
    if ends and (end := _the_label(text, ends)) is not None:
        return low if ends[end] == question.low else high
    value = _quantity(text)
    if value is None and (number := read_number(text, high)) is not None:
        value = number
    if value is None or value != int(value) or not low <= value <= high:
        raise InvalidAnswer("range", low=low, high=high)
    return int(value)


def _several(text: str, options: Sequence[Option]) -> list[str]:
    """`1 3`, `1, 3`, or labels divided by commas."""
    parts = [p for p in text.replace(";", ",").replace(" và ", ",").split(",") if p.strip()]
    if len(parts) == 1:
        parts = text.split() if all(p.strip(".)").isdigit() for p in text.split()) else parts
    marked = set()
    for part in parts:
        index = match_option(part.strip(), [o.label for o in options], numbers=True)
        if index is None:
            raise InvalidAnswer("several")
        marked.add(options[index].key)
    if not marked:
        raise InvalidAnswer("several")
    return [o.key for o in options if o.key in marked]


def labels_of(question: Question, value: Any, options: Sequence[Option]) -> str:
    """A value in words."""
    match question.kind:
        case QuestionKind.CHOICE | QuestionKind.YESNO:
            return next((o.label for o in options if o.key == value), str(value))
        case QuestionKind.SEVERAL:
            return ", ".join(o.label for o in options if o.key in value)
        case QuestionKind.DATE:
            return f"{date.fromisoformat(value):%d/%m/%Y}"
        case QuestionKind.NUMBER | QuestionKind.SCALE:
            return _plain(value)
        case QuestionKind.FILE:
            return str(value.get("title") or value.get("photo") or "")
        case _:
            return str(value)


def _plain(number: float | int | None) -> str:
    if number is None:
        return "…"
    return str(int(number)) if number == int(number) else f"{number:g}".replace(".", ",")
