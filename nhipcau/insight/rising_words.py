"""Words that more reports say this week than chance explains, against the weeks before. Pure; only counts and words.

A word here is a run of one to four syllables (phrases.py). Its rise is tested by the log-likelihood ratio G² of Dunning
(1993): reports with it and without it, this week and before.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from math import erfc, log, sqrt

from nhipcau.insight.phrases import LONGEST, Phrase, may_be_a_name, parts_of, runs, says_something
from nhipcau.model.rising_words import RisingWord
from nhipcau.privacy.screening_places import KnownPlaces

#: Reports this week, and areas or days among them, below which a word is not told; reports before, without which
#: nothing is known of what is usual.
MIN_REPORTS, MIN_PLACES, MIN_BEFORE = 5, 2, 30
#: At least so many times its share of the reports before.
_MIN_GROWTH = 2
#: One look in so many tells a word that has not grown.
_FALSE = 0.05
#: A word that shares so much of its reports with a stronger one says the same.
_SAME = 0.7
#: Words told.
MOST = 5


@dataclass(frozen=True, slots=True)
class ReportText:
    """A report, as far as its words are counted."""

    code: str
    day: date
    area: int
    text: str


def rising_words(
    now: Sequence[ReportText], before: Sequence[ReportText], places: KnownPlaces, most: int = MOST
) -> list[RisingWord]:
    """The words of this week's reports that grew, most unlikely first. `places`: names that are no words."""
    if len(now) < MIN_REPORTS or len(before) < MIN_BEFORE:
        return []
    holders, written = _holders([*now, *before], places)
    size = len(now)
    week = {phrase: {n for n in reports if n < size} for phrase, reports in holders.items() if says_something(phrase)}
    earlier = {phrase: holders[phrase] - reports for phrase, reports in week.items()}
    # whatever might have been told counts, also what fell
    bound = _bound(len(week))

    def grew(number: int, past: int) -> float:
        return growth(number, past, size, len(before))

    grown = {
        phrase: score
        for phrase, reports in week.items()
        if _is_enough(reports, now) and (score := grew(len(reports), len(earlier[phrase]))) >= bound
    }
    kept = _explaining(grown, week, earlier, grew, bound)
    found = []
    for phrase in sorted(kept, key=lambda p: -grown[p]):
        shown = _shown(written[phrase]) or " ".join(phrase)
        if not may_be_a_name(shown, places):
            codes = sorted((now[n] for n in week[phrase]), key=lambda each: (each.day, each.code), reverse=True)
            found.append(RisingWord(" ".join(phrase), shown, tuple(each.code for each in codes)))
        if len(found) == most:
            break
    return found


def growth(number: int, past: int, reports: int, reports_before: int) -> float:
    """G² of so many of this week's reports, and so many of those before; 0 where it has not at least doubled."""
    if number * reports_before < _MIN_GROWTH * past * reports:
        return 0.0
    share = (number + past) / (reports + reports_before)
    expected = (reports * share, reports_before * share, reports * (1 - share), reports_before * (1 - share))
    observed = (number, past, reports - number, reports_before - past)
    return max(0.0, 2 * sum(o * log(o / e) for o, e in zip(observed, expected, strict=True) if o))


def _bound(tested: int) -> float:
    """The G² that a rise by chance reaches once in 1/_FALSE looks, though so many words are looked at."""
    low, high = 0.0, 200.0
    for _ in range(60):
        middle = (low + high) / 2
        # half of the distribution's tail: a fall is no rise
        low, high = (middle, high) if erfc(sqrt(middle / 2)) / 2 > _FALSE / max(tested, 1) else (low, middle)
    return high


def _holders(
    reports: Sequence[ReportText], places: KnownPlaces
) -> tuple[dict[Phrase, set[int]], dict[Phrase, Counter[str]]]:
    """Each phrase of enough reports → their places in the list, and how it was written. Longer ones are counted only
    where what they are made of is in enough reports."""
    every = [parts_of(each.text, places) for each in reports]
    holders: dict[Phrase, set[int]] = {}
    written: dict[Phrase, Counter[str]] = defaultdict(Counter)
    shorter: Set[Phrase] | None = None
    for length in range(1, LONGEST + 1):
        of_length: dict[Phrase, set[int]] = defaultdict(set)
        for n, parts in enumerate(every):
            for phrase, shown in runs(parts, length, shorter).items():
                of_length[phrase].add(n)
                if shown:
                    written[phrase][shown] += 1
        holders |= {phrase: those for phrase, those in of_length.items() if len(those) >= MIN_REPORTS}
        shorter = holders.keys()
    return holders, written


def _is_enough(reports: Set[int], now: Sequence[ReportText]) -> bool:
    """Enough reports, from more than one area or day."""
    areas, days = {now[n].area for n in reports}, {now[n].day for n in reports}
    return len(reports) >= MIN_REPORTS and max(len(areas), len(days)) >= MIN_PLACES


def _explaining(
    grown: Mapping[Phrase, float],
    week: Mapping[Phrase, Set[int]],
    earlier: Mapping[Phrase, Set[int]],
    grew: Callable[[int, int], float],
    bound: float,
) -> list[Phrase]:
    """Of words that overlap the longest one that explains the rise: a shorter one stays if it grew without it too."""
    by_length = sorted(grown, key=lambda p: (-len(p), -len(week[p])))
    kept: list[Phrase] = []
    for phrase in by_length:
        longer = [other for other in grown if len(other) > len(phrase) and _holds(other, phrase)]
        without = set(week[phrase]).difference(*(week[other] for other in longer))
        past = set(earlier[phrase]).difference(*(earlier[other] for other in longer))
        if not longer or (len(without) >= MIN_REPORTS and grew(len(without), len(past)) >= bound):
            kept.append(phrase)
    chosen: list[Phrase] = []
    for phrase in sorted(kept, key=lambda p: (-grown[p], -len(p))):
        if all(len(week[phrase] & week[other]) < _SAME * len(week[phrase]) for other in chosen):
            chosen.append(phrase)
    return chosen


def _holds(longer: Phrase, shorter: Phrase) -> bool:
    size = len(shorter)
    return any(longer[n : n + size] == shorter for n in range(len(longer) - size + 1))


def _shown(written: Counter[str]) -> str:
    """As most write it; with diacritics if anybody does."""
    return max(written, key=lambda words: (not words.isascii(), written[words], words), default="")
