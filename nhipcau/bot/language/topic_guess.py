"""Guesses the topic of a text from a list of words; the person confirms it."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from nhipcau.bot.language.vietnamese import fold, nfc
from nhipcau.bot.language.yaml_file import read_yaml

#: Codes never change; labels are in the catalogues (`topic.`). Most frequent first.
TOPICS = (
    "DD", "MT", "GT", "DN", "YT", "GD", "NN", "GC", "BG", "KT",
    "LD", "AS", "AT", "HC", "SO", "VH", "DT", "TT", "CS", "KH",
)  # fmt: skip
#: Guesses shown first.
MOST = 3


@cache
def _words() -> tuple[re.Pattern[str], dict[str, list[tuple[str, int]]]]:
    """One pattern over all phrases (longest first), and each folded phrase's topics and weights."""
    body = read_yaml(files(__package__).joinpath("topics.yaml"))
    weights: dict[str, list[tuple[str, int]]] = {}
    for code, phrases in body.items():
        for phrase in re.split(r",\s*", phrases.strip()):
            folded = fold(phrase)
            weights.setdefault(folded, []).append((code, 1 + 2 * folded.count(" ")))
    ordered = sorted(weights, key=len, reverse=True)
    return re.compile(r"\b(?:" + "|".join(map(re.escape, ordered)) + r")\b"), weights


def guess(text: str) -> list[str]:
    """Up to three codes, likeliest first; empty where no known word occurs. Longer phrases weigh more."""
    pattern, weights = _words()
    scores: dict[str, float] = {}
    for place, match in enumerate(pattern.finditer(fold(nfc(text)))):
        for code, weight in weights[match[0]]:
            # the first phrase counts a little more, since it mostly names the topic
            scores[code] = scores.get(code, 0) + weight + (0.5 if place == 0 else 0)
    ranked = sorted(scores, key=lambda code: (-scores[code], TOPICS.index(code)))
    return ranked[:MOST]
