"""The reading process: one workbook in (XLSX, XLS, XLSB, ODS), its cells as JSON out. Imports nothing of the project.

A small file can unfold to any size, and the library lays out every cell up to the last one used: so it gets a process
of its own with a bound on memory and time, whose end is the caller's one sentence.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Any

#: Bytes of memory, and seconds of work.
_MEMORY, _SECONDS = 1_500_000_000, 30


class _TooLarge(Exception):
    """Its text: what there is too much of."""


def main(rows: int, columns: int, letters: int, all_letters: int) -> None:
    _bound()
    try:
        answer: dict[str, Any] = {"sheets": list(_sheets(rows, columns, letters, all_letters))}
    except _TooLarge as large:
        answer = {"error": str(large)}
    # the type only: its text may hold what stands in the file
    except Exception as error:
        answer = {"error": type(error).__name__}
    json.dump(answer, sys.stdout)


def _bound() -> None:
    # not on every system; there the caller's own limit of time is left
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _sheets(rows: int, columns: int, letters: int, all_letters: int) -> Iterator[dict[str, Any]]:
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    left = all_letters
    book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
    for about in book.sheets_metadata:
        if about.typ != SheetTypeEnum.WorkSheet:
            continue
        sheet = book.get_sheet_by_name(about.name)
        if sheet.total_height > rows:
            raise _TooLarge("rows")
        if sheet.total_width > columns:
            raise _TooLarge("columns")
        cells = []
        for row in sheet.to_python(skip_empty_area=False):
            cells.append([_written(value) for value in row])
            longest = max(map(len, cells[-1]), default=0)
            left -= sum(map(len, cells[-1]))
            if longest > letters:
                raise _TooLarge(f"cell {len(cells)}")
            if left < 0:
                raise _TooLarge("letters")
        yield {
            "name": about.name,
            "visible": about.visible == SheetVisibleEnum.Visible,
            "rows": cells,
            # None: this kind of file does not say
            "merged": sheet.merged_cell_ranges,
        }


def _written(value: Any) -> str:
    """As the office reads it in the cell."""
    if isinstance(value, (datetime, date)):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, (time, timedelta)):
        return str(value)
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return str(value)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
