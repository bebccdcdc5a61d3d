"""Files beside the database: what their numbers, times and places tell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from tests.attacks.chance import ONE_COPY, Finding, Outcome, by_order, outcome
from tests.attacks.stage import FileFacts, Stage

pytestmark = pytest.mark.slow


def by_facts(order: Sequence[float], facts: Sequence[FileFacts]) -> Outcome:
    """Does any fact of these files follow this order?"""
    columns = {
        name: [float(getattr(fact, name)) for fact in facts] for name in ("inode", "changed", "modified", "listed")
    }
    # a name's own order
    names = sorted(fact.name for fact in facts)
    columns["name"] = [float(names.index(fact.name)) for fact in facts]
    told = {name: column for name, column in columns.items() if len(set(column)) > 1}
    if not told:
        return outcome([], 0)
    p = by_order(np.array([order]).T, np.array(list(told.values())).T)[0]
    return outcome([Finding(float(one), f"order × {name}") for one, name in zip(p, told, strict=True)], len(told))


def pictures(stage: Stage, facts: dict[str, list[FileFacts]]) -> Outcome:
    by_name = {fact.name: fact for files in facts.values() for fact in files}
    kept = [name for name in stage.session.pictures if name in by_name]
    assert len(kept) == len(stage.session.pictures) == 16
    return by_facts(list(range(len(kept))), [by_name[name] for name in kept])


def test_after_the_mix_no_picture_tells_when_it_came(stage: Stage) -> None:
    """L11, F16, R18."""
    found = pictures(stage, stage.nights[0].files)
    assert found.sigmas <= ONE_COPY, str(found)


def test_no_key_file_is_touched_by_what_people_do(stage: Stage) -> None:
    """Else its time, or its bytes, would say who did something: three days of acts leave those of the first alone."""
    first, last = (snapshot.files["keys"] for snapshot in (stage.nights[0], stage.nights[-1]))
    before, after = ({fact.name: (fact.inode, fact.changed) for fact in files} for files in (first, last))
    assert before
    assert {name for name in before.keys() & after.keys() if before[name] != after[name]} == set()
    # and new ones are of days, polls and the audit of a day
    assert {name.split("-")[0] for name in after.keys() - before.keys()} <= {"day", "poll", "audit.head"}


def test_before_the_mix_pictures_tell_when_they_came(stage: Stage) -> None:
    """So the attack works, and so much a disk tells in the evening."""
    found = pictures(stage, stage.evenings[0].files)
    assert found.succeeds, str(found)
