"""A synthesis may be about chosen topics: there is one of each choice."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    with op.batch_alter_table("syntheses") as batch:
        batch.add_column(sa.Column("topics", sa.String(40), nullable=False, server_default=""))
        batch.drop_constraint("uq_syntheses_unit_id_period_layout", type_="unique")
        batch.create_unique_constraint(
            "uq_syntheses_unit_id_period_layout_topics", ["unit_id", "period", "layout", "topics"]
        )
