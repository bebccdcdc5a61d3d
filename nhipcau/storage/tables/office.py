"""The audit of the office, and values shared by processes."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Integer, String, Table, Text

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

#: What people asked about their own data, and lists of people that were taken out; nobody is named.
data_requests = Table(
    "data_requests",
    metadata,
    #: YC- and 7 characters, random.
    Column("id", String(12), primary_key=True),
    #: see, copy, correct, delete, withdraw, restrict, object; export
    Column("kind", String(10), nullable=False),
    Column("received", Date, nullable=False),
    Column("answered", Date),
    Column("done", Date),
    #: Somebody outside the office has to act too.
    Column("with_others", Boolean, nullable=False),
    #: Done by the person themselves in the chat.
    Column("in_chat", Boolean, nullable=False),
    #: The office's own reference, or why people were exported; masked.
    Column("note", String(200), nullable=False),
    #: Of an export: how many people.
    Column("number", Integer),
)
