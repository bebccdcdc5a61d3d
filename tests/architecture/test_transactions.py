"""One file begins and commits, so that what one event changes is kept whole or not at all."""

from __future__ import annotations

import ast
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "nhipcau"
#: Methods that begin or end a transaction; `begin` only without arguments (a conversation begins a draft).
ENDS = {"commit", "rollback", "begin_nested"}
MAKES = {"create_engine", "create_async_engine"}


def begins_or_commits(call: ast.Call) -> bool:
    if isinstance(call.func, ast.Name):
        return call.func.id in MAKES
    if not isinstance(call.func, ast.Attribute):
        return False
    return call.func.attr in ENDS | MAKES or (call.func.attr == "begin" and not call.args)


def test_only_the_database_file_begins_and_commits() -> None:
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if any(word in (text := path.read_text(encoding="utf-8")) for word in ENDS | MAKES | {"begin"})
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and begins_or_commits(node)
    }
    assert found == {"storage/database.py"}
