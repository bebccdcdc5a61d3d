"""What reports are found by: on PostgreSQL a column of them, on SQLite tables beside them"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

from nhipcau.storage.report_words import as_tsvector
from nhipcau.storage.search_index import adding, entries_of

revision = "0024"
down_revision = "0023"

_BATCH = 2000


def upgrade() -> None:
    op.add_column("reports", sa.Column("words", sa.Text().with_variant(TSVECTOR(), "postgresql")))
    connection = op.get_bind()
    is_sqlite = connection.dialect.name == "sqlite"
    names = ("code", "area_id", "topic", "mood", "urgency", "text", "proposal")
    said = sa.table("reports", *map(sa.column, names))
    rows = sa.select(*said.c, sa.type_coerce(sa.column("day"), sa.Date).label("day")).select_from(said)
    codes = list(connection.scalars(sa.select(said.c.code).order_by(sa.func.random())))
    for start in range(0, len(codes), _BATCH):
        some = connection.execute(rows.where(said.c.code.in_(codes[start : start + _BATCH]))).mappings().all()
        if not is_sqlite:
            made = [{"of": row["code"], "made": words} for row in some if (words := as_tsvector(dict(row)))]
            if made:
                update = sa.text("UPDATE reports SET words = CAST(CAST(:made AS text) AS tsvector) WHERE code = :of")
                connection.execute(update, made)
            continue
        for table, entries in entries_of(dict(row) for row in some).items():
            for statement, values in adding(table, entries):
                connection.execute(sa.text(statement), values)
    if not is_sqlite:
        op.create_index(
            "ix_reports_words",
            "reports",
            ["words"],
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
        )
