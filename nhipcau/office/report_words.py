"""Judges the words of many reports as the chat judges typed ones: masks them, looks whom they are about, and guesses
their topic. It takes a millisecond a report, so thousands are shared out among the processors."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context

from nhipcau.bot.language.person_check import accuses_person, generalised, identifies_person
from nhipcau.bot.language.topic_guess import guess
from nhipcau.privacy.screening import screen
from nhipcau.privacy.screening_places import EVERYWHERE, KnownPlaces

#: With fewer words starting another process takes longer than judging them.
_FEW = 2000
#: Words handed over at once, and processes at most: each takes 60 MB.
_SLICE, _MOST_PROCESSES = 250, 4
#: Where nothing says what it is about.
_OTHER_TOPIC = "KH"


@dataclass(frozen=True, slots=True)
class Judged:
    """Words of a report without personal data, and what is to be known of them."""

    masked: str
    #: There was personal data in them.
    had_data: bool
    #: Rules R06 and R35: they accuse one person; they let one be guessed.
    accuses: bool
    identifies: bool
    #: Of words that let somebody be guessed: the same in general terms; "" where that does not help.
    general: str = ""
    #: The likeliest topic; "" where it was not asked for.
    topic: str = ""


def judge(words: str, places: KnownPlaces, *, with_topic: bool = False) -> Judged:
    screened = screen(words, places)
    masked = screened.text
    accuses = accuses_person(masked)
    identifies = not accuses and identifies_person(masked)
    general = generalised(masked) if identifies else ""
    if general == masked or (general and identifies_person(general)):
        general = ""
    topic = next(iter(guess(masked)), _OTHER_TOPIC) if with_topic else ""
    return Judged(masked, bool(screened.found), accuses, identifies, general, topic)


def judge_all(words: Mapping[str, bool], places: KnownPlaces) -> dict[str, Judged]:
    """Words → what was found. `words`: each with whether its topic is asked for."""
    # what this process may use; not every system tells
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    processes = min(usable, _MOST_PROCESSES)
    if len(words) < _FEW or processes < 2:
        return _judge_some(words, places)
    try:
        # a process of our own may hold locks and threads: the others begin anew
        with ProcessPoolExecutor(processes, get_context("spawn"), _begin, (places,)) as pool:
            return {key: found for slice_ in pool.map(_judge_slice, _slices(words)) for key, found in slice_.items()}
    except (BrokenProcessPool, OSError):
        # no room for more processes
        return _judge_some(words, places)


def _judge_some(words: Mapping[str, bool], places: KnownPlaces) -> dict[str, Judged]:
    return {each: judge(each, places, with_topic=topic) for each, topic in words.items()}


def _slices(words: Mapping[str, bool]) -> Iterator[dict[str, bool]]:
    items = list(words.items())
    for start in range(0, len(items), _SLICE):
        yield dict(items[start : start + _SLICE])


#: Of another process: the places whose names stay.
_places = EVERYWHERE


def _begin(places: KnownPlaces) -> None:
    global _places
    _places = places


def _judge_slice(words: dict[str, bool]) -> dict[str, Judged]:
    return _judge_some(words, _places)
