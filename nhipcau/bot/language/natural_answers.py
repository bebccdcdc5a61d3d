"""Answers as people give them to an office: "bà con bức xúc lắm", "có nhé em", "đúng rồi", "dạ không đâu ạ".

A label is meant where nothing but such words stand around it. Words that could change the meaning are none of them: a
negation, "hơi", "hết", "bớt", "hoặc" all make an answer that has to be asked again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from nhipcau.bot.language.label_numbers import in_digits
from nhipcau.bot.language.telex import untelex
from nhipcau.bot.language.vietnamese import fits_marks, fold, nfc

#: Who says so, and how, before an answer.
_BEFORE = (
    *(
        "bà con ta",
        "bà con",
        "người dân",
        "nhân dân",
        "mọi người",
        "ai cũng",
        "chúng tôi",
        "nhà tôi",
        "ở đây",
        "dân ta",
    ),
    *("dân", "tôi", "em", "mình", "cháu học", "cháu", "bác", "anh", "chị", "chú", "ông", "dạ", "thưa", "vâng", "ừ"),
    *(
        "chắc chắn là",
        "chắc chắn",
        "tất nhiên là",
        "tất nhiên",
        "dĩ nhiên là",
        "dĩ nhiên",
        "đúng rồi",
        "theo tôi",
        "ok",
    ),
    *("cảm thấy", "thấy", "đều", "cũng", "đang", "vẫn", "còn", "thì", "là", "vào", "ngày", "chọn", "xin", "à", "cô"),
)
#: What is said after it.
_AFTER = (
    *("bác", "em", "anh", "chị", "chú", "ông", "bà", "bạn", "cháu", "con", "cô", "ạ", "nhé", "nha", "nhen", "nghe"),
    *(
        "ơi",
        "luôn",
        "đấy",
        "đó",
        "chứ",
        "đâu",
        "hả",
        "thôi",
        "rồi",
        "hết cả",
        "cả",
        "thật",
        "cơ mà",
        "mà",
        "nhỉ",
        "vậy",
    ),
)
#: Words that only make it stronger; left out where no label says how strongly.
_STRONG_BEFORE = ("rất", "vô cùng", "cực kỳ", "cực kì", "hết sức", "hoàn toàn", "thật sự", "thực sự")
_STRONG_AFTER = ("lắm lắm", "lắm", "quá", "thật sự", "vô cùng")
#: Words of the longest phrase above, and of the longest answer that is read: a label of ours and what stands around it.
_LONGEST_PHRASE = 3
_MOST_WORDS = 30
_DEGREES = frozenset({"rất", "hơi", "khá", "ít", "lắm", "quá", "hoàn", "cực", "phần"})
_NEGATIONS = frozenset({"khong", "chua", "chang", "cha", "ko", "k", "hok", "hong", "kg"})
#: Words that without diacritics are others as often: "co" is "có" before it is "cô".
_ONLY_SPELT = frozenset({"cô", "bà", "thế"})

_YES = (
    *(
        "có",
        "vâng",
        "ừ",
        "ừm",
        "uh",
        "um",
        "ờ",
        "dạ",
        "đúng",
        "phải",
        "chính xác",
        "chuẩn",
        "ok",
        "oke",
        "okie",
        "okay",
    ),
    *("được", "đúng thế", "có chứ", "yes", "u"),
)
_NO = ("không", "ko", "kg", "k", "hông", "không phải", "không đúng", "không hề", "chẳng", "no")

#: Other words for those of our labels; tried last.
_SAME = {"khẩn cấp": "khẩn", "cấp bách": "khẩn", "cần gấp": "khẩn", "gấp gáp": "khẩn", "gấp": "khẩn"}


def amid_other_words(text: str, labels: Sequence[str]) -> int | None:
    """The one label that stands in the text amid words that say nothing more; None: none, or more than one."""
    strength_matters = any(_DEGREES & set(_words(label)) for label in labels)
    for said in _as_said(text):
        found = {n for n, label in enumerate(labels) if _stands_in(said, label, strength_matters=strength_matters)}
        if found:
            return found.pop() if len(found) == 1 else None
    return None


def _as_said(text: str) -> Iterator[str]:
    """The text; from Telex keys; with the labels' own words for others of the same meaning."""
    said = list(dict.fromkeys((nfc(text), untelex(nfc(text)))))
    yield from said
    for each in said:
        folded = fold(each)
        for other, ours in _SAME.items():
            if other in each.casefold() or re.search(rf"\b{fold(other)}\b", folded):
                yield re.sub(rf"\b{fold(other)}\b", fold(ours), folded)
                break


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", nfc(text).casefold())


