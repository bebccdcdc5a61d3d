"""Cells: every thôn, bản, khối or chi bộ of a commune or agency has the kind "cell"; people stay where they are"""

import sqlalchemy as sa
from alembic import op

from nhipcau.bot.units.cells import CELL, is_cell_kind

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    units = sa.table("units", *(sa.column(name) for name in ("id", "kind", "parent_id")))
    rows = {row.id: row for row in op.get_bind().execute(sa.select(units))}
    for row in rows.values():
        above = rows.get(row.parent_id)
        # what lies right below the root answers as an agency does
        if above is not None and above.parent_id is not None and is_cell_kind(row.kind):
            op.execute(sa.update(units).where(units.c.id == row.id).values(kind=CELL))
