"""Numbers that stand in labels ("Thứ 2", "Lớp 7", "3 trở lên"), and how the lines of a list are marked.

Whoever types "2" below "Thứ 2", "Thứ 3" means Monday, not the second line. A label is therefore meant by its own
number, and a list whose labels hold numbers is marked by letters: of two numberings, one is taken for the other.
"""

from __future__ import annotations

import re
import string
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache

from nhipcau.bot.language.vietnamese import DIGIT_WORDS, SMALL_WORDS, fold, nfc, small_number

#: What a label's name ends at: "Sớm" of "Sớm, trong 1–2 ngày".
_END_OF_NAME = re.compile(r"[,:](?![0-9])|[(;]| – ")
#: A number by itself, also of "T2", "1A", "24h", "1.000"; not one in a date, an hour or a code.
_ALONE = re.compile(r"(?<![\w/:.,])[tT]?([0-9]{1,3}(?:[.,][0-9]{3})+|[0-9]{1,4}(?:,[0-9])?)[a-zA-ZĐđ]{0,2}(?![\w/:])")
_DAYS_AND_HOURS = re.compile(r"(?:(?:ngay|luc|hom|sang|chieu) )*(?=[0-9 .]*(?:[/:]|h[0-9]))[0-9][0-9/:. h-]*")
_ANY = re.compile(r"[0-9]+")
#: Words before the number of a label: "Thứ Hai", "Lớp Năm", "Giải nhất".
_LEADS = frozenset(
    {
        *("thu", "lop", "cau", "thang", "so", "to", "thon", "xom", "khu", "doi", "ngay", "quy", "nhom", "cap", "bac"),
        *("hang", "giai", "muc", "khoi", "tu", "tren", "duoi", "hon", "khoang", "cum", "ban", "ky", "dot", "tuan"),
    }
)
#: "Dưới 18" is not meant by 18.
_BOUNDS = frozenset({"duoi", "tren", "hon", "qua", "chua", "den", "toi", "gan", "ngoai"})
#: "năm nay", "ba má", "một phần", "một bộ phận" and "tư nhân" hold no number.
_NOT_AFTER = {
    "năm": ("nay", "sau", "trước", "ngoái", "tới", "học", "đầu", "cuối", "qua"),
    "ba": ("mẹ", "má"),
    "một": ("phần", "bộ", "số", "ít", "vài", "chút", "nửa"),
    "tư": ("nhân", "liệu", "tưởng", "thương", "vấn"),
}
_RANKED = frozenset({"hang", "giai", "thu"})
_RANKS = {"nhat": "1", "nhi": "2"}
_MONTHS = {"gieng": "1", "chap": "12"}
#: Words of a label that counts something ("Hai cháu trở lên"); a longer one is a sentence ("Một hộ ở bản thiếu nước").
_LONGEST_COUNTED = 4
_PROPER = frozenset({*DIGIT_WORDS, "mười", "mươi", "trăm"})
#: Words of the longest number: "một trăm hai mươi lăm".
_LONGEST = 5


@lru_cache(maxsize=4096)
def numbers_in(label: str) -> frozenset[int]:
    """The numbers that a label's name holds, in digits or words."""
    name = _END_OF_NAME.split(nfc(label))[0].strip()
    if _DAYS_AND_HOURS.fullmatch(fold(name)):
        return frozenset(int(digits) for digits in _ANY.findall(name))
    found = [digits for digits in _ALONE.findall(re.sub("[-–]", " - ", name)) if _counts(digits, name)]
    held = {int(part) for digits in found for part in _parts_of(digits)}
    return frozenset(held) if held else _in_words(label, name)


def _parts_of(digits: str) -> list[str]:
    """One whole number, or both parts of a decimal, which is therefore nobody's own number."""
    return digits.split(",") if re.fullmatch(r"[0-9]+,[0-9]", digits) else [re.sub("[.,]", "", digits)]


def _counts(digits: str, name: str) -> bool:
    """Long numbers, such as years in a title, only where the name begins or ends with them."""
    return len(digits) < 3 or name.startswith(digits) or name.endswith(digits)


