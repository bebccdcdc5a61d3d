"""Running counts of reports, kept by triggers, with the number of each day; those of 0021, without, go"""

import sqlalchemy as sa
from alembic import op

from nhipcau.storage.report_counts import recounting, triggers

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    dialect = op.get_context().dialect.name
    is_sqlite = dialect == "sqlite"
    if not is_sqlite:
        # what an older process still writes is counted once, by us or by the triggers
        op.execute("LOCK TABLE reports IN SHARE ROW EXCLUSIVE MODE")
    for act in ("insert", "delete", "update", "state", "come", "gone"):
        op.execute(f"DROP TRIGGER IF EXISTS report_counts_{act}" + ("" if is_sqlite else " ON reports"))
    op.execute("DROP TABLE IF EXISTS report_counts")
    op.create_table(
        "report_counts",
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("cut", sa.String(20), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("a", sa.String(40), nullable=False),
        sa.Column("b", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("days", sa.Text().with_variant(sa.ARRAY(sa.Integer()), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("month", "cut", "area_id", "a", "b", name="pk_report_counts"),
        sqlite_with_rowid=False,
    )
    if is_sqlite:
        op.execute("CREATE INDEX ix_report_counts_nought ON report_counts (number) WHERE number = 0")
    for statement in (*recounting(dialect), *triggers(dialect)):
        op.get_bind().exec_driver_sql(statement)
