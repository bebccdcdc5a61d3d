"""Makes nhipcau/office/communes.csv from the `vietnam-provinces` package's nested JSON (the one argument).

The package holds public facts of the General Statistics Office; only those facts (codes, names, kinds) are kept.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

TARGET = Path(__file__).parents[1] / "nhipcau/office/communes.csv"


def main(source: str) -> None:
    provinces = json.loads(Path(source).read_text(encoding="utf-8"))
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["province_code", "code", "name", "kind"])
        for province in sorted(provinces, key=lambda p: p["code"]):
            code = f"{province['code']:02d}"
            table.writerow([code, "", province["name"], province["division_type"]])
            for ward in sorted(province["wards"], key=lambda w: w["code"]):
                table.writerow([code, f"{ward['code']:05d}", ward["name"], ward["division_type"]])


if __name__ == "__main__":
    main(sys.argv[1])
