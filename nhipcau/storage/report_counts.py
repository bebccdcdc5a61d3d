"""Running counts of reports by what they say, kept by triggers (tallies.py reads them).

Table `report_counts`: a row for each cut, month and combination of values, with their number in the month and on each
of its days. A cut is one thing reports are counted by or two of them ("topic", "topic,mood"; "" counts all reports).
Each single thing is counted by area, everything for all areas together (area 0): pairs by area would double what an
insert costs and be more rows than there are reports; one area's reports are few. What falls to nought is deleted, so
that nothing is left of a withdrawn report.

The mix writes reports anew as they are, and a restore copies all of them: both count nothing meanwhile (`paused`).
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncConnection

from nhipcau.storage.running_counts import statement_triggers
from nhipcau.storage.shared_values import delete_fact, set_fact
from nhipcau.storage.tables import metadata

#: What is counted, in the order in which the names of cuts say it: columns of reports.
COUNTED_COLUMNS = ("groups", "topic", "mood", "spread", "urgency", "state", "source")
#: The area of counts of all areas together.
ALL_AREAS = 0
TABLE = "report_counts"
_KEY = "month, cut, area_id, a, b"
_WITHDRAWN = "'withdrawn'"
#: The fact, and on PostgreSQL the setting of a transaction, while which nothing is counted.
PAUSED = "report_counts.paused"
_DAYS = range(1, 32)
#: On SQLite the numbers of the days are one text, a character a day: its code point is so many after that of nought,
#: without those that no text can hold. So most rows take 31 bytes for them, and a short expression changes one.
_NOUGHT, _NO_TEXT, _TEXT_AGAIN = 32, 0xD800, 0xE000

#: (cut, whether it is counted by area, its columns)
_Cut = tuple[str, bool, tuple[str, ...]]


def cut_of(columns: Sequence[str]) -> str:
    """The name of the cut by these columns; `a` is the first of them in that name, `b` the second."""
    return ",".join(sorted(columns, key=COUNTED_COLUMNS.index))


def numbers_of(days: str | list[int]) -> list[int]:
    """The number of each day of the month, as `days` of a row holds them."""
    if not isinstance(days, str):
        return days
    skipped = _TEXT_AGAIN - _NO_TEXT
    return [point - _NOUGHT - (skipped if point >= _NO_TEXT else 0) for point in map(ord, days)]


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


def _sqlite_day(row: str) -> str:
    return f"CAST(substr({row}.day, 9) AS INTEGER)"


def _sqlite_changed(days: str, row: str, by: int) -> str:
    """These numbers of days, with that of the report's day changed."""
    day = _sqlite_day(row)
    point = f"unicode(substr({days}, {day}, 1))"
    edge, beyond = (_NO_TEXT - 1, _TEXT_AGAIN) if by > 0 else (_TEXT_AGAIN, _NO_TEXT - 1)
    changed = f"char(CASE {point} WHEN {edge} THEN {beyond} ELSE {point} + {by} END)"
    return f"substr({days}, 1, {day} - 1) || {changed} || substr({days}, {day} + 1)"


def _sqlite_change(row: str, by: int, only: str = "") -> str:
    """Change the counts of a report by 1 or -1; `only`: those of cuts by this column."""
    plain: list[str] = []
    grouped: list[str] = []
    for cut, by_area, columns in _cuts():
        if only and only not in columns:
            continue
        area = f"{row}.area_id" if by_area else ALL_AREAS
        a, b, *_ = *(_sqlite_value(row, column) for column in columns if column != "groups"), "''", "''"
        if "groups" in columns:
            grouped.append(f"SELECT '{cut}' AS cut, {area} AS area_id, {a} AS b")
        else:
            plain.append(f"SELECT '{cut}' AS cut, {area} AS area_id, {a} AS a, {b} AS b")
    nought = f"'{chr(_NOUGHT) * len(_DAYS)}'"
    report = f"(SELECT substr({row}.day, 1, 7) AS month, {_sqlite_changed(nought, row, by)} AS days) AS r"
    groups = f"(SELECT DISTINCT value FROM {_SQLITE_GROUPS.format(row=row)}) AS g"
    adding = (
        f"WHERE true ON CONFLICT ({_KEY}) DO UPDATE SET number = number + excluded.number, "
        f"days = {_sqlite_changed('days', row, by)};"
    )
    insert = f"INSERT INTO {TABLE} ({_KEY}, number, days) SELECT r.month, k.cut, k.area_id,"
    done = f"DELETE FROM {TABLE} WHERE number = 0;" if by < 0 else ""
    return (
        f"{insert} k.a, k.b, {by}, r.days FROM {report} CROSS JOIN ({' UNION ALL '.join(plain)}) AS k {adding}"
        f"{insert} g.value, k.b, {by}, r.days FROM {report} CROSS JOIN {groups} "
        f"CROSS JOIN ({' UNION ALL '.join(grouped)}) AS k {adding}{done}"
    )


