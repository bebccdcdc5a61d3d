"""What people ask about their own data, and when somebody withdrew consent"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "data_requests",
        sa.Column("id", sa.String(12), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("received", sa.Date, nullable=False),
        sa.Column("answered", sa.Date),
        sa.Column("done", sa.Date),
        sa.Column("with_others", sa.Boolean, nullable=False),
        sa.Column("in_chat", sa.Boolean, nullable=False),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("number", sa.Integer),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_requests")),
    )
    op.add_column("people", sa.Column("withdrew_on", sa.Date))
