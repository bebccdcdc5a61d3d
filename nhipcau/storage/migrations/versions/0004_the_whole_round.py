"""Rules and duties, official information, answers to reports, issues, lessons, and what a person may be sent in a week"""

import sqlalchemy as sa
from alembic import op

from nhipcau.storage.tables import Moment

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("people", sa.Column("responsible", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("outbox", sa.Column("counted", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("official_answers", sa.Column("on_behalf", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("reports", sa.Column("confirmed", sa.String(4), nullable=False, server_default=""))
    op.create_index("ix_reports_issue", "reports", ["issue"])
    _requests()
    _rules()
    _people()
    _issues()


def _requests() -> None:
    op.add_column("requests", sa.Column("rule_id", sa.String(16)))
    op.create_index("ix_requests_rule_id", "requests", ["rule_id"])
    op.add_column("requests", sa.Column("period", sa.String(12), nullable=False, server_default=""))
    op.add_column("requests", sa.Column("repeats", sa.String(16)))
    op.add_column("requests", sa.Column("decision", sa.Text(), nullable=False, server_default=""))
    for column in _files():
        op.add_column("requests", column)


def _files() -> list[sa.Column[str]]:
    lengths = {"photo": 40, "file": 40, "file_name": 80}
    return [sa.Column(name, sa.String(length), nullable=False, server_default="") for name, length in lengths.items()]


def _rules() -> None:
    op.create_table(
        "rules",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        _unit("rules", "unit_id"),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("intro", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Boolean(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("rule", sa.String(80), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("working_days", sa.Boolean(), nullable=False),
        sa.Column("catch_up", sa.Boolean(), nullable=False),
        sa.Column("due", Moment(), nullable=False),
        sa.Column("next_at", Moment(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("asked_by", sa.String(32)),
        *_files(),
        sa.PrimaryKeyConstraint("id", name="pk_rules"),
    )
    op.create_index("ix_rules_state", "rules", ["state"])


def _people() -> None:
    op.create_table(
        "attention",
        _person("attention"),
        sa.Column("week", sa.String(8), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "week", name="pk_attention"),
    )
    op.create_table(
        "learned",
        _person("learned"),
        sa.Column("lesson", sa.String(40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "lesson", name="pk_learned"),
    )
    door = sa.ForeignKey("contacts.id", name="fk_posted_contact_id_contacts", ondelete="CASCADE")
    op.create_table(
        "posted",
        sa.Column("key", sa.String(30), nullable=False),
        sa.Column("contact_id", sa.Integer(), door, nullable=False),
        sa.Column("ref", sa.String(80), nullable=False),
        sa.Column("mark", sa.String(16), nullable=False, server_default=""),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("key", "contact_id", name="pk_posted"),
    )


def _issues() -> None:
    op.create_table(
        "issues",
        sa.Column("code", sa.String(12), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("topic", sa.String(4), nullable=False),
        _unit("issues", "owner_unit_id"),
        sa.Column("state", sa.String(14), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False, server_default=""),
        sa.Column("opened", sa.Date(), nullable=False),
        sa.Column("answered", sa.Date()),
        sa.PrimaryKeyConstraint("code", name="pk_issues"),
    )
    op.create_index("ix_issues_owner_unit_id", "issues", ["owner_unit_id"])
    op.create_index("ix_issues_state", "issues", ["state"])
    op.create_table(
        "report_notes",
        sa.Column("id", sa.String(32), nullable=False),
        _report("report_notes"),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("side", sa.String(10), nullable=False),
        sa.Column("kind", sa.String(14), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_report_notes"),
    )
    op.create_index("ix_report_notes_report_code", "report_notes", ["report_code"])
    op.create_table(
        "issue_acts",
        sa.Column("id", sa.String(32), nullable=False),
        _issue("issue_acts"),
        _report("issue_acts"),
        sa.Column("act", sa.String(6), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_issue_acts"),
    )
    op.create_index("ix_issue_acts_issue", "issue_acts", ["issue"])
    op.create_index("ix_issue_acts_report_code", "issue_acts", ["report_code"])
    op.create_table(
        "supports",
        sa.Column("id", sa.String(32), nullable=False),
        _issue("supports"),
        _unit("supports", "area_id"),
        sa.Column("month", sa.String(16), nullable=False),
        sa.Column("tag", sa.LargeBinary(16)),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_supports"),
    )
    op.create_index("ix_supports_issue", "supports", ["issue"])
    op.create_index("ix_supports_month", "supports", ["month"])


def _unit(table: str, column: str) -> sa.Column[int]:
    key = sa.ForeignKey("units.id", name=f"fk_{table}_{column}_units")
    return sa.Column(column, sa.Integer(), key, nullable=False)


def _person(table: str) -> sa.Column[str]:
    key = sa.ForeignKey("people.id", name=f"fk_{table}_person_id_people", ondelete="CASCADE")
    return sa.Column("person_id", sa.String(32), key, nullable=False)


def _report(table: str) -> sa.Column[str]:
    key = sa.ForeignKey("reports.code", name=f"fk_{table}_report_code_reports", ondelete="CASCADE")
    return sa.Column("report_code", sa.String(12), key, nullable=False)


def _issue(table: str) -> sa.Column[str]:
    key = sa.ForeignKey("issues.code", name=f"fk_{table}_issue_issues", ondelete="CASCADE")
    return sa.Column("issue", sa.String(12), key, nullable=False)
