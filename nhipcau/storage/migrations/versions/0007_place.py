"""Where below its area a report's matter is, for coordinators of that area"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("reports", sa.Column("place", sa.String(200), nullable=False, server_default=""))
