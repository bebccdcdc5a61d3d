"""Reports and issues: content, with no column that names a person."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR

from nhipcau.storage.report_words import as_tsvector
from nhipcau.storage.tables.base import DERIVED, metadata


def _words_of_new(context: Any) -> str | None:
    """What a new report is found by on PostgreSQL; SQLite keeps it beside the rows."""
    if context.dialect.name == "sqlite":
        return None
    return as_tsvector(context.get_current_parameters())


_ASSIGNED, _HAS_DUE = text("section <> ''"), text("due IS NOT NULL")

reports = Table(
    "reports",
    metadata,
    #: The receipt code, random: displayed to the sender, gives no access by itself.
    Column("code", String(12), primary_key=True),
    Column("day", Date, nullable=False),
    Column("topic", String(4), nullable=False),
    #: Chosen by the reporter; any area.
    Column("area_id", ForeignKey("units.id"), nullable=False),
    #: A thôn, bản or khối of the area, or words without persons; "" for none. Read within the area's own scope only.
    Column("place", String(200), nullable=False, default="", server_default=""),
    Column("mood", String(12), nullable=False),
    Column("spread", SmallInteger, nullable=False),
    Column("urgency", String(8), nullable=False),
    Column("groups", String(200), nullable=False, default=""),
    Column("source", String(12), nullable=False, default=""),
    Column("text", Text, nullable=False),
    Column("proposal", Text, nullable=False, default=""),
    Column("state", String(14), nullable=False),
    #: The issue a coordinator merged it into, or "".
    Column("issue", String(16), nullable=False, default="", index=True),
    #: Whether its reporter confirmed "done": "", yes, no.
    Column("confirmed", String(4), nullable=False, default="", server_default=""),
    #: The day on which its reporter is asked once more whether it is settled.
    Column("ask_again_on", Date),
    #: The section of an office it is assigned to, or "".
    Column("section", String(8), nullable=False, default="", server_default=""),
    #: The day by which the office wants something done about it.
    Column("due", Date),
    #: Name of the month's key under which its tag was made.
    Column("month", String(16), nullable=False, index=True),
    #: HMAC(month key, code ‖ person); NULL once the key is destroyed.
    Column("tag", LargeBinary(16)),
    #: What it is found by (search_index.py); NULL on SQLite.
    Column("words", Text().with_variant(TSVECTOR(), "postgresql"), default=_words_of_new, info={DERIVED: True}),
    # written at once: a list of what waits would keep the order in which reports came
    Index("ix_reports_words", "words", postgresql_using="gin", postgresql_with={"fastupdate": "off"}).ddl_if(
        dialect="postgresql"
    ),
    # whatever a list is narrowed by (report_list.py): a page is found in the index alone, in its order
    Index("ix_reports_listed", "day", "code", "topic", "area_id", "mood", "urgency", "state"),
    Index("ix_reports_listed_by_state", "state", "day", "code", "topic", "area_id", "mood", "urgency"),
    # few reports are assigned, and fewer have a day: their lists read these alone
    Index("ix_reports_section", "section", "day", "code", "state", sqlite_where=_ASSIGNED, postgresql_where=_ASSIGNED),
    Index("ix_reports_due", "due", "day", "code", sqlite_where=_HAS_DUE, postgresql_where=_HAS_DUE),
    # whatever reports are counted by: a count reads the index alone (tallies.py)
    Index(
        "ix_reports_counted",
        *("area_id", "day", "topic", "mood", "spread", "urgency", "source", "state", "groups"),
    ),
)
#: What a report says, without what is made of it.
report_columns = tuple(column for column in reports.c if DERIVED not in column.info)

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
    #: office, reporter, or area (somebody of the area, once the reporter can't be found); never a person.
    Column("side", String(10), nullable=False),
    #: A state; answer, question, seen, topic, topic_past (office); reply, yes, no, edited (the others).
    Column("kind", String(14), nullable=False),
    Column("text", Text, nullable=False, default=""),
    # which reports have a reply
    Index("ix_report_notes_kind", "kind", "report_code", "place"),
)

issues = Table(
    "issues",
    metadata,
    #: VD- and 7 characters, random.
    Column("code", String(12), primary_key=True),
    #: Written by a coordinator, without names or exact places.
    Column("statement", Text, nullable=False),
    Column("topic", String(4), nullable=False),
    Column("owner_unit_id", ForeignKey("units.id"), nullable=False, index=True),
    #: open, in_progress, done, not_possible, passed_on, merged
    Column("state", String(14), nullable=False, index=True),
    #: The last answer to everybody who contributed.
    Column("answer", Text, nullable=False, default="", server_default=""),
    Column("opened", Date, nullable=False),
    Column("answered", Date),
    #: Marked by a coordinator: people think so, but have not said so in public.
    Column("latent", Boolean, nullable=False, default=False, server_default=false()),
    #: Of a merged one: the issue it was merged into; else "".
    Column("merged_into", String(12), nullable=False, default="", server_default=""),
)

strands = Table(
    "strands",
    metadata,
    #: Random.
    Column("id", String(32), primary_key=True),
    Column("issue", ForeignKey("issues.code", ondelete="CASCADE"), nullable=False, index=True),
    #: majority, part, single
    Column("kind", String(8), nullable=False),
    #: What these people think, as a coordinator wrote it, masked; never what one person said.
    Column("text", Text, nullable=False),
    #: When it was written or last changed.
    Column("day", Date, nullable=False),
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

regroupings = Table(
    "regroupings",
    metadata,
    #: Random.
    Column("id", String(32), primary_key=True),
    #: merge: an issue into another; split: reports of an issue into another.
    Column("act", String(6), nullable=False),
    #: Codes of issues, either of which may be deleted by now.
    Column("source", String(12), nullable=False, index=True),
    Column("target", String(12), nullable=False, index=True),
    Column("day", Date, nullable=False),
    #: When it was undone.
    Column("undone", Date),
    #: Of a merge: the state the source had.
    Column("source_state", String(14), nullable=False),
    #: What the target was when something was put into it (actions/issues.py, seen_of).
    Column("target_seen", String(40), nullable=False),
    #: The target was opened by it.
    Column("opened", Boolean, nullable=False),
)

regrouped = Table(
    "regrouped",
    metadata,
    Column("regrouping", ForeignKey("regroupings.id", ondelete="CASCADE"), primary_key=True),
    #: A report's code, or the id of a support or strand, that went from the source to the target.
    Column("item", String(32), primary_key=True),
)

supports = Table(
    "supports",
    metadata,
    #: Random: the tag is made from it.
    Column("id", String(32), primary_key=True),
    Column("issue", ForeignKey("issues.code", ondelete="CASCADE"), nullable=False, index=True),
    #: The area the supporter chose, as for a report.
    Column("area_id", ForeignKey("units.id"), nullable=False),
    Column("month", String(16), nullable=False, index=True),
    #: HMAC(month key, id ‖ person); NULL once the key is destroyed.
    Column("tag", LargeBinary(16)),
    Column("day", Date, nullable=False),
    #: As for a report.
    Column("confirmed", String(4), nullable=False, default="", server_default=""),
    Column("ask_again_on", Date),
)
