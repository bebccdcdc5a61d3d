"""Recognises words that tell of danger to life, so that the numbers to call come first (rule R34).

Missing a cry for help costs more than asking once too often: the person only reads the numbers and goes on.
"""

from __future__ import annotations

import re
import unicodedata
from enum import IntEnum
from functools import cache, lru_cache
from importlib.resources import files

from nhipcau.bot.language.telex import untelex
from nhipcau.bot.language.vietnamese import fold, nfc
from nhipcau.bot.language.yaml_file import read_yaml

Words = tuple[str, ...]

#: Words read at most: more is no cry for help, and this is read for everything anybody types.
MAX_WORDS = 400
#: A message of so few words may be one word without its diacritics: "chay", "cuu".
_BARE_WORDS = 2
#: How people shorten the word that turns a sentence round: "ko có ng bị thương".
_SHORT = {**dict.fromkeys(("ko", "k", "kg", "kh", "hok", "hong"), "không"), "ng": "người"}
_WORD = re.compile(r"[^\W_]+")


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
    kinds = _kinds_found(_WORD.findall(text)[:MAX_WORDS])
    if "acute" in kinds:
        return Danger.ACUTE
    return Danger.SIGN if "signs" in kinds and "calm" not in kinds else Danger.NONE


def _kinds_found(words: list[str]) -> set[str]:
    """The kinds of phrases in these words; the longest phrase at each place counts, and takes its words."""
    words = [_SHORT.get(word, word) for word in words]
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
    body = read_yaml(files(__package__).joinpath("danger.yaml"))
    found: dict[Words, list[tuple[Words, str]]] = {}
    for kind, listed in body.items():
        for phrase in re.split(r",\s*", listed.strip()):
            marked = tuple(_WORD.findall(nfc(phrase).casefold()))
            spellings = found.setdefault(tuple(fold(word) for word in marked), [])
            # without diacritics "tu van" is rather "tư vấn" than "tự vẫn"
            spellings.insert(0 if kind == "other" else len(spellings), (marked, kind))
    return found, max(map(len, found))
