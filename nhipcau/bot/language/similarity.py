"""Finds texts about the same matter, whatever their spelling and order of words.

Only a suggestion: a person decides. Weights and bound were measured on tests/data/similar_pairs.tsv (docs/insight.md).
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from math import log, sqrt

from nhipcau.bot.language.place_in_text import places_in
from nhipcau.bot.language.syllables import STOP, syllables
from nhipcau.bot.language.topic_guess import phrases

#: From this similarity on (at most 1) two texts may be about the same.
ALIKE = 0.4
#: Texts with fewer words in common count as different.
_SHARED = 2
#: Suggestions at most.
MOST = 3

#: What the shares of common words and runs of two words count: words of the shorter text, of both, runs of both.
_OF_SHORTER, _OF_BOTH, _RUNS = 0.25, 0.45, 0.3
#: What it costs that both name places, but none in common; that one praises and the other does not.
_OTHER_PLACE, _PRAISE = 0.3, 0.4
#: A syllable of so many phrases of topics.yaml is an everyday word.
_COMMON = 7

#: Different words for the same, folded.
_SAME = (
    *(("xuong cap", "hong"), ("boi thuong", "den bu"), ("un tac", "tac"), ("ket xe", "tac"), ("un u", "tac")),
    *(("giay chung nhan quyen su dung dat", "so do"), ("cay rut tien", "atm"), ("diem rut tien", "atm")),
    *(("mot cua", "dich vu cong"), ("phan mem", "app"), ("ung dung", "app"), ("gia suc", "trau bo")),
    *(("hoc sinh", "tre"), ("suat an", "bua trua"), ("com ban tru", "bua trua ban tru"), ("cup dien", "mat dien")),
    *(("cat dien", "mat dien"), ("cat nuoc", "mat nuoc"), ("hu", "hong"), ("nat", "hong"), ("vo", "hong")),
    *(("un", "tac"), ("nghen", "tac"), ("be", "tre"), ("chau", "tre")),
)
_SAME_WORDS = re.compile(r"\b(?:" + "|".join(words for words, _ in sorted(_SAME, key=lambda p: -len(p[0]))) + r")\b")
_CANONICAL = dict(_SAME)
_PRAISES = re.compile(
    r"\b(?<!chua )(?<!khong )(?:phan khoi|khen|mung|vui|ung ho|dong tinh|hoan nghenh|cam dong|duoc mua|duoc gia)\b"
)


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a text says, for comparison."""

    words: Mapping[str, float]
    #: Words and runs of two words, squared weights.
    runs: Mapping[str, float]
    places: frozenset[str]
    praises: bool


@cache
def _phrases_with() -> Counter[str]:
    """Syllable → number of phrases of topics.yaml with it."""
    return Counter(word for _, phrase in phrases() for word in set(syllables(phrase)))


@cache
def _number_of_phrases() -> int:
    return len(phrases())


def is_everyday(word: str) -> bool:
    """Whether this folded syllable is a word people use for many things."""
    return word in STOP or _phrases_with()[word] >= _COMMON


@lru_cache(maxsize=16384)
def _weight(word: str) -> float:
    """Rare words say more."""
    return log((_number_of_phrases() + 1) / (_phrases_with()[word] + 0.5))


@lru_cache(maxsize=4096)
def _read(text: str) -> _Reading:
    typed = syllables(text)
    places = places_in(typed, is_everyday)
    of_places = {part for place in places for part in place.split()}
    line = _SAME_WORDS.sub(lambda found: _CANONICAL[found[0]], " ".join(typed))
    telling = list(dict.fromkeys(w for w in line.split() if w not in STOP and len(w) > 1 and not w.isdigit()))
    words = {word: _weight(word) for word in telling}
    runs = {word: weight * weight for word, weight in words.items()}
    for one, other in itertools.pairwise(telling):
        runs[f"{one} {other}"] = (0.35 * (words[one] + words[other])) ** 2
    matter = {word: weight for word, weight in words.items() if word not in of_places}
    return _Reading(matter, runs, places, _PRAISES.search(line) is not None)


def similarity(one: str, other: str) -> float:
    """From 0 (nothing in common) to 1 (the same words)."""
    mine, theirs = _read(one), _read(other)
    common = mine.words.keys() & theirs.words.keys()
    if len(common) < _SHARED:
        return 0.0
    shared = sum(mine.words[word] for word in common)
    all_mine, all_theirs = sum(mine.words.values()), sum(theirs.words.values())
    runs = sum(mine.runs[run] for run in mine.runs.keys() & theirs.runs.keys())
    score = _OF_SHORTER * shared / min(all_mine, all_theirs) + _OF_BOTH * shared / sqrt(all_mine * all_theirs)
    score += _RUNS * runs / sqrt(sum(mine.runs.values()) * sum(theirs.runs.values()))
    if mine.places and theirs.places and not mine.places & theirs.places:
        score -= _OTHER_PLACE
    if mine.praises != theirs.praises:
        score -= _PRAISE
    return max(0.0, score)


def most_similar(text: str, among: Iterable[tuple[str, str]], most: int = MOST) -> list[str]:
    """Keys of the similar statements among (key, statement), most similar first, else in the order given."""
    scored = [(similarity(text, statement), key) for key, statement in among]
    alike = sorted((row for row in scored if row[0] >= ALIKE), key=lambda row: -row[0])
    return [key for _, key in alike[:most]]
