"""Whether every cell or every commune gives one answer to a duty; duties that are there go on as they are"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    for table in ("requests", "rules"):
        op.add_column(table, sa.Column("each", sa.String(8), nullable=False, server_default="cell"))
