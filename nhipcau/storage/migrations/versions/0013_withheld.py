"""Questions of closed polls that are not shown, since nearly the same people answered them in another poll"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("requests", sa.Column("withheld", sa.Text, nullable=False, server_default=""))
