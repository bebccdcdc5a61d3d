"""Issues merged into others and split, and what went along, so that it can be undone."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.add_column("issues", sa.Column("merged_into", sa.String(12), nullable=False, server_default=""))
    op.create_table(
        "regroupings",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("act", sa.String(6), nullable=False),
        sa.Column("source", sa.String(12), nullable=False),
        sa.Column("target", sa.String(12), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("undone", sa.Date()),
        sa.Column("source_state", sa.String(14), nullable=False),
        sa.Column("target_seen", sa.String(40), nullable=False),
        sa.Column("opened", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_regroupings"),
    )
    op.create_index("ix_regroupings_source", "regroupings", ["source"])
    op.create_index("ix_regroupings_target", "regroupings", ["target"])
    of = sa.ForeignKey("regroupings.id", name="fk_regrouped_regrouping_regroupings", ondelete="CASCADE")
    op.create_table(
        "regrouped",
        sa.Column("regrouping", sa.String(32), of, nullable=False),
        sa.Column("item", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("regrouping", "item", name="pk_regrouped"),
    )
