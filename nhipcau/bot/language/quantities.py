"""Amounts as people type them: "1tr2", "50k", "khoảng ba chục", "hai mươi lăm hộ"."""

from __future__ import annotations

import re
import unicodedata

from nhipcau.bot.language.vietnamese import AROUND, fold, nfc, small_number, without_politeness

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
    r"(?:nguoi|ho|con|cai|vu|nha|thon|xa|ha|m|m2|m3|km|kg|tan|dong|d|vnd|tuoi|ngay|lan|nam|thang|diem|%"
    r"|phan tram|ca|chiec)?"
)
_AMOUNT = re.compile(rf"{_ABOUT} ?(-?[0-9][0-9.,]*) ?((?!ruoi)[a-z]*) ?([0-9]{{1,3}}|ruoi)? ?{_COUNTED}")
_AMOUNT_PLAIN = re.compile(rf"{_ABOUT} ?(-?[0-9][0-9.,]*) ?{_COUNTED}")


_SPOKEN_COMMA = re.compile(r"([0-9]) ?(?:phẩy|phay) ?([0-9])", re.IGNORECASE)


def read_quantity(text: str) -> float | int | None:
    """An amount as written in Vietnamese: dots between thousands, a decimal comma; "1tr2", "50k", "trăm rưỡi".

    A single comma or dot before exactly three digits separates thousands. None if the message is not one amount.
    """
    composed = unicodedata.normalize("NFKC", nfc(text)).strip(AROUND)
    # what voice typing writes of "1,5"
    composed = _SPOKEN_COMMA.sub(r"\1,\2", " ".join(_of_amount(composed.split())))
    folded = fold(composed).strip(" .!?…")
    if plain := _AMOUNT_PLAIN.fullmatch(folded):
        return _plain_number(plain[1])
    if amount := _AMOUNT.fullmatch(folded):
        return _scaled(_plain_number(amount[1]), amount[2], amount[3] or "")
    words = composed.lower().strip(" .!?…").split()
    return _amount_in_words(words)


#: "khoảng chừng", "có", before an amount; "em ạ", "thôi" after it.
_LEADING = frozenset({"khoang", "tam", "do", "chung", "gan", "hon", "co", "uoc", "chi", "duoc", "moi", "cung"})
_TRAILING = frozenset({"em", "bac", "anh", "chi", "chu", "thoi", "roi", "day", "nhe", "a", "nha"})


def _of_amount(words: list[str]) -> list[str]:
    """The words of the amount itself; at least one stays."""
    words = without_politeness(words)
    while len(words) > 1 and fold(words[0]) in _LEADING:
        words = words[1:]
    while len(words) > 1 and fold(words[-1]) in _TRAILING:
        words = words[:-1]
    return words


#: "2 người", "có hai hộ".
_COUNTED_THINGS = re.compile(r"(.+) (?:nguoi|ho|con|nha|chau|dua|ngoi|cai|lan)")


def counted(text: str) -> int | None:
    """The number of people or things in a whole message ("2 người", "có một hộ"), or None."""
    words = _of_amount(nfc(text).strip(AROUND).lower().split())
    if not _COUNTED_THINGS.fullmatch(fold(" ".join(words))):
        return None
    number = words[:-1]
    return int(number[0]) if len(number) == 1 and number[0].isdecimal() else small_number(number)


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
    """Rounded to six decimals; whole numbers as int, so that 2.0 is stored and shown as 2."""
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
    for comma in ("phẩy", "phay"):
        if comma in words[1:-1]:
            # "năm phẩy năm" is 5.5, "một phẩy hai lăm" 1.25
            at = words.index(comma)
            whole, part = small_number(words[:at]), small_number(words[at + 1 :])
            return None if whole is None or part is None else _tidy(whole + part / 10 ** len(str(part)))
    half = bool(words) and fold(words[-1]) == "ruoi"
    words = words[:-1] if half else words
    if not words:
        return None
    scale = _SCALES.get(fold(words[-1]))
    if scale is None and len(words) > 1 and re.fullmatch(_COUNTED, fold(words[-1])):
        return _amount_in_words(words[:-1])
    if scale is None:
        number = small_number(words)
        return None if number is None or (half and number == 0) else _tidy(number + (0.5 if half else 0))
    number = 1 if len(words) == 1 else small_number(words[:-1])
    if number is None or (len(words) == 1 and not half and scale < 100):
        return None
    return _tidy((number + (0.5 if half else 0)) * scale)
