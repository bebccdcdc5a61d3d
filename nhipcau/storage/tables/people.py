"""People, their contacts, and what each has half-written or learned."""

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
    Text,
    UniqueConstraint,
    false,
)

from nhipcau.storage.tables.base import Moment, metadata

units = Table(
    "units",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("code", String(40), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    #: tỉnh, xã, phường, đặc khu, cơ quan, tổ chức CTXH, chi bộ/thôn/khối …
    Column("kind", String(40), nullable=False),
    Column("parent_id", ForeignKey("units.id")),
    #: Codes from the root down, "/T20/X06040/": a subtree is a prefix.
    Column("path", String(400), nullable=False, index=True),
)

people = Table(
    "people",
    metadata,
    #: 128 random bits in hex; never shown in chat.
    Column("id", String(32), primary_key=True),
    #: What this person's tags are made over: random, never leaves the store, made anew when a card is used again.
    Column("mark", String(32), nullable=False),
    #: The office's own number of a collaborator (Mã CTV).
    Column("code", String(40), unique=True),
    Column("name", String(120), nullable=False),
    Column("unit_id", ForeignKey("units.id"), nullable=False, index=True),
    #: Chi bộ, thôn, khối as the roster says.
    Column("cell", String(200), nullable=False, default=""),
    #: collaborator, coordinator, leader, admin
    Column("role", String(20), nullable=False),
    #: The one who answers for their unit ("Phụ trách"): hears what the unit left unanswered.
    Column("responsible", Boolean, nullable=False, default=False, server_default=false()),
    #: invited, consented, paused, unreachable, left
    Column("state", String(20), nullable=False),
    Column("language", String(8), nullable=False, default="vi"),
    #: Phone and e-mail of the roster, AES-GCM under the contacts key.
    Column("sealed_contact", LargeBinary),
    Column("consented_at", Moment),
    Column("consent_version", String(20)),
    #: The door used last, and the channel the person wants to be told on ("": there).
    Column("door_id", Integer),
    Column("chosen", String(20), nullable=False, default="", server_default=""),
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
    #: The one pending invitation before consent; deleted with the row after 24 h or on "Không".
    Column("invite_code", String(40)),
    #: False: the app said this door is closed; tried again when they write.
    Column("reachable", Boolean, nullable=False, default=True),
    #: Last day the person came through this door; the latest door is the one we write to.
    Column("last_on", Date, nullable=False),
    #: The request whose pushed question stands last in this chat, so that typed words can answer it; or "-" and the
    #: choices of a notice, sealed under the key of a day: they name the report an answer is about.
    Column("shown_request", Text),
    #: The hour of the last act, only where the app closes a window after it; NULL: closed.
    Column("heard_at", Moment),
    #: First seen; rows without a person are deleted 24 h after.
    Column("since", Moment, nullable=False),
    UniqueConstraint("channel", "lookup"),
)

invites = Table(
    "invites",
    metadata,
    Column("code", String(40), primary_key=True),
    Column("unit_id", ForeignKey("units.id"), nullable=False),
    Column("role", String(20), nullable=False),
    #: A personal card: joining with it IS this person.
    Column("person_id", ForeignKey("people.id"), index=True),
    Column("uses_left", Integer, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("revoked", Boolean, nullable=False, default=False),
    Column("created_on", Date, nullable=False),
    #: A further door for this person, made by themselves; a card without it is a new phone in place of the others.
    Column("adds", Boolean, nullable=False, default=False, server_default=false()),
)

conversations = Table(
    "conversations",
    metadata,
    Column("person_id", ForeignKey("people.id", ondelete="CASCADE"), primary_key=True),
    #: The door it was last had at: what stands last in that chat means nothing at another.
    Column("contact_id", Integer, nullable=False),
    #: Drafts and what was shown last, sealed anew at each save under the key of `day`.
    Column("sealed", LargeBinary, nullable=False),
    Column("day", Date, nullable=False, index=True),
    #: A half-written report is open: a push offers the way back to it.
    Column("writing", Boolean, nullable=False, default=False),
    # written at every step of everybody: one tree less to write into
    sqlite_with_rowid=False,
)

learned = Table(
    "learned",
    metadata,
    Column("person_id", ForeignKey("people.id", ondelete="CASCADE"), primary_key=True),
    #: The lesson's id. Says that it was read, never what was answered.
    Column("lesson", String(40), primary_key=True),
    Column("day", Date, nullable=False),
)
