"""The copy of everything stored about a person, as plain text: a paragraph a row, a line a column."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from nhipcau.bot.language.catalogue import Texts
from nhipcau.handlers.situation import Office
from nhipcau.model.people import PersonalRecord


def copy_of(records: Sequence[PersonalRecord], office: Office, t: Texts) -> list[str]:
    """Lines of the copy, each row under the name of its table."""
    lines = []
    for record in records:
        lines += ["", f"[{label(record.table, t)}]"]
        lines += [f"- {label(name, t)}: {words_of(name, value, office, t)}" for name, value in record.values.items()]
    return lines


def label(column: str, t: Texts) -> str:
    """What a table or column is called; its own name where nobody has named it yet, so that nothing is left out."""
    return t(f"stored.{column}") if t.has(f"stored.{column}") else column


def words_of(column: str, value: object, office: Office, t: Texts) -> str:
    """A value of the column of this name; None: it is there, and not copied."""
    key = f"{_CODES.get(column, column)}.{value}"
    match value:
        case None:
            return t("stored.withheld")
        case bool():
            return t("form.yes") if value else t("stored.not_so")
        case int() if column == "unit_id" and value in office.tree.by_id:
            return office.tree.by_id[value].name
        case datetime():
            return f"{value.astimezone(office.zone):%d/%m/%Y %H:%M}"
        case date():
            return f"{value:%d/%m/%Y}"
    return t(key) if column in _CODES and t.has(key) else str(value)


#: Columns of codes, and where their sentences stand.
_CODES = {"role": "role", "state": "person", "channel": "channel", "kind": "cli.audit.kind"}
