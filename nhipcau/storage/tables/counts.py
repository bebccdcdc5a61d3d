"""Running counts, kept by triggers (see running_counts.py and report_counts.py)."""

from __future__ import annotations

from sqlalchemy import ARRAY, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from nhipcau.storage.tables.base import metadata

participation_counts = Table(
    "participation_counts",
    metadata,
    Column("request_id", ForeignKey("requests.id", ondelete="CASCADE"), primary_key=True),
    Column("unit_id", ForeignKey("units.id"), primary_key=True),
    Column("state", String(14), primary_key=True),
    #: "" where the counted rows have none; the same for `band`.
    Column("reason", String(20), primary_key=True),
    Column("band", String(8), primary_key=True),
    Column("number", Integer, nullable=False),
)

official_counts = Table(
    "official_counts",
    metadata,
    #: First answers only, not additions ("Bổ sung").
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
    #: The option chosen, or the number or date given; "" counts answers to the question at all. Never free text.
    Column("option", String(80), primary_key=True),
    Column("number", Integer, nullable=False),
)

poll_groups = Table(
    "poll_groups",
    metadata,
    Column("request_id", ForeignKey("requests.id", ondelete="CASCADE"), primary_key=True),
    #: A cluster of communes by its name; "": those whose own cluster has too few people, or who have none.
    Column("name", String(200), primary_key=True),
    #: As in poll_counts. Only numbers that may be shown are ever written.
    Column("question", String(40), primary_key=True),
    Column("option", String(80), primary_key=True),
    Column("number", Integer, nullable=False),
)

report_counts = Table(
    "report_counts",
    metadata,
    #: "2026-11"
    Column("month", String(7), primary_key=True),
    #: One or two columns of reports by which they are counted, "topic,mood"; "": all reports.
    Column("cut", String(20), primary_key=True),
    #: The area of the reports; 0: all areas together.
    Column("area_id", Integer, primary_key=True, autoincrement=False),
    #: The values of the columns of the cut; "" where it has fewer.
    Column("a", String(40), primary_key=True),
    Column("b", String(40), primary_key=True),
    Column("number", Integer, nullable=False),
    #: The number of each day of the month (`report_counts.numbers_of`).
    Column("days", Text().with_variant(ARRAY(Integer), "postgresql"), nullable=False),
    # clustered by its key: nothing tells which count was begun first
    sqlite_with_rowid=False,
)
#: Finds what has fallen to nought (report_counts.py); PostgreSQL looks by the key.
Index("ix_report_counts_nought", report_counts.c.number, sqlite_where=report_counts.c.number == 0).ddl_if("sqlite")
