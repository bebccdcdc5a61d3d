"""Makes nhipcau/bot/units/former_names.csv from the unpacked wheel of `vietnam-provinces`.

    pip download --no-deps --only-binary=:all: --python-version 3.12 -d /tmp/vp vietnam-provinces==2026.9.0
    python -m zipfile -e /tmp/vp/*.whl /tmp/vp && python scripts/make_former_names.py /tmp/vp

The one argument is its folder; nothing is installed. Only public facts are kept: what a place was called until 30 June
2025, the district it lay in, and the codes of the units it is in now. A row without a commune is a district as a whole.

Codes are those of communes.csv, which offices have in their trees: a hundred of them were given anew in later lists, so
units are found there by their name within the province.
"""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from nhipcau.bot.language.vietnamese import fold
from nhipcau.bot.units.tree import bare
from nhipcau.office.provinces import provinces

TARGET = Path(__file__).parents[1] / "nhipcau/bot/units/former_names.csv"

#: Former commune and its district ("" for a district itself) by the province of today, and their codes of today.
Rows = dict[tuple[str, str, str], set[str]]


def _plain(name: str) -> str:
    return " ".join(name.replace("’", "'").replace("–", "-").casefold().split())


def ours(wards: dict[int, Any]) -> dict[int, tuple[str, str]]:
    """Province and code in communes.csv of each of the package's units. Raises LookupError for one not there."""
    by_name: dict[tuple[str, str], list[str]] = defaultdict(list)
    for province in provinces():
        for commune in province.communes:
            # with their marks first: Thái Nguyên has a Văn Lăng and a Văn Lãng
            for name in {_plain(commune.name), fold(_plain(commune.name)), bare(_plain(commune.name))}:
                by_name[province.code, name].append(commune.code)
    found = {}
    for code, ward in wards.items():
        province_code, name = f"{ward.province_code:02d}", _plain(ward.name)
        named = [by_name[province_code, n] for n in (name, fold(name), bare(name))]
        same = [codes[0] for codes in named if len(codes) == 1]
        if not same:
            raise LookupError(f"{ward.name} ({province_code}) is not in communes.csv")
        found[int(code)] = province_code, same[0]
    return found


def main(folder: str) -> None:
    sys.path.insert(0, folder)
    from vietnam_provinces import _lookup as today  # type: ignore[import-not-found]
    from vietnam_provinces._ward_conversion_2025 import OLD_TO_NEW  # type: ignore[import-not-found]
    from vietnam_provinces.legacy import _lookup as legacy  # type: ignore[import-not-found]

    places = ours(today.WARD_MAPPING)
    rows: Rows = defaultdict(set)
    unnamed = 0
    for entry in OLD_TO_NEW.values():
        old: Any = entry.old_ward
        ward = legacy.WARD_MAPPING.get(old.code)
        # codes of units that had been merged before are no longer in the list of names
        unnamed += ward is None
        district = legacy.DISTRICT_MAPPING[old.district_code].name
        for new in entry.new_wards:
            province, code = places[new.code]
            rows[province, district, ""].add(code)
            if ward is not None:
                rows[province, district, ward.name].add(code)
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["province_code", "district", "commune", "codes"])
        for (province, district, commune), codes in sorted(rows.items()):
            table.writerow([province, district, commune, " ".join(sorted(codes))])
    print(f"{len(rows)} names; {unnamed} former units have a code and no name.")


if __name__ == "__main__":
    main(sys.argv[1])
