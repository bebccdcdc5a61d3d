"""What the program is made of: pinned with hashes, listed with licences, and none that forbids ours."""

from __future__ import annotations

import json
import re

from scripts.sbom import ROOT, TARGET, sbom

LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
#: Licences that ask nothing of whoever passes the program on but to name the part.
_FREE = re.compile(r"MIT|BSD|Apache|PSF|Python Software Foundation|ISC|HPND|MIT-CMU|0BSD|Zlib|CC0", re.I)


def test_every_pinned_part_has_hashes() -> None:
    parts = re.split(r"\n(?=\S)", LOCK.strip())
    assert len(parts) > 80
    assert [part for part in parts if "--hash=sha256:" not in part] == []
    assert "://" not in LOCK


def test_the_list_of_parts_is_that_of_the_lock() -> None:
    assert json.loads(TARGET.read_text(encoding="utf-8")) == sbom()


def test_licences_that_ask_for_more_are_named() -> None:
    told = (ROOT / "docs" / "reference" / "licences.md").read_text(encoding="utf-8").lower()
    parts = json.loads(TARGET.read_text(encoding="utf-8"))["components"]
    needed = [(p["name"], p["licenses"][0]["license"]["name"]) for p in parts if p["scope"] == "required"]
    others = [name for name, licence in needed if not _FREE.search(licence)]
    assert "python-telegram-bot" in others
    assert [name for name in others if name not in told] == []
    assert [name for name, licence in needed if re.search(r"(?<!L)A?GPL", licence)] == []
