"""What is asked, who was asked, and the answers, which no column ties to people."""

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
    Text,
    UniqueConstraint,
    false,
)

from nhipcau.storage.tables.base import Moment, metadata

requests = Table(
    "requests",
    metadata,
    Column("id", String(16), primary_key=True),
    #: poll, rapid
    Column("kind", String(10), nullable=False),
    #: In whose name it is asked.
    Column("unit_id", ForeignKey("units.id"), nullable=False),
    Column("title", String(200), nullable=False),
    Column("intro", Text, nullable=False, default=""),
    #: Form as JSON; every answer points at exactly this version.
    Column("form", Text, nullable=False),
    Column("version", Integer, nullable=False, default=1),
    #: Units' paths, roles and sample, as JSON.
    Column("audience", Text, nullable=False),
    Column("sealed", Boolean, nullable=False, default=False),
    Column("urgent", Boolean, nullable=False, default=False),
    #: scheduled, open, closed, stopped
    Column("state", String(12), nullable=False, index=True),
    Column("opens_at", Moment, nullable=False),
    Column("closes_at", Moment, nullable=False),
    #: The coordinator who asked in chat and hears the summary; NULL from the command line.
    Column("asked_by", String(32)),
    #: How many of its reminders have gone out.
    Column("reminders", SmallInteger, nullable=False, default=0),
    #: When somebody last reminded by hand.
    Column("reminded_at", Moment),
    #: The rule it came of, and which of its periods it is ("2026-W48").
    Column("rule_id", String(16), index=True),
    Column("period", String(12), nullable=False, default="", server_default=""),
    #: The closed poll that this one asks again.
    Column("repeats", String(16)),
    #: What the office decided after it, in words for those who answered.
    Column("decision", Text, nullable=False, default="", server_default=""),
    #: Random names of a picture and of a document that go along, and what people see the document called.
    Column("photo", String(40), nullable=False, default="", server_default=""),
    Column("file", String(40), nullable=False, default="", server_default=""),
    Column("file_name", String(80), nullable=False, default="", server_default=""),
)

rules = Table(
    "rules",
    metadata,
    Column("id", String(16), primary_key=True),
    #: duty, poll, rapid, notice: what it makes, and what that is made of, as in `requests`.
    Column("kind", String(10), nullable=False),
    Column("unit_id", ForeignKey("units.id"), nullable=False),
    Column("title", String(200), nullable=False),
    Column("intro", Text, nullable=False, default=""),
    Column("form", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("sealed", Boolean, nullable=False, default=False),
    Column("urgent", Boolean, nullable=False, default=False),
    #: As bot/recurrence/rules.py reads it ("week fri 16:00").
    Column("rule", String(80), nullable=False),
    #: Seconds it is open: a duty before it is due, the others from then on.
    Column("seconds", Integer, nullable=False),
    #: Moves to the next working day.
    Column("working_days", Boolean, nullable=False, default=True),
    #: After a standstill the last one missed is caught up once, or all of them pass.
    Column("catch_up", Boolean, nullable=False, default=True),
    #: When the next one is due, and when it is to be opened: the truth; whoever moves it on does the work.
    Column("due", Moment, nullable=False),
    Column("next_at", Moment, nullable=False),
    #: active, ended
    Column("state", String(8), nullable=False, index=True),
    Column("asked_by", String(32)),
    #: Random names of a picture and of a document that go along, and what people see the document called.
    Column("photo", String(40), nullable=False, default="", server_default=""),
    Column("file", String(40), nullable=False, default="", server_default=""),
    Column("file_name", String(80), nullable=False, default="", server_default=""),
)

participation = Table(
    "participation",
    metadata,
    Column("request_id", ForeignKey("requests.id", ondelete="CASCADE"), primary_key=True),
    #: A person's id, or a random tombstone once they left. No foreign key: counts outlive people.
    Column("person_id", String(32), primary_key=True),
    #: Their unit when it opened.
    Column("unit_id", ForeignKey("units.id"), nullable=False),
    #: asked, reached, started, answered, undeliverable
    Column("state", String(14), nullable=False),
    #: How much of the time allowed was used, for polls: quarter, half, in_time, late. No clock. Official answers say
    #: themselves whether they were late, and must not be found by it.
    Column("band", String(8)),
    #: Why it could not be delivered.
    Column("reason", String(20)),
    Index("ix_participation_person", "person_id", "state"),
)

guards = Table(
    "guards",
    metadata,
    Column("request_id", ForeignKey("requests.id", ondelete="CASCADE"), primary_key=True),
    #: HMAC(poll key, channel ‖ address): outlives a deletion until the poll closes.
    Column("guard", LargeBinary(16), primary_key=True),
)

poll_answers = Table(
    "poll_answers",
    metadata,
    #: Random.
    Column("id", String(32), primary_key=True),
    Column("request_id", ForeignKey("requests.id", ondelete="CASCADE"), nullable=False),
    Column("version", Integer, nullable=False),
    #: HMAC(poll key, person); never written for a sealed poll; NULL once the key is destroyed.
    Column("tag", LargeBinary(16)),
    Column("answers", Text, nullable=False),
    UniqueConstraint("request_id", "tag"),
    Index("ix_poll_answers_some", "request_id", "id"),
)

official_answers = Table(
    "official_answers",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("request_id", ForeignKey("requests.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("unit_id", ForeignKey("units.id"), nullable=False),
    Column("day", Date, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("nothing_to_report", Boolean, nullable=False, default=False),
    #: Received by phone or on paper and typed in by a coordinator.
    Column("on_behalf", Boolean, nullable=False, default=False, server_default=false()),
    #: "Bổ sung": more to an answer that counts already.
    Column("extra", Boolean, nullable=False, default=False),
    Column("version", Integer, nullable=False),
    Column("answers", Text, nullable=False),
)
