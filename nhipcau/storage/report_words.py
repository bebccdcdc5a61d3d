"""What a report is found by: the words of its text and of its proposal, in the form each database takes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from nhipcau.bot.language.search_words import Key, Phrase, keys_in

#: Columns whose words are searched. `place` is not among them: it is read within its own area only.
SEARCHED = ("text", "proposal")
#: Stands between two columns, so that no phrase reaches from one into the next; no word is this.
_BREAK = Key("·", "·")


def _keys(row: Mapping[str, Any]) -> list[Key]:
    found: list[Key] = []
    for column in SEARCHED:
        if keys := keys_in(row.get(column) or ""):
            found += [*([_BREAK] if found else []), *keys]
    return found


def as_lines(row: Mapping[str, Any]) -> tuple[str, str]:
    """For SQLite: its words folded, and as they are spelt behind "=", each in their order."""
    keys = _keys(row)
    return " ".join(key.folded for key in keys), " ".join(f"={key.spelt}" for key in keys)


def as_tsvector(row: Mapping[str, Any]) -> str | None:
    """For PostgreSQL: the same with positions, a word as it is spelt behind "="; None without words."""
    places: dict[str, list[str]] = defaultdict(list)
    for n, key in enumerate(_keys(row), 1):
        if key is not _BREAK:
            places[key.folded].append(str(n))
            places[f"={key.spelt}"].append(str(n))
    return " ".join(f"'{word}':{','.join(where)}" for word, where in places.items()) or None


def fts_query(phrases: Sequence[Phrase], *, spelt: bool) -> str:
    """All of these phrases, in FTS5's language. No column is named: FTS5 would read every report that holds the word
    in another one."""
    each = (" + ".join(f'"={key.spelt}"' if spelt else f'"{key.folded}"' for key in phrase) for phrase in phrases)
    return " AND ".join(f"({phrase})" for phrase in each)


def ts_query(phrases: Sequence[Phrase], *, spelt: bool) -> str:
    """The same in PostgreSQL's."""
    each = (" <-> ".join(f"'={key.spelt}'" if spelt else f"'{key.folded}'" for key in phrase) for phrase in phrases)
    return " & ".join(f"({phrase})" for phrase in each)


def holds(row: Mapping[str, Any], phrases: Sequence[Phrase]) -> bool | None:
    """Whether a report holds all of these phrases, as both databases find it; True: as they are spelt."""
    lines = [f" {line} " for line in as_lines(row)]
    for spelt in (True, False):
        each = (" ".join(f"={key.spelt}" if spelt else key.folded for key in phrase) for phrase in phrases)
        if all(f" {phrase} " in lines[spelt] for phrase in each):
            return spelt
    return None
