"""What the office was told of figures, and what it made of it; no column names a person."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Float, Integer, String, Table, Text

from nhipcau.storage.tables.base import metadata

signals = Table(
    "signals",
    metadata,
    #: Random.
    Column("id", String(32), primary_key=True),
    Column("topic", String(4), nullable=False),
    #: province, cluster, commune
    Column("level", String(10), nullable=False),
    #: A unit's code; of a cluster its name.
    Column("place", String(200), nullable=False),
    Column("since", Date, nullable=False),
    #: The day of the last look at which it stood; the columns from `count` to `units` are of that day.
    Column("day", Date, nullable=False),
    Column("count", Integer, nullable=False),
    Column("expected", Float, nullable=False),
    Column("low", Integer, nullable=False),
    Column("high", Integer, nullable=False),
    Column("p", Float, nullable=False),
    Column("q", Float, nullable=False),
    #: Codes of the units that reported, joined by a blank.
    Column("units", Text, nullable=False),
    #: The day for which it was told last.
    Column("told", Date, nullable=False),
    #: new, seen, explained
    Column("state", String(10), nullable=False),
    Column("explanation", Text, nullable=False, default="", server_default=""),
    Column("followed", Boolean, nullable=False),
    #: The first day on which it no longer stood out.
    Column("ended", Date),
)
