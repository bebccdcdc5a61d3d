"""Incoming events, the outbox, messages that can be edited, and counts of what was sent."""

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
    #: 0 reply, 1 urgent, 2 reminder, 3 broadcast; 4: over the weekly limit, waits for the next week.
    Column("lane", SmallInteger, nullable=False),
    #: True: waits during quiet hours.
    Column("held", Boolean, nullable=False, default=False),
    #: The message, sealed under the key of `day`.
    Column("sealed", LargeBinary, nullable=False),
    Column("day", Date, nullable=False),
    #: reply, ask, remind, result, notice, news, digest, edit, correct, trial: decides what delivery changes in
    #: participation and whether the weekly limit counts it.
    Column("purpose", String(10), nullable=False, default="reply"),
    Column("request_id", String(16)),
    Column("due_at", Moment, nullable=False),
    #: The message is dropped after this time.
    Column("expires_at", Moment, nullable=False),
    #: End of the lease: another sender may claim the row after it.
    Column("claimed_until", Moment),
    #: How often it was claimed: a fencing token, so that only the last claim can record a result.
    Column("attempts", Integer, nullable=False, default=0),
    #: How often the app's reply was lost: the person may have got the message then.
    Column("lost", SmallInteger, nullable=False, default=0, server_default="0"),
    #: The contact's channel, copied so that a claim for one app reads no rows of others.
    Column("channel", String(20), nullable=False, default="", server_default=""),
    #: True: counted already in the weekly limit of its person.
    Column("counted", Boolean, nullable=False, default=False, server_default=false()),
    Index("ix_outbox_waiting", "contact_id", "lane", "id"),
    #: The order in which rows go out: a claim reads from the start and stops when it has enough.
    Index("ix_outbox_order", "channel", "lane", "id"),
    Index("ix_outbox_request", "request_id"),
    sqlite_autoincrement=True,
)

#: How many non-urgent pushes a person got in a week, for the weekly limit; never which.
attention = Table(
    "attention",
    metadata,
    Column("person_id", ForeignKey("people.id", ondelete="CASCADE"), primary_key=True),
    #: "2026-W48", in the office's time zone.
    Column("week", String(8), primary_key=True),
    Column("number", Integer, nullable=False),
)

#: Sent messages that can be edited later: progress boards, and notices that may be corrected.
posted = Table(
    "posted",
    metadata,
    #: "board:ID" or "notice:ID".
    Column("key", String(30), primary_key=True),
    Column("contact_id", ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True),
    #: The app's id of the message.
    Column("ref", String(80), nullable=False),
    #: Digest of its present text, and when it was last changed.
    Column("mark", String(16), nullable=False, default="", server_default=""),
    Column("changed_at", Moment, nullable=False),
)

#: Messages sent by each app a month, where its plan limits them.
usage = Table(
    "usage",
    metadata,
    Column("channel", String(20), primary_key=True),
    #: "2026-11", in the office's time zone.
    Column("month", String(7), primary_key=True),
    Column("messages", Integer, nullable=False),
)
