"""Masks personal data in texts before they are stored: phones, numbers, names, addresses, links."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from nhipcau.privacy.lookalikes import looks_like
from nhipcau.privacy.screening_contacts import (
    find_addresses,
    find_births,
    find_births_behind_names,
    find_emails,
    find_links,
)
from nhipcau.privacy.screening_names import find_names
from nhipcau.privacy.screening_numbers import find_numbers, find_plates
from nhipcau.privacy.screening_places import EVERYWHERE, KnownPlaces
from nhipcau.privacy.screening_words import Span, TakenSpans, flatten

#: What replaces each kind of personal data; irreversible on purpose.
MASKS: dict[str, str] = {
    "phone": "[SĐT]",
    "name": "[HỌ TÊN]",
    "id": "[CCCD]",
    "plate": "[BIỂN SỐ]",
    "bank": "[TK]",
    "email": "[EMAIL]",
    "address": "[ĐỊA CHỈ]",
    "link": "[LIÊN KẾT]",
    "dob": "[NGÀY SINH]",
}
#: In order: what is found first is not cut by what comes later.
_BEFORE_NAMES = (find_emails, find_links, find_plates, find_births, find_numbers, find_addresses)
_ANY_MASK = re.compile("|".join(re.escape(mask) for mask in MASKS.values()))
_KIND_OF_MASK = {mask: kind for kind, mask in MASKS.items()}
#: Rounds at most. A masked text is screened again until nothing is found, so that screening it once more changes
#: nothing. Real texts need two rounds; the bound limits the cost of hostile ones.
_MOST_ROUNDS = 12

_CLASSIFICATION = re.compile(
    r"(?<!BÍ )(?<!BẢO )(?<!CƠ )(?<!RỈ )(?<!TÚI )(?<!SỎI )(?<!NẤU )(?<!MÍA )(?<!\w)(?:TUYỆT |TỐI )?MẬT"
    r"(?! (?:KHẨU|MÃ|ĐỘ|ONG|VỤ|THIẾT|NGỌT|MÍA|NGHỊ)\b)(?!\w)"
)


@dataclass(frozen=True, slots=True)
class MaskedSpan:
    """One masked span, in code points of the NFC form of the screened text, end exclusive."""

    #: A key of MASKS; an account or handle on a network counts as "link".
    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Screened:
    """The masked text, and what was masked, in order and never overlapping."""

    text: str
    found: tuple[MaskedSpan, ...]


def screen(text: str, places: KnownPlaces = EVERYWHERE) -> Screened:
    """`text` (NFC) with each span of personal data replaced by its mask, and nothing else changed.

    `places`: whose names stay, the office's own among them. Screening a masked text changes nothing. The time needed is
    linear in the text's length.
    """
    original = unicodedata.normalize("NFC", text)
    found: list[MaskedSpan] = []
    masked = original
    for _ in range(_MOST_ROUNDS):
        fresh = _one_round(masked, places)
        if not fresh:
            break
        found = sorted([*found, *(_in_original(span, found) for span in fresh)], key=lambda f: f.start)
        masked = _apply(original, found)
    return Screened(masked, tuple(found))


def has_classification(text: str) -> bool:
    """Whether `text` has a state-secret classification (MẬT, TỐI MẬT, TUYỆT MẬT) in capitals, as a word of its own."""
    return _CLASSIFICATION.search(" ".join(unicodedata.normalize("NFC", text).split())) is not None


def _one_round(text: str, places: KnownPlaces) -> list[Span]:
    look = looks_like(text)
    flat = flatten(look.text)
    taken = TakenSpans(len(look.text))
    # masks in the text count as masked spans: no rule may cut into them, and rules see them as what they replace
    for mask in _ANY_MASK.finditer(look.text):
        taken.take(Span(_KIND_OF_MASK[mask[0]], mask.start(), mask.end()))
    fresh: list[Span] = []

    def take(spans: Iterator[Span]) -> None:
        for span in spans:
            if taken.free(span.start, span.end):
                taken.take(span)
                fresh.append(Span(span.kind, look.start(span.start), look.end(span.end)))

    for find in _BEFORE_NAMES:
        take(find(look.text, flat, taken))
    take(find_names(look.text, flat, taken, places))
    take(find_births_behind_names(flat, taken))
    return sorted(fresh, key=lambda s: s.start)


def _in_original(span: Span, masked: list[MaskedSpan]) -> MaskedSpan:
    """Converts `span` of a text in which `masked` are replaced to a span of the original."""
    growth = 0
    for earlier in masked:
        if earlier.start + growth >= span.start:
            break
        growth += len(MASKS[earlier.kind]) - (earlier.end - earlier.start)
    return MaskedSpan(span.kind, span.start - growth, span.end - growth)


def _apply(original: str, found: list[MaskedSpan]) -> str:
    parts: list[str] = []
    place = 0
    for span in found:
        parts += (original[place : span.start], MASKS[span.kind])
        place = span.end
    return "".join((*parts, original[place:]))
