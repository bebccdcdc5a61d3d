"""Lists of reports by any filter read an index alone, in its order; the index of days and that of states begin these"""

from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    for name in ("ix_reports_day", "ix_reports_state"):
        op.drop_index(name, "reports")
    said = ["topic", "area_id", "mood", "urgency"]
    op.create_index("ix_reports_listed", "reports", ["day", "code", *said, "state"])
    op.create_index("ix_reports_listed_by_state", "reports", ["state", "day", "code", *said])
    op.create_index("ix_report_notes_kind", "report_notes", ["kind", "report_code", "place"])
