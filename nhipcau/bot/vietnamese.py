"""Vietnamese as people type it: spelling-blind comparison, and numbers, amounts, days and labels read from words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta

#: Invisible joiners that emoji are made of; other format characters only hide text.
_KEPT_FORMAT = "\u200d"
_FINAL_MARKS = ".!?…"
#: Marks around a typed choice: "2.", "2)", "(2)".
_AROUND = " .,:;!?…)(\"'“”[]"

#: Short forms of the keyboard that stand for a whole word.
_TEENCODE = {
    **dict.fromkeys(("k", "ko", "kg", "kh", "hok", "hong", "hông", "khoong", "khg", "kô"), "khong"),
    **dict.fromkeys(("dc", "dk", "duoc", "dcj"), "duoc"),
    **dict.fromkeys(("bt", "bth", "bthg"), "binh thuong"),
}
#: Politeness that may stand before or after an answer without being part of it.
_POLITE_BEFORE = frozenset({"da", "thua", "vang"})
_POLITE_AFTER = frozenset({"a", "nhe", "nha", "ah", "oi"})
_NEGATIONS = frozenset({"khong", "chua", "chang", "dung"})
_UNIT_TYPES = ("tinh", "thanh pho", "xa", "phuong", "dac khu", "thon", "khoi pho", "khoi", "ban", "to dan pho")

_DIGIT_WORDS = {
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
    """`text` composed (NFC), without control and invisible characters except newlines, trimmed."""
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))
    if composed.isprintable():
        return composed.strip()
    return "".join(c for c in composed if _visible(c)).strip()


def _visible(c: str) -> bool:
    return c == "\n" or c in _KEPT_FORMAT or unicodedata.category(c) not in ("Cc", "Cf", "Cs")


def fold(text: str) -> str:
    """`text` without diacritics and case, runs of space made one: for comparison only."""
    if text.isascii():
        return " ".join(text.casefold().split())
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn")
    return " ".join(bare.replace("đ", "d").replace("Đ", "d").casefold().split())


def word_key(text: str) -> str:
    """What whole-message words are compared by: "Hủy", "huỷ", "HUY.", "/huy" are all "huy"."""
    key = fold(nfc(text)).removeprefix("/")
    if key and key[-1] in _FINAL_MARKS:
        key = key[:-1].rstrip()
    return key


def _ascii_or_exact(spellings: Iterable[str]) -> dict[str, str]:
    """Each proper spelling and its bare one to the proper spelling: "bà" must not read as "ba"."""
    table: dict[str, str] = {}
    for proper in spellings:
        table[proper] = proper
        table.setdefault(fold(proper), proper)
    return table


_SMALL_WORDS = _ascii_or_exact((*_DIGIT_WORDS, "mười", "mươi", "trăm"))


def _small_number(words: Sequence[str]) -> int | None:
    """0..999 in words ("hai mươi lăm", "tram hai"), None if the words are anything else."""
    total, last, seen_tens = 0, None, False
    for word in words:
        proper = _SMALL_WORDS.get(word)
        if proper is None:
            return None
        if proper == "trăm":
            total, last = total + 100 * (1 if last is None else last), None
        elif proper in ("mười", "mươi"):
            total, last, seen_tens = total + 10 * (1 if last is None else last), None, True
        elif last is not None:
            return None
        else:
            last = _DIGIT_WORDS[proper]
    if last is not None:
        # "trăm hai" is a hundred and twenty, "hai mươi hai" twenty-two.
        total += last * (10 if total and not seen_tens else 1)
    return total if words else None


_NUMBERED = re.compile(
    r"(?:(?:số|so|câu|cau|ý|y|mục|muc|chọn|chon|cái|cai|phương án|phuong an|thứ|thu|lựa chọn|lua chon) ?)?(.+)"
)


def read_number(text: str, count: int) -> int | None:
    """Which of 1..`count` a whole message names ("2", "2.", "số 2", "hai", "cau 2"), None if it names none."""
    plain = unicodedata.normalize("NFKC", text).replace("\ufe0f", "").replace("\u20e3", "")
    words = _without_politeness(plain.strip(_AROUND).lower().split())
    found = _NUMBERED.fullmatch(" ".join(words))
    if not found:
        return None
    rest = found[1].strip(_AROUND)
    number = int(rest) if re.fullmatch(r"[0-9]{1,3}", rest) else _small_number(rest.split())
    return number if number is not None and 1 <= number <= count else None


def _without_politeness(words: list[str]) -> list[str]:
    while len(words) > 1 and fold(words[0]) in _POLITE_BEFORE:
        words = words[1:]
    while len(words) > 1 and fold(words[-1]) in _POLITE_AFTER:
        words = words[:-1]
    return words


_SCALES = {
    "chuc": 10,
    "tram": 100,
    "k": 1_000,
    "nghin": 1_000,
    "ngan": 1_000,
    "van": 10_000,
    "tr": 1_000_000,
    "trieu": 1_000_000,
    "cu": 1_000_000,
    "ty": 1_000_000_000,
    "ti": 1_000_000_000,
}
_ABOUT = r"(?:khoang|tam|do|chung|gan|hon|~|tren duoi)?"
_COUNTED = (
    r"(?:nguoi|ho|con|cai|vu|nha|thon|xa|ha|m|m2|m3|km|kg|tan|dong|d|vnd|tuoi|ngay|lan|nam|thang|%|phan tram|ca|chiec)?"
)
_AMOUNT = re.compile(rf"{_ABOUT} ?(-?[0-9][0-9.,]*) ?((?!ruoi)[a-z]*) ?([0-9]{{1,3}}|ruoi)? ?{_COUNTED}")
_AMOUNT_PLAIN = re.compile(rf"{_ABOUT} ?(-?[0-9][0-9.,]*) ?{_COUNTED}")


def read_quantity(text: str) -> float | int | None:
    """An amount as written in Vietnamese: dots part thousands, a comma the decimals; "1tr2", "50k", "trăm rưỡi".

    A lone comma or dot followed by exactly three digits parts thousands. None if the message is not one amount.
    """
    folded = fold(unicodedata.normalize("NFKC", nfc(text))).strip(" .!?…")
    if plain := _AMOUNT_PLAIN.fullmatch(folded):
        return _plain_number(plain[1])
    if amount := _AMOUNT.fullmatch(folded):
        return _scaled(_plain_number(amount[1]), amount[2], amount[3] or "")
    words = unicodedata.normalize("NFC", text).lower().strip(" .!?…").split()
    return _amount_in_words(words)


def _plain_number(digits: str) -> float | int | None:
    if re.fullmatch(r"-?(?:0|[1-9][0-9]*)(?:[.,][0-9]+)?|-?[0-9]+", digits) and not re.fullmatch(
        r"-?[1-9][0-9]{0,2}[.,][0-9]{3}", digits
    ):
        return _tidy(float(digits.replace(",", ".")))
    if re.fullmatch(r"-?[1-9][0-9]{0,2}(?:\.[0-9]{3})+(?:,[0-9]+)?", digits):
        return _tidy(float(digits.replace(".", "").replace(",", ".")))
    if re.fullmatch(r"-?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?", digits):
        return _tidy(float(digits.replace(",", "")))
    return None


def _tidy(value: float) -> float | int:
    """Rounded far below what people mean; whole numbers as int, so that 2.0 is stored and shown as 2."""
    rounded = round(value, 6)
    return int(rounded) if rounded == int(rounded) else rounded


def _scaled(number: float | int | None, scale: str, tail: str) -> float | int | None:
    if number is None or (scale and scale not in _SCALES):
        return None
    size = _SCALES.get(scale, 1)
    if tail == "ruoi":
        return _tidy((number + 0.5) * size)
    if not tail:
        return _tidy(number * size)
    if not scale or number != int(number):
        return None
    # "1tr2" is 1.2 million, "1tr25" 1.25 million.
    return _tidy((number + int(tail) / 10 ** len(tail)) * size)


def _amount_in_words(words: list[str]) -> float | int | None:
    half = bool(words) and fold(words[-1]) == "ruoi"
    words = words[:-1] if half else words
    if not words:
        return None
    scale = _SCALES.get(fold(words[-1]))
    if scale is None and len(words) > 1 and re.fullmatch(_COUNTED, fold(words[-1])):
        return _amount_in_words(words[:-1])
    if scale is None:
        number = _small_number(words)
        return None if number is None or (half and number == 0) else _tidy(number + (0.5 if half else 0))
    number = 1 if len(words) == 1 else _small_number(words[:-1])
    if number is None or (len(words) == 1 and not half and scale < 100):
        return None
    return _tidy((number + (0.5 if half else 0)) * scale)


_DAY_WORDS = {
    **dict.fromkeys(("hom nay", "nay", "bua nay"), 0),
    **dict.fromkeys(("hom qua", "qua", "bua qua"), -1),
    **dict.fromkeys(("hom kia", "hom truoc"), -2),
    **dict.fromkeys(("mai", "ngay mai"), 1),
    **dict.fromkeys(("ngay kia", "mot", "ngay mot"), 2),
}
_DAY = re.compile(r"(?:ngay |hom )?([0-9]{1,2}) ?[/.-] ?([0-9]{1,2})(?: ?[/.-] ?([0-9]{4}|[0-9]{2}))?")
_DAY_LONG = re.compile(r"(?:ngay |hom )?([0-9]{1,2}) thang ([0-9]{1,2})(?: nam ([0-9]{4}))?")
_DAY_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")


def read_date(text: str, today: date) -> date | None:
    """A day as typed ("5/12", "05.12.2026", "hôm qua"), None if none or impossible.

    Without a year: the nearest such day to `today`, before or after.
    """
    folded = fold(unicodedata.normalize("NFKC", nfc(text))).strip(" .!?…,")
    if folded in _DAY_WORDS:
        return today + timedelta(days=_DAY_WORDS[folded])
    if iso := _DAY_ISO.fullmatch(folded):
        return _day(int(iso[1]), int(iso[2]), int(iso[3]))
    found = _DAY.fullmatch(folded) or _DAY_LONG.fullmatch(folded)
    if not found:
        return None
    day, month = int(found[1]), int(found[2])
    if found[3]:
        year = int(found[3])
        return _day(year + 2000 if year < 100 else year, month, day)
    near = [d for y in range(today.year - 4, today.year + 5) if (d := _day(y, month, day))]
    return min(near, key=lambda d: abs(d - today), default=None)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _words(text: str) -> list[str]:
    """Folded words, short forms written out, politeness and marks left out."""
    words = _without_politeness(re.findall(r"[^\W_]+", fold(text)))
    return " ".join(_TEENCODE.get(w, w) for w in words).split()


def _without_type(words: list[str]) -> list[str]:
    joined = " ".join(words)
    for kind in _UNIT_TYPES:
        if joined.startswith(kind + " "):
            return words[len(kind.split()) :]
    return words


def match_label(text: str, labels: Sequence[str]) -> int | None:
    """Index of the one label that typed words mean, None if none or more than one.

    In turn: the label itself, the label without diacritics and marks, without a place's type ("xã …"), its
    beginning, some of its words. The last two need two letters, and never turn an answer into a denial.
    """
    typed = nfc(text)
    exact = [n for n, label in enumerate(labels) if nfc(label).casefold() == typed.casefold()]
    if len(exact) == 1:
        return exact[0]
    wanted = _words(typed)
    if not wanted:
        return None
    named = [_words(label) for label in labels]
    short, joined = _without_type(wanted), " ".join(wanted)
    tests: list[Callable[[list[str]], bool]] = [
        lambda words: words == wanted,
        lambda words: _without_type(words) == short,
    ]
    if len(joined) >= 2:
        tests += [
            lambda words: words[: len(wanted)] == wanted,
            lambda words: " ".join(words).startswith(joined),
            lambda words: " ".join(_without_type(words)).startswith(" ".join(short)),
            lambda words: set(wanted) <= set(words) and not (_NEGATIONS & set(words) - set(wanted)),
        ]
    for test in tests:
        found = [n for n, words in enumerate(named) if test(words)]
        if found:
            return found[0] if len(found) == 1 else None
    return None