def _names(label: str) -> Iterator[str]:
    """A label, and its parts: "Khẩn" and "trong ngày"."""
    yield label
    yield from re.split(r",(?![0-9])|[(:;]| – ", label)


def _stands_in(said: str, label: str, *, strength_matters: bool) -> bool:
    denies = bool(_NEGATIONS & {fold(word) for word in _words(label)})
    before = _BEFORE if strength_matters else (*_BEFORE, *_STRONG_BEFORE)
    # "không đồng tình lắm" is less than "không đồng tình"
    after = _AFTER if strength_matters or denies else (*_AFTER, *_STRONG_AFTER)
    names = [(name, fold(" ".join(_words(name))), in_digits(name, proper=True)) for name in _names(label)]
    return any(_is_called(core, *name) for core in _cores(_words(said), before, after) for name in names)


def _is_called(words: list[str], name: str, folded: str, meant: tuple[str, ...]) -> bool:
    if len(words) == folded.count(" ") + 1 and fold(" ".join(words)) == folded:
        return fits_marks(words, name)
    return any(word.isdecimal() for word in meant) and in_digits(" ".join(words)) == meant


def _cores(words: list[str], before: Sequence[str], after: Sequence[str]) -> Iterator[list[str]]:
    """What remains of a text when some such words are left out before it and after it, most of it first; nothing of
    a longer text."""
    if len(words) > _MOST_WORDS:
        return
    size = len(words)
    starts = {0}
    for at in range(size):
        if at in starts:
            starts |= {at + length for length in _phrases_at(words, at, before)}
    ends = {size}
    for at in range(size - 1, -1, -1):
        if any(at + length in ends for length in _phrases_at(words, at, after)):
            ends.add(at)
    for start in sorted(starts):
        for end in sorted(ends, reverse=True):
            if start < end:
                yield words[start:end]


def _phrases_at(words: list[str], at: int, phrases: Sequence[str]) -> set[int]:
    """The lengths of these phrases that stand there; with other diacritics a word is another one."""
    lengths = range(1, min(_LONGEST_PHRASE, len(words) - at) + 1)
    return {length for length in lengths if _is_spelt(words[at : at + length], phrases)}


def _is_spelt(words: list[str], phrases: Sequence[str]) -> bool:
    """Whether these words are one of the phrases."""
    return any(
        words == [phrase] if phrase in _ONLY_SPELT else fits_marks(words, phrase, longest=99)
        for phrase in _by_folded(tuple(phrases)).get(fold(" ".join(words)), ())
    )


@lru_cache(maxsize=64)
def _by_folded(phrases: tuple[str, ...]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for phrase in phrases:
        found.setdefault(fold(phrase), []).append(phrase)
    return found


def yes_or_no(text: str) -> bool | None:
    """Whether a whole message says yes or no, in any of the usual words; None: neither."""
    for said in dict.fromkeys((nfc(text), untelex(nfc(text)))):
        for core in _cores(_words(said), _BEFORE, _AFTER):
            if _is_spelt(core, _YES):
                return True
            if _is_spelt(core, _NO):
                return False
    return None


#: After "Bác đã tới chưa?", "rồi" is yes and "chưa" no.
_DONE_YET = re.compile(r"\bchưa\b[^\w]*$", re.IGNORECASE)


def done_or_not(question: str, text: str) -> bool | None:
    """Yes or no to a question that ends with "chưa?": "tới rồi", "chưa đâu". None: another question, or neither."""
    if not _DONE_YET.search(nfc(question)):
        return None
    asked = _words(question)
    for core in _cores(_words(text), (*_POLITE, "tôi", "em"), (*_POLITE, "em", "bác", "anh", "chị", "đâu")):
        first, rest = core[0], core[1:]
        if _is_spelt([first], ("chưa",)) and _are_of(rest, asked):
            return False
        if _is_spelt([core[-1]], ("rồi",)) and _are_of(core[:-1], asked):
            return True
        if _is_spelt([first], ("đã",)) and rest and _are_of(rest, asked):
            return True
    return None


_POLITE = ("dạ", "thưa", "ạ", "nhé", "nha", "ơi", "đấy")


def _are_of(words: list[str], asked: list[str]) -> bool:
    return all(_is_spelt([word], asked) for word in words)
