"""An export as a workbook: titles and labels in the office's language; its second sheet says which codes stand behind
them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from nhipcau.bot.language.catalogue import Texts
from nhipcau.office.export_tables import Table
from nhipcau.office.workbook import Sheet

_LABEL = "_label"
_QUESTION = re.compile(r"q(\d+)")
#: Columns that hold a day or a moment as text.
_DATES = frozenset({"day", "opened", "answered", "consented_on", "due"})


def export_sheets(what: str, table: Table, t: Texts) -> list[Sheet]:
    """The sheet of the rows: what people read first, codes last; and the sheet of the codes."""
    coded = [name for name in table.header if name + _LABEL in table.header]
    names = [name for name in table.header if name not in coded] + coded
    titles = {name: _title(what, name, name in coded, table, t) for name in names}
    rows = [[_cell(name, row.get(name), t) for name in names] for row in table.rows]
    return [
        Sheet(t(f"export.sheets.{what}"), [titles[name] for name in names], rows),
        codes_sheet(table, names, titles, t),
    ]


def _title(what: str, name: str, is_code: bool, table: Table, t: Texts) -> str:
    plain = name.removesuffix(_LABEL)
    title = table.titles.get(plain) or column_title(what, plain, t)
    return t("export.code_of", column=title) if is_code else title


def column_title(what: str, name: str, t: Texts) -> str:
    """The title of a column of this export; its own name where there is none."""
    if question := _QUESTION.fullmatch(name):
        return t("export.question", n=int(question[1]))
    keys = (f"export.column.{what}.{name}", f"export.column.{name}")
    return next((t(key) for key in keys if t.has(key)), name)


def _cell(name: str, value: Any, t: Texts) -> Any:
    if isinstance(value, bool):
        return t("export.true") if value else t("export.false")
    if isinstance(value, (list, tuple)):
        return "; ".join(str(each) for each in value)
    if name in _DATES and isinstance(value, str) and value:
        return datetime.fromisoformat(value).replace(tzinfo=None) if "T" in value else date.fromisoformat(value)
    return value


def codes_sheet(table: Table, names: Sequence[str], titles: Mapping[str, str], t: Texts) -> Sheet:
    """Each column with the name programs know it by, and what each code means that stands in it."""
    rows: list[list[str]] = []
    for name in names:
        meanings = _meanings(table, name) if name + _LABEL in table.header else {}
        rows += [[titles[name], name, code, meanings[code]] for code in sorted(meanings)]
        if not meanings:
            rows.append([titles[name], name, "", ""])
    heads = [t(f"export.codes.{head}") for head in ("column", "name", "code", "label")]
    return Sheet(t("export.sheets.codes"), heads, rows)


def _meanings(table: Table, name: str) -> dict[str, str]:
    """Code → label, of all codes in this column."""
    found: dict[str, str] = {}
    for row in table.rows:
        codes, labels = row.get(name), row.get(name + _LABEL)
        if isinstance(codes, (list, tuple)) and isinstance(labels, (list, tuple)):
            found |= {str(code): str(label) for code, label in zip(codes, labels, strict=False)}
        elif codes not in (None, "") and not isinstance(codes, (list, tuple)) and labels is not None:
            found[str(codes)] = str(labels)
    return found
