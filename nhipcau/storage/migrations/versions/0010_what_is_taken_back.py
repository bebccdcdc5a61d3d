"""Reports written to practise, and what withdrawn reports said, are stored no longer"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    gone = "(SELECT code FROM reports WHERE practice OR state = 'withdrawn')"
    for table in ("report_notes", "report_photos", "issue_acts"):
        op.execute(sa.text(f"DELETE FROM {table} WHERE report_code IN {gone}"))
    op.execute(sa.text("DELETE FROM reports WHERE practice"))
    emptied = ", ".join(
        f"{column} = ''"
        for column in ("topic", "mood", "urgency", "text", "place", "proposal", "groups", "source", "confirmed")
    )
    op.execute(
        sa.text(f"UPDATE reports SET {emptied}, spread = 0, ask_again_on = NULL, tag = NULL WHERE state = 'withdrawn'")
    )
    op.drop_column("reports", "practice")
