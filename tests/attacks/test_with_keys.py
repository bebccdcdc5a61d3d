"""With every living key, and with earlier snapshots: what a sealed poll must not tell even then."""

from __future__ import annotations

import pytest

from tests.attacks.chance import ONE_COPY
from tests.attacks.linking import Linker
from tests.attacks.rows import sort_rows
from tests.attacks.session import Utterance
from tests.attacks.stage import Stage, is_telling

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("when", ["evening", "night"])
def test_with_its_key_an_open_sealed_poll_tells_nobody(stage: Stage, when: str) -> None:
    """L8, F8: who answered is known by the guards; what they answered is not, by any order."""
    linker = stage.with_keys[when == "night"].linker
    said = stage.session.of("open", 1)
    found = linker.by_all_orders(said)
    # the keys do open it
    assert {one for them in linker.found.said.values() for one in them} >= set(said)
    assert found.tries
    assert found.sigmas <= ONE_COPY, str(found)


def test_after_its_closing_no_living_key_links_an_answer(stage: Stage) -> None:
    """R13: whoever noted every contact's guard while it was open, and holds all keys that live on."""
    night = stage.nights[-1]
    linker = Linker(sort_rows(night.rows, stage.session, stage.with_keys[0].handles))
    said = stage.session.of("open")
    found = linker.by_all_orders(said)
    assert found.tries
    assert found.sigmas <= ONE_COPY, str(found)


def test_nothing_of_a_closed_answer_was_there_while_it_was_open(stage: Stage) -> None:
    """Two snapshots: where an answer lay while its place still told whose it was, and what it was, once it is clear."""
    said = set(stage.session.of("open"))
    values: dict[Utterance, set[str | bytes]] = {one: set() for one in said}
    for table, them in stage.nights[-1].linker.found.said.items():
        for one in them.keys() & said if not table.startswith("page ") else ():
            values[one] |= {v for row in them[one] for v in row.values if is_telling(v)}
    clear = list(values.values())
    assert all(clear)
    shared = set.intersection(*clear)
    earlier = [stage.evenings[1], stage.nights[1], stage.evenings[2], stage.nights[2]]
    known = {v for snapshot in earlier for row in snapshot.rows for v in row.values if is_telling(v)}
    assert known
    assert (set().union(*clear) - shared) & known == set()
