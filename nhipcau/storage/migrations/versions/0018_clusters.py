"""Clusters of communes, and results of polls by cluster as far as they may be shown"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column("units", sa.Column("cluster", sa.String(200), nullable=False, server_default=""))
    op.create_table(
        "poll_groups",
        sa.Column("request_id", sa.String(16), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("question", sa.String(40), nullable=False),
        sa.Column("option", sa.String(80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name="fk_poll_groups_request_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("request_id", "name", "question", "option", name="pk_poll_groups"),
    )
