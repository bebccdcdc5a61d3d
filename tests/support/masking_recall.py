"""How much of the personal data in sentences with labels a masker finds, and how much of what must stay it hurts.

A line of the files: `text`, `pii` (in the order of the text, without honorifics) with `pii_types`, and `must_keep`.
What is in neither list is free.
"""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tests.support import DATA

#: Finds the spans (start, end) of personal data in an NFC text.
Finder = Callable[[str], Iterable[tuple[int, int]]]


@dataclass
class Recall:
    total: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    kept: int = 0
    hurt: int = 0
    #: What was missed or hurt, with its kind and text.
    wrong: list[str] = field(default_factory=list)

    def share(self, *kinds: str) -> float:
        """Found of all of `kinds`."""
        return sum(self.found[kind] for kind in kinds) / sum(self.total[kind] for kind in kinds)

    @property
    def numbers(self) -> float:
        return self.share(*(kind for kind in self.total if kind != "name"))


@dataclass(frozen=True)
class Sentence:
    text: str
    pii: tuple[tuple[str, int, int], ...]
    keep: tuple[str, ...]


def sentences(name: str) -> list[Sentence]:
    """The sentences of a file of tests/support/data."""
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [_sentence(json.loads(line)) for line in lines]


def _sentence(line: dict[str, list[str]]) -> Sentence:
    text, at, pii = unicodedata.normalize("NFC", str(line["text"])), 0, []
    for kind, words in zip(line["pii_types"], line["pii"], strict=True):
        start = text.index(unicodedata.normalize("NFC", words), at)
        at = start + len(unicodedata.normalize("NFC", words))
        pii.append((kind, start, at))
    return Sentence(text, tuple(pii), tuple(unicodedata.normalize("NFC", words) for words in line["must_keep"]))


def recall(of: Iterable[Sentence], find: Finder) -> Recall:
    """Personal data counts as found if each of its letters and digits is; words that stay as hurt if any is masked."""
    result = Recall()
    for sentence in of:
        masked = {at for start, end in find(sentence.text) for at in range(start, end)}
        for kind, start, end in sentence.pii:
            result.total[kind] += 1
            if all(at in masked for at in range(start, end) if sentence.text[at].isalnum()):
                result.found[kind] += 1
            else:
                result.wrong.append(f"missed {kind}: {sentence.text[start:end]} in {sentence.text}")
        for words in sentence.keep:
            result.kept += 1
            places = (n for n in range(len(sentence.text)) if sentence.text.startswith(words, n))
            if all(masked & set(range(at, at + len(words))) for at in places):
                result.hurt += 1
                result.wrong.append(f"hurt: {words} in {sentence.text}")
    return result
