"""The audit by day, without what an act was done to, under seals; earlier lines are sealed at the next act"""

import secrets
from collections import Counter
from datetime import timedelta

import sqlalchemy as sa
from alembic import op

from nhipcau.storage.tables import Moment

revision = "0015"
down_revision = "0014"

#: Earlier lines have a moment in UTC; their day is that of Vietnam.
_ZONE = timedelta(hours=7)
#: Acts whose subject was how many.
_NUMBERED = ("roster.import", "invite.roster")


def upgrade() -> None:
    earlier = sa.text("SELECT at, actor, act, subject FROM audit").columns(at=Moment())
    numbers: Counter[tuple[object, str, str]] = Counter()
    for at, actor, act, subject in op.get_bind().execute(earlier):
        number = int(subject) if act in _NUMBERED and subject.isdigit() else 1
        numbers[(at + _ZONE).date(), actor, act] += number
    op.drop_table("audit")
    kept = op.create_table(
        "audit",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("who", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seal", sa.LargeBinary(32)),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_audit_day", "audit", ["day"])
    op.create_table(
        "audit_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(16), nullable=False),
        sa.Column("lines", sa.Integer()),
        sa.Column("total", sa.LargeBinary(32), nullable=False),
        sa.Column("seal", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_audit_days"),
    )
    lines = [
        {"id": secrets.token_hex(16), "day": day, "who": who, "kind": kind, "number": number}
        for (day, who, kind), number in numbers.items()
        if number
    ]
    if lines:
        op.get_bind().execute(sa.insert(kept), lines)
