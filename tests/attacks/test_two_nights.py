"""Copies of two nights, as nightly backups are: whose rows changed, and in what people differ."""

from __future__ import annotations

import pytest

from tests.attacks.chance import ONE_COPY, Outcome
from tests.attacks.linking import Linker, by_difference
from tests.attacks.planting import planted_values
from tests.attacks.session import PEOPLE
from tests.attacks.stage import BUSY, Stage

pytestmark = pytest.mark.slow

EVERYBODY = set(range(PEOPLE))


def differing(before: Linker, now: Linker, who: set[int]) -> Outcome:
    """The best guess at these people by what differs, or changed since the night before."""
    return by_difference([*now.features(), *now.changes_since(before)], who, EVERYBODY)


@pytest.mark.parametrize("day", [1, BUSY])
def test_two_nights_do_not_tell_who_reported_between_them(stage: Stage, day: int) -> None:
    """L5, L6, F4, F5."""
    authors = {said.author for said in stage.session.of("report", day)}
    found = differing(stage.nights[day - 1].linker, stage.nights[day].linker, authors)
    assert found.sigmas <= ONE_COPY, str(found)


def test_two_nights_do_not_tell_who_was_there_at_all(stage: Stage) -> None:
    """On a quiet day that is who reported, or one of few (L6)."""
    found = differing(stage.nights[BUSY - 1].linker, stage.nights[BUSY].linker, stage.session.there)
    assert found.sigmas <= ONE_COPY, str(found)


def test_two_nights_do_not_tell_whose_report_was_answered(stage: Stage) -> None:
    """Delivered, so that nothing waits beside anybody any more."""
    heard = {said.author for said in stage.session.of("note", 1)}
    found = differing(stage.nights[0].linker, stage.nights[1].linker, heard)
    assert found.sigmas <= ONE_COPY, str(found)


@pytest.mark.parametrize("day", [1, BUSY])
def test_two_backups_do_not_tell_who_was_there_between(stage: Stage, day: int) -> None:
    """L6: made by day, before the mix."""
    before, now = stage.backups[day - 1].linker, stage.backups[day].linker
    who = {said.author for said in stage.session.of("report", day)} if day == 1 else stage.session.there
    found = differing(before, now, who)
    assert found.sigmas <= ONE_COPY, str(found)


def test_what_differs_in_one_night_is_found(stage: Stage) -> None:
    days = {n: "2026-11-25" if n in stage.session.there else f"2026-11-{20 + n % 5}" for n in EVERYBODY}
    now = planted_values(stage, days, "planted days")
    found = by_difference([*now.linker.features()], stage.session.there, EVERYBODY)
    assert found.succeeds, str(found)


def test_what_changed_between_two_nights_is_found(stage: Stage) -> None:
    before = {n: f"{n:02d}" for n in EVERYBODY}
    after = {n: value + "x" * (n in stage.session.there) for n, value in before.items()}
    then, now = (planted_values(stage, values, f"planted {n}").linker for n, values in enumerate((before, after)))
    found = by_difference([*now.changes_since(then)], stage.session.there, EVERYBODY)
    assert found.succeeds, str(found)
