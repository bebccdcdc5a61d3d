"""Answers of open polls are sealed until they close, and not counted before"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("poll_answers", sa.Column("sealed", sa.LargeBinary))
    # the answers themselves are sealed by the next mix: only then there are keys
    op.execute("DELETE FROM poll_counts WHERE request_id IN (SELECT id FROM requests WHERE state = 'open')")
