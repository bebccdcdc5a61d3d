"""What a contact's row knows of its last act, and everything of a conversation, stand under a seal; lessons by the month"""

import json
from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.add_column("contacts", sa.Column("last_act", sa.LargeBinary))
    _keep_acts()
    for name in ("last_on", "shown_request", "heard_at"):
        op.drop_column("contacts", name)
    op.drop_column("people", "door_id")
    _keep_conversations()
    op.drop_column("conversations", "contact_id")
    op.drop_column("conversations", "writing")
    for id, lesson, day in op.get_bind().execute(sa.text("SELECT person_id, lesson, day FROM learned")).all():
        first = f"{str(day)[:7]}-01"
        statement = sa.text("UPDATE learned SET day = :day WHERE person_id = :id AND lesson = :lesson")
        values = {"day": date.fromisoformat(first), "id": id, "lesson": lesson}
        op.get_bind().execute(statement.bindparams(sa.bindparam("day", type_=sa.Date)), values)


def _keep_conversations() -> None:
    """Sealed as they are, with the contact's id before them: the next mix seals them as of now."""
    bind = op.get_bind()
    talks = sa.table(
        "conversations",
        sa.column("person_id", sa.String),
        sa.column("contact_id", sa.Integer),
        sa.column("sealed", sa.LargeBinary),
    )
    for row in bind.execute(sa.select(talks)).all():
        kept = f"earlier:{row.contact_id}:".encode() + bytes(row.sealed)
        bind.execute(sa.update(talks).where(talks.c.person_id == row.person_id).values(sealed=kept))


def _keep_acts() -> None:
    """As they are opened, but in clear: the next mix seals them."""
    bind = op.get_bind()
    contacts = sa.table(
        "contacts",
        sa.column("id", sa.Integer),
        sa.column("last_on", sa.Date),
        sa.column("shown_request", sa.Text),
        sa.column("heard_at", sa.DateTime(timezone=True)),
        sa.column("last_act", sa.LargeBinary),
    )
    for row in bind.execute(sa.select(contacts)).all():
        heard = row.heard_at.isoformat() if row.heard_at else ""
        if heard and row.heard_at.tzinfo is None:
            heard += "+00:00"
        line = json.dumps([row.last_on.isoformat(), heard, row.shown_request or ""])
        bind.execute(sa.update(contacts).where(contacts.c.id == row.id).values(last_act=b"earlier:" + line.encode()))
