"""The tests themselves: short sentences as names, nothing private of the product, no test from another test."""

from __future__ import annotations

import ast
import asyncio
import socket
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.support.loop import Loop

TESTS = Path(__file__).parents[1]
MAX_NAME = 60
#: Calls that name an attribute as text.
BY_NAME = {"setattr", "getattr", "delattr", "hasattr"}


@cache
def _trees() -> dict[str, ast.Module]:
    return {path.relative_to(TESTS).as_posix(): ast.parse(path.read_text("utf-8")) for path in TESTS.rglob("*.py")}


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def _is_itself(node: ast.expr) -> bool:
    """Whether this is a test helper's own object; a subclass may use what it inherits."""
    return (isinstance(node, ast.Name) and node.id in {"self", "cls"}) or "super()" in ast.unparse(node)


def _names_reached(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.ImportFrom):
        yield from (alias.name for alias in node.names)
        yield from (node.module or "").split(".")
    elif isinstance(node, ast.Attribute) and not _is_itself(node.value):
        yield node.attr
    elif isinstance(node, ast.Call):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in BY_NAME:
            texts = (arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str))
            yield from (text.rpartition(".")[2] for text in texts)


def test_no_test_reaches_into_privates() -> None:
    found = [
        f"{path}:{getattr(node, 'lineno', 0)} {name}"
        for path, tree in _trees().items()
        for node in ast.walk(tree)
        for name in _names_reached(node)
        if _is_private(name)
    ]
    assert found == []


def test_names_of_tests_are_sentences_of_at_most_60_letters() -> None:
    names = [
        node.name.removeprefix("test_")
        for tree in _trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    ]
    assert names
    assert [name for name in names if len(name) > MAX_NAME] == []


def test_no_test_imports_from_another_test() -> None:
    found = [
        f"{path}: {node.module}"
        for path, tree in _trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and "test_" in (node.module or "")
    ]
    assert found == []


def test_a_connection_left_open_is_told_and_hangs_nothing() -> None:
    loop = Loop()

    with socket.create_server(("127.0.0.1", 0)) as server:
        loop.run_until_complete(loop.create_connection(asyncio.Protocol, *server.getsockname()))
        with pytest.warns(ResourceWarning, match="left open: 1"):
            loop.close()
    assert loop.is_closed()
