"""Vietnamese as people type it: comparison without diacritics and case, and reading of numbers, amounts and days."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from nhipcau.bot.language.control_characters import keep_apart
from nhipcau.bot.language.telex import untelex

#: Invisible joiners that emoji are made of; other format characters only hide text.
_KEPT_FORMAT = "\u200d"
_FINAL_MARKS = ".!?…"
#: Marks around a typed choice: "2.", "2)", "(2)".
AROUND = " .,:;!?…)(\"'“”[]"

#: Polite words that may come before or after an answer, and names of punctuation that voice typing writes out.
_POLITE_BEFORE = frozenset({"da", "thua", "vang", "u", "uh", "um"})
_POLITE_AFTER = frozenset({"a", "nhe", "nha", "ah", "oi", "di", "nhi", "thoi", "luon", "cham", "phay"})

DIGIT_WORDS = {
    "không": 0,
    "một": 1,
    "mốt": 1,
    "hai": 2,
    "ba": 3,
    "bốn": 4,
    "tư": 4,
    "năm": 5,
    "lăm": 5,
    "nhăm": 5,
    "sáu": 6,
    "bảy": 7,
    "bẩy": 7,
    "tám": 8,
    "chín": 9,
}


def nfc(text: str) -> str:
    """`text` composed (NFC), its words kept apart, without invisible characters except newlines, trimmed."""
    composed = unicodedata.normalize("NFC", keep_apart(text.replace("\0", "")))
    if composed.isprintable():
        return composed.strip()
    return "".join(c for c in composed if _visible(c)).strip()


def _visible(c: str) -> bool:
    return c == "\n" or c in _KEPT_FORMAT or unicodedata.category(c) not in ("Cc", "Cf", "Cs")


def fold(text: str) -> str:
    """`text` without diacritics and case, and with single spaces: for comparison only."""
    if text.isascii():
        return " ".join(text.casefold().split())
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn")
    return " ".join(bare.replace("đ", "d").replace("Đ", "d").casefold().split())


def word_key(text: str) -> str:
    """The key by which commands are compared: "Hủy", "huỷ", "HUY.", "/huy" are all "huy"."""
    key = fold(nfc(text)).removeprefix("/")
    if key and key[-1] in _FINAL_MARKS:
        key = key[:-1].rstrip()
    return key


def marks_of(text: str) -> list[set[str]]:
    """The diacritics of each letter, in order; đ counts as a d with a bar."""
    marks: list[set[str]] = []
    for c in unicodedata.normalize("NFD", text.casefold()):
        if unicodedata.category(c) == "Mn" and marks:
            marks[-1].add(c)
        elif not c.isspace():
            marks.append({"bar"} if c == "đ" else set())
    return marks


#: Letters of a word that is another one with other diacritics ("cô" is not "có"); in a longer one they are mistyped.
_SHORT_WORD = 3


def fits_marks(words: Sequence[str], proper: str, longest: int = _SHORT_WORD) -> bool:
    """Whether no word of up to `longest` letters has a diacritic that the proper one lacks; they may be missing."""
    wanted = re.findall(r"[^\W_]+", nfc(proper).casefold())
    return len(words) != len(wanted) or all(
        len(word) > longest or all(a <= b for a, b in zip(marks_of(word), marks_of(meant), strict=False))
        for word, meant in zip(words, wanted, strict=True)
    )


def _ascii_or_exact(spellings: Iterable[str]) -> dict[str, str]:
    """Maps each correct spelling, and it without diacritics, to the correct one; so "bà" is not read as "ba"."""
    table: dict[str, str] = {}
    for proper in spellings:
        table[proper] = proper
        table.setdefault(fold(proper), proper)
    return table


SMALL_WORDS = _ascii_or_exact((*DIGIT_WORDS, "mười", "mươi", "trăm"))


def small_number(words: Sequence[str]) -> int | None:
    """0 to 999 in words ("hai mươi lăm", "tram hai"); None for anything else."""
    total, last, seen_tens = 0, None, False
    for word in words:
        proper = SMALL_WORDS.get(word)
        if proper is None:
            return None
        if proper == "trăm":
            total, last = total + 100 * (1 if last is None else last), None
        elif proper in ("mười", "mươi"):
            total, last, seen_tens = total + 10 * (1 if last is None else last), None, True
        elif last is not None:
            return None
        else:
            last = DIGIT_WORDS[proper]
    if last is not None:
        # "trăm hai" is a hundred and twenty, "hai mươi hai" twenty-two.
        total += last * (10 if total and not seen_tens else 1)
    return total if words else None


#: Words that may come before a number or label: "em chọn …", "cái thứ …".
_WHO = frozenset({"toi", "em", "minh", "con", "chau", "tui", "anh", "chi", "bac"})
_CHOOSE = (("tra", "loi"), ("chon",), ("lay", "y"), ("lay",), ("bam",), ("nhan",), ("xin",), ("cho",), ("la",))
_PLACE = (
    *(("phuong", "an"), ("lua", "chon"), ("dap", "an"), ("so", "thu", "tu")),
    *(("so",), ("cau",), ("y",), ("muc",), ("cai",), ("thu",), ("dong",), ("nut",)),
)
_ORDINALS = {"nhất": 1, "nhat": 1, "nhì": 2, "nhi": 2, "đầu tiên": 1, "dau tien": 1}


def _without(words: list[str], leads: Iterable[tuple[str, ...]]) -> list[str]:
    """The words without these beginnings, in any number and order; at least one word stays."""
    leads = tuple(leads)
    while True:
        for lead in leads:
            if len(words) > len(lead) and all(fold(w) == part for w, part in zip(words, lead, strict=False)):
                words = words[len(lead) :]
                break
        else:
            return words


def unframed(words: list[str]) -> list[str]:
    """Words without "em chọn …" in front."""
    who = words[1:] if len(words) > 2 and fold(words[0]) in _WHO else words
    chosen = _without(who, _CHOOSE)
    return chosen if chosen != who else words


def read_number(text: str, count: int) -> int | None:
    """The number from 1 to `count` that a whole message means ("2", "2.", "số 2", "hai", "em chọn ý thứ hai ạ"), or
    None."""
    named = named_number(text)
    return named[0] if named is not None and 1 <= named[0] <= count else None


def named_number(text: str) -> tuple[int, str] | None:
    """The number that a whole message means, and the word that counts by it ("cau", "thu"; "" for "2", "số 2")."""
    plain = unicodedata.normalize("NFKC", text).replace("\ufe0f", "").replace("\u20e3", "").strip(AROUND).lower()
    if glued := _DIGITS.fullmatch(plain):
        return int(glued[2]), _counting(glued[1] or "")
    words = plain.split()
    if len(words) > _LONGEST_NUMBER or not (_NUMBER_WORDS & set(words) or any(c.isdecimal() for c in plain)):
        return None
    words = unframed(without_politeness(words))
    placed = _without(words, _PLACE)
    lead = fold(" ".join(words[: len(words) - len(placed)]))
    if placed != words and (rank := _ORDINALS.get(" ".join(placed))):
        return rank, lead or "thu"
    rest = " ".join(placed).strip(AROUND)
    glued = _DIGITS.fullmatch(rest)
    number = int(glued[2]) if glued else small_number(rest.split())
    return (
        None
        if number is None or not (number or glued)
        else (number, _counting(lead or (glued[1] if glued else "") or ""))
    )


def _counting(lead: str) -> str:
    """The counting word of "câu 2"; none in "số 2" and "chọn 2"."""
    return "" if fold(lead) in {"so", "chon", "#"} else fold(lead)


_NUMBER_WORDS = frozenset(SMALL_WORDS) | {"nhất", "nhat", "nhì", "nhi", "tiên", "tien"}


#: Words of the longest phrase that names a number in a list.
_LONGEST_NUMBER = 8
#: "2", "số 2", "câu2", "#1", "1/".
_DIGITS = re.compile(r"(?:(số|so|câu|cau|ý|y|mục|muc|chọn|chon|#) ?)?([0-9]{1,4})[/.)-]?")


def without_politeness(words: list[str]) -> list[str]:
    """The words without "dạ", "ạ", "nhé" and the like around them; at least one word stays."""
    start, end = 0, len(words)
    while end - start > 1 and fold(words[start]) in _POLITE_BEFORE:
        start += 1
    while end - start > 1 and fold(words[end - 1]).strip(AROUND) in _POLITE_AFTER:
        end -= 1
    return words[start:end]


def number_in_digits(text: str) -> str:
    """ "bảy ngày" as "7 ngày": a number in words at the beginning, where something follows it."""
    words = text.split()
    for length in range(min(len(words) - 1, 4), 0, -1):
        number = small_number([word.lower() for word in words[:length]])
        if number is not None:
            return " ".join([str(number), *words[length:]])
    return text


_DAY_WORDS = {
    **dict.fromkeys(("hom nay", "nay", "bua nay"), 0),
    **dict.fromkeys(("hom qua", "qua", "bua qua"), -1),
    **dict.fromkeys(("hom kia", "hom truoc"), -2),
    **dict.fromkeys(("mai", "ngay mai"), 1),
    **dict.fromkeys(("ngay kia", "mot", "ngay mot"), 2),
}
#: "sáng nay", "đêm qua": the part of the day is ignored.
_PART_OF_DAY = re.compile(r"(?:sang|trua|chieu|toi|dem) ?(?:hom )?(nay|qua|kia|mai)")
_DAY = re.compile(r"(?:ngay |hom )?([0-9]{1,2}) ?[/.-] ?([0-9]{1,2})(?: ?[/.-] ?([0-9]{4}|[0-9]{2}))?")
_DAY_LONG = re.compile(r"(?:ngay |hom )?([0-9]{1,2}) ?(?:thang|thg|t) ?([0-9]{1,2})(?: nam ([0-9]{4}))?")
_DAY_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")


def read_date(text: str, today: date) -> date | None:
    """A day as typed ("5/12", "05.12.2026", "hôm qua"); None if there is none, or it is impossible.

    Without a year: the one nearest to `today`, before or after.
    """
    return _read_date(text, today) or _read_date(untelex(text), today)


def _read_date(text: str, today: date) -> date | None:
    words = without_politeness(unicodedata.normalize("NFKC", nfc(text)).strip(AROUND).split())
    folded = fold(" ".join(words)).strip(" .!?…,")
    part = _PART_OF_DAY.fullmatch(folded)
    if (word := f"hom {part[1]}" if part and part[1] != "mai" else part[1] if part else folded) in _DAY_WORDS:
        return today + timedelta(days=_DAY_WORDS[word])
    if iso := _DAY_ISO.fullmatch(folded):
        return _day(int(iso[1]), int(iso[2]), int(iso[3]))
    found = _DAY.fullmatch(folded) or _DAY_LONG.fullmatch(_day_in_digits(words))
    if not found:
        return None
    day, month = int(found[1]), int(found[2])
    if found[3]:
        year = int(found[3])
        return _day(year + 2000 if year < 100 else year, month, day)
    near = [d for y in range(today.year - 4, today.year + 5) if (d := _day(y, month, day))]
    return min(near, key=lambda d: abs(d - today), default=None)


def _day_in_digits(words: list[str]) -> str:
    """Folded, with day and month in digits; "mùng" stays, since it means a day of the lunar calendar."""
    parts = re.split(r" (tháng|thang|năm(?= [0-9])|nam(?= [0-9])) ", " ".join(words).lower().strip(AROUND + ","))
    made: list[str] = []
    for part in parts:
        number = part.split()
        lead = number[:1] if number and fold(number[0]) in {"ngay", "hom"} else []
        value = None if part in {"năm", "nam"} and len(made) % 2 else small_number(number[len(lead) :])
        made.append(" ".join([*lead, str(value)]) if value is not None else part)
    return fold(" ".join(made))


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
