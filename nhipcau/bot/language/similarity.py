"""Which statements are about the same matter as some words: by the words they share, whatever their order.

Only a suggestion: a person decides. tests/support/data/likeness_cases.txt is what the bound was measured on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from nhipcau.bot.language.vietnamese import fold

#: From this similarity on (0 to 100) two texts may be about the same.
ALIKE = 65
#: Fewer words in common say nothing, however short the texts are.
_SHARED = 2
#: Suggestions at most.
MOST = 3

#: Folded words that stand in every other sentence.
_WORD = re.compile(r"\w+")
_STOP = frozenset(
    _WORD.findall(
        "la va o cua co cho da dang se bi duoc dc thi ma nay kia do roi rat qua lam cac nhung nhieu mot may nhu voi den"
        " tu ra vao len lai cung con van chi khong ko chua thay ai gi moi toi em minh ba mn mng nguoi ng dan de nghi"
        " mong phan anh xa phuong thon xom ban khoi hom ngay thang nam tuan hon gan khi sau truoc trong ngoai tren"
        " duoi suot ca het phai bao noi hoi nhat"
    )
)


@lru_cache(maxsize=2048)
def _words(text: str) -> tuple[str, ...]:
    found = _WORD.findall(fold(text))
    return tuple(dict.fromkeys(w for w in found if len(w) > 1 and not w.isdigit() and w not in _STOP))


def similarity(one: str, other: str) -> float:
    """0 (nothing in common) to 100 (the words of one are all among the other's)."""
    # a library of its own, and only needed where there is something to compare
    from rapidfuzz import fuzz

    mine, theirs = _words(one), _words(other)
    if len(set(mine) & set(theirs)) < _SHARED:
        return 0.0
    return float(fuzz.token_set_ratio(" ".join(mine), " ".join(theirs)))


def most_similar(text: str, among: Iterable[tuple[str, str]], most: int = MOST) -> list[str]:
    """Keys of those (key, statement) that are alike, most_similar first; equally like ones in the order given."""
    scored = [(similarity(text, statement), key) for key, statement in among]
    alike = sorted((row for row in scored if row[0] >= ALIKE), key=lambda row: -row[0])
    return [key for _, key in alike[:most]]
