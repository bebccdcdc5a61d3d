"""Running counts, kept by triggers (see running_counts.py)."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Table

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
