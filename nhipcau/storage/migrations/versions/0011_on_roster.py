"""Whether the office itself put somebody on its roster; who joined with a unit's open code did not have to say who they
are"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("people", sa.Column("on_roster", sa.Boolean, nullable=False, server_default=sa.true()))
    by_card = "SELECT 1 FROM invites WHERE invites.person_id = people.id"
    op.execute(f"UPDATE people SET on_roster = false WHERE code IS NULL AND NOT EXISTS ({by_card})")
