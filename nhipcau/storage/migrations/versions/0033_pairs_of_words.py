"""Two words that follow each other are found as one (PostgreSQL)"""

import sqlalchemy as sa
from alembic import op

from nhipcau.storage.report_words import as_tsvector

revision = "0033"
down_revision = "0032"

_BATCH = 2000


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        return
    said = sa.table("reports", *map(sa.column, ("code", "text", "proposal")))
    codes = list(connection.scalars(sa.select(said.c.code).order_by(sa.func.random())))
    update = sa.text("UPDATE reports SET words = CAST(CAST(:made AS text) AS tsvector) WHERE code = :of")
    for start in range(0, len(codes), _BATCH):
        some = connection.execute(sa.select(said).where(said.c.code.in_(codes[start : start + _BATCH]))).mappings()
        made = [{"of": row["code"], "made": words} for row in some if (words := as_tsvector(dict(row)))]
        if made:
            connection.execute(update, made)
