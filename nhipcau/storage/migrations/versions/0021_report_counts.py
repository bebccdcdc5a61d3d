"""The index counts of reports read; the running counts come with 0026, which holds more of them"""

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    counted = ["area_id", "day", "topic", "mood", "spread", "urgency", "source", "state", "groups"]
    op.create_index("ix_reports_counted", "reports", counted)
    op.drop_index("ix_reports_area_id", "reports")
    op.create_index(
        "ix_official_answers_nothing", "official_answers", ["nothing_to_report", "day", "unit_id", "request_id"]
    )
