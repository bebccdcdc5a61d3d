"""Bytes of what was deleted: free space of pages, free pages, dead rows, indexes, the log, files."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from tests.attacks.planting import planted
from tests.attacks.stage import Snapshot, Stage, is_telling

pytestmark = pytest.mark.slow

#: What is named in a failure.
_SHOWN = 5


def as_bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode()


def left_over(snapshot: Snapshot, values: Iterable[str | bytes]) -> list[str | bytes]:
    data = snapshot.all_bytes()
    return [value for value in values if as_bytes(value) in data]


def test_after_the_mix_nothing_deleted_lies_anywhere(stage: Stage) -> None:
    """F3, F9, R08, R23: whatever lay in any table at any moment and does not any more, sealed bytes too."""
    night = stage.nights[-1]
    living = {value for row in night.rows for value in row.values if is_telling(value)}
    deleted = stage.seen - living
    # parts of what lives on (a code inside words) lie there rightly
    still = b"\0".join(as_bytes(value) for value in living if len(value) < 8000)
    deleted = {value for value in deleted if as_bytes(value) not in still}
    assert len(deleted) > 100
    assert left_over(night, deleted)[:_SHOWN] == []


def test_who_left_is_nowhere_by_name(stage: Stage) -> None:
    """F9, R08."""
    assert stage.session.gone
    for snapshot in stage.nights:
        assert left_over(snapshot, stage.session.gone) == []


def test_after_the_mix_the_servers_log_holds_nothing_said(stage: Stage) -> None:
    """PostgreSQL's log lists who changed what in one transaction, so none of it may outlive the night (L2, F9)."""
    if stage.server:
        assert [night.logged for night in stage.nights] == [set()] * len(stage.nights)
        # and it did hold them
        assert any(evening.logged for evening in stage.evenings)


def test_what_was_deleted_carelessly_is_found(stage: Stage) -> None:
    words = "CANARY-OF-WHAT-WAS-DELETED"
    snapshot = planted(
        stage,
        "planted deletion",
        [
            [("CREATE TABLE heard (words TEXT)", ())],
            [("INSERT INTO heard VALUES (?)", (words,))],
            [("DELETE FROM heard", ())],
        ],
    )
    assert left_over(snapshot, [words]) == [words]
