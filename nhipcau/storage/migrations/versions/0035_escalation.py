"""Rapid requests of which silent units are told upwards, and how far that has come"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    for table in ("requests", "rules"):
        op.add_column(table, sa.Column("escalates", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("requests", sa.Column("escalated", sa.String(20), nullable=False, server_default=""))
