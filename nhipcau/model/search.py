"""The words by which the office looks for reports, never for a person."""

from __future__ import annotations

from collections.abc import Iterable

from nhipcau.bot.language.search_words import Phrase, keys_in
from nhipcau.bot.language.vietnamese import nfc
from nhipcau.privacy.screening import screen
from nhipcau.privacy.screening_places import KnownPlaces

#: What divides words from phrases: "tim 'nước sạch'" and as phones write it.
_QUOTES = str.maketrans(dict.fromkeys("“”„«»", '"'))
#: Words of a search that count.
_MOST_WORDS = 12


def phrases_of(text: str, places: KnownPlaces) -> tuple[Phrase, ...] | None:
    """The words and "phrases in quotes" of what somebody typed. None: it holds personal data, by which nobody searches
    (rule R26)."""
    typed = nfc(text).translate(_QUOTES)
    if screen(typed, places).found or screen(typed.replace('"', " "), places).found:
        return None
    found: list[Phrase] = []
    for n, part in enumerate(typed.split('"')):
        keys = keys_in(part)
        if n % 2 and keys:
            found.append(keys)
        elif not n % 2:
            found += [(key,) for key in keys]
    return tuple(dict.fromkeys(found))[:_MOST_WORDS]


def names_somebody(phrases: Iterable[Phrase], names: Iterable[str], places: Iterable[str]) -> bool:
    """Whether these words hold one of these names of people, whole, or are the last two words of one and no place."""
    words = [key.folded for phrase in phrases for key in phrase]
    is_place = any([key.folded for key in keys_in(place)] == words for place in places)
    for name in names:
        last = keys_in(name.rpartition(" ")[2])
        if last and last[-1].folded not in words:
            continue
        parts = [key.folded for key in keys_in(name)]
        if len(parts) < 2:
            continue
        if any(words[n : n + len(parts)] == parts for n in range(len(words) - len(parts) + 1)):
            return True
        if words == parts[-2:] and not is_place:
            return True
    return False