def _sqlite_sum(day: int) -> str:
    number = f"coalesce(sum(n) FILTER (WHERE day = {day}), 0)"
    return f"{_NOUGHT} + {number} + {_TEXT_AGAIN - _NO_TEXT} * ({number} >= {_NO_TEXT - _NOUGHT})"


#: Of rows with `day` and `n`: the sum of each day.
_SQLITE_DAYS = f"char({', '.join(map(_sqlite_sum, _DAYS))})"


def _sqlite() -> list[str]:
    others = [*(column for column in COUNTED_COLUMNS if column != "state"), "day", "area_id"]
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
    return {"spread": "r.spread::text", "groups": "g.value"}.get(column, f"r.{column}")


#: Of rows with `day` and `n`: the sum of each day.
_POSTGRESQL_DAYS = f"ARRAY[{', '.join(f'coalesce(sum(n) FILTER (WHERE day = {day}), 0)::int' for day in _DAYS)}]"


def _postgresql_changes(rows: str) -> str:
    """How the counts change by these rows, each counted `n` times, in the order of the key."""
    plain: list[str] = []
    grouped: list[str] = []
    for cut, by_area, columns in _cuts():
        values = [_postgresql_value(column) for column in columns] + ["''", "''"]
        line = f"('{cut}', {'r.area_id' if by_area else ALL_AREAS}, {values[0]}, {values[1]})"
        (grouped if "groups" in columns else plain).append(line)
    each = (
        f"SELECT to_char(r.day, 'YYYY-MM'), v.cut, v.area_id, v.a, v.b, extract(day FROM r.day), r.n FROM ({rows}) AS r"
    )
    named = "AS v (cut, area_id, a, b)"
    counted = f"WHERE r.state <> {_WITHDRAWN}"
    return (
        f"SELECT * FROM (SELECT {_KEY}, sum(n) AS number, {_POSTGRESQL_DAYS} AS days FROM ("
        f"{each} CROSS JOIN LATERAL (VALUES {', '.join(plain)}) {named} {counted} UNION ALL "
        f"{each} CROSS JOIN LATERAL {_POSTGRESQL_GROUPS} AS g "
        f"CROSS JOIN LATERAL (VALUES {', '.join(grouped)}) {named} {counted}"
        f") AS c ({_KEY}, day, n) GROUP BY {_KEY}) AS changes WHERE 0 <> ANY (days) ORDER BY {_KEY}"
    )


def _postgresql() -> list[str]:
    columns = ", ".join(("area_id", "day", *COUNTED_COLUMNS))
    added = (
        f"SELECT before + more FROM unnest({TABLE}.days, excluded.days) "
        "WITH ORDINALITY AS u (before, more, day) ORDER BY day"
    )

    def change(rows: str) -> str:
        return (
            f"INSERT INTO {TABLE} ({_KEY}, number, days) {_postgresql_changes(rows)} ON CONFLICT ({_KEY}) "
            f"DO UPDATE SET number = {TABLE}.number + excluded.number, days = ARRAY({added});"
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
    return [function, *statement_triggers(TABLE, "reports")]


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
    month, day, days = (
        ("substr(r.day, 1, 7)", _sqlite_day("r"), _SQLITE_DAYS)
        if is_sqlite
        else ("to_char(r.day, 'YYYY-MM')", "extract(day FROM r.day)", _POSTGRESQL_DAYS)
    )
    made = []
    for cut, by_area, columns in _cuts():
        values = [_sqlite_value("r", column) if is_sqlite else _postgresql_value(column) for column in columns]
        a, b, *_ = *values, "''", "''"
        key = f"{month} AS month, {'r.area_id' if by_area else ALL_AREAS} AS area_id, {a} AS a, {b} AS b"
        is_grouped = "groups" in columns
        source = f"reports r CROSS JOIN {groups} AS g" if is_grouped else "reports r"
        number = "count(DISTINCT r.code)" if is_grouped else "count(*)"
        of_days = (
            f"SELECT {key}, {day} AS day, {number} AS n FROM {source} "
            f"WHERE r.state <> {_WITHDRAWN} GROUP BY 1, 2, 3, 4, 5"
        )
        made.append(
            f"INSERT INTO {TABLE} ({_KEY}, number, days) SELECT month, '{cut}', area_id, a, b, sum(n), {days} "
            f"FROM ({of_days}) AS c GROUP BY month, area_id, a, b"
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
