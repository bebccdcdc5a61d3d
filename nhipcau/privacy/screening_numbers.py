"""Finds phones, identity and account numbers and number plates, with any spacing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nhipcau.privacy.lookalikes import looks_like
from nhipcau.privacy.screening_words import BANKS, Span, TakenSpans

#: What may separate two parts of one number; never a line break.
_BETWEEN = re.compile(r"[ \t.\-‐‑–—_/,·•()*|+~'’‘`\"“”°=]{0,6}")
_LIST_COMMA = re.compile(r"[,.;] ")
#: What else may, between groups of three digits and more.
_ODD_GAP = re.compile(r"[^\w\n,.]{1,3}|…")
_DIGITS = re.compile(r"[0-9oOlI]+")
_LETTERS = re.compile(r"[^\W\d_]+")
#: Digits in words; without diacritics too, but not with other ones: "làm từ năm" is no 5, 4, 5.
_DIGIT_WORDS = {
    **dict.fromkeys(("không", "khong", "ko", "kô", "hông", "o", "zero"), "0"),
    **dict.fromkeys(("một", "mốt", "mot"), "1"),
    **dict.fromkeys(("hai",), "2"),
    **dict.fromkeys(("ba",), "3"),
    **dict.fromkeys(("bốn", "tư", "bon", "tu"), "4"),
    **dict.fromkeys(("năm", "lăm", "nhăm", "nam", "lam", "nham"), "5"),
    **dict.fromkeys(("sáu", "sau"), "6"),
    **dict.fromkeys(("bảy", "bẩy", "bay"), "7"),
    **dict.fromkeys(("tám", "tam"), "8"),
    **dict.fromkeys(("chín", "chin"), "9"),
}
_DIGIT_WORD = re.compile(r"\b(?:" + "|".join(sorted(_DIGIT_WORDS, key=len, reverse=True)) + r")\b")
#: A number has eight digits at least; some may be letters o, or counted ("ba số không").
_FEW_DIGITS, _FEW_WORDS = 4, 5
#: After a digit word, and elsewhere: "chín mươi hai" is 92, "mười hai" 12.
_TENS = {"mươi": ("", None), "mười": ("1", "1"), "muoi": ("", "1")}
#: "ba số không" is 000.
_REPEATED = re.compile(r"(?P<times>hai|ba|bốn|bon|năm|[2-5]) (?:số|so|con) (?P<digit>[^\W\d_]+|[0-9])(?!\w)")
_BEGIN = re.compile(r"[^\W_]")
#: Parts of the longest number that is looked for.
_MOST_PARTS = 24

#: Digits of the shortest and the longest number that is looked for.
_FEWEST_DIGITS, _MOST_DIGITS = 8, 20

#: A number with this many digits is complete: a digit word after it belongs to the sentence.
_WRITTEN = 8

_PHONE = re.compile(r"0[1-9][0-9]{8}|0(?:2[0-9]|1[2689])[0-9]{8}|(?:84|0084)0?[2-9][0-9]{8}")
_IDENTITY = re.compile(r"0[0-9]{2}[0-9]{9}")
_SERVICE = re.compile(r"1[89]00(?:[0-9]{4}|[0-9]{6})")
_DATE = re.compile(r"[0-9]{1,2}([/.-])[0-9]{1,2}\1(?:19|20)[0-9]{2}(?![0-9])")
_GROUPED_MONEY = re.compile(r"[1-9][0-9]{0,2}(?:([.,])[0-9]{3})(?:\1[0-9]{3})*")
_SPACED_MONEY = re.compile(r"[1-9][0-9]{0,2}(?: [0-9]{3})+")
_UNIT = re.compile(r" ?(?:d|dong|vnd|vnđ|k|tr|trieu|ty|ti|m2|m3|m²|m³|m|ha|kg|km|tan|%|usd|ndt|te|cay|con)(?![a-z0-9])")
_CUES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "phone",
        re.compile(
            r"\b(?:sdt|sddt|dt|dien thoai|phone|tel|hotline|zalo|zl|goi|alo|lh|lien he|lien lac|so may|nhan tin)"
            r"(?![a-z])"
        ),
    ),
    (
        "id",
        re.compile(
            r"\b(?:gplx|giay phep lai xe|bang lai(?: xe)?|cccd|cmnd|cmt|cmtnd|can cuoc|"
            r"chung minh|dinh danh|bhyt|bhxh|bao hiem|ho chieu|passport|ma so thue|mst)"
            r"(?![a-z])"
        ),
    ),
    ("bank", re.compile(rf"\b(?:stk|so tk|tk|tai khoan|chuyen khoan|ck|so the|the atm|{BANKS})(?![a-z])")),
)
_BANK_AFTER = re.compile(rf"[ ,:(\-]{{0,4}}(?:ngan hang |nh |tai |cua )?(?:{BANKS})\b")
#: How far before a number a cue may be, in characters.
_CUE_REACH = 40

_PLATE = re.compile(
    r"(?<![a-z0-9])[1-9][0-9][ .\-–]{0,3}(?P<series>[a-z][0-9]?|[a-z]{2}|md[0-9])(?P<gap>[ .\-–/]{0,3})"
    r"(?P<number>[0-9]{3}[ .,-]{1,2}[0-9]{2}|[0-9]{4,5})(?![a-z0-9])"
)
_PLATE_CUE = re.compile(
    r"\b(?:bks|bsx|bien so(?: xe)?|bien xe|bien kiem soat|bien(?: do| xanh| vang| trang)?)(?: la)?[ :.]{0,3}"
)
_PLATE_TAIL = re.compile(r"(?:[a-z]{2}[ -]?[0-9]{2}[ .-]?[0-9]{2}|[0-9]{3}[ .][0-9]{2}|[0-9]{4,5})(?![a-z0-9.,])")
_SAID = r"(?:[0-9]{1,5}|khong|mot|hai|ba|bon|tu|nam|lam|sau|bay|tam|chin|muoi|o)"
#: A plate read aloud: "biển mười hai a không không bốn chín năm".
_PLATE_ALOUD = re.compile(
    rf"\b(?:bks|bsx|bien so(?: xe)?|bien xe|bien kiem soat|bien|xe)(?: la)?[ :.]{{1,3}}(?P<plate>{_SAID}(?: {_SAID})? "
    rf"(?:[abcdefghklmnprstuvxyz]|be|xe|de|hat|ca)(?: {_SAID}){{4,6}})(?![a-z0-9])"
)
_UNIT_LETTERS = frozenset({"h", "k", "m", "g", "l", "t", "p", "d", "n", "kg", "km", "ha", "tr", "ty", "m2", "m3"})

_INSURANCE = re.compile(r"(?<![a-z0-9])(?P<group>[a-z]{2})[ .-]?[0-9](?:[ .-]?[0-9]){12}(?![0-9])")
#: Before digits these are no group of the insured: "số tk 8402…", "xe 12…".
_NO_GROUP = frozenset({"tk", "dt", "so", "ck", "sn", "ns", "xe", "bs", "nh", "la", "nt", "tc", "id", "zl"})
_PASSPORT = re.compile(r"(?<![A-Za-z0-9])[A-Z][0-9]{7,8}(?![A-Za-z0-9])")
_SMALL_PASSPORT = re.compile(
    r"\b(?:ho chieu|passport)(?: so| cu| moi)*[ :.]{1,3}(?P<number>[a-z] ?[0-9]{7,8})(?![a-z0-9])"
)


#: "0868 ,000, 713"; elsewhere a comma and a space part numbers of a list.
_COMMA_PHONE = re.compile(r"(?<![0-9])0[35789][0-9]{1,2}(?: ?, ?[0-9]{3,4}){2}(?![0-9])")
#: A phone of another country; the border is near.
_ABROAD = re.compile(r"\+ ?(?!84)[1-9](?:[ .()\-]{0,2}[0-9]){8,13}(?![0-9])")


@dataclass(frozen=True, slots=True)
class _Part:
    """One run of digits or one digit word."""

    digits: str
    start: int
    end: int
    word: bool


def find_plates(text: str, flat: str, taken: TakenSpans) -> Iterator[Span]:
    """Plates of cars and motorbikes; after "biển số" also their number alone."""
    for found in _PLATE.finditer(flat):
        series, gap = found["series"], found["gap"]
        typed_small = text[found.start("series")].islower()
        if series in _UNIT_LETTERS and typed_small and " " in gap and "." not in found["number"]:
            before = flat[max(0, found.start() - 20) : found.start()]
            if not re.search(r"\b(?:bien|bks|bsx|xe)\b", before):
                continue
        yield Span("plate", found.start(), found.end())
    for found in _PLATE_ALOUD.finditer(flat):
        yield Span("plate", found.start("plate"), found.end("plate"))
    for cue in _PLATE_CUE.finditer(flat):
        if tail := _PLATE_TAIL.match(flat, cue.end()):
            yield Span("plate", tail.start(), tail.end())


def find_numbers(text: str, flat: str, taken: TakenSpans) -> Iterator[Span]:
    """Phones, identity, insurance and account numbers, with any spacing, "o" for 0, or spelled out in words."""
    for found in _INSURANCE.finditer(flat):
        if found["group"] not in _NO_GROUP or flat[found.end("group")].isdigit():
            yield Span("id", found.start(), found.end())
    for found in _SMALL_PASSPORT.finditer(flat):
        yield Span("id", found.start("number"), found.end("number"))
    for found in _PASSPORT.finditer(text):
        yield Span("id", found.start(), found.end())
    for pattern in (_ABROAD, _COMMA_PHONE):
        for found in pattern.finditer(text):
            yield Span("phone", found.start(), found.end())
    for chain in _chains(text, taken) if _may_hold_number(text) else ():
        at = 0
        while at < len(chain):
            kind, after = _read(chain, at, text, flat)
            if kind:
                yield _span(kind, chain[at:after], text)
            at = after


def count_digits(text: str) -> int:
    """Digits in `text`, of any shape, written or spoken."""
    plain = looks_like(text).text.lower()
    return sum(c.isdigit() for c in plain) + len(_DIGIT_WORD.findall(plain))


def _may_hold_number(text: str) -> bool:
    """Whether there are digits enough, written or spoken, for any number; most texts have none."""
    written = sum(text.count(digit) for digit in "0123456789")
    return written >= _FEW_DIGITS or len(_DIGIT_WORD.findall(text.lower())) >= _FEW_WORDS


def _chains(text: str, taken: TakenSpans) -> Iterator[list[_Part]]:
    """Runs of parts with nothing but separators between them."""
    chain: list[_Part] = []
    for part in _parts(text):
        if not taken.free(part.start, part.end):
            continue
        if chain and not _joined(text, chain[-1], part):
            yield chain
            chain = []
        chain.append(part)
    if chain:
        yield chain


def _joined(text: str, left: _Part, right: _Part) -> bool:
    gap = text[left.end : right.start]
    between = _BETWEEN.fullmatch(gap)
    if len(left.digits) >= 3 and len(right.digits) >= 3 and _ODD_GAP.fullmatch(gap):
        return True
    # "03, 05, 07" is a list of small numbers; between digit words a comma is only a pause
    return between is not None and ((left.word and right.word) or not _LIST_COMMA.match(gap))


def _parts(text: str) -> Iterator[_Part]:
    last: _Part | None = None
    lowered = text.lower() if len(text.lower()) == len(text) else text
    begin = _BEGIN.search(text)
    while begin:
        at = begin.start()
        run = _DIGITS.match(text, at)
        part = _repeated(lowered, at) or (_digit_part(run, text) if run else None)
        if part is None and (word := _LETTERS.match(text, at)):
            at = word.end()
            part = _word_part(word, text, last)
        if part is not None:
            at, last = part.end, part
            yield part
        begin = _BEGIN.search(text, max(at, begin.end()))


def _repeated(text: str, at: int) -> _Part | None:
    """A digit said to stand several times."""
    found = _REPEATED.match(text, at)
    if not found:
        return None
    times, digit = (
        found[name] if found[name].isdigit() else _DIGIT_WORDS.get(found[name]) for name in ("times", "digit")
    )
    return _Part(digit * int(times), at, found.end(), True) if times and digit else None


def _word_part(word: re.Match[str], text: str, last: _Part | None) -> _Part | None:
    """A digit in words; None where it is another word."""
    typed = word[0].lower()
    value = _DIGIT_WORDS.get(typed)
    if typed in _TENS:
        follows = last is not None and last.word and not text[last.end : word.start()].strip()
        value = _TENS[typed][0 if follows else 1]
    return None if value is None else _Part(value, word.start(), word.end(), True)


def _digit_part(run: re.Match[str], text: str) -> _Part | None:
    """Digits, among them o and O for 0, l and I for 1; None for a number that goes on in letters (a unit, a code)."""
    start, end = run.span()
    while end > start and text[end - 1] in "lIoO" and end < len(text) and text[end].isalpha():
        end -= 1
    while start < end and text[start] in "lIoO" and start and text[start - 1].isalpha():
        start += 1
    body = text[start:end]
    if not any(c.isdigit() for c in body) and not (len(body) > 1 and set(body) <= {"o", "O"} and body == run[0]):
        return None
    return _Part(body.translate(_AS_DIGITS), start, end, False) if end == run.end() else None


_AS_DIGITS = str.maketrans("oOlI", "0011")


def _read(chain: list[_Part], at: int, text: str, flat: str) -> tuple[str, int]:
    """The kind of the number that begins at part `at` ("": nothing personal), and the part to continue with."""
    if chain[at].start and flat[chain[at].start - 1].isdigit():
        return "", at + 1
    if chain[at].word and chain[at].digits != "0" and at + 1 < len(chain) and len(chain[at + 1].digits) >= 3:
        # "thợ Nam 0912…", "nhà ba 0912…": the digit word belongs to the sentence before the number
        return "", at + 1
    ends = list(_ends(chain, at))
    cue = _cue(flat, chain[at].start) if ends else ""
    for stop, number in reversed(ends):
        parts = chain[at:stop]
        whole = stop == len(chain) or (chain[stop].word and not parts[-1].word)
        if kind := _kind(number, parts, cue, text, flat, whole=whole):
            return kind, stop
    return "", at + 1


def _ends(chain: list[_Part], at: int) -> Iterator[tuple[int, str]]:
    """Where a number that begins at part `at` may end, and its digits, shortest first. Not behind a word that goes on
    with the sentence: "0912 345 678 ko ai", "… làm từ năm 1998"."""
    digits = ""
    for stop in range(at, min(len(chain), at + _MOST_PARTS)):
        goes_on = chain[stop].word and not chain[at].word and len(digits) >= _WRITTEN
        digits += chain[stop].digits
        if goes_on or len(digits) > _MOST_DIGITS:
            return
        if len(digits) >= _FEWEST_DIGITS:
            yield stop + 1, digits


def _kind(number: str, parts: list[_Part], cue: str, text: str, flat: str, *, whole: bool) -> str:
    start, end = parts[0].start, parts[-1].end
    if _is_harmless(number, parts, cue, text, flat):
        return ""
    bank_after = _BANK_AFTER.match(flat, end)
    if bank_after and len(parts) <= 6:
        return "bank"
    if _IDENTITY.fullmatch(number) and (_regular(parts) or cue == "id"):
        return "bank" if cue == "bank" else "id"
    abroad = number.startswith("84") and "+" not in flat[max(0, start - 2) : start]
    if _PHONE.fullmatch(number) and (not abroad or cue or len(parts) <= 4):
        return "bank" if cue == "bank" else "phone"
    if cue == "phone" and 9 <= len(number) <= 11 and whole:
        return "phone"
    if cue in ("id", "bank") and whole and 8 <= len(number) <= 19:
        return cue
    return _uncued(number, parts)


def _uncued(number: str, parts: list[_Part]) -> str:
    """The kind of a long number without a cue: too long or not round enough for an amount."""
    if len(parts) == 1:
        if len(number) == 9 and not number.endswith("000"):
            return "id"
        return "bank" if len(number) >= 10 and not number.endswith("00000") else ""
    if len(number) == 9 and number[0] == "0" and [len(p.digits) for p in parts] == [3, 3, 3]:
        return "id"
    return ""


def _regular(parts: list[_Part]) -> bool:
    """Whether the parts are grouped as identity numbers are, unlike a phone followed by a small number."""
    sizes = [len(p.digits) for p in parts]
    return len(set(sizes)) == 1 or sizes in ([3, 3, 6], [6, 3, 3], [3, 1, 2, 6], [3, 9], [4, 8], [3, 4, 5], [5, 4, 3])


def _is_harmless(number: str, parts: list[_Part], cue: str, text: str, flat: str) -> bool:
    """Whether it is a service number, a date or an amount."""
    start, end = parts[0].start, parts[-1].end
    written = text[start:end]
    if _SERVICE.fullmatch(number) and cue != "bank":
        return True
    if number[0] == "0":
        return _begins_with_date(written)
    if _is_counted(text, flat, end) and (cue != "id" or number.endswith("000")):
        return True
    if _PHONE.fullmatch(number) and (cue == "phone" or flat[max(0, start - 1) : start] == "+"):
        return False
    if _GROUPED_MONEY.fullmatch(written):
        return cue == "" or number.endswith("000")
    return bool(_SPACED_MONEY.fullmatch(written)) and number.endswith("000") and cue != "id"


def _is_counted(text: str, flat: str, end: int) -> bool:
    """Whether a unit follows: "đồng", but not "đóng"."""
    unit = _UNIT.match(flat, end)
    return unit is not None and "đóng" not in text[end : unit.end()].lower()


def _begins_with_date(written: str) -> bool:
    """Whether `written` begins with a date, and does not go on with the date's own separator."""
    found = _DATE.match(written)
    return found is not None and (found.end() == len(written) or written[found.end()] != found[1])


def _cue(flat: str, at: int) -> str:
    """The kind that the words before a number name; the nearest cue wins."""
    before = flat[max(0, at - _CUE_REACH) : at].rpartition("\n")[2]
    best, place = "", -1
    for kind, pattern in _CUES:
        for found in pattern.finditer(before):
            if found.end() > place:
                best, place = kind, found.end()
    return best if not re.search(r"[0-9]{3}", before[max(place, 0) :]) else ""


def _span(kind: str, parts: list[_Part], text: str) -> Span:
    start, end = parts[0].start, parts[-1].end
    if start and text[start - 1] == "+":
        start -= 1
    if ")" in text[start:end] and "(" not in text[start:end] and start and text[start - 1] == "(":
        start -= 1
    if "(" in text[start:end] and ")" not in text[start:end] and text[end : end + 1] == ")":
        end += 1
    return Span(kind, start, end)
