"""Running counts, kept by triggers, and filled from what is there"""

import json
from collections import Counter
from typing import Any

import sqlalchemy as sa
from alembic import op

from nhipcau.bot.forms.model import Form
from nhipcau.storage.running_counts import change, triggers

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    def column(name: str, type: sa.types.TypeEngine[Any], *constraints: sa.ForeignKey) -> sa.Column[Any]:
        return sa.Column(name, type, *constraints, nullable=False)

    def request(table: str) -> sa.Column[Any]:
        name = f"fk_{table}_request_id_requests"
        return column("request_id", sa.String(16), sa.ForeignKey("requests.id", name=name, ondelete="CASCADE"))

    def unit(table: str) -> sa.Column[Any]:
        return column("unit_id", sa.Integer(), sa.ForeignKey("units.id", name=f"fk_{table}_unit_id_units"))

    def made(table: str, *columns: sa.Column[Any]) -> None:
        keys = sa.PrimaryKeyConstraint(*(c.name for c in columns), name=f"pk_{table}")
        op.create_table(table, *columns, column("number", sa.Integer()), keys)

    made(
        "participation_counts",
        request("participation_counts"),
        unit("participation_counts"),
        column("state", sa.String(14)),
        column("reason", sa.String(20)),
        column("band", sa.String(8)),
    )
    made(
        "official_counts",
        request("official_counts"),
        unit("official_counts"),
        column("nothing_to_report", sa.Boolean()),
        column("late", sa.Boolean()),
    )
    made("poll_counts", request("poll_counts"), column("question", sa.String(40)), column("option", sa.String(80)))
    op.add_column("outbox", sa.Column("lost", sa.SmallInteger(), nullable=False, server_default="0"))
    op.execute("UPDATE outbox SET lost = 1 WHERE maybe_sent")
    op.drop_column("outbox", "maybe_sent")
    op.create_index("ix_outbox_order", "outbox", ["lane", "id"])
    op.drop_index("ix_outbox_due", "outbox")
    op.create_index("ix_poll_answers_some", "poll_answers", ["request_id", "id"])
    op.drop_index("ix_poll_answers_request_id", "poll_answers")
    if op.get_context().dialect.name == "postgresql":
        # what an older process still writes is counted once, by us or by the triggers
        op.execute("LOCK TABLE participation, official_answers, poll_answers IN SHARE ROW EXCLUSIVE MODE")
    _fill()
    for statement in triggers(op.get_context().dialect.name):
        op.get_bind().exec_driver_sql(statement)


def _fill() -> None:
    op.execute(
        "INSERT INTO participation_counts "
        "SELECT request_id, unit_id, state, coalesce(reason, ''), coalesce(band, ''), count(*) "
        "FROM participation GROUP BY 1, 2, 3, 4, 5"
    )
    op.execute(
        "INSERT INTO official_counts SELECT request_id, unit_id, nothing_to_report, late, count(*) "
        "FROM official_answers WHERE NOT extra GROUP BY 1, 2, 3, 4"
    )
    changes: Counter[tuple[str, str, str]] = Counter()
    bind = op.get_bind()
    forms = {id: Form.from_json(form) for id, form in bind.execute(sa.text("SELECT id, form FROM requests"))}
    for id, answers in bind.execute(sa.text("SELECT request_id, answers FROM poll_answers")):
        change(changes, id, forms[id], json.loads(answers), 1)
    rows = [{"r": key[0], "q": key[1], "o": key[2], "n": number} for key, number in changes.items()]
    if rows:
        bind.execute(sa.text("INSERT INTO poll_counts VALUES (:r, :q, :o, :n)"), rows)
