"""Requests, rules, participation, and answers; no column links an answer to a person."""

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
    true,
)

from nhipcau.storage.tables.base import Moment, metadata

requests = Table(
    "requests",
    metadata,
    Column("id", String(16), primary_key=True),
    #: poll, rapid, duty, notice
    Column("kind", String(10), nullable=False),
    #: The unit that asks.
    Column("unit_id", ForeignKey("units.id"), nullable=False),
    Column("title", String(200), nullable=False),
    Column("intro", Text, nullable=False, default=""),
    #: Form as JSON; every answer names the version it was given for.
    Column("form", Text, nullable=False),
    Column("version", Integer, nullable=False, default=1),
    #: Paths of units, roles and sample size, as JSON.
    Column("audience", Text, nullable=False),
    Column("sealed", Boolean, nullable=False, default=False),
    Column("urgent", Boolean, nullable=False, default=False),
    #: scheduled, open, closed, stopped
    Column("state", String(12), nullable=False, index=True),
    Column("opens_at", Moment, nullable=False),
    Column("closes_at", Moment, nullable=False),
    #: The coordinator who asked in chat and gets the summary; NULL from the command line.
    Column("asked_by", String(32)),
    #: How many of its planned reminders were sent.
    Column("reminders", SmallInteger, nullable=False, default=0),
    #: When a coordinator last sent a reminder.
    Column("reminded_at", Moment),
    #: The rule that made it, and its period ("2026-W48").
    Column("rule_id", String(16), index=True),
    Column("period", String(12), nullable=False, default="", server_default=""),
    #: The closed poll that this one repeats.
    Column("repeats", String(16)),
    #: What the office decided afterwards, written for those who answered.
    Column("decision", Text, nullable=False, default="", server_default=""),
    #: Random file names of an attached picture and document, and the document's name as displayed.
    Column("photo", String(40), nullable=False, default="", server_default=""),
    Column("file", String(40), nullable=False, default="", server_default=""),
    Column("file_name", String(80), nullable=False, default="", server_default=""),
    #: Who gives one answer to a duty: cell, commune.
    Column("each", String(8), nullable=False, default="cell", server_default="cell"),
    #: Of a rapid request: silent units are told upwards while it runs.
    Column("escalates", Boolean, nullable=False, default=True, server_default=true()),
    #: Of how many silent units was told, at each step so far: "3,2".
    Column("escalated", String(20), nullable=False, default="", server_default=""),
    #: Of a closed poll: ids of questions that are not shown, as JSON (see overlaps.py); "": none.
    Column("withheld", Text, nullable=False, default="", server_default=""),
)

rules = Table(
    "rules",
    metadata,
    Column("id", String(16), primary_key=True),
    #: duty, poll, rapid, notice: the kind of its requests; the next columns are copied into them.
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
    #: How many seconds a request is open: a duty until it is due, other kinds from then on.
    Column("seconds", Integer, nullable=False),
    #: True: a due day that is no working day moves to the next one.
    Column("working_days", Boolean, nullable=False, default=True),
    #: After an outage, True: the last missed request is made once; False: none is.
    Column("catch_up", Boolean, nullable=False, default=True),
    #: When the next request is due, and when it opens. The process that moves these on makes the request.
    Column("due", Moment, nullable=False),
    Column("next_at", Moment, nullable=False),
    #: active, ended
    Column("state", String(8), nullable=False, index=True),
    Column("asked_by", String(32)),
    #: Random file names of an attached picture and document, and the document's name as displayed.
    Column("photo", String(40), nullable=False, default="", server_default=""),
    Column("file", String(40), nullable=False, default="", server_default=""),
    Column("file_name", String(80), nullable=False, default="", server_default=""),
    Column("each", String(8), nullable=False, default="cell", server_default="cell"),
    #: Of a rapid request: silent units are told upwards while it runs.
    Column("escalates", Boolean, nullable=False, default=True, server_default=true()),
)

participation = Table(
    "participation",
    metadata,
    Column("request_id", ForeignKey("requests.id", ondelete="CASCADE"), primary_key=True),
    #: A person's id, or a random tombstone once they left. No foreign key: counts outlive people.
    Column("person_id", String(32), primary_key=True),
    #: The unit they are asked for: their own when it opened, or its commune where each commune answers once.
    Column("unit_id", ForeignKey("units.id"), nullable=False),
    #: asked, reached, started, answered, undeliverable
    Column("state", String(14), nullable=False),
    #: Of polls, how much of the time allowed was used: quarter, half, in_time, late; a time could identify an answer.
    #: NULL for official answers: they hold `late` themselves, and a band here would link them to people.
    Column("band", String(8)),
    #: Why it could not be delivered.
    Column("reason", String(20)),
    Index("ix_participation_person", "person_id", "state"),
)

guards = Table(
    "guards",
    metadata,
    Column("request_id", ForeignKey("requests.id", ondelete="CASCADE"), primary_key=True),
    #: HMAC(poll key, channel ‖ address): stays until the poll closes, even when its person is deleted, so that nobody
    #: answers twice.
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
    #: In clear once the poll is closed, "" before.
    Column("answers", Text, nullable=False),
    #: While the poll is open: the answers, AES-GCM under the poll's key, filled up to blocks of one length.
    Column("sealed", LargeBinary),
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
    #: Received by phone or on paper and entered by a coordinator.
    Column("on_behalf", Boolean, nullable=False, default=False, server_default=false()),
    #: "Bổ sung": an addition to an answer that is counted already.
    Column("extra", Boolean, nullable=False, default=False),
    Column("version", Integer, nullable=False),
    Column("answers", Text, nullable=False),
    # which units had nothing to report in a time (tallies.py)
    Index("ix_official_answers_nothing", "nothing_to_report", "day", "unit_id", "request_id"),
)

answer_notes = Table(
    "answer_notes",
    metadata,
    #: Random.
    Column("id", String(32), primary_key=True),
    Column("answer_id", ForeignKey("official_answers.id", ondelete="CASCADE"), nullable=False, index=True),
    #: The unit that asks, or that replies.
    Column("unit_id", ForeignKey("units.id"), nullable=False),
    Column("day", Date, nullable=False),
    #: Order among the notes of one answer.
    Column("place", SmallInteger, nullable=False),
    #: office, unit
    Column("side", String(10), nullable=False),
    #: question, reply
    Column("kind", String(14), nullable=False),
    Column("text", Text, nullable=False),
)
