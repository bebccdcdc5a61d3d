"""Running counts of reports by what they say, kept by triggers (tallies.py reads them).

Table `report_counts`: a row for each cut, month and combination of values. A cut is one thing reports are counted by
or two of them ("topic", "topic,mood"; "" counts all reports). Each single thing is counted by area, everything for all
areas together (area 0): pairs by area would be more rows than there are reports, and one area's reports are few. What
falls to nought is deleted, so that nothing is left of a withdrawn report.

The mix writes reports anew as they are, and a restore copies all of them: both count nothing meanwhile (`paused`).
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.storage.shared_values import delete_fact, set_fact
from nhipcau.storage.tables import metadata

#: What is counted, in the order in which the names of cuts say it: columns of reports.
COUNTED_COLUMNS = ("groups", "topic", "mood", "spread", "urgency", "state", "source", "day")
#: The area of counts of all areas together.
ALL_AREAS = 0
TABLE = "report_counts"
_KEY = "month, cut, area_id, a, b"
_WITHDRAWN = "'withdrawn'"
#: The fact, and on PostgreSQL the setting of a transaction, while which nothing is counted.
PAUSED = "report_counts.paused"

#: (cut, whether it is counted by area, its columns)
_Cut = tuple[str, bool, tuple[str, ...]]


def cut_of(columns: Sequence[str]) -> str:
    """The name of the cut by these columns; `a` is the first of them in that name, `b` the second."""
    return ",".join(sorted(columns, key=COUNTED_COLUMNS.index))


def _cuts() -> Iterator[_Cut]:
    for number in (0, 1, 2):
        for columns in itertools.combinations(COUNTED_COLUMNS, number):
            for by_area in (True, False) if number < 2 else (False,):
                yield cut_of(columns), by_area, columns


# ------------------------------------------------------------------ SQLite: for each row


#: The groups of a report, one a row; "" where it names none.
_SQLITE_GROUPS = """json_each('[' || replace(json_quote({row}.groups), ',', '","') || ']')"""


def _sqlite_value(row: str, column: str) -> str:
    return {"spread": f"CAST({row}.spread AS TEXT)", "groups": "g.value"}.get(column, f"{row}.{column}")


def _sqlite_change(row: str, by: int, only: str = "") -> str:
    """Change the counts of a report by 1 or -1; `only`: those of cuts by this column."""
    plain: list[str] = []
    grouped: list[str] = []
    for cut, by_area, columns in _cuts():
        if only and only not in columns:
            continue
        a, b, *_ = *(_sqlite_value(row, column) for column in columns), "''", "''"
        area = f"{row}.area_id" if by_area else ALL_AREAS
        if "groups" in columns:
            grouped.append(f"SELECT '{cut}' AS cut, {area} AS area_id, {b} AS b")
        else:
            plain.append(f"substr({row}.day, 1, 7), '{cut}', {area}, {a}, {b}, {by}")
    groups = f"(SELECT DISTINCT value FROM {_SQLITE_GROUPS.format(row=row)}) AS g"
    lines = f"SELECT substr({row}.day, 1, 7), k.cut, k.area_id, g.value, k.b, {by} FROM {groups}"
    lines += f" CROSS JOIN ({' UNION ALL '.join(grouped)}) AS k"
    adding = f"ON CONFLICT ({_KEY}) DO UPDATE SET number = number + excluded.number"
    insert = f"INSERT INTO {TABLE} ({_KEY}, number)"
    done = f"DELETE FROM {TABLE} WHERE number = 0;" if by < 0 else ""
    return f"{insert} VALUES ({'), ('.join(plain)}) {adding};{insert} {lines} WHERE true {adding};{done}"


def _sqlite() -> list[str]:
    others = [*(column for column in COUNTED_COLUMNS if column != "state"), "area_id"]
    same = f"({', '.join(f'OLD.{c}' for c in others)}) = ({', '.join(f'NEW.{c}' for c in others)})"
    new, old = (f"{row}.state <> {_WITHDRAWN}" for row in ("NEW", "OLD"))
    only_state = f"({same} AND {new} AND {old})"
    any_of_them = f"UPDATE OF {', '.join(others)}, state"
    acts = {
        "insert": ("INSERT", new, _sqlite_change("NEW", 1)),
        "delete": ("DELETE", old, _sqlite_change("OLD", -1)),
        "state": (
            "UPDATE OF state",
            f"NEW.state <> OLD.state AND {only_state}",
            _sqlite_change("NEW", 1, "state") + _sqlite_change("OLD", -1, "state"),
        ),
        "come": (any_of_them, f"{new} AND NOT {only_state}", _sqlite_change("NEW", 1)),
        "gone": (any_of_them, f"{old} AND NOT {only_state}", _sqlite_change("OLD", -1)),
    }
    counts = f"NOT EXISTS (SELECT 1 FROM facts WHERE name = '{PAUSED}')"
    return [
        f"CREATE TRIGGER {TABLE}_{name} AFTER {act} ON reports WHEN {condition} AND {counts} BEGIN {work} END"
        for name, (act, condition, work) in acts.items()
    ]


# ------------------------------------------------------------------ PostgreSQL: for each statement


_POSTGRESQL_GROUPS = (
    "(SELECT DISTINCT unnest(CASE r.groups WHEN '' THEN ARRAY[''] ELSE string_to_array(r.groups, ',') END) AS value)"
)


def _postgresql_value(column: str) -> str:
    others = {"spread": "r.spread::text", "groups": "g.value", "day": "to_char(r.day, 'YYYY-MM-DD')"}
    return others.get(column, f"r.{column}")


def _postgresql_changes(rows: str) -> str:
    """How the counts change by these rows, each counted `n` times, in the order of the key."""
    plain: list[str] = []
    grouped: list[str] = []
    for cut, by_area, columns in _cuts():
        values = [_postgresql_value(column) for column in columns] + ["''", "''"]
        line = f"('{cut}', {'r.area_id' if by_area else ALL_AREAS}, {values[0]}, {values[1]})"
        (grouped if "groups" in columns else plain).append(line)
    each = f"SELECT to_char(r.day, 'YYYY-MM'), v.cut, v.area_id, v.a, v.b, r.n FROM ({rows}) AS r"
    named = "AS v (cut, area_id, a, b)"
    counted = f"WHERE r.state <> {_WITHDRAWN}"
    return (
        f"SELECT {_KEY}, sum(n) AS number FROM ("
        f"{each} CROSS JOIN LATERAL (VALUES {', '.join(plain)}) {named} {counted} UNION ALL "
        f"{each} CROSS JOIN LATERAL {_POSTGRESQL_GROUPS} AS g "
        f"CROSS JOIN LATERAL (VALUES {', '.join(grouped)}) {named} {counted}"
        f") AS c ({_KEY}, n) GROUP BY {_KEY} HAVING sum(n) <> 0 ORDER BY {_KEY}"
    )


def _postgresql() -> list[str]:
    columns = ", ".join(("area_id", *COUNTED_COLUMNS))

    def change(rows: str) -> str:
        return (
            f"INSERT INTO {TABLE} ({_KEY}, number) {_postgresql_changes(rows)} "
            f"ON CONFLICT ({_KEY}) DO UPDATE SET number = {TABLE}.number + excluded.number;"
        )

    def clear(rows: str) -> str:
        return (
            f"DELETE FROM {TABLE} WHERE number = 0 AND ({_KEY}) IN "
            f"(SELECT {_KEY} FROM ({_postgresql_changes(rows)}) AS gone_or_come);"
        )

    come = f"SELECT {columns}, 1 AS n FROM come"
    gone = f"SELECT {columns}, -1 AS n FROM gone"
    both = f"{come} UNION ALL {gone}"
    function = f"""CREATE OR REPLACE FUNCTION {TABLE}_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF current_setting('{PAUSED}', true) = 'yes' THEN
            RETURN NULL;
        END IF;
        IF TG_OP = 'INSERT' THEN
            {change(come)}
        ELSIF TG_OP = 'DELETE' THEN
            {change(gone)}
            {clear(gone)}
        ELSIF EXISTS (SELECT {columns} FROM come EXCEPT ALL SELECT {columns} FROM gone) THEN
            {change(both)}
            {clear(both)}
        END IF;
        RETURN NULL;
    END $$"""
    tables = {
        "INSERT": "NEW TABLE AS come",
        "UPDATE": "OLD TABLE AS gone NEW TABLE AS come",
        "DELETE": "OLD TABLE AS gone",
    }
    return [
        function,
        *(
            f"CREATE TRIGGER {TABLE}_{act.lower()} AFTER {act} ON reports REFERENCING {rows} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_keep()"
            for act, rows in tables.items()
        ),
    ]


def triggers(dialect: str) -> list[str]:
    """The statements that create the triggers; a migration runs them too."""
    return _sqlite() if dialect == "sqlite" else _postgresql()


def _make_triggers(target: Any, connection: Any, **_: Any) -> None:
    for statement in triggers(connection.dialect.name):
        connection.exec_driver_sql(statement)


event.listen(metadata, "after_create", _make_triggers)


# ------------------------------------------------------------------ counted anew


def recounting(dialect: str) -> list[str]:
    """The statements that count all reports into the empty table: a plain GROUP BY for each cut."""
    is_sqlite = dialect == "sqlite"
    groups = _SQLITE_GROUPS.format(row="r") if is_sqlite else f"LATERAL {_POSTGRESQL_GROUPS}"
    made = []
    for cut, by_area, columns in _cuts():
        values = [_sqlite_value("r", column) if is_sqlite else _postgresql_value(column) for column in columns]
        a, b, *_ = *values, "''", "''"
        month = "substr(r.day, 1, 7)" if is_sqlite else "to_char(r.day, 'YYYY-MM')"
        key = f"{month}, '{cut}', {'r.area_id' if by_area else ALL_AREAS}, {a}, {b}"
        source = f"reports r CROSS JOIN {groups} AS g" if "groups" in columns else "reports r"
        made.append(
            f"INSERT INTO {TABLE} ({_KEY}, number) SELECT {key}, count(DISTINCT r.code) FROM {source} "
            f"WHERE r.state <> {_WITHDRAWN} GROUP BY 1, 3, 4, 5"
        )
    return made


async def recount(connection: AsyncConnection) -> None:
    """Count all reports anew."""
    for statement in (f"DELETE FROM {TABLE}", *recounting(connection.dialect.name)):
        await connection.exec_driver_sql(statement)


@asynccontextmanager
async def paused(connection: AsyncConnection) -> AsyncIterator[None]:
    """Nothing is counted inside. Whoever deletes and inserts the same rows changes no count; others `recount`. An
    error inside must end the transaction, and with it the pause."""
    if connection.dialect.name == "sqlite":
        await set_fact(connection, PAUSED, "yes")
        yield
        await delete_fact(connection, PAUSED)
        return
    setting = text("SELECT set_config(:name, :value, true)")
    await connection.execute(setting, {"name": PAUSED, "value": "yes"})
    yield
    await connection.execute(setting, {"name": PAUSED, "value": ""})
