"""Strands of opinion of an issue, and the mark "latent"."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    issue = sa.ForeignKey("issues.code", name="fk_strands_issue_issues", ondelete="CASCADE")
    op.create_table(
        "strands",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("issue", sa.String(12), issue, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_strands"),
    )
    op.create_index("ix_strands_issue", "strands", ["issue"])
    op.add_column("issues", sa.Column("latent", sa.Boolean(), nullable=False, server_default=sa.false()))
