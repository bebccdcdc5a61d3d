"""Matches typed text with labels, and checks texts; shared by the kinds of question, which read their own answers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from nhipcau.bot.language.label_matching import match_label, match_whole_label, words_of
from nhipcau.bot.language.label_numbers import hold_numbers, line_marks, line_of_letter, numbers_in, own_number
from nhipcau.bot.language.quantities import counted
from nhipcau.bot.language.vietnamese import fold, named_number, without_politeness

#: Characters of a typed answer; the person is asked to shorten a longer one, which the app still shows them.
LONGEST = 2000


class InvalidAnswer(Exception):
    """The text is no answer. `why`: key of the sentence (below `wrong.` where it has no dot); `facts` are filled in."""

    def __init__(self, why: str, **facts: Any) -> None:
        super().__init__(why)
        self.why = why
        self.facts = facts


_AROUND = " .,!?…"


def match_option(
    text: str,
    labels: Sequence[str],
    *,
    numbers: bool,
    exact: bool = False,
    ways: Collection[int] = (),
    lines: bool = False,
) -> int | None:
    """The index of the label that the text means. None: not exactly one.

    First the label itself, then a label's own number ("7" is "Lớp 7"), then a place in the list, but only where the
    labels hold no numbers; then enough of a label. `exact`: only the whole label or a number, with polite words around
    it. `ways`: places of ways out, which a number never means beside labels with digits. `lines`: the labels are lines
    of a list, such as one's reports, whose numbers are part of a title: a number that no title holds is a place.
    """
    if text in labels and labels.count(text) == 1:
        return labels.index(text)
    whole = exact_label(text, labels) if exact else match_whole_label(text, labels)
    if whole is not None:
        return whole
    if numbers:
        named = named_number(text)
        if named is not None:
            return _by_number(text, *named, labels, ways, lines=lines)
        if (letter := line_of_letter(text, labels, ways)) is not None:
            return letter
        if (amount := counted(text)) is not None and hold_numbers(labels):
            return _called(amount, labels, bare=True)
    return None if exact else match_label(text, labels)


def _by_number(
    text: str, number: int, counting: str, labels: Sequence[str], ways: Collection[int], *, lines: bool
) -> int | None:
    """The label that a number means: by its own number, or by the place of its line."""
    marks = line_marks(labels, ways)
    place = number - 1 if 1 <= number <= len(labels) else None
    if not hold_numbers(labels):
        if place is None or marks[place] != f"{number}.":
            return None
        # "một" may mean the label "Một xóm" as well as the first one
        begun = [n for n, label in enumerate(labels) if fold(label).startswith(fold(text).strip(_AROUND) + " ")]
        is_word = not any(c.isnumeric() for c in text)
        return None if is_word and begun and begun != [place] else place
    called = _called(number, labels)
    if counting:
        # "câu 2", "cái thứ hai": the line or the label, if they are the same
        return called if called == place else None
    if called is None and lines and place is not None and not any(number in numbers_in(label) for label in labels):
        return None if place in ways else place
    return called


def _called(number: int, labels: Sequence[str], *, bare: bool = False) -> int | None:
    """The one label of this number; `bare`: which is nothing but the number ("2", "3 trở lên")."""
    holders = [n for n, label in enumerate(labels) if number in numbers_in(label)]
    if len(holders) != 1 or own_number(labels[holders[0]]) != number:
        return None
    is_bare = fold(labels[holders[0]]).removesuffix(" tro len").strip().isdecimal()
    return holders[0] if is_bare or not bare else None


def exact_label(text: str, labels: Sequence[str]) -> int | None:
    """The index of this label, in any case, without diacritics, with polite words around it. None: no label."""
    polite = " ".join(without_politeness(text.strip(_AROUND).split()))
    named = [words_of(label) for label in labels]
    found = (words for words in map(words_of, (text, polite)) if words and words in named)
    return next((named.index(words) for words in found if named.count(words) == 1), None)


def check_words(text: str, most: int = LONGEST) -> str:
    """The text, if it has letters or digits and is not too long. Raises InvalidAnswer."""
    if not any(c.isalnum() for c in text):
        raise InvalidAnswer("empty")
    if len(text) > most:
        raise InvalidAnswer("long", length=len(text), most=most)
    return text
