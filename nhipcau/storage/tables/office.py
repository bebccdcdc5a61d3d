"""The audit of the office, and values shared by processes."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from nhipcau.storage.tables.base import metadata

#: Without a counter, on SQLite without rowid: within a day the lines keep no order (privacy/audit_chain.py).
audit = Table(
    "audit",
    metadata,
    #: Random.
    Column("id", String(32), primary_key=True),
    Column("day", Date, nullable=False, index=True),
    #: A coordinator's handle, "office" for the command line and the scheduler, "" for people outside the office.
    Column("who", String(32), nullable=False),
    #: noun.verb (model/audit_kinds.py): report.answer, request.create, person.remove …
    Column("kind", String(40), nullable=False),
    #: To how many it was done.
    Column("number", Integer, nullable=False),
    #: NULL: written by a version before seals, to be sealed at the next act.
    Column("seal", LargeBinary(32)),
    sqlite_with_rowid=False,
)

#: The chain of days; see privacy/audit_chain.py `Day`.
audit_days = Table(
    "audit_days",
    metadata,
    Column("day", Date, primary_key=True),
    Column("nonce", LargeBinary(16), nullable=False),
    Column("lines", Integer),
    Column("total", LargeBinary(32), nullable=False),
    Column("seal", LargeBinary(32), nullable=False),
)

#: Sections of units' offices, to which reports are assigned; never deleted, so that a report's stays known.
sections = Table(
    "sections",
    metadata,
    #: Random; too short for the id of a person.
    Column("id", String(8), primary_key=True),
    Column("unit_id", ForeignKey("units.id"), nullable=False),
    Column("name", String(40), nullable=False),
    #: Nothing more is assigned to it.
    Column("closed", Boolean, nullable=False),
    UniqueConstraint("unit_id", "name"),
)

#: Replies that offices keep, with fields in braces: words for any report, about none.
saved_replies = Table(
    "saved_replies",
    metadata,
    #: Random.
    Column("id", String(8), primary_key=True),
    Column("unit_id", ForeignKey("units.id"), nullable=False, index=True),
    Column("title", String(60), nullable=False),
    Column("words", Text, nullable=False),
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
