"""The computing process: counts in, rises out, both as JSON. The service never loads what computes."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import date

from nhipcau.insight.signals.history import history_of
from nhipcau.insight.signals.rises import rises


def main() -> None:
    given = json.load(sys.stdin)
    first, last = date.fromisoformat(given["first"]), date.fromisoformat(given["last"])
    rows = ((date.fromisoformat(day), topic, area, number) for day, topic, area, number in given["rows"])
    history = history_of(rows, first, last, given["topics"], given["areas"], given["root"])
    json.dump([asdict(rise) for rise in rises(history)], sys.stdout, default=str)


if __name__ == "__main__":
    main()
