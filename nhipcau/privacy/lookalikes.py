"""Writes out what a text looks like: letters, digits, dashes and spaces of other shapes plain, unseen ones gone.

Rules of screening read this copy; where each of its characters stands in the text is kept, and only the text is stored.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

_VIETNAMESE = "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ"
_PLAIN_SIGNS = "–—‘’“”…•·«»°"
#: A text without any of these is its own copy.
_ODD = re.compile(f"[^\t\n\x20-\x7e{_VIETNAMESE}{_VIETNAMESE.upper()}{_PLAIN_SIGNS}]")
#: What takes a place in a line and shows nothing.
_BLANKS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_DASHES = frozenset("\u2212\u02d7\u30fc\u2500\u2501")
_QUOTES = frozenset("\u02b9\u02bb\u02bc\u02bd\u02c8\u055a\u05f3\ua78b\ua78c\uff07\u00b4\u02ca\u02cb\u2032\u2035\u201b")
#: Stands for a sign that is no letter, digit, dash, quote or space.
_SIGN = "·"


@dataclass(frozen=True, slots=True)
class Lookalike:
    """What a text looks like."""

    text: str
    #: Start and end, in the text itself, of each character of `text`; None where all stand where they stood.
    places: tuple[tuple[int, ...], tuple[int, ...]] | None = None

    def start(self, at: int) -> int:
        """Where character `at` begins in the text itself."""
        return at if self.places is None else self.places[0][at]

    def end(self, at: int) -> int:
        """Where a stretch that ends before character `at` ends in the text itself."""
        return at if self.places is None else self.places[1][at - 1]


def looks_like(text: str) -> Lookalike:
    """What `text` looks like. The time needed is linear in its length."""
    if not _ODD.search(text):
        return Lookalike(text)
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for at, character in enumerate(text):
        for plain in _plain(character):
            if letters and unicodedata.category(plain) == "Mn":
                # a mark belongs to its letter; one that no Vietnamese letter has is left out
                composed = unicodedata.normalize("NFC", letters[-1] + plain)
                letters[-1] = composed if len(composed) == 1 else letters[-1]
                ends[-1] = at + 1
            else:
                letters.append(plain)
                starts.append(at)
                ends.append(at + 1)
    return Lookalike("".join(letters), (tuple(starts), tuple(ends)))


@cache
def _looks() -> dict[str, str]:
    lines = files(__package__).joinpath("lookalikes.csv").read_text(encoding="utf-8").splitlines()
    pairs = (line.split(",") for line in lines if not line.startswith("#"))
    return {chr(int(code, 16)): letter for letter, codes in pairs for code in codes.split()}


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    """The characters, mostly one, that `character` looks like; "" for one that is not seen."""
    if not _ODD.match(character):
        return character
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    if character in _looks():
        return _looks()[character]
    category = unicodedata.category(character)
    if category == "Mn":
        return "" if character == "\u034f" or "VARIATION SELECTOR" in unicodedata.name(character, "") else character
    if category in ("Cf", "Me", "Cs", "Co"):
        return ""
    if category in ("Zs", "Cc") or character in _BLANKS:
        return "\n" if character in "\v\f\r\x85" else " "
    return _plain_sign(character, category) or _plain_letters(character)


def _plain_sign(character: str, category: str) -> str:
    if category in ("Zl", "Zp"):
        return "\n"
    if category == "Pd" or character in _DASHES:
        return "-"
    if character in _QUOTES:
        return "'"
    if character == "₫":
        return "đ"
    folded = unicodedata.normalize("NFKC", character)
    return _SIGN if category[0] in "PS" and not folded.isascii() else ""


def _plain_letters(character: str) -> str:
    """Letters by their compatibility form, with what is below their marks as it looks."""
    if (ideograph := unicodedata.numeric(character, -1)) in range(10) and unicodedata.category(character) == "Lo":
        return str(int(ideograph))
    folded = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", character))
    return unicodedata.normalize("NFC", "".join(_looks().get(c, c) for c in folded))
