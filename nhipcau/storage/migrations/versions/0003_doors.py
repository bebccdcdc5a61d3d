"""Several doors of one person: a conversation is the person's, windows and plans of apps are kept count of"""

import sqlalchemy as sa
from alembic import op

from nhipcau.storage.tables import Moment

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("people", sa.Column("door_id", sa.Integer()))
    op.add_column("people", sa.Column("chosen", sa.String(20), nullable=False, server_default=""))
    op.add_column("contacts", sa.Column("heard_at", Moment()))
    op.add_column("invites", sa.Column("adds", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("outbox", sa.Column("channel", sa.String(20), nullable=False, server_default=""))
    op.execute("UPDATE outbox SET channel = (SELECT channel FROM contacts WHERE contacts.id = outbox.contact_id)")
    op.drop_index("ix_outbox_order", "outbox")
    op.create_index("ix_outbox_order", "outbox", ["channel", "lane", "id"])
    op.create_table(
        "usage",
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "month", name="pk_usage"),
    )
    _conversations()


def _conversations() -> None:
    """By person instead of by door; of several doors the one used last keeps its conversation."""
    op.execute(
        "CREATE TEMPORARY TABLE held AS SELECT person_id, contact_id, sealed, day, writing FROM ("
        " SELECT contacts.person_id, conversations.contact_id, sealed, day, writing, row_number() OVER"
        " (PARTITION BY contacts.person_id ORDER BY contacts.last_on DESC, contacts.id DESC) AS place"
        " FROM conversations JOIN contacts ON contacts.id = conversations.contact_id"
        " WHERE contacts.person_id IS NOT NULL) AS found WHERE place = 1"
    )
    op.drop_table("conversations")
    person = sa.ForeignKey("people.id", name="fk_conversations_person_id_people", ondelete="CASCADE")
    op.create_table(
        "conversations",
        sa.Column("person_id", sa.String(32), person, nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("writing", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="pk_conversations"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_conversations_day", "conversations", ["day"])
    op.execute(
        "INSERT INTO conversations (person_id, contact_id, sealed, day, writing)"
        " SELECT person_id, contact_id, sealed, day, writing FROM held"
    )
    op.execute("DROP TABLE held")
