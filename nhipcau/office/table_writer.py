"""Writes tables: CSV that Excel opens with correct Vietnamese and without running formulas, and JSON lines."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

Target = Path | BinaryIO
#: Beginnings of cells that a spreadsheet runs as formulas, the wide ones of East Asian keyboards too.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
#: Spaces, control characters and marks without a shape at the beginning of a cell.
_UNSEEN = re.compile(r"^[\s\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]+")
#: What JSON allows inside a line and most readers of lines take for its end.
_LINE_ENDS = {ord(c): f"\\u{ord(c):04x}" for c in "\x85\u2028\u2029"}


def is_formula(cell: Any) -> bool:
    """Whether a spreadsheet would run this text as a formula, also once it has left out what nobody sees before it."""
    return isinstance(cell, str) and (cell.startswith(_FORMULA) or _UNSEEN.sub("", cell, 1).startswith(_FORMULA))


def harmless(cell: Any) -> Any:
    """The cell of a CSV file; text that a spreadsheet would run as a formula gets an apostrophe in front."""
    return "'" + cell if is_formula(cell) else cell


def write_csv(target: Target, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerow(header)
    # every text quoted: elsewhere than here a semicolon parts cells
    table = csv.writer(out, lineterminator="\r\n", quoting=csv.QUOTE_NONNUMERIC)
    table.writerows([harmless(cell) for cell in row] for row in rows)
    write_bytes(target, b"\xef\xbb\xbf" + out.getvalue().encode())


def write_jsonl(target: Target, rows: Iterable[Mapping[str, Any]]) -> None:
    write_bytes(target, "".join(json_line(row) + "\n" for row in rows).encode())


def json_line(value: object) -> str:
    """One line of JSON, whatever its texts hold."""
    return json.dumps(value, ensure_ascii=False).translate(_LINE_ENDS)


def write_bytes(target: Target, data: bytes) -> None:
    """Write to the stream, or to a file that appears whole or not at all."""
    if not isinstance(target, Path):
        target.write(data)
        target.flush()
        return
    aside = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        with aside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)
