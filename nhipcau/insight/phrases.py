"""What reports say, as runs of up to four syllables that name nobody and no place.

Left out: masks, numbers and whatever they touch, words in capitals inside a sentence, names of places, and what
screening would take for a person's name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from unicodedata import normalize

from nhipcau.bot.language.similarity import is_everyday
from nhipcau.bot.language.syllables import STOP, syllables
from nhipcau.privacy.screening import screen
from nhipcau.privacy.screening_places import KnownPlaces

#: Syllables of the longest run.
LONGEST = 4

#: One word: its syllables without diacritics, and how it was typed, in small letters.
Word = tuple[tuple[str, ...], str]
#: A run of syllables.
Phrase = tuple[str, ...]

_TOKEN = re.compile(r"\n|\[[^\]\n]{1,20}\]|[^\s,.;:!?()\"“”'…–/|+*<>=]+|[^\s]")
#: Short words in capitals are abbreviations: BHYT, CCCD.
_ABBREVIATION = 6
#: After these words comes a place's name, though in small letters.
_BEFORE_PLACES = frozenset(
    ["thon", "ban", "xom", "khoi", "pho", "to", "ngo", "xa", "phuong", "tinh", "huyen", "lang", "deo", "suoi"]
)
_VILLAGES = frozenset(["thon", "ban", "xom", "lang"])
_PLACE_WORDS = 4
#: Syllables with which no word begins or ends that says something.
_FILLERS = STOP | frozenset(syllables("the nay nen neu boi do tai luc khac nua day biet muon can phai lai ai"))


def passages(text: str, places: KnownPlaces) -> Iterator[list[Word]]:
    """The parts of a text between everything that is left out and between marks, word by word."""
    shouts = sum(map(str.isupper, text)) > sum(map(str.islower, text))
    passage: list[str] = []
    begins = True
    for token in _TOKEN.findall(normalize("NFC", text)):
        if not token.isalpha():
            yield from _without_places(passage, places)
            passage, begins = [], begins or token in ".!?…\n"
            continue
        is_name = token[0].isupper() and not shouts and not (token.isupper() and 1 < len(token) <= _ABBREVIATION)
        if is_name and not begins:
            # a name may have begun with the first word of the sentence
            if len(passage) == 1 and passage[0][0].isupper():
                passage = []
            yield from _without_places(passage, places)
            passage = []
        else:
            passage.append(token)
        begins = False
    yield from _without_places(passage, places)


def _without_places(passage: list[str], places: KnownPlaces) -> Iterator[list[Word]]:
    words = [word.lower() for word in passage]
    part: list[Word] = []
    n = 0
    while n < len(words):
        after = n > 0 and _folded(words[n - 1]) in _BEFORE_PLACES
        longest = min(_PLACE_WORDS, len(words) - n) if places.begin_with(words[n]) else 0
        size = next((s for s in range(longest, 0 if after else 1, -1) if places.holds(words[n : n + s])), 0)
        if not size and n > 0 and _folded(words[n - 1]) in _VILLAGES:
            # a village that no list holds: up to two words that are not everyday ones
            named = words[n : n + 2]
            size = next((k for k, word in enumerate(named) if is_everyday(_folded(word))), len(named))
        if size:
            if part:
                yield part
            part = []
        else:
            part.append((_meant(words[n]), words[n]))
        n += size or 1
    if part:
        yield part


@lru_cache(maxsize=16384)
def _meant(word: str) -> tuple[str, ...]:
    return syllables(word)


def _folded(word: str) -> str:
    return " ".join(_meant(word))


#: A text as its parts, each syllable with how it was typed ("" where an abbreviation was written out).
Parts = list[list[tuple[str, str]]]


def parts_of(text: str, places: KnownPlaces) -> Parts:
    """A text as runs are taken from it."""
    return [
        [(syllable, shown if len(meant) == 1 else "") for meant, shown in passage for syllable in meant]
        for passage in passages(text, places)
    ]


def runs(parts: Parts, length: int, among: Collection[Phrase] | None = None) -> dict[Phrase, str]:
    """Each run of so many syllables once, and how it was typed. `among`: only where both the run without its last
    syllable and that without its first are among these (for a run of one: it itself)."""
    found: dict[Phrase, str] = {}
    for part in parts:
        for start in range(len(part) - length + 1):
            words = part[start : start + length]
            run = tuple([syllable for syllable, _ in words])
            if among is None or (run in among if length == 1 else run[1:] in among and run[:-1] in among):
                shown = [shown for _, shown in words]
                found.setdefault(run, " ".join(shown) if all(shown) else "")
    return found


def says_something(phrase: Phrase) -> bool:
    """It neither begins nor ends with a filler, and is more than a letter."""
    return not _FILLERS & {phrase[0], phrase[-1]} and len("".join(phrase)) > 1


def may_be_a_name(shown: str, places: KnownPlaces) -> bool:
    """Whether screening would mask it if it were written as names are."""
    return bool(screen(shown.title(), places).found)
