"""Sections of units' offices, to which reports are assigned, and the day by which something is to be done"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.create_table(
        "sections",
        sa.Column("id", sa.String(8), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_sections_unit_id_units"),
        sa.PrimaryKeyConstraint("id", name="pk_sections"),
        sa.UniqueConstraint("unit_id", "name", name="uq_sections_unit_id_name"),
    )
    op.add_column("reports", sa.Column("section", sa.String(8), nullable=False, server_default=""))
    op.add_column("reports", sa.Column("due", sa.Date()))
    for name, columns, condition in (
        ("ix_reports_section", ["section", "day", "code", "state"], "section <> ''"),
        ("ix_reports_due", ["due", "day", "code"], "due IS NOT NULL"),
    ):
        op.create_index(name, "reports", columns, sqlite_where=sa.text(condition), postgresql_where=sa.text(condition))
