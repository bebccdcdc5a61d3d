"""Vietnamese written for the fonts of before Unicode: TCVN3 (.VnTime, ABC) and VNI (VNI-Times), still found in offices.

Such text is Latin letters that only its font shows as Vietnamese: "NguyÔn V¨n Thö" and "Nguyeãn Vaên Thöû" are both
Nguyễn Văn Thử. A letter or two may also be right as it stands ("Vò" is Vò, or Vũ in TCVN3): where a column mixes both,
such a cell is named, not guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

_TCVN3 = {
    **dict(zip(range(0xA1, 0xAF), "ĂÂÊÔƠƯĐăâêôơưđ", strict=True)),
    **dict(zip(range(0xB5, 0xBA), "àảãáạ", strict=True)),
    **dict(zip((*range(0xBB, 0xBF), *range(0xC6, 0xCD)), "ằẳẵắặầẩẫấậè", strict=True)),
    **dict(zip(range(0xCE, 0xD9), "ẻẽéẹềểễếệìỉ", strict=True)),
    **dict(zip((*range(0xDC, 0xE0), *range(0xE1, 0xF0)), "ĩíịòỏõóọồổỗốộờởỡớợù", strict=True)),
    **dict(zip(range(0xF1, 0xFF), "ủũúụừửữứựỳỷỹýỵ", strict=True)),
}
#: VNI writes a mark as a letter behind its vowel; combining marks in the order in which Unicode composes them.
_GRAVE, _ACUTE, _TILDE, _HOOK, _DOT, _ROOF, _BREVE = (
    "\u0300",
    "\u0301",
    "\u0303",
    "\u0309",
    "\u0323",
    "\u0302",
    "\u0306",
)
_MARKS = {"ù": _ACUTE, "ø": _GRAVE, "û": _HOOK, "õ": _TILDE, "ï": _DOT}
_ROOFED = {"â": "", "á": _ACUTE, "à": _GRAVE, "å": _HOOK, "ã": _TILDE, "ä": _DOT}
_BREVED = {"ê": "", "é": _ACUTE, "è": _GRAVE, "ú": _HOOK, "ü": _TILDE, "ë": _DOT}
_ALONE = {"ñ": "đ", "ô": "ơ", "ö": "ư", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}


def _vni() -> dict[str, str]:
    pairs = {
        f"{vowel}{mark}": f"{_ALONE.get(vowel, vowel)}{sign}" for vowel in "aeouyôö" for mark, sign in _MARKS.items()
    }
    pairs |= {f"{vowel}{mark}": f"{vowel}{_ROOF}{sign}" for vowel in "aeo" for mark, sign in _ROOFED.items()}
    pairs |= {f"a{mark}": f"a{_BREVE}{sign}" for mark, sign in _BREVED.items()}
    lower = {old: unicodedata.normalize("NFC", new) for old, new in (pairs | _ALONE).items()}
    capitals = {old.upper(): new.upper() for old, new in lower.items()}
    return lower | {old.capitalize(): new.capitalize() for old, new in lower.items()} | capitals


_VNI = _vni()
_VNI_PARTS = re.compile("|".join(sorted(_VNI, key=len, reverse=True)))


def _from_tcvn3(text: str) -> str:
    return " ".join(map(_tcvn3_word, text.split(" ")))


def _tcvn3_word(word: str) -> str:
    """TCVN3 has no capitals with marks: in a word of capitals its letters are capitals too ("NGUYÔN")."""
    plain = [c for c in word if c.isascii() and c.isalpha()]
    read = word.translate(_TCVN3)
    return read.upper() if len(plain) > 1 and all(map(str.isupper, plain)) else read


def _from_vni(text: str) -> str:
    return _VNI_PARTS.sub(lambda part: _VNI[part[0]], text)


#: The name of each old way of writing, as offices know it, and how it is read.
OLD_FONTS: dict[str, Callable[[str], str]] = {"TCVN3 (.VnTime)": _from_tcvn3, "VNI": _from_vni}

_TONES = dict.fromkeys(map(ord, (_GRAVE, _ACUTE, _TILDE, _HOOK, _DOT)))
_SYLLABLE = re.compile(
    r"(?:ngh?|nh|gh?|gi|kh|ph|qu|th|tr|ch|[bcdđhklmnpqrstvx])?[aăâeêioôơuưy]{1,3}(?:ch|nh|ng|[cmnpt])?", re.IGNORECASE
)


def _is_word(word: str) -> bool:
    """Whether a word with letters beyond ASCII can be a Vietnamese one, in lower case, capitals or with a capital."""
    apart = unicodedata.normalize("NFD", word)
    bare = unicodedata.normalize("NFC", apart.translate(_TONES))
    tones = sum(ord(c) in _TONES for c in apart)
    is_cased = word.islower() or word.isupper() or word[1:].islower()
    return tones <= 1 and is_cased and bool(_SYLLABLE.fullmatch(bare))


def _is_vietnamese(text: str) -> bool:
    return all(map(_is_word, _foreign(text)))


def _foreign(text: str) -> list[str]:
    """The words with letters beyond ASCII."""
    return [word for word in re.split(r"[\s.,;:/()'’\"-]+", text) if not word.isascii()]


def share_of_vietnamese(text: str) -> float:
    """How much of the text's words beyond ASCII may be Vietnamese as they stand: 0 to 1."""
    words = _foreign(unicodedata.normalize("NFC", text))
    return sum(map(_is_word, words)) / len(words) if words else 1


