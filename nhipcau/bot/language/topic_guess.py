"""Guesses the topic of a text by what its words say for each topic; the person confirms it.

Every phrase of topics.yaml is an example: its words, pairs and triples of words, as written and without diacritics,
speak for the topics in whose phrases they are more frequent than elsewhere (naive Bayes; docs/decisions/0039).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from math import log

from nhipcau.bot.language.syllables import SHORT
from nhipcau.bot.language.telex import untelex
from nhipcau.bot.language.vietnamese import fold, nfc
from nhipcau.bot.language.yaml_file import read_yaml

#: Codes never change; labels are in the catalogues (`topic.`). Most frequent first.
TOPICS = (
    "DD", "MT", "GT", "DN", "YT", "GD", "NN", "GC", "BG", "KT",
    "LD", "AS", "AT", "HC", "SO", "VH", "DT", "TT", "CS", "KH",
)  # fmt: skip
#: Guesses shown first.
MOST = 3
#: Words of the longest feature.
_LONGEST = 3
#: What every word counts as seen in every topic, so that one never seen there excludes nothing.
_SMOOTHING = 0.4

_WORD = re.compile(r"\w+")
#: Folded words that say nothing of a topic when they stand alone.
_STOP = frozenset(
    _WORD.findall(
        "la va o cua co cho da dang se bi thi ma nay kia do roi r rat qua cac nhung mot may nhu voi den tu ra vao len"
        " lai cung con van chi chua thay ai gi moi toi em minh ba mn mng nguoi ng dan de nghi mong phan anh xa phuong"
        " thon xom ban khoi hom ngay thang nam tuan hon gan khi sau truoc trong ngoai tren duoi suot ca het phai bao"
        " noi hoi nhat duoc khong gio lam"
    )
)


def _features(text: str) -> list[str]:
    """Single words and runs of two and three, each once; those with diacritics also as they are written."""
    folded = [word for typed in _WORD.findall(fold(text)) for word in SHORT.get(typed, typed).split()]
    found = _runs(folded)
    if not text.isascii():
        found += [run for run in _runs(_WORD.findall(text.lower())) if not run.isascii()]
    return list(dict.fromkeys(found))


def words_of(text: str) -> list[str]:
    """The single words that say something of a topic, each once: folded, and as they are written."""
    return [feature for feature in _features(untelex(nfc(text))) if " " not in feature]


def _runs(words: list[str]) -> list[str]:
    found = [word for word in words if word not in _STOP and not word.isdigit()]
    for length in range(2, _LONGEST + 1):
        runs = (words[n : n + length] for n in range(len(words) - length + 1))
        found += [" ".join(run) for run in runs if not _STOP.issuperset(run)]
    return found


class TopicGuesser:
    """What examples of each topic have taught."""

    def __init__(self, examples: Iterable[tuple[str, str]]) -> None:
        """`examples`: topics and texts."""
        self._seen: dict[str, Counter[str]] = {}
        self._of_topic = dict.fromkeys(TOPICS, 0)
        for code, text in examples:
            for feature in _features(text):
                here = self._seen.setdefault(feature, Counter())
                here[code] = here.get(code, 0) + 1
                self._of_topic[code] += 1
        self._every = sum(self._of_topic.values())
        self._weights: dict[str, dict[str, float]] = {}

    def guess(self, text: str) -> list[str]:
        """Up to three codes, likeliest first; empty where no known word occurs."""
        scores = self.scores(text)
        return [code for code in sorted(TOPICS, key=lambda code: -scores[code])[:MOST] if scores[code] > 0]

    def scores(self, text: str) -> dict[str, float]:
        """How much the text speaks for each topic; 0 where no known word does."""
        scores = dict.fromkeys(TOPICS, 0.0)
        for feature in _features(untelex(nfc(text))):
            if feature in self._seen:
                for code, weight in self._weight(feature).items():
                    scores[code] += weight
        return scores

    def _weight(self, feature: str) -> dict[str, float]:
        """What a feature says for topics, without those it speaks against: one report has words of several, and no list
        of phrases is whole. Kept, as words come again and again."""
        if feature not in self._weights:
            weights = {code: self._likelihood(feature, code) for code in TOPICS}
            self._weights[feature] = {code: weight for code, weight in weights.items() if weight > 0}
        return self._weights[feature]

    def _likelihood(self, feature: str, code: str) -> float:
        here, floor = self._seen[feature][code], _SMOOTHING * len(self._seen)
        elsewhere = self._seen[feature].total() - here
        inside = (here + _SMOOTHING) / (self._of_topic[code] + floor)
        return log(inside / ((elsewhere + _SMOOTHING) / (self._every - self._of_topic[code] + floor)))


def phrases() -> list[tuple[str, str]]:
    """The phrases of topics.yaml with their topics."""
    body = read_yaml(files(__package__).joinpath("topics.yaml"))
    return [(code, phrase) for code, listed in body.items() for phrase in re.split(r",\s*", listed.strip())]


@cache
def _guesser() -> TopicGuesser:
    return TopicGuesser(phrases())


def guess(text: str) -> list[str]:
    """Up to three codes of topics, likeliest first; empty where no known word occurs."""
    return _guesser().guess(text)


def scores(text: str) -> dict[str, float]:
    """How much the text speaks for each topic by the phrases alone."""
    return _guesser().scores(text)
