"""Finds statements about the same matter as a text, by the words they share in any order.

Only a suggestion: a person decides. The bound was measured on tests/support/data/likeness_cases.txt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from nhipcau.bot.language.vietnamese import fold

#: From this similarity on (0 to 100) two texts may be about the same.
ALIKE = 65
#: Texts with fewer words in common count as different.
_SHARED = 2
#: Suggestions at most.
MOST = 3

_WORD = re.compile(r"\w+")
#: Folded words too common to count.
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
    """From 0 (nothing in common) to 100 (all words of one are in the other)."""
    # imported here, since it is needed only where there is something to compare
    from rapidfuzz import fuzz

    mine, theirs = _words(one), _words(other)
    if len(set(mine) & set(theirs)) < _SHARED:
        return 0.0
    return float(fuzz.token_set_ratio(" ".join(mine), " ".join(theirs)))


def most_similar(text: str, among: Iterable[tuple[str, str]], most: int = MOST) -> list[str]:
    """Keys of the similar statements among (key, statement), most similar first, else in the order given."""
    scored = [(similarity(text, statement), key) for key, statement in among]
    alike = sorted((row for row in scored if row[0] >= ALIKE), key=lambda row: -row[0])
    return [key for _, key in alike[:most]]
