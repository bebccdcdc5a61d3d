"""Order of rows, cells, pages, transactions and frames: people beside what was said, or beside a watch outside."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.attacks.chance import ONE_COPY, on_each_copy
from tests.attacks.linking import Openly
from tests.attacks.planting import BY_KEY, TABLES, planted_acts
from tests.attacks.session import Utterance
from tests.attacks.stage import BUSY, Snapshot, Stage

pytestmark = pytest.mark.slow

#: What was said, by kind and day; reports and the office's answers say their day, so that only one day's are compared.
SAID = {
    "reports": ("report", 0),
    "poll": ("poll", 0),
    "sealed poll": ("sealed", 0),
    "open sealed poll": ("open", 1),
    "official answers": ("official", 1),
    "delivered answers of the office": ("note", 0),
    "waiting answers of the office": ("note", BUSY),
}


def said_in(stage: Stage, what: str) -> Sequence[Utterance]:
    found = stage.session.of(*SAID[what])
    assert len(found) >= 8
    return found


def openly(what: str) -> Openly | None:
    """What content carries on purpose: official answers their unit."""
    return (lambda said: said.unit) if what == "official answers" else None


def every(stage: Stage) -> list[Snapshot]:
    return [*stage.evenings, *stage.nights, *stage.backups]


def test_everything_said_lies_where_it_belongs(stage: Stage) -> None:
    """Else an attack would have nothing to find."""
    kept = {said for them in stage.nights[-1].linker.found.said.values() for said in them}
    assert [said for said in stage.session.said if said not in kept] == []


def test_no_row_names_a_person_and_what_they_said(stage: Stage) -> None:
    """R01: at no moment, in no table, index, dead row or frame of the log."""
    for snapshot in every(stage):
        assert {row.table for row in snapshot.linker.found.both} == set()
        assert {row.table for row in snapshot.log_linker.found.both} == set()


@pytest.mark.parametrize("what", SAID)
def test_after_the_mix_no_order_tells_who_said_it(stage: Stage, what: str) -> None:
    """L1, L4, L7, L8, L12, L13, R13, R18."""
    said = said_in(stage, what)
    found = on_each_copy(lambda n: stage.night(n).linker.by_all_orders(said, openly=openly(what)))
    assert not found.succeeds, str(found)


@pytest.mark.parametrize("what", SAID)
def test_after_the_mix_no_order_is_that_of_the_acts(stage: Stage, what: str) -> None:
    """R18: for somebody who watched from outside who acted when, as a log of connections tells."""
    said = said_in(stage, what)
    found = on_each_copy(lambda n: stage.night(n).linker.by_known_order(said))
    assert not found.succeeds, str(found)


@pytest.mark.parametrize("what", SAID)
def test_after_the_mix_the_log_links_nobody(stage: Stage, what: str) -> None:
    """L2, L3: SQLite's write-ahead log, frames left over of its earlier rounds too."""
    said = said_in(stage, what)
    found = on_each_copy(lambda n: stage.night(n).log_linker.by_all_orders(said, openly=openly(what)))
    assert not found.succeeds, str(found)


@pytest.mark.parametrize("what", SAID)
def test_a_backup_made_by_day_keeps_no_order(stage: Stage, what: str) -> None:
    """L1: taken before the mix, while the database itself still lies in the order of the acts."""
    linker, said = stage.backups[BUSY].linker, said_in(stage, what)
    for found in (linker.by_all_orders(said, openly=openly(what)), linker.by_known_order(said)):
        assert found.sigmas <= ONE_COPY, str(found)


@pytest.mark.parametrize("what", ["poll", "sealed poll"])
def test_from_its_closing_on_a_poll_tells_nobody(stage: Stage, what: str) -> None:
    """L1, L7, L12, R13: in the evening, before any night's mix."""
    linker, said = stage.evenings[0].linker, said_in(stage, what)
    for found in (linker.by_all_orders(said), linker.by_known_order(said)):
        assert found.sigmas <= ONE_COPY, str(found)


# ------------------------------------------------------------------ the attacks find what is there


@pytest.mark.parametrize("tables", [TABLES, BY_KEY], ids=["in order", "by a random key"])
def test_the_attack_finds_an_order_that_is_there(stage: Stage, tables: Sequence[str]) -> None:
    said = said_in(stage, "reports")
    snapshot = planted_acts(stage, said, f"planted {tables is BY_KEY}", tables)
    for found in (snapshot.linker.by_all_orders(said), snapshot.linker.by_known_order(said)):
        assert found.succeeds, str(found)
        assert found.right == len(said), str(found)


def test_the_attack_finds_what_was_written_together(stage: Stage) -> None:
    """By the transaction alone: in PostgreSQL's rows, in SQLite's log."""
    said = said_in(stage, "official answers")
    snapshot = planted_acts(stage, said, "planted together")
    linker = snapshot.linker if stage.server else snapshot.log_linker
    found = linker.by_same_transaction(said)
    assert found.succeeds, str(found)
    assert found.right == len(said), str(found)
