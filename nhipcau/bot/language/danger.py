"""Recognises words that tell of danger to life, so that the numbers to call come first (rule R34).

Missing a cry for help costs more than asking once too often: the person only reads the numbers and goes on.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from enum import IntEnum
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from nhipcau.bot.language.telex import untelex
from nhipcau.bot.language.vietnamese import fold, nfc
from nhipcau.bot.language.yaml_file import read_yaml

Words = tuple[str, ...]

#: Words read at most: more is no cry for help, and this is read for everything anybody types.
MAX_WORDS = 400
#: A message of so few words may be one word without its diacritics: "chay", "cuu".
_BARE_WORDS = 2
#: How people shorten the word that turns a sentence round: "ko có ng bị thương".
_SHORT = {
    **dict.fromkeys(("ko", "k", "kg", "kh", "hok", "hong"), "không"),
    **dict.fromkeys(("dc", "đc", "dk", "đk"), "được"),
    **dict.fromkeys(("ng", "ngta"), "người"),
    **{"nc": "nước", "e": "em", "tui": "tôi", "vs": "với", "r": "rồi"},
}
_WORD = re.compile(r"[^\W_]+")
#: A letter held down: "cứuuuu".
_DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}")


class Danger(IntEnum):
    """What a text tells of danger to life."""

    NONE = 0
    #: Something that may cost lives ("sạt lở"), without a word of somebody being hurt or caught.
    SIGN = 1
    #: Somebody is in danger now, or calls for help.
    ACUTE = 2


def danger_in(text: str) -> Danger:
    """What the text tells of danger to somebody's life now, with or without diacritics, also as Telex keys."""
    typed = nfc(text[: MAX_WORDS * 20]).casefold()
    return _danger_in(typed) or _danger_in(untelex(typed))


@lru_cache(maxsize=1024)
def _danger_in(text: str) -> Danger:
    words = [_SHORT.get(word, word) for word in _WORD.findall(_DRAWN_OUT.sub(r"\1", text))[:MAX_WORDS]]
    kinds = _kinds_found(words)
    if _tells_together(words):
        kinds.add("signs")
    if "acute" in kinds:
        return Danger.ACUTE
    return Danger.SIGN if "signs" in kinds and "calm" not in kinds else Danger.NONE


def _kinds_found(words: list[str]) -> set[str]:
    """The kinds of phrases in these words; the longest phrase at each place counts, and takes its words."""
    folded = [fold(word) for word in words]
    phrases, longest = _phrases()
    found, n = set(), 0
    while n < len(words):
        for length in range(min(longest, len(words) - n), 0, -1):
            kind = _kind_of(phrases, folded[n : n + length], words[n : n + length], len(words))
            if kind:
                found.add(kind)
                n += length
                break
        else:
            n += 1
    return found


def _kind_of(phrases: dict[Words, list[tuple[Words, str]]], folded: list[str], words: list[str], of: int) -> str:
    """The kind of a phrase, or "". Each word is the phrase's with its diacritics, or has none at all; a single word
    without any means too much else ("chay": cháy, chạy, chay), unless the message is little more."""
    for marked, kind in phrases.get(tuple(folded), ()):
        bare = [word.isascii() for word in words]
        if len(words) == 1 and bare[0] and not marked[0].isascii() and of > _BARE_WORDS:
            continue
        if all(plain or _marks(word) == _marks(m) for plain, word, m in zip(bare, words, marked, strict=True)):
            return kind
    return ""


@lru_cache(maxsize=4096)
def _marks(word: str) -> tuple[str, str]:
    """The word's letters and its diacritics, wherever the tone is placed: "hoà" and "hòa" are alike."""
    parts = unicodedata.normalize("NFD", word)
    return (
        "".join(c for c in parts if not unicodedata.combining(c)),
        "".join(sorted(c for c in parts if unicodedata.combining(c))),
    )


@cache
def _phrases() -> tuple[dict[Words, list[tuple[Words, str]]], int]:
    """Folded phrase → its spellings with their kinds; and the words of the longest."""
    body = dict(_lists())
    del body["together"]
    found: dict[Words, list[tuple[Words, str]]] = {}
    for kind, listed in body.items():
        for phrase in re.split(r",\s*", listed.strip()):
            marked = tuple(_WORD.findall(nfc(phrase).casefold()))
            spellings = found.setdefault(tuple(fold(word) for word in marked), [])
            # without diacritics "tu van" is rather "tư vấn" than "tự vẫn"
            spellings.insert(0 if kind == "other" else len(spellings), (marked, kind))
    return found, max(map(len, found))


def _tells_together(words: list[str]) -> bool:
    """Whether words stand together that tell of danger in a way of their own: "nước … tràn … bếp"."""
    typed = " ".join(words)
    folded = [fold(word) for word in words]
    without_diacritics = all(
        word in _SHORT.values() or word == plain for word, plain in zip(words, folded, strict=True)
    )
    marked, plain = _together()
    return (plain.search(" ".join(folded)) if without_diacritics else marked.search(typed)) is not None


@cache
def _together() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What finds the words that stand together: as they are spelt, and without diacritics."""
    rules = [[group.split(", ") for group in nfc(rule).split(" ~ ")] for rule in _lists()["together"]]

    def pattern(rule: list[list[str]], spelt: Callable[[str], str]) -> str:
        return r"(?: \S+){0,3}? ".join(f"(?:{'|'.join(map(spelt, group))})(?= |$)" for group in rule)

    marked, plain = ("|".join(pattern(rule, spelt) for rule in rules) for spelt in (str, fold))
    return re.compile(rf"(?<!\S)(?:{marked})"), re.compile(rf"(?<!\S)(?:{plain})")


@cache
def _lists() -> dict[str, Any]:
    body: dict[str, Any] = read_yaml(files(__package__).joinpath("danger.yaml"))
    return body
