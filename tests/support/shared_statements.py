"""Statements are compiled once a test process, not once a test: each test has engines of its own, and compiling for
each took a tenth of the time. In service an engine lives as long as its process."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import LRUCache

from nhipcau.storage import database

#: By the name of a dialect, the first that has met its database: what is compiled belongs to a dialect.
_met: dict[str, Dialect] = {}
_compiled: LRUCache[Any, Any] = LRUCache(5000)


def share_compiled_statements() -> None:
    """From now on, for every database of this process."""
    vars(database)["create_async_engine"] = _engine


def _engine(*given: Any, **options: Any) -> AsyncEngine:
    made = create_async_engine(*given, **options)
    if "isolation_level" in options:
        # its dialect is another
        return made
    engine = made.sync_engine
    first = _met.setdefault(engine.dialect.name, engine.dialect)
    # a dialect learns from its first connection
    if first is engine.dialect or first.default_schema_name:
        engine.dialect = first
        engine.update_execution_options(compiled_cache=_compiled)
    return made
