"""On PostgreSQL, who left after a poll had closed was counted twice: counts follow what changed, and are set right"""

from alembic import op

from nhipcau.storage.running_counts import triggers

revision = "0019"
down_revision = "0018"

#: Of polls that are over, rows of each unit and state that the counts have too many, in the row without a band.
_TOO_MANY = """
UPDATE participation_counts c SET number = greatest(0, c.number - (d.counted - d.there))
FROM (
    SELECT k.request_id, k.unit_id, k.state, k.reason, sum(k.number) AS counted,
        (SELECT count(*) FROM participation p WHERE p.request_id = k.request_id AND p.unit_id = k.unit_id
            AND p.state = k.state AND coalesce(p.reason, '') = k.reason) AS there
    FROM participation_counts k JOIN requests r ON r.id = k.request_id
    WHERE r.kind = 'poll' AND r.state IN ('closed', 'stopped')
    GROUP BY k.request_id, k.unit_id, k.state, k.reason
) d
WHERE d.counted > d.there AND c.band = ''
    AND (c.request_id, c.unit_id, c.state, c.reason) = (d.request_id, d.unit_id, d.state, d.reason)
"""


def upgrade() -> None:
    if op.get_context().dialect.name != "postgresql":
        return
    # what an older process still writes is counted before or after, not in between
    op.execute("LOCK TABLE participation IN SHARE ROW EXCLUSIVE MODE")
    for statement in triggers("postgresql"):
        if statement.startswith("CREATE OR REPLACE FUNCTION"):
            op.get_bind().exec_driver_sql(statement)
    op.execute(_TOO_MANY)
