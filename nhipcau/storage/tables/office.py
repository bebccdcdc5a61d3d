"""The audit of the office, and values shared by processes."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table, Text

from nhipcau.storage.tables.base import Moment, metadata

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    #: A coordinator's person id, or "office" for the command line and the scheduler.
    Column("actor", String(32), nullable=False),
    #: noun.verb: report.state, request.open, person.remove …
    Column("act", String(40), nullable=False),
    #: A code or id, never content.
    Column("subject", String(80), nullable=False, default=""),
)

#: Values one process found and others need (storage/shared_values.py); nothing about people.
facts = Table(
    "facts",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("value", Text, nullable=False),
)
