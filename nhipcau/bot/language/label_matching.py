"""Finds the label that a typed text means, also in the ways people abbreviate and mistype.

Never guesses: a text that could mean two labels, or the opposite of one, means none, and the question is asked again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from nhipcau.bot.language.label_numbers import in_digits
from nhipcau.bot.language.natural_answers import amid_other_words, yes_or_no
from nhipcau.bot.language.telex import untelex
from nhipcau.bot.language.vietnamese import fits_marks, fold, nfc, number_in_digits, unframed, without_politeness

Words = tuple[str, ...]

#: Abbreviations people type, and everything each may mean.
_SHORT: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("k", "ko", "kg", "kh", "hok", "hong", "khg", "khum", "hem"), ("khong",)),
    **dict.fromkeys(("dc", "dk"), ("duoc",)),
    **dict.fromkeys(("bth", "bthg"), ("binh thuong",)),
    "bt": ("binh thuong", "biet"),
    "bc": ("bao cao", "buc xuc"),
    "bn": ("bao nhieu", "ban"),
    "tb": ("thong bao", "trung binh"),
    **dict.fromkeys(("ubnd", "ub"), ("uy ban nhan dan", "uy ban")),
    "tdp": ("to dan pho",),
    "gpmb": ("giai phong mat bang",),
    "nn": ("nong nghiep", "nha nuoc"),
    "ctv": ("cong tac vien",),
    "dpv": ("dieu phoi vien",),
    "cn": ("chu nhat", "cong nhan"),
    **{f"t{n}": (f"thu {n}", f"thang {n}") for n in range(1, 13)},
    "lv": ("linh vuc",),
    "ng": ("nguoi",),
    "cx": ("cung",),
    "vs": ("voi", "va"),
}
_UNIT_TYPES = ("tỉnh", "thành phố", "xã", "phường", "đặc khu", "thôn", "khối phố", "khối", "bản", "tổ dân phố")
_NEGATIONS = frozenset({"khong", "chua", "chang", "dung"})
#: Words of degree, which make a different answer: "rất đồng tình" is not "đồng tình".
_DEGREES = frozenset({"rat", "hoi", "kha", "it", "nua", "phan"})
#: Words that mean nothing alone: they must be the whole label.
_WEAK = _NEGATIONS | {
    *("co", "duoc", "la", "roi", "thi", "da", "se", "cung", "ca", "o", "thoi", "cai", "y", "muc", "so", "va", "voi"),
    *("nguoi", "toi", "bac", "em", "anh", "chi", "the", "gi", "nao", "bi", "cho", "xa", "phuong", "thon"),
    *("hoac", "hay", "biet", "mot", "cac", "nhung"),
}
#: Words without diacritics of this length or shorter can be too many others ("ban": băn, bàn, bạn, bán, bận).
_TOO_SHORT = 4
#: Letters a label must have for one wrong letter to be accepted.
_FORGIVING = 6
_BELOW_ZERO = re.compile(r"\s*-\s*[0-9]")
#: Characters: what is longer than any label or place is a sentence.
LONGEST = 120
#: "kì" and "kỳ", "quí" and "quý": both are written.
_I_OR_Y = re.compile(r"\b([hklmst]|qu)y\b")
_PRONOUNS = frozenset({"toi", "em", "minh", "con", "chau", "tui"})
_ADDRESSED = frozenset({"bac", "em", "anh", "chi", "ban", "chu"})


@lru_cache(maxsize=4096)
def words_of(text: str) -> Words:
    """Folded words without punctuation, with "ky" written "ki"."""
    return tuple(re.findall(r"[^\W_]+", _I_OR_Y.sub(r"\1i", fold(text))))


@lru_cache(maxsize=4096)
def _without_type(name: str) -> Words:
    """The words of a text without a place's type. A type with diacritics must have the right ones ("Băn khoăn" does not
    begin with the type "bản")."""
    lowered = nfc(name).casefold()
    for kind in _UNIT_TYPES:
        if lowered.startswith((kind + " ", fold(kind) + " ")):
            return words_of(name)[len(kind.split()) :]
    return words_of(name)


@lru_cache(maxsize=4096)
def _parts(label: str) -> tuple[Words, ...]:
    """The parts of a label between commas and brackets: "Khẩn" and "trong ngày" of "Khẩn, trong ngày"."""
    return tuple(words_of(part) for part in re.split(r"[,(:;]| – ", label))


def readings(text: str) -> Iterator[str]:
    """Readings of a typed text, likeliest first: unchanged, without polite words, without "em chọn", as Telex keys."""
    seen = {text}
    yield text
    for start in (text, untelex(text)):
        words = start.split()
        polite = without_politeness(words)
        plain = unframed(polite)
        called = plain[:-1] if len(plain) > 1 and fold(plain[-1]) in _ADDRESSED else plain
        alone = called[1:] if len(called) > 1 and fold(called[0]) in _PRONOUNS else called
        for reading in (start, " ".join(polite), " ".join(plain), " ".join(called), " ".join(alone)):
            if reading not in seen:
                seen.add(reading)
                yield reading
    if (reading := number_in_digits(" ".join(without_politeness(text.split())))) not in seen:
        yield reading


def _written_out(words: Words) -> list[Words]:
    """The words with abbreviations written out, once for each meaning; empty where there are none."""
    if not any(word in _SHORT for word in words):
        return []
    made: list[Words] = [()]
    for word in words:
        meanings = [tuple(m.split()) for m in _SHORT.get(word, (word,))]
        made = [(*before, *meaning) for before in made for meaning in meanings][:8]
    return made


@dataclass(frozen=True, slots=True)
class _Typed:
    """One reading of a typed text."""

    words: Words
    #: As it was said.
    said: str
    #: The words with diacritics, if there are any: those of a short word must be the label's.
    marked: Words

    @property
    def text(self) -> str:
        return " ".join(self.words)

    @property
    def says_enough(self) -> bool:
        """Whether these words are enough to mean a part of a label."""
        return not _WEAK.issuperset(self.words) and (len(self.text) > _TOO_SHORT or bool(self.marked))

    def may_stand_for(self, label: str, words: Words, named: list[Words]) -> bool:
        """Whether no negation or degree is left out and no other label is the negation; a single word must begin a part
        of the label."""
        missing = set(words).difference(self.words)
        if missing & (_NEGATIONS | _DEGREES) or any((no, *words) in named for no in _NEGATIONS):
            return False
        if len(self.words) > 1:
            return True
        return any(part[:1] == self.words for part in _parts(label)) and (
            len(self.text) > _TOO_SHORT or set(self.marked) <= set(re.findall(r"[^\W_]+", nfc(label).casefold()))
        )


def _groups(typed: str) -> Iterator[list[_Typed]]:
    """Groups of equally likely readings, likeliest first."""
    seen: set[Words] = set()
    for reading in readings(typed):
        words = words_of(reading)
        if not words or words in seen:
            continue
        seen.add(words)
        marked = () if reading.isascii() else tuple(re.findall(r"[^\W_]+", nfc(reading).casefold()))
        yield [_Typed(words, reading, marked)]
        if written := [w for w in _written_out(words) if w not in seen]:
            yield [_Typed(w, " ".join(w), ()) for w in written]


def match_whole_label(text: str, labels: Sequence[str]) -> int | None:
    """Index of the label that a typed text is, in any case, without diacritics, with numbers in words or digits, with
    polite words around it; None if there is none or more than one."""
    typed = nfc(text)
    if _BELOW_ZERO.match(typed):
        return None
    exact = [n for n, label in enumerate(labels) if label == typed]
    if len(exact) != 1:
        exact = [n for n, label in enumerate(labels) if nfc(label).casefold() == typed.casefold()]
    return exact[0] if len(exact) == 1 else _first_found(typed, labels, (_is_whole, _is_whole_in_digits))


def match_label(text: str, labels: Sequence[str]) -> int | None:
    """Index of the label that a typed text means; None if there is none or more than one.

    Tries, each with every reading: the whole label; a part between commas, or the label without a place's type; its
    beginning; some of its words; one wrong letter in a long one; a label amid words that say nothing more; a plain yes
    or no. A negation or degree is never left out.
    """
    whole = match_whole_label(text, labels)
    typed = nfc(text)
    if whole is not None or _BELOW_ZERO.match(typed) or len(typed) > LONGEST:
        return whole
    found = _first_found(typed, labels, _TESTS)
    found = amid_other_words(typed, labels) if found is None else found
    return _plain_answer(typed, labels) if found is None else found


def _plain_answer(typed: str, labels: Sequence[str]) -> int | None:
    """ "Đúng rồi" or "không phải đâu" where labels are a plain yes and a plain no."""
    named = [fold(label) for label in labels]
    meant = yes_or_no(typed)
    for yes, no in (("co", "khong"), ("yes", "no")):
        if meant is not None and named.count(yes) == named.count(no) == 1:
            return named.index(yes if meant else no)
    return None


def _first_found(typed: str, labels: Sequence[str], tests: Sequence[_Test]) -> int | None:
    """The one label that the first test finds with the likeliest readings; None where they find none or several."""
    named = [words_of(label) for label in labels]
    groups = list(_groups(typed)) if len(typed) <= LONGEST else []
    for test in tests:
        for group in groups:
            found = {n for one in group for n, words in enumerate(named) if test(one, labels[n], words, named)}
            if found:
                return found.pop() if len(found) == 1 else None
    return None


def _is_whole(typed: _Typed, label: str, words: Words, named: list[Words]) -> bool:
    return words == typed.words and fits_marks(typed.marked, label)


def _is_whole_in_digits(typed: _Typed, label: str, words: Words, named: list[Words]) -> bool:
    """ "Thứ hai" for "Thứ 2", "lop bay" for "Lớp 7"."""
    meant = in_digits(label, proper=True)
    return any(word.isdecimal() for word in meant) and in_digits(typed.said) == meant


def _denies(typed: _Typed, label: str, words: Words, named: list[Words]) -> bool:
    """ "Không" where a label is the negation of another: "Đồng tình", "Không đồng tình"."""
    return len(typed.words) == 1 and typed.words[0] in _NEGATIONS and words[:1] == typed.words and words[1:] in named


def _is_named(typed: _Typed, label: str, words: Words, named: list[Words]) -> bool:
    return typed.words in _parts(label) or (typed.says_enough and _without_type(label) == _without_type(typed.text))


def _begins(typed: _Typed, label: str, words: Words, named: list[Words]) -> bool:
    if not typed.says_enough or not typed.may_stand_for(label, words, named):
        return False
    short = " ".join(_without_type(typed.text))
    return " ".join(words).startswith(typed.text) or " ".join(_without_type(label)).startswith(short)


def _is_part(typed: _Typed, label: str, words: Words, named: list[Words]) -> bool:
    if not typed.says_enough or not set(typed.words) <= set(words):
        return False
    # "không rất đồng tình" is not "rất không đồng tình"
    turned = (_NEGATIONS | _DEGREES) & set(typed.words) and not _follow_each_other(typed.words, words)
    return not turned and typed.may_stand_for(label, words, named)


def _follow_each_other(words: Words, label: Words) -> bool:
    rest = iter(label)
    return all(word in rest for word in words)


def _nearly(typed: _Typed, label: str, words: Words, named: list[Words]) -> bool:
    """One letter wrong, missing or too many; but no digit and no negation differs."""
    if len(typed.text) < _FORGIVING or not typed.says_enough:
        return False
    # imported with the first text to compare: 3 MB
    from rapidfuzz.distance import OSA

    mine = (_digits(typed.words), _NEGATIONS & set(typed.words))
    for known in (words, _without_type(label), *_parts(label)):
        name = " ".join(known)
        if len(name) >= _FORGIVING and OSA.distance(typed.text, name, score_cutoff=1) <= 1:
            return mine == (_digits(words), _NEGATIONS & set(words))
    return False


def _digits(words: Words) -> str:
    return "".join(c for word in words for c in word if c.isdecimal())


_Test = Callable[[_Typed, str, Words, list[Words]], bool]
_TESTS: tuple[_Test, ...] = (_denies, _is_named, _begins, _is_part, _nearly)
