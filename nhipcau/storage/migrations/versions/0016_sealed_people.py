"""Names, tag secrets, numbers, cells and phones are sealed under a key of each person; those who left have none"""

import sqlalchemy as sa
from alembic import context, op

from nhipcau.model.people import code_key
from nhipcau.privacy.person_keys import hashed

revision = "0016"
down_revision = "0015"

_OLD = ("mark", "name", "cell")


def upgrade() -> None:
    op.create_table(
        "departed",
        sa.Column("hashed_id", sa.LargeBinary(16), nullable=False),
        sa.PrimaryKeyConstraint("hashed_id", name="pk_departed"),
        sqlite_with_rowid=False,
    )
    op.execute("ALTER TABLE people RENAME COLUMN code TO code_lookup")
    op.execute("ALTER TABLE people RENAME COLUMN sealed_contact TO sealed")
    _seal()
    for column in _OLD:
        op.execute(f"ALTER TABLE people DROP COLUMN {column}")


def _seal() -> None:
    sealer = context.config.attributes.get("sealer")
    columns = ("id", "state", "code_lookup", "sealed", *_OLD)
    people = sa.table("people", *(sa.column(name) for name in columns))
    rows = op.get_bind().execute(sa.select(people).order_by(people.c.id)).all()
    if not rows:
        return
    if sealer is None:
        raise ValueError("the key folder is needed to seal names")
    # all keys at once: they are on the disk before the commit
    staying = {row.id for row in rows if row.state != "left" and not sealer.people.is_dead(hashed(row.id))}
    sealer.people.make(staying)
    known: set[str] = set()
    values = []
    for row in rows:
        digest = sealer.code_lookup(code_key(row.code_lookup)) if row.code_lookup else None
        # two spellings of one number: the first keeps it
        lookup = None if digest in known else digest
        known.add(digest or "")
        sealed = None
        if row.id in staying:
            contact = sealer.open_lasting(row.sealed, f"person:{row.id}") if row.sealed else ""
            sealed = sealer.seal_person(row.id, [row.name, row.mark, row.code_lookup or "", row.cell, contact])
        values.append({"person": row.id, "lookup": lookup, "sealed_now": sealed})
    statement = sa.update(people).where(people.c.id == sa.bindparam("person"))
    statement = statement.values(code_lookup=sa.bindparam("lookup"), sealed=sa.bindparam("sealed_now"))
    op.get_bind().execute(statement, values)
