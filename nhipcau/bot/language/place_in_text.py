"""Which places a text names, as far as its words tell: villages, and numbered wards, lanes and roads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from nhipcau.bot.language.syllables import syllables

#: First words of the names of villages and streams of the region.
_BEGINNINGS = frozenset(syllables("khuoi pac lung coc phai phja nam na ban po bo con khau bai keo ta pha khe"))
#: Words after which a place's name stands.
_BEFORE_NAMES = frozenset(syllables("thon ban xom deo suoi cau dong muong doi pho truong"))
#: Words that are counted: "khối 3", "ngõ 12", "đường tỉnh 226".
_BEFORE_NUMBERS = frozenset(syllables("thon khoi pho ngo tinh lo khoanh to duong khu km"))
_SIDES = frozenset(syllables("bac nam dong tay tren duoi"))


def places_in(words: Sequence[str], is_common: Callable[[str], bool]) -> frozenset[str]:
    """Names and numbers of places among folded syllables. `is_common`: whether a syllable is an everyday word."""
    found = set()
    for n, (word, following) in enumerate(pairwise(words)):
        before = words[n - 1] if n else ""
        if following.isdigit():
            if word in _BEFORE_NUMBERS:
                found.add(following)
        elif word == "pho" and following in _SIDES:
            found.add(f"pho {following}")
        elif word in _BEGINNINGS and (before in _BEFORE_NAMES or not is_common(following)):
            found.add(f"{word} {following}")
    return frozenset(found)
