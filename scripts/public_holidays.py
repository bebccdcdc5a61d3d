"""Writes nhipcau/bot/recurrence/public_holidays.csv: the holidays of Vietnam that the library `holidays` computes.

The service reads the file: the library itself loads every country of the world, 17 MB, for these lines. Run it after an
update of the library; a test compares both.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from holidays.countries.vietnam import Vietnam

FILE = Path(__file__).parents[1] / "nhipcau/bot/recurrence/public_holidays.csv"
#: As the years that periods may have (nhipcau/bot/language/periods.py).
YEARS = range(2000, 2101)


def computed() -> Iterator[tuple[date, str]]:
    """Each holiday, days in lieu among them, in order."""
    for year in YEARS:
        yield from sorted(Vietnam(years=year, language="vi").items())  # type: ignore[no-untyped-call]


def main() -> None:
    with FILE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("day", "name"))
        writer.writerows((day.isoformat(), name) for day, name in computed())


if __name__ == "__main__":
    main()