def _in_words(label: str, name: str) -> frozenset[int]:
    """The number that a name begins with, in words as they are spelt: "Nam" is not "năm", "Sau Tết" not "sáu"."""
    read = in_digits(name, proper=True)
    at = next((n for n, word in enumerate(read) if word not in _LEADS), 0)
    if not read or not read[at].isdecimal():
        return frozenset()
    written = re.findall(r"[^\W_]+", name.lower())[at:]
    if written[0].isdecimal() or (not at and len(written) > _LONGEST_COUNTED):
        return frozenset()
    is_article = written[0] == "một" and label.lower().split().count("một") > 1
    other_word = written[1:] and written[1] in _NOT_AFTER.get(written[0], ())
    return frozenset() if is_article or other_word else frozenset({int(read[at])})


@lru_cache(maxsize=4096)
def own_number(label: str) -> int | None:
    """The one number by which a label is called: 7 of "Lớp 7"; None of "Dưới 18" or "2–3"."""
    held = numbers_in(label)
    name = _END_OF_NAME.split(nfc(label))[0]
    if len(held) != 1 or _BOUNDS & set(fold(name).split()) or _DAYS_AND_HOURS.fullmatch(fold(name.strip())):
        return None
    return next(iter(held))


@lru_cache(maxsize=4096)
def in_digits(text: str, *, proper: bool = False) -> tuple[str, ...]:
    """The folded words with numbers in digits: "thứ hai" is "Thứ 2", "tháng giêng" is "Tháng 1".

    `proper`: only numbers spelt with their diacritics, as offices write labels; people type "thu nam" for "thứ năm".
    """
    words = re.findall(r"[^\W_]+", nfc(text).lower())
    made: list[str] = []
    while words:
        lead = made[-1] if made else ""
        word = fold(words[0])
        length = _length_of_number(words, proper=proper) if not made or lead in _LEADS else 0
        if length:
            made.append(str(small_number(words[:length])))
        elif lead in _RANKED and word in _RANKS:
            made.append(_RANKS[word])
        elif lead == "thang" and word in _MONTHS:
            made.append(_MONTHS[word])
        elif not made and (day := re.fullmatch(r"t([2-7])", word)):
            made += ["thu", day[1]]
        else:
            made.append(str(int(word)) if word.isdecimal() else word)
        words = words[max(length, 1) :]
    return tuple(made)


def _length_of_number(words: Sequence[str], *, proper: bool) -> int:
    """How many words at the beginning are one number above 0 in words."""
    known = _PROPER if proper else SMALL_WORDS
    longest = next((n for n, word in enumerate(words[:_LONGEST]) if word not in known), min(len(words), _LONGEST))
    return next((n for n in range(longest, 0, -1) if small_number(words[:n])), 0)


def hold_numbers(labels: Iterable[str]) -> bool:
    return any(numbers_in(label) for label in labels)


def line_marks(labels: Sequence[str], ways: Collection[int] = ()) -> list[str]:
    """What stands before each line of a list, and may be typed for it: "1.", "2." …; "a.", "b." … where a label holds a
    number that is not its place; "•" before a way out (`ways`: their places) that a number must not press."""
    answers = [label for n, label in enumerate(labels) if n not in ways]
    if hold_numbers(labels) and [own_number(label) for label in answers] != list(range(1, len(answers) + 1)):
        letters = iter(string.ascii_lowercase)
        return ["•" if n in ways else f"{next(letters, '•')}.".replace("•.", "•") for n in range(len(labels))]
    guarded = any(_ANY.search(label) for n, label in enumerate(labels) if n not in ways)
    return ["•" if guarded and n in ways else f"{n + 1}." for n in range(len(labels))]


#: "b", "b)", "câu b", "chọn b".
_LETTER = re.compile(r"(?:(?:chon|cau|y|muc|dong|phuong an|dap an) )*([a-z])")


def line_of_letter(text: str, labels: Sequence[str], ways: Collection[int] = ()) -> int | None:
    """The place of the line marked by a typed letter; None where lines aren't, or a label has that letter itself."""
    typed = _LETTER.fullmatch(fold(nfc(text)).strip(" .,:;!?)(\"'"))
    marks = line_marks(labels, ways)
    if typed is None or f"{typed[1]}." not in marks:
        return None
    named = re.compile(rf"(?:^|[^a-z]){typed[1]}(?:$|[^a-z])")
    return None if any(named.search(fold(label)) for label in labels) else marks.index(f"{typed[1]}.")
