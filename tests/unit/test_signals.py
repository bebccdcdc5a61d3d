"""Early signals: silent in calm times, found where something grows, told once and at the level that explains it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from nhipcau.insight.signals.expectation import LEAST_WEEKS, WEEK
from nhipcau.insight.signals.history import History, history_of
from nhipcau.insight.signals.rises import RiseDetector, rises
from nhipcau.model.signals import Level, Rise

pytestmark = pytest.mark.slow

LAST = date(2026, 11, 29)
#: 24 communes in 4 clusters, an agency without one, and the province itself.
COMMUNES, CLUSTERS, TOPICS = 24, 4, 8
AREAS = {**{f"X{i:02}": f"cụm {i % CLUSTERS}" for i in range(COMMUNES)}, "S01": "", "T20": ""}
NAMES = tuple(f"T{i}" for i in range(TOPICS))
WEEKS = 40

Counts = NDArray[np.int32]


@cache
def calm(seed: int, weeks: int = WEEKS, weekly: float = 60.0) -> Counts:
    """(days, topics, areas): the first topic has half of all reports."""
    shares = np.array([0.5, *[0.5 / (TOPICS - 1)] * (TOPICS - 1)])
    rates = weekly / WEEK * np.outer(shares, np.full(len(AREAS), 1 / len(AREAS)))
    counts: Counts = np.random.default_rng(seed).poisson(rates, (weeks * WEEK, *rates.shape)).astype(np.int32)
    return counts


def with_more(change: Callable[[Counts], object], seed: int = 1) -> History:
    counts = calm(seed).copy()
    change(counts)
    return History(LAST, counts, NAMES, tuple(AREAS), tuple(AREAS.values()), "T20")


def found(change: Callable[[Counts], object], seed: int = 1) -> list[Rise]:
    return rises(with_more(change, seed))


def key(rise: Rise) -> tuple[str, Level, str]:
    return rise.topic, rise.level, rise.place


def add(number: int, topic: int, areas: slice | int, days: slice | int = slice(-6, None)) -> Callable[[Counts], None]:
    """So many reports more on each of these days in each of these areas."""

    def change(counts: Counts) -> None:
        counts[days, topic, areas] += number

    return change


@pytest.mark.parametrize("seed", range(3))
def test_calm_year_has_few_false_alarms(seed: int) -> None:
    history = History(LAST, calm(seed, 26 + 2 + 52), NAMES, tuple(AREAS), tuple(AREAS.values()), "T20")
    detector = RiseDetector(history)
    for row in range(28 * WEEK, history.days):
        detector.look(row)
    # half a false alarm a week are allowed for, so 26 in a year; twice as many would be beyond chance
    assert sum(map(len, detector.told.values())) <= 52


def test_five_more_of_one_topic_in_one_commune_are_its_own() -> None:
    before = {key(rise) for rise in found(lambda _: None)}
    new = [rise for rise in found(add(5, 3, 7, -2)) if key(rise) not in before]
    assert [key(rise) for rise in new] == [("T3", Level.COMMUNE, "X07")]
    (rise,) = new
    assert rise.count >= 5 > rise.high
    assert rise.units == ("X07",)
    assert rise.since == rise.told[0] == LAST - timedelta(days=1)


def test_rise_everywhere_is_the_provinces_and_of_no_commune() -> None:
    def change(counts: Counts) -> None:
        counts[-14:, 0] += calm(5)[-14:, 0] + calm(6)[-14:, 0]

    of_topic = [rise for rise in found(change) if rise.topic == "T0"]
    assert [rise.level for rise in of_topic] == [Level.PROVINCE]
    assert len(of_topic[0].units) > COMMUNES / 2


def test_rise_of_a_whole_cluster_is_the_clusters_alone() -> None:
    of_topic = [rise for rise in found(add(1, 2, slice(1, COMMUNES, CLUSTERS), slice(-6, -1))) if rise.topic == "T2"]
    assert [key(rise) for rise in of_topic] == [("T2", Level.CLUSTER, "cụm 1")]


def test_fewer_than_five_in_four_weeks_are_no_signal() -> None:
    def change(counts: Counts) -> None:
        counts[:, 5] = 0
        counts[-2, 5, 3] = 4

    assert not [rise for rise in found(change) if rise.topic == "T5"]


@pytest.mark.parametrize("seed", range(4))
def test_nothing_stands_without_five_reports_in_four_weeks(seed: int) -> None:
    """Also of what has begun: a sparse place with one report in the week is back in its usual range."""
    history = with_more(add(4, 5, 3, -20), seed)
    four_weeks = history.counts[-28:].sum(axis=0)
    for rise in rises(history):
        if rise.level is Level.COMMUNE:
            assert four_weeks[NAMES.index(rise.topic), history.areas.index(rise.place)] >= 5
        assert rise.count > rise.high or rise.p < 0.01


def test_more_reporting_units_are_no_rise() -> None:
    def change(counts: Counts) -> None:
        # half of the communes begin to report two weeks ago
        counts[:-14, :, ::2] = 0

    assert not [rise for rise in found(change) if rise.level is Level.PROVINCE]


def test_rise_keeps_its_since_and_is_told_once_while_it_lasts() -> None:
    history = with_more(add(3, 4, 9, slice(-21, None)))
    detector, sinces = RiseDetector(history), set()
    for row in range(28 * WEEK, history.days):
        detector.look(row)
        sinces |= {(rise.since, rise.told) for rise in detector.standing() if key(rise) == ("T4", Level.COMMUNE, "X09")}
    assert len({since for since, _ in sinces}) == 1
    (row, _), *again = detector.told[Level.COMMUNE, 4, 9]
    assert history.day(row) <= LAST - timedelta(days=18)
    # from 3 reports to 21 in the first week, which is clearly more
    assert 1 <= len(again) <= 2


def test_rise_ends_and_another_one_is_new() -> None:
    def change(counts: Counts) -> None:
        counts[:, 6, 11] = 0
        counts[-60:-55, 6, 11] = 3
        counts[-3:, 6, 11] = 4

    history = with_more(change)
    (rise,) = [rise for rise in rises(history) if key(rise) == ("T6", Level.COMMUNE, "X11")]
    assert rise.since >= LAST - timedelta(days=3)
    earlier = History(LAST - timedelta(days=40), history.counts[:-40], *_rest(history))
    assert not [rise for rise in rises(earlier) if key(rise) == ("T6", Level.COMMUNE, "X11")]


def _rest(history: History) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], str]:
    return history.topics, history.areas, history.clusters, history.root


def test_what_comes_later_does_not_change_what_was_found() -> None:
    history = with_more(add(5, 3, 7, -10))
    shorter = History(LAST - timedelta(days=7), history.counts[:-7], *_rest(history))
    until = RiseDetector(history)
    for row in range(history.days - 7 - 26 * WEEK, history.days - 7):
        until.look(row)
    assert until.standing() == rises(shorter)


def test_same_weeks_of_last_year_explain_a_season() -> None:
    weeks = 52 + 26 + 8
    counts = calm(3, weeks).copy()
    storms = calm(4, weeks)[:, 0]
    this_year, last_year = slice(-14, None), slice(-364 - 35, -364 + 21)
    counts[this_year, 0] += storms[this_year]
    unexpected = rises(History(LAST, counts.copy(), NAMES, tuple(AREAS), tuple(AREAS.values()), "T20"))
    counts[last_year, 0] += storms[last_year]
    seasonal = rises(History(LAST, counts, NAMES, tuple(AREAS), tuple(AREAS.values()), "T20"))
    assert "T0" in {rise.topic for rise in unexpected if rise.level is Level.PROVINCE}
    assert "T0" not in {rise.topic for rise in seasonal if rise.level is Level.PROVINCE}


@pytest.mark.parametrize("reports", [0, 1, 40])
def test_office_without_a_past_hears_nothing(reports: int) -> None:
    first = LAST - timedelta(days=WEEK * (LEAST_WEEKS + 1))
    rows = [(LAST, "T0", "X01", reports)] if reports else []
    assert rises(history_of(rows, first, LAST, NAMES, AREAS, "T20")) == []


def test_one_unit_alone_has_a_province_and_no_communes() -> None:
    rows = [(LAST - timedelta(days=n), "T0", "T20", 1) for n in range(200)]
    history = history_of([*rows, (LAST, "T0", "T20", 20)], LAST - timedelta(days=400), LAST, NAMES, {"T20": ""}, "T20")
    assert [key(rise) for rise in rises(history)] == [("T0", Level.PROVINCE, "T20")]


def test_units_and_topics_that_are_gone_are_passed_over() -> None:
    rows = [(LAST, "OLD", "X01", 9), (LAST, "T0", "GONE", 9), (LAST + timedelta(days=1), "T0", "X01", 9)]
    assert not history_of(rows, LAST - timedelta(days=300), LAST, NAMES, AREAS, "T20").counts.any()
