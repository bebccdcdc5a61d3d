"""Questions back on official answers, and what was added"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    answer = sa.ForeignKey("official_answers.id", name="fk_answer_notes_answer_id_official_answers", ondelete="CASCADE")
    unit = sa.ForeignKey("units.id", name="fk_answer_notes_unit_id_units")
    op.create_table(
        "answer_notes",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("answer_id", sa.String(32), answer, nullable=False),
        sa.Column("unit_id", sa.Integer(), unit, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("side", sa.String(10), nullable=False),
        sa.Column("kind", sa.String(14), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_answer_notes"),
    )
    op.create_index("ix_answer_notes_answer_id", "answer_notes", ["answer_id"])
