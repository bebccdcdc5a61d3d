"""Running counts of reports, kept by triggers, and the index other counts of reports read"""

import sqlalchemy as sa
from alembic import op

from nhipcau.storage.report_counts import recounting, triggers

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    dialect = op.get_context().dialect.name
    op.create_table(
        "report_counts",
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("cut", sa.String(20), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("a", sa.String(40), nullable=False),
        sa.Column("b", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("month", "cut", "area_id", "a", "b", name="pk_report_counts"),
        sqlite_with_rowid=False,
    )
    if dialect == "sqlite":
        op.execute("CREATE INDEX ix_report_counts_nought ON report_counts (number) WHERE number = 0")
    else:
        # what an older process still writes is counted once, by us or by the triggers
        op.execute("LOCK TABLE reports IN SHARE ROW EXCLUSIVE MODE")
    counted = ["area_id", "day", "topic", "mood", "spread", "urgency", "source", "state", "groups"]
    op.create_index("ix_reports_counted", "reports", counted)
    op.drop_index("ix_reports_area_id", "reports")
    op.create_index(
        "ix_official_answers_nothing", "official_answers", ["nothing_to_report", "day", "unit_id", "request_id"]
    )
    for statement in (*recounting(dialect), *triggers(dialect)):
        op.get_bind().exec_driver_sql(statement)
