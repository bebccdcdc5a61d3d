"""Whether those who contributed say that it is settled, and the day on which they are asked once more"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("supports", sa.Column("confirmed", sa.String(4), nullable=False, server_default=""))
    for table in ("reports", "supports"):
        op.add_column(table, sa.Column("ask_again_on", sa.Date))
