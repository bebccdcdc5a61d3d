"""Every kind of change has somebody who writes it, every kind of query somebody who answers it."""

from __future__ import annotations

from typing import get_args

from nhipcau.model import changes, queries
from nhipcau.storage.apply_changes import WRITING
from nhipcau.storage.registry import ANSWERERS, WRITERS
from nhipcau.storage.run_queries import ANSWERING


def kinds_in(module: object) -> set[type]:
    found = {value for value in vars(module).values() if isinstance(value, type)}
    return {kind for kind in found if kind.__module__ == getattr(module, "__name__", "")}


def test_every_change_stands_in_the_closed_union() -> None:
    assert set(get_args(changes.Change)) == kinds_in(changes)
    assert not set(get_args(changes.RowChange)) & set(get_args(changes.Act))


def test_every_row_has_one_who_writes_it() -> None:
    assert WRITING
    assert set(WRITERS) == set(get_args(changes.RowChange))


def test_every_query_has_one_who_answers_it() -> None:
    assert ANSWERING
    assert set(ANSWERERS) == kinds_in(queries) - {queries.Query}
