"""Matches typed text with labels, and checks texts; shared by the kinds of question, which read their own answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nhipcau.bot.language.label_matching import match_label, words_of
from nhipcau.bot.language.vietnamese import fold, read_number, without_politeness

#: Characters of a typed answer; the person is asked to shorten a longer one, which the app still shows them.
LONGEST = 2000


class InvalidAnswer(Exception):
    """The text is no answer. `why`: key of the sentence (below `wrong.` where it has no dot); `facts` are filled in."""

    def __init__(self, why: str, **facts: Any) -> None:
        super().__init__(why)
        self.why = why
        self.facts = facts


_AROUND = " .,!?…"


def match_option(text: str, labels: Sequence[str], *, numbers: bool, exact: bool = False) -> int | None:
    """The index of the label that the text means: by its number, the label, or enough of it. None: not exactly one.

    `exact`: only the whole label, though in any case, without diacritics, and with polite words around it.
    """
    if text in labels and labels.count(text) == 1 and not any(c.isdecimal() for c in text):
        return labels.index(text)
    if numbers:
        number = read_number(text, len(labels))
        if number is not None and any(c.isnumeric() for c in text):
            return number - 1
        if number is not None and exact_label(text, labels) is None:
            # "nam" means five, unless "Nam" is a label; "một" may mean the label "Một xóm" as well as the first one
            begun = [n for n, label in enumerate(labels) if fold(label).startswith(fold(text).strip(_AROUND) + " ")]
            return None if begun and begun != [number - 1] else number - 1
    return exact_label(text, labels) if exact else match_label(text, labels)


def exact_label(text: str, labels: Sequence[str]) -> int | None:
    """The index of this label, in any case, without diacritics, with polite words around it. None: no label."""
    polite = " ".join(without_politeness(text.strip(_AROUND).split()))
    named = [words_of(label) for label in labels]
    return next((named.index(words) for words in map(words_of, (text, polite)) if words and words in named), None)


def check_words(text: str, most: int = LONGEST) -> str:
    """The text, if it has letters or digits and is not too long. Raises InvalidAnswer."""
    if not any(c.isalnum() for c in text):
        raise InvalidAnswer("empty")
    if len(text) > most:
        raise InvalidAnswer("long", length=len(text), most=most)
    return text
