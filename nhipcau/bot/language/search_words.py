"""Words as a search compares them, folded and as they are spelt, and where they stand in a text.

Folded, "nước" is "nuoc". As spelt, both habits of placing a tone are one ("hòa", "hoà"), and so are i and y behind a
consonant ("kỹ", "kĩ").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from nhipcau.bot.language.vietnamese import fold

#: Letters of a word that count.
_MOST = 40
_WORD = re.compile("[^\\W_](?:[^\\W_]|[\u0300-\u036f])*")
#: Grave, acute, tilde, hook above, dot below.
_TONE = re.compile("[\u0300\u0301\u0303\u0309\u0323]")
#: A syllable whose only vowel is y.
_Y = re.compile("(b|d|đ|h|k|l|m|s|t|v|th|qu)y([\u0300\u0301\u0303\u0309\u0323]?)")


class Key(NamedTuple):
    """By what a word is found."""

    folded: str
    spelt: str


#: Words that follow each other.
Phrase = tuple[Key, ...]


@lru_cache(8192)  # the language has some thousand syllables
def _key(word: str) -> Key:
    bare = unicodedata.normalize("NFD", word.casefold()[:_MOST])
    if only_y := _Y.fullmatch(bare):
        bare = f"{only_y[1]}i{only_y[2]}"
    tones = "".join(_TONE.findall(bare))
    return Key(fold(bare), _TONE.sub("", bare) + tones if tones else bare)


def words_in(text: str) -> Iterator[tuple[int, int, Key]]:
    """Start, end and key of each word, in their order."""
    for found in _WORD.finditer(text):
        yield found.start(), found.end(), _key(found[0])


def keys_in(text: str) -> Phrase:
    return tuple(key for _, _, key in words_in(text))


def spans_of(phrases: Sequence[Phrase], text: str) -> tuple[tuple[int, int], ...]:
    """Where any of these phrases stands in the text, folded; in order, those that touch or overlap as one."""
    words = list(words_in(text))
    spans: list[tuple[int, int]] = []
    for phrase in phrases:
        wanted = [key.folded for key in phrase]
        starts = range(len(words) - len(wanted) + 1)
        at = [n for n in starts if [key.folded for _, _, key in words[n : n + len(wanted)]] == wanted]
        spans += [(words[n][0], words[n + len(wanted) - 1][1]) for n in at]
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        # one blank between two words that were found is found too
        if joined and (start <= joined[-1][1] or text[joined[-1][1] : start].isspace()):
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def excerpt_of(phrases: Sequence[Phrase], text: str, length: int) -> list[tuple[str, bool]]:
    """The words of a text around the first of these phrases, `length` letters about: in pieces, and whether each is one
    that was found. "…" where words are left out."""
    spans = spans_of(phrases, text)
    first, last = spans[0] if spans else (0, 0)
    start = max(0, min(first, last - length // 2) - length // 3) if last > length else 0
    if start:
        cut = text.find(" ", start, first)
        start = text.rfind(" ", 0, first) + 1 if cut < 0 else cut + 1
    end = min(len(text), start + length)
    if end < len(text):
        end = max(text.rfind(" ", last, end), last)
    pieces, at = [("…", False)] if start else [], start
    for begin, stop in spans:
        if begin >= start and stop <= end:
            pieces += [(text[at:begin], False), (text[begin:stop], True)]
            at = stop
    rest = text[at:end].rstrip(" ,.;:") + ("…" if end < len(text) else "")
    return [(piece, is_found) for piece, is_found in (*pieces, (rest, False)) if piece]
