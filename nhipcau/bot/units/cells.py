"""Cells, the smallest parts of a unit (thôn, bản, khối, chi bộ): what they are called, and which a name means."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from nhipcau.bot.language.vietnamese import fold, nfc

if TYPE_CHECKING:
    from nhipcau.bot.units.tree import Unit

#: The kind of every unit below a commune or an agency.
CELL = "cell"
#: Types of cells, as offices write them before a name and in the column "Loại".
_TYPES = (
    *("thôn", "bản", "khối phố", "khối", "tổ dân phố", "tổ dân cư", "tổ", "khu phố", "khu dân cư", "tiểu khu"),
    *("khu", "xóm", "ấp", "làng", "buôn"),
)
_PARTY = "chi bộ"
_BY_LENGTH = sorted(_TYPES, key=len, reverse=True)
#: Types that are other words once the diacritics are gone: "Ban" is a committee.
_UNCLEAR = frozenset({"ban", "khoi", "to", "khu", "lang", "ap"})
_PLAIN_TYPES = frozenset(map(fold, (*_TYPES, _PARTY)))
#: Longer and shorter names of one type.
_SAME_TYPE = {"khoi pho": "khoi", "to dan pho": "to", "tdp": "to", "cb": "chi bo"}


def is_cell_kind(kind: str) -> bool:
    """Whether the column "Loại" names a cell: "thôn", "chi bộ/thôn/khối", "cell"."""
    return any(_is_type(part) for part in re.split(r"[/,;]", nfc(kind).casefold()))


def _is_type(word: str) -> bool:
    word = word.strip()
    if word in (*_TYPES, _PARTY, CELL):
        return True
    return word.isascii() and word in _PLAIN_TYPES - _UNCLEAR


def is_cell_name(name: str) -> bool:
    """Whether a name begins as those of cells do: "Thôn Nà Sla", "Chi bộ Phòng Nghiệp vụ"."""
    lowered = nfc(name).casefold()
    return any(lowered.startswith(f"{kind} ") for kind in (_PARTY, *_TYPES))


def _without_party(name: str) -> str:
    """The name without a leading "Chi bộ", where it names a place: "Chi bộ thôn Nà Pai" → "thôn Nà Pai"."""
    lowered = nfc(name).casefold()
    rest = lowered.removeprefix(f"{_PARTY} ")
    return rest if rest != lowered and is_cell_name(rest) else lowered


def _readings(name: str) -> list[str]:
    """What the name may be compared as, the fullest first: "thôn bản rọi", "bản rọi"; never a mere number."""
    whole = " ".join(_without_party(name).split())
    kind = next((kind for kind in _BY_LENGTH if whole.startswith(f"{kind} ")), "")
    short = whole[len(kind) :].strip()
    return [whole, short] if kind and short[:1].isalpha() and len(short) > 1 else [whole]


def type_of(name: str) -> str:
    """The type a cell's name begins with, "thôn"; "" for none."""
    whole = _without_party(name)
    return next((kind for kind in (_PARTY, *_BY_LENGTH) if whole.startswith(f"{kind} ")), "")


def _plain(reading: str) -> str:
    folded = fold(reading)
    for long, short in _SAME_TYPE.items():
        if folded.startswith(f"{long} "):
            return f"{short}{folded[len(long) :]}"
    return folded


def named(name: str, cells: Iterable[Unit], *, exactly: bool = False) -> list[Unit]:
    """The cells among these that a name means, with or without their type.

    `exactly`: a name typed with diacritics means only cells with these diacritics, as in a roster, where "Nà Pán" and
    "Nà Pàn" are two villages. Otherwise such a cell comes first, and without one all that are alike.
    """
    found: dict[str, list[Unit]] = {}
    for cell in cells:
        for reading in _readings(cell.name):
            found.setdefault(_plain(reading), []).append(cell)
    for reading in _readings(name):
        alike = found.get(_plain(reading), [])
        same = [cell for cell in alike if _has_marks_of(reading, cell)]
        if alike and not reading.isascii():
            alike = same or ([] if exactly else alike)
        whole = [cell for cell in alike if _plain(_readings(cell.name)[0]) == _plain(reading)]
        if alike:
            return whole or alike
    return []


def _has_marks_of(reading: str, cell: Unit) -> bool:
    return any(each == reading or each.endswith(f" {_bare(reading)}") for each in _readings(cell.name))


def _bare(reading: str) -> str:
    return _readings(reading)[-1]