def _may_be_old(text: str) -> bool:
    """Whether it has letters beyond ASCII, and none that those fonts could not hold."""
    return not text.isascii() and max(text) <= "\u00ff"


def font_of(cells: Iterable[str]) -> list[str]:
    """The old font in which some of these cells are written; [] for none; several where they fit equally."""
    odd = [cell for cell in cells if _may_be_old(cell) and not _is_vietnamese(unicodedata.normalize("NFC", cell))]
    explained = {name: sum(_is_vietnamese(read(cell)) for cell in odd) for name, read in OLD_FONTS.items()}
    most = max(explained.values())
    return [name for name, number in explained.items() if number == most] if most else []


def read_old_font(rows: Sequence[Sequence[str]], font: str) -> tuple[list[list[str]], list[tuple[int, int]]]:
    """The rows with what was written in this font converted, and the cells (row, column) that may be either.

    What reads as Vietnamese both ways is taken like the rest of its column, or else of its row."""
    read = OLD_FONTS[font]
    cells = [(row, column, cell) for row, line in enumerate(rows) for column, cell in enumerate(line) if cell]
    modern = [(row, column) for row, column, cell in cells if any(c > "\u00ff" and c.isalpha() for c in cell)]
    foreign = [each for each in cells if _may_be_old(each[2]) and _is_vietnamese(read(each[2]))]
    old = [(row, column) for row, column, cell in foreign if not _is_vietnamese(cell)]
    signs = _Signs(old, modern)
    converted, unclear = [list(line) for line in rows], []
    for row, column, cell in foreign:
        is_old = not _is_vietnamese(cell) or read(cell) == cell or signs.is_old(row, column)
        if is_old is None:
            unclear.append((row, column))
        elif is_old:
            converted[row][column] = read(cell)
    return converted, unclear


class _Signs:
    """Which rows and columns have cells surely in the old font, and which surely in Unicode."""

    def __init__(self, old: Sequence[tuple[int, int]], modern: Sequence[tuple[int, int]]) -> None:
        self._old_rows, self._old_columns = {row for row, _ in old}, {column for _, column in old}
        self._modern_rows = {row for row, _ in modern}
        # a title alone says nothing about what stands below it
        self._modern_columns = {c for c, number in Counter(column for _, column in modern).items() if number > 1}

    def is_old(self, row: int, column: int) -> bool | None:
        """Whether a cell there that reads both ways is in the old font; None: it can't be told."""
        if row in self._modern_rows and row not in self._old_rows:
            return False
        if column in self._old_columns:
            return None if column in self._modern_columns else True
        if column in self._modern_columns or row not in self._old_rows:
            return False
        return None if row in self._modern_rows else True
