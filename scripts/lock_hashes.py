"""Writes the hashes of every pinned part into requirements.lock: `python scripts/lock_hashes.py INDEX`.

INDEX is the address of a package index that speaks the simple API in JSON; it is given, so that no file names one.
Taken are the files of the pinned version for CPython 3.11 and later, whatever the machine, and its source archive.
"""

from __future__ import annotations

import json
import re
import sys
import urllib.request
from pathlib import Path

LOCK = Path(__file__).parent.parent / "requirements.lock"
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)")
_PYTHONS = re.compile(r"-(py3|py2\.py3|cp31[1-9]|cp3\d?)-|-cp3[2-9]-abi3-|-cp310-abi3-|\.tar\.gz$")
_OLD = re.compile(r"-cp3(6|7|8|9|10)-cp3|-pp\d|-cp\d+t-|ppc64le|s390x|i686|win32|armv7l|riscv64|android|ios_")


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def hashes(index: str, name: str, version: str) -> list[str]:
    """The sha256 of every file of this version that may be installed."""
    request = urllib.request.Request(
        f"{index.rstrip('/')}/{normal(name)}/", headers={"Accept": "application/vnd.pypi.simple.v1+json"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        files = json.load(answer)["files"]
    version_of = re.compile(rf"^[A-Za-z0-9._-]+?-{re.escape(version)}(-|\.tar\.gz)")
    own = [file for file in files if version_of.match(file["filename"])]
    wanted = [f for f in own if _PYTHONS.search(f["filename"]) and not _OLD.search(f["filename"])]
    return sorted(f["hashes"]["sha256"] for f in wanted or own)


def main(index: str) -> int:
    pins = [match for line in LOCK.read_text().splitlines() if (match := _PIN.match(line))]
    lines = []
    for pin in pins:
        name, version = pin[1], pin[2].rstrip("\\").strip()
        found = hashes(index, name, version)
        if not found:
            print(f"no files of {name} {version}", file=sys.stderr)
            return 1
        lines.append(" \\\n".join([f"{name}=={version}", *(f"    --hash=sha256:{each}" for each in found)]))
    LOCK.write_text("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
