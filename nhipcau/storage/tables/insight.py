"""What the office was told of figures, and what it made of it; no column names a person."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Float, ForeignKey, Integer, String, Table, Text, UniqueConstraint

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

syntheses = Table(
    "syntheses",
    metadata,
    #: Random.
    Column("id", String(32), primary_key=True),
    Column("unit_id", ForeignKey("units.id"), nullable=False),
    #: As in `Period.text`.
    Column("period", String(10), nullable=False),
    #: state, party
    Column("layout", String(6), nullable=False),
    #: Codes of the topics it is about, with commas between; "": all.
    Column("topics", String(40), nullable=False, default="", server_default=""),
    #: In which it is written.
    Column("language", String(12), nullable=False),
    #: draft, checked, signed
    Column("state", String(8), nullable=False),
    #: Counts its changes.
    Column("revision", Integer, nullable=False),
    #: JSON: place → what coordinators wrote there, masked.
    Column("words", Text, nullable=False),
    #: JSON: lines and figures as they were counted.
    Column("body", Text, nullable=False),
    #: Random file name in the folder of documents.
    Column("file", String(40), nullable=False),
    #: Whether somebody drafted it themselves can be asked of this HMAC, with the key and their id; it is another in
    #: each row, so it leads to nobody and joins no two rows.
    Column("drafter", String(16), nullable=False),
    Column("changed", Date, nullable=False),
    Column("signed", Date),
    UniqueConstraint("unit_id", "period", "layout", "topics"),
)
