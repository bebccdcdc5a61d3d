"""Syntheses that are kept: drafted, checked, signed."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.create_table(
        "syntheses",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(10), nullable=False),
        sa.Column("layout", sa.String(6), nullable=False),
        sa.Column("language", sa.String(12), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("file", sa.String(40), nullable=False),
        sa.Column("drafter", sa.String(16), nullable=False),
        sa.Column("changed", sa.Date(), nullable=False),
        sa.Column("signed", sa.Date()),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_syntheses_unit_id_units"),
        sa.PrimaryKeyConstraint("id", name="pk_syntheses"),
        sa.UniqueConstraint("unit_id", "period", "layout", name="uq_syntheses_unit_id_period_layout"),
    )
