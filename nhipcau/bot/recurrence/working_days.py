"""Working days: without weekends and Vietnam's public holidays, as changed by the office's own calendar."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path

from nhipcau.bot.language.faults import Fault, RowFault
from nhipcau.bot.language.vietnamese import nfc, read_date

_DAY = timedelta(days=1)
_WEEKEND = {5: "Thứ Bảy", 6: "Chủ nhật"}
_UNNAMED = "Ngày nghỉ của cơ quan"
_HEADER = ["day", "kind", "name"]


class InvalidCalendar(RowFault):
    """The first invalid line, and what to write there."""


class Calendar:
    """Which days are working days. The office's lines override the shipped ones, and those the computed holidays."""

    def __init__(self, lines: Mapping[date, str]) -> None:
        """`lines`: by day, why it is off, or "" for a working day."""
        self._lines = {**_shipped(), **lines}

    def is_off(self, day: date) -> str:
        """Why `day` is off, in Vietnamese ("Thứ Bảy", "Tết Nguyên Đán"); "" for a working day."""
        if day in self._lines:
            return self._lines[day]
        return _public_holidays(day.year).get(day) or _WEEKEND.get(day.weekday(), "")

    def next_working(self, day: date) -> date:
        """The first working day from `day` on: that day itself if it is one."""
        while self.is_off(day):
            day += _DAY
        return day

    def working_before(self, day: date, number: int) -> date:
        """The last day after which `number` working days have passed when `day` begins."""
        while number:
            day -= _DAY
            number -= not self.is_off(day)
        return day - _DAY


def read_calendar(text: str) -> Calendar:
    """The calendar of an office from its file `day,kind,name` ("": no file). Raises InvalidCalendar.

    Days as 2026-11-24 or 24/11/2026; kind `off`, or `work` for a Saturday or holiday that is a working day. The name is
    shown to people as the reason. Empty lines and lines that begin with # are ignored.
    """
    return Calendar(_read(text))


def load_calendar(path: Path) -> tuple[Calendar, Exception | None]:
    """The calendar of the office's file, or the built-in one: without a file, and with a fault, which comes beside."""
    try:
        return read_calendar(path.read_text(encoding="utf-8-sig")), None
    except FileNotFoundError:
        return read_calendar(""), None
    except (InvalidCalendar, OSError, UnicodeDecodeError) as fault:
        return read_calendar(""), fault


def _read(text: str) -> dict[date, str]:
    lines: dict[date, str] = {}
    seen: dict[date, int] = {}
    for number, cells in _rows(text):
        day, why = _line(cells)
        if why is None:
            raise InvalidCalendar(number, Fault("file.day_kind", kind=cells[1]))
        if day is None:
            raise InvalidCalendar(number, Fault("file.day_unreal", day=cells[0]))
        if day in seen:
            raise InvalidCalendar(number, Fault("file.day_twice", day=cells[0], row=seen[day]))
        lines[day], seen[day] = why, number
    return lines


def _rows(text: str) -> list[tuple[int, list[str]]]:
    """Day, kind and name of each line with content, with its number in an editor. Separators: comma, ; or tab."""
    rows: list[tuple[int, list[str]]] = []
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        mark = max(",;\t", key=line.count)
        try:
            cells = [nfc(cell) for cell in next(csv.reader([line], delimiter=mark), [])]
        except csv.Error:
            raise InvalidCalendar(number, Fault("file.day_line")) from None
        is_header = not rows and [cell.lower() for cell in cells[:3]] == _HEADER
        if any(cells) and not is_header and not cells[0].startswith("#"):
            # an unquoted comma in the name splits it: join the parts again
            rows.append((number, [cells[0], "".join(cells[1:2]), ", ".join(filter(None, cells[2:]))]))
    return rows


def _line(cells: list[str]) -> tuple[date | None, str | None]:
    """The day (None: no such day) and why it is off ("": a working day; None: neither `off` nor `work`)."""
    written, kind, name = cells
    # a day without a year would mean a different one each year
    day = read_date(written, date.max) if re.search(r"[0-9]{4}", written) else None
    return day, {"off": name or _UNNAMED, "work": ""}.get(kind.lower())


@cache
def _shipped() -> dict[date, str]:
    return _read(files(__package__).joinpath("days_off.csv").read_text(encoding="utf-8"))


@cache
def _public_holidays(year: int) -> dict[date, str]:
    """As scripts/public_holidays.py has written them; none before 2000 and after 2100."""
    lines = files(__package__).joinpath("public_holidays.csv").read_text(encoding="utf-8").splitlines()
    of_year = (line.split(",", 1) for line in lines if line.startswith(f"{year:04}-"))
    return {date.fromisoformat(day): name for day, name in of_year}
