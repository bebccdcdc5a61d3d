"""Every table, with a sentence for each column that is not plain.

Three kinds of rows are kept apart, and `tests/storage/test_schema.py` fails when a column joins them: people and their
doors; participation (who was asked, who has answered); content (reports, answers). The only bridge is a tag under a key
that is destroyed by a date.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime on both databases (SQLite keeps no zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        found: datetime = value
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


# ---------------------------------------------------------------- people and their doors

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

# ---------------------------------------------------------------- the way in and the way out

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

# ---------------------------------------------------------------- requests and participation

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

# ---------------------------------------------------------------- content

reports = Table(
    "reports",
    metadata,
    #: The receipt code, random: shown once to whoever sent it, opens nothing by itself.
    Column("code", String(12), primary_key=True),
    Column("day", Date, nullable=False, index=True),
    Column("topic", String(4), nullable=False),
    #: Chosen by the reporter; any area.
    Column("area_id", ForeignKey("units.id"), nullable=False, index=True),
    Column("mood", String(12), nullable=False),
    Column("spread", SmallInteger, nullable=False),
    Column("urgency", String(8), nullable=False),
    Column("groups", String(200), nullable=False, default=""),
    Column("source", String(12), nullable=False, default=""),
    Column("text", Text, nullable=False),
    Column("proposal", Text, nullable=False, default=""),
    Column("state", String(14), nullable=False, index=True),
    #: The issue it was merged into by a person, or "".
    Column("issue", String(16), nullable=False, default="", index=True),
    #: What its reporter said of "done": "", yes, no.
    Column("confirmed", String(4), nullable=False, default="", server_default=""),
    Column("practice", Boolean, nullable=False, default=False),
    #: Name of the month's key its tag was made under.
    Column("month", String(16), nullable=False, index=True),
    #: HMAC(month key, code ‖ person); NULL once the key is destroyed.
    Column("tag", LargeBinary(16)),
)

report_photos = Table(
    "report_photos",
    metadata,
    #: Random file name in the photo folder.
    Column("name", String(40), primary_key=True),
    Column("report_code", ForeignKey("reports.code", ondelete="CASCADE"), nullable=False, index=True),
    Column("place", SmallInteger, nullable=False),
)

report_notes = Table(
    "report_notes",
    metadata,
    #: Random.
    Column("id", String(32), primary_key=True),
    Column("report_code", ForeignKey("reports.code", ondelete="CASCADE"), nullable=False, index=True),
    Column("day", Date, nullable=False),
    #: Order among the notes of one report.
    Column("place", SmallInteger, nullable=False),
    #: office, reporter, area (somebody of the area, once the reporter can't be found). Never who.
    Column("side", String(10), nullable=False),
    #: A state; answer, question, seen (office); reply, yes, no (the others).
    Column("kind", String(14), nullable=False),
    Column("text", Text, nullable=False, default=""),
)

issues = Table(
    "issues",
    metadata,
    #: VD- and 7 characters, random.
    Column("code", String(12), primary_key=True),
    #: As a person rewrote it, without names or a narrow place.
    Column("statement", Text, nullable=False),
    Column("topic", String(4), nullable=False),
    Column("owner_unit_id", ForeignKey("units.id"), nullable=False, index=True),
    #: open, in_progress, done, not_possible, passed_on
    Column("state", String(14), nullable=False, index=True),
    #: The last words to all who contributed.
    Column("answer", Text, nullable=False, default="", server_default=""),
    Column("opened", Date, nullable=False),
    Column("answered", Date),
)

issue_acts = Table(
    "issue_acts",
    metadata,
    #: Random.
    Column("id", String(32), primary_key=True),
    Column("issue", ForeignKey("issues.code", ondelete="CASCADE"), nullable=False, index=True),
    Column("report_code", ForeignKey("reports.code", ondelete="CASCADE"), nullable=False, index=True),
    #: merge, split
    Column("act", String(6), nullable=False),
    Column("day", Date, nullable=False),
)

supports = Table(
    "supports",
    metadata,
    #: Random: what the tag is made over.
    Column("id", String(32), primary_key=True),
    Column("issue", ForeignKey("issues.code", ondelete="CASCADE"), nullable=False, index=True),
    #: The area of the report it stands in place of.
    Column("area_id", ForeignKey("units.id"), nullable=False),
    Column("month", String(16), nullable=False, index=True),
    #: HMAC(month key, id ‖ person); NULL once the key is destroyed.
    Column("tag", LargeBinary(16)),
    Column("day", Date, nullable=False),
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

# ---------------------------------------------------------------- running counts (counts.py keeps them)

participation_counts = Table(
    "participation_counts",
    metadata,
    Column("request_id", ForeignKey("requests.id", ondelete="CASCADE"), primary_key=True),
    Column("unit_id", ForeignKey("units.id"), primary_key=True),
    Column("state", String(14), primary_key=True),
    #: "" where the row counted has none, as for `band`.
    Column("reason", String(20), primary_key=True),
    Column("band", String(8), primary_key=True),
    Column("number", Integer, nullable=False),
)

official_counts = Table(
    "official_counts",
    metadata,
    #: First answers only, not what was added ("Bổ sung").
    Column("request_id", ForeignKey("requests.id", ondelete="CASCADE"), primary_key=True),
    Column("unit_id", ForeignKey("units.id"), primary_key=True),
    Column("nothing_to_report", Boolean, primary_key=True),
    Column("late", Boolean, primary_key=True),
    Column("number", Integer, nullable=False),
)

poll_counts = Table(
    "poll_counts",
    metadata,
    Column("request_id", ForeignKey("requests.id", ondelete="CASCADE"), primary_key=True),
    #: A question of the form; "" counts whole answers.
    Column("question", String(40), primary_key=True),
    #: What was chosen, or the number or date given; "" counts who answered the question at all. Never words.
    Column("option", String(80), primary_key=True),
    Column("number", Integer, nullable=False),
)

# ---------------------------------------------------------------- what was done by whom in the office

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    #: A coordinator's person id, or "office" for the command line and the clock.
    Column("actor", String(32), nullable=False),
    #: noun.verb: report.state, request.open, person.remove …
    Column("act", String(40), nullable=False),
    #: A code or id, never content.
    Column("subject", String(80), nullable=False, default=""),
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

#: What one process learned and others need (storage/shared_values.py); nothing about people.
facts = Table(
    "facts",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("value", Text, nullable=False),
)
