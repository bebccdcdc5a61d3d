"""Every kind of change has somebody who writes it, every kind of query somebody who answers it."""

from __future__ import annotations

import ast
from dataclasses import fields
from pathlib import Path
from typing import get_args

from nhipcau import storage
from nhipcau.model import (
    changes,
    console_changes,
    issue_changes,
    network_queries,
    office_changes,
    office_queries,
    queries,
    regroupings,
    report_filter,
    request_changes,
    request_queries,
    signal_changes,
    synthesis_changes,
    synthesis_queries,
    training,
    undo_changes,
    waiting,
)
from nhipcau.storage.apply_changes import WRITING
from nhipcau.storage.registry import ANSWERERS, WRITERS
from nhipcau.storage.run_queries import ANSWERING

#: Where kinds of change stand.
KINDS_OF_CHANGE = (
    changes,
    console_changes,
    issue_changes,
    office_changes,
    request_changes,
    signal_changes,
    synthesis_changes,
    undo_changes,
)
#: Where kinds of query stand.
KINDS_OF_QUERY = (
    *(queries, network_queries, office_queries, regroupings, report_filter),
    *(request_queries, synthesis_queries, training, waiting),
)
#: What a query is declared as.
KINDS = (queries.PersonalQuery, queries.AreaQuery, queries.OfficeQuery)


def kinds_in(module: object) -> set[type]:
    found = {value for value in vars(module).values() if isinstance(value, type)}
    return {kind for kind in found if kind.__module__ == getattr(module, "__name__", "")}


def test_every_change_stands_in_the_closed_union() -> None:
    assert set(get_args(changes.Change)) == set().union(*map(kinds_in, KINDS_OF_CHANGE))
    assert not set(get_args(changes.RowChange)) & set(get_args(changes.Act))


def test_every_row_has_one_who_writes_it() -> None:
    assert WRITING
    assert set(WRITERS) == set(get_args(changes.RowChange))


def test_every_query_has_one_who_answers_it() -> None:
    assert ANSWERING
    found = {kind for kind in set().union(*map(kinds_in, KINDS_OF_QUERY)) if issubclass(kind, queries.Query)}
    assert set(ANSWERERS) == found - {queries.Query, *KINDS}


def test_every_query_is_personal_of_an_area_or_has_a_scope() -> None:
    assert [kind for kind in ANSWERERS if sum(issubclass(kind, of) for of in KINDS) != 1] == []
    for kind in ANSWERERS:
        scopes = [n for n, field in enumerate(fields(kind)) if field.type == "Scope"]
        assert scopes == ([0] if issubclass(kind, queries.OfficeQuery) else []), kind


def test_storage_is_asked_about_units_and_scopes_not_paths() -> None:
    """Every function of storage that reads within a scope takes it first; a bare path says nothing of a role."""
    for file in sorted(Path(storage.__file__).parent.glob("*.py")):
        for made in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(made, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            names = [argument.arg for argument in (*made.args.args, *made.args.kwonlyargs)]
            if "scope" in names:
                assert names.index("scope") == int(names[0] in {"self", "connection"}), (file.name, made.name)
            paths = [a.arg for a in made.args.args if a.arg == "path" and ast.unparse(a.annotation or a) == "str"]
            assert not paths or made.name == "inside", (file.name, made.name)
