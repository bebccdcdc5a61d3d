"""What the office looks for in reports: words, and what they are about, never a person; and what is found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from nhipcau.bot.language.search_words import Phrase, keys_in, spans_of
from nhipcau.bot.language.vietnamese import nfc
from nhipcau.model.reports import Report, ReportState
from nhipcau.privacy.screening import screen
from nhipcau.privacy.screening_places import KnownPlaces

#: What divides words from phrases: "tim 'nước sạch'" and as phones write it.
_QUOTES = str.maketrans(dict.fromkeys("“”„«»", '"'))
#: Words of a search that count.
_MOST_WORDS = 12


@dataclass(frozen=True, slots=True)
class SearchWords:
    """What a report must hold: all of the words, each anywhere in it, and phrases as they stand; and one of each kind
    of code that is given."""

    #: A word is a phrase of one. Made by `phrases_of`, which refuses personal data.
    phrases: tuple[Phrase, ...] = ()
    topics: tuple[str, ...] = ()
    #: Ids of units: these and those below.
    areas: tuple[int, ...] = ()
    states: tuple[ReportState, ...] = ()
    moods: tuple[str, ...] = ()
    urgencies: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None


def phrases_of(text: str, places: KnownPlaces) -> tuple[Phrase, ...] | None:
    """The words and "phrases in quotes" of what somebody typed. None: it holds personal data, by which nobody searches
    (rule R26)."""
    typed = nfc(text).translate(_QUOTES)
    if screen(typed, places).found or screen(typed.replace('"', " "), places).found:
        return None
    found: list[Phrase] = []
    for n, part in enumerate(typed.split('"')):
        keys = keys_in(part)
        if n % 2 and keys:
            found.append(keys)
        elif not n % 2:
            found += [(key,) for key in keys]
    return tuple(dict.fromkeys(found))[:_MOST_WORDS]


def names_somebody(phrases: Iterable[Phrase], names: Iterable[str], places: Iterable[str]) -> bool:
    """Whether these words hold one of these names of people, whole, or are the last two words of one and no place."""
    words = [key.folded for phrase in phrases for key in phrase]
    is_place = any([key.folded for key in keys_in(place)] == words for place in places)
    for name in names:
        last = keys_in(name.rpartition(" ")[2])
        if last and last[-1].folded not in words:
            continue
        parts = [key.folded for key in keys_in(name)]
        if len(parts) < 2:
            continue
        if any(words[n : n + len(parts)] == parts for n in range(len(words) - len(parts) + 1)):
            return True
        if words == parts[-2:] and not is_place:
            return True
    return False


@dataclass(frozen=True, slots=True)
class Hit:
    """A report that was found, and where the words stand in its text: start and end of each, in order."""

    report: Report
    spans: tuple[tuple[int, int], ...]

    @staticmethod
    def of(report: Report, wanted: SearchWords) -> Hit:
        return Hit(report, spans_of(wanted.phrases, report.text))


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of what is found is wanted."""

    start: int = 0
    size: int = 5


FIRST_PAGE = Page()


@dataclass(frozen=True, slots=True)
class Found:
    """One page: reports with the words as they are spelt first, then with other diacritics; the newest first."""

    hits: tuple[Hit, ...]
    #: There are more after these.
    more: bool
