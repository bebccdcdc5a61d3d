"""Questions that an office keeps to ask them again"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    op.create_table(
        "question_bank",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_question_bank_unit_id_units"),
        sa.PrimaryKeyConstraint("id", name="pk_question_bank"),
    )
