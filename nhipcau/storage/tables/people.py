"""Units, people, their contacts, invites and conversations, and the lessons they have done."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    false,
    true,
)

from nhipcau.storage.tables.base import Moment, metadata

units = Table(
    "units",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("code", String(40), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    #: tỉnh, xã, phường, đặc khu, cơ quan, tổ chức CTXH …; cell: a thôn, bản, khối or chi bộ of a commune or agency.
    Column("kind", String(40), nullable=False),
    Column("parent_id", ForeignKey("units.id")),
    #: Codes from the root down, "/T20/X06040/": a subtree is a prefix.
    Column("path", String(400), nullable=False, index=True),
    #: Of a commune or agency: the cluster it belongs to in results of polls; "": its former district.
    Column("cluster", String(200), nullable=False, default="", server_default=""),
)

people = Table(
    "people",
    metadata,
    #: 128 random bits in hex; never shown in chat.
    Column("id", String(32), primary_key=True),
    #: HMAC of the office's number of a collaborator (Mã CTV), by which an import knows them, also after they left.
    Column("code_lookup", String(40)),
    Column("unit_id", ForeignKey("units.id"), nullable=False, index=True),
    #: collaborator, coordinator, leader, admin
    Column("role", String(20), nullable=False),
    #: Answers for their unit ("Phụ trách") and is told which requests it left unanswered.
    Column("responsible", Boolean, nullable=False, default=False, server_default=false()),
    #: False: joined with a unit's open code, so that the office has not said who this is (see vouched.py).
    Column("on_roster", Boolean, nullable=False, default=True, server_default=true()),
    #: invited, consented, paused, unreachable, left
    Column("state", String(20), nullable=False),
    Column("language", String(8), nullable=False, default="vi"),
    #: Name, tag secret, number, cell, phone and e-mail, AES-GCM under the person's own key (`sealed_people.py`); NULL
    #: once they have left.
    Column("sealed", LargeBinary),
    Column("consented_at", Moment),
    Column("consent_version", String(20)),
    #: When they withdrew it; NULL again once they consent anew.
    Column("withdrew_on", Date),
    #: The channel the person prefers ("": that of the contact used last).
    Column("chosen", String(20), nullable=False, default="", server_default=""),
    UniqueConstraint("code_lookup", name="uq_people_code"),
)

#: People who left, by the hash of their id: their keys are destroyed, and no restore brings them back.
departed = Table(
    "departed",
    metadata,
    Column("hashed_id", LargeBinary(16), primary_key=True),
    sqlite_with_rowid=False,
)

contacts = Table(
    "contacts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("channel", String(20), nullable=False),
    #: HMAC(contacts key, channel ‖ address).
    Column("lookup", LargeBinary(16), nullable=False),
    #: The address, AES-GCM under the contacts key.
    Column("sealed_address", LargeBinary, nullable=False),
    #: NULL until consent.
    Column("person_id", ForeignKey("people.id"), index=True),
    #: The pending invitation before consent; deleted with the row after 24 h or on "Không".
    Column("invite_code", String(40)),
    #: False: the app reports the person has blocked us; true again when they write.
    Column("reachable", Boolean, nullable=False, default=True),
    #: The day and hour of the last act and the last push, sealed as one (see last_acts.py); NULL: nothing is known.
    Column("last_act", LargeBinary),
    #: First seen, or last released; rows without a person are deleted 24 h later.
    Column("since", Moment, nullable=False),
    UniqueConstraint("channel", "lookup"),
)

invites = Table(
    "invites",
    metadata,
    Column("code", String(40), primary_key=True),
    Column("unit_id", ForeignKey("units.id"), nullable=False),
    Column("role", String(20), nullable=False),
    #: Of a personal card: who joins with it becomes this person.
    Column("person_id", ForeignKey("people.id"), index=True),
    Column("uses_left", Integer, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("revoked", Boolean, nullable=False, default=False),
    Column("created_on", Date, nullable=False),
    #: True: made by the person themselves, adds a contact. False: a card replaces their other contacts.
    Column("adds", Boolean, nullable=False, default=False, server_default=false()),
)

conversations = Table(
    "conversations",
    metadata,
    Column("person_id", ForeignKey("people.id", ondelete="CASCADE"), primary_key=True),
    #: Drafts, what the last message asked for, and which contact it was at, sealed again at each save and each night
    #: under the key of `day` (see talks.py).
    Column("sealed", LargeBinary, nullable=False),
    Column("day", Date, nullable=False, index=True),
    # written at every step of every person: without row ids there is one index less to update
    sqlite_with_rowid=False,
)

learned = Table(
    "learned",
    metadata,
    Column("person_id", ForeignKey("people.id", ondelete="CASCADE"), primary_key=True),
    #: The lesson's id: that it was read, never what was answered.
    Column("lesson", String(40), primary_key=True),
    #: The first of the month.
    Column("day", Date, nullable=False),
)
