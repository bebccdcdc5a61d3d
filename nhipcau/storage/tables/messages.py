"""The way in and the way out: events, the outbox, and how much was sent."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    false,
)

from nhipcau.storage.tables.base import Moment, metadata

events = Table(
    "events",
    metadata,
    Column("channel", String(20), primary_key=True),
    Column("id", String(120), primary_key=True),
    Column("day", Date, nullable=False, index=True),
)

outbox = Table(
    "outbox",
    metadata,
    #: Order within a contact and lane.
    Column("id", Integer, primary_key=True),
    Column("contact_id", ForeignKey("contacts.id", ondelete="CASCADE"), nullable=False),
    #: 0 reply, 1 urgent, 2 reminder, 3 broadcast; 4: over what a person may be sent in a week, waits for the next.
    Column("lane", SmallInteger, nullable=False),
    #: True: waits while the hours are quiet.
    Column("held", Boolean, nullable=False, default=False),
    #: The message, sealed under the key of `day`.
    Column("sealed", LargeBinary, nullable=False),
    Column("day", Date, nullable=False),
    #: ask, remind, result, notice, news, digest; what delivery tells participation and the week's count about.
    Column("purpose", String(10), nullable=False, default="reply"),
    Column("request_id", String(16)),
    Column("due_at", Moment, nullable=False),
    #: Past it the message is of no use and is dropped.
    Column("expires_at", Moment, nullable=False),
    #: A lease: another sender may take the row once it is past.
    Column("claimed_until", Moment),
    #: How often it was claimed; the fencing token of an outcome.
    Column("attempts", Integer, nullable=False, default=0),
    #: How often the app's answer was lost: then the person may have it already.
    Column("lost", SmallInteger, nullable=False, default=0, server_default="0"),
    #: The door's, so that a claim for one app reads past no other's rows.
    Column("channel", String(20), nullable=False, default="", server_default=""),
    #: It stands in the week's count of its person.
    Column("counted", Boolean, nullable=False, default=False, server_default=false()),
    Index("ix_outbox_waiting", "contact_id", "lane", "id"),
    #: The order in which rows go out: a claim reads from its front and stops when it has enough.
    Index("ix_outbox_order", "channel", "lane", "id"),
    Index("ix_outbox_request", "request_id"),
    sqlite_autoincrement=True,
)

#: Non-urgent pushes a person was handed in a week: how many, never what.
attention = Table(
    "attention",
    metadata,
    Column("person_id", ForeignKey("people.id", ondelete="CASCADE"), primary_key=True),
    #: "2026-W48", in the office's time zone.
    Column("week", String(8), primary_key=True),
    Column("number", Integer, nullable=False),
)

#: Where a message stands that is edited later: a board that follows, official information that may be corrected.
posted = Table(
    "posted",
    metadata,
    #: "board:ID" or "notice:ID".
    Column("key", String(30), primary_key=True),
    Column("contact_id", ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True),
    #: The app's id of it.
    Column("ref", String(80), nullable=False),
    #: Of what it says now, and when it was last changed.
    Column("mark", String(16), nullable=False, default="", server_default=""),
    Column("changed_at", Moment, nullable=False),
)

#: Messages an app has taken in a month, where its plan counts them.
usage = Table(
    "usage",
    metadata,
    Column("channel", String(20), primary_key=True),
    #: "2026-11", in the office's time zone.
    Column("month", String(7), primary_key=True),
    Column("messages", Integer, nullable=False),
)
