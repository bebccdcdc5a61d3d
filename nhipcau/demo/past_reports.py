"""The reports of the sample commune's past, made by a seed from words of our own. Pure."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from nhipcau.model.imported_reports import ImportedReport
from nhipcau.model.reports import ReportState

_DAYS, _A_WEEK = 91, 8
#: Reports of the topic that grows, in the last days.
_RISING, _RISING_DAYS = 12, 6
_SOURCES = ("gap_go", "gap_go", "hop", "quan_sat", "dien_thoai")
#: Age in days up to which → states with their weights.
_STATES: Sequence[tuple[int, Mapping[ReportState, int]]] = (
    (1, {ReportState.NEW: 1}),
    (7, {ReportState.RECEIVED: 5, ReportState.VERIFYING: 2, ReportState.IN_PROGRESS: 2, ReportState.DONE: 2}),
    (_DAYS, {ReportState.DONE: 14, ReportState.RECEIVED: 3, ReportState.NOT_POSSIBLE: 1, ReportState.IN_PROGRESS: 1}),
)


def past_reports(
    words: Mapping[str, Any], area_id: int, cells: Sequence[str], today: date, rng: random.Random
) -> list[ImportedReport]:
    """A few a week of every topic, those of the issues on their days, and a topic that grows in the last days."""
    found = []

    def add(day: date, topic: str, mood: str, text: str, *, urgency: str = "thuong", state: str = "") -> None:
        cell = rng.choice(cells)
        added = {"place": cell, "groups": "", "source": rng.choice(_SOURCES), "proposal": ""}
        written = text.format(cell=cell)
        becomes = ReportState(state) if state else _state((today - day).days, rng)
        spread = rng.choice((1, 2, 2, 3, 3, 4))
        found.append(ImportedReport(day, area_id, topic, mood, spread, urgency, written, added, becomes))

    topics, weights = zip(*words["weights"].items(), strict=True)
    for week in range(1, _DAYS // 7 + 1):
        for _ in range(_A_WEEK + rng.randrange(-2, 3)):
            topic = rng.choices(topics, weights)[0]
            mood = rng.choice(list(words["said"][topic]))
            day = today - timedelta(days=7 * week - rng.randrange(7) - (1 if week > 1 else 0))
            add(min(day, today), topic, mood, rng.choice(words["said"][topic][mood]))
    for issue in words["issues"]:
        for number, text in enumerate(issue["reports"]):
            day = today - timedelta(days=issue["day"] + 2 + number)
            add(day, issue["topic"], "ban_khoan", text, state=ReportState.RECEIVED)
    rising = words["rising"]
    for number in range(_RISING):
        day = today - timedelta(days=1 + number % _RISING_DAYS)
        text = rising["texts"][number % len(rising["texts"])]
        add(day, rising["topic"], rising["mood"], text, state="" if number > 2 else ReportState.NEW)
    urgent = words["urgent"]
    add(today, urgent["topic"], urgent["mood"], urgent["text"], urgency="khan", state=ReportState.NEW)
    return found


def _state(age: int, rng: random.Random) -> ReportState:
    states = next(states for oldest, states in _STATES if age <= oldest or oldest == _DAYS)
    return rng.choices(list(states), list(states.values()))[0]
