"""What a report is found by: the words of its text and of its proposal, in the form each database takes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
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
    """For PostgreSQL: the same with positions, a word as it is spelt behind "="; None without words. Two words that
    follow each other are one more: its index knows no positions, and would have to read each report that holds both."""
    places: dict[str, list[str]] = defaultdict(list)
    pairs: set[str] = set()
    keys = _keys(row)
    for n, (key, following) in enumerate(pairwise([*keys, _BREAK]), 1):
        if key is _BREAK:
            continue
        for spelt in (False, True):
            places[_lexeme([key], spelt=spelt)].append(str(n))
            if following is not _BREAK:
                pairs.add(_lexeme([key, following], spelt=spelt))
    words = [f"'{word}':{','.join(where)}" for word, where in places.items()]
    return " ".join([*words, *(f"'{pair}'" for pair in sorted(pairs))]) or None


def _lexeme(keys: Sequence[Key], *, spelt: bool) -> str:
    return "".join(f"={key.spelt}" for key in keys) if spelt else "=".join(key.folded for key in keys)


def fts_query(phrases: Sequence[Phrase], *, spelt: bool) -> str:
    """All of these phrases, in FTS5's language. No column is named: FTS5 would read every report that holds the word
    in another one."""
    each = (" + ".join(f'"={key.spelt}"' if spelt else f'"{key.folded}"' for key in phrase) for phrase in phrases)
    return " AND ".join(f"({phrase})" for phrase in each)


def ts_query(phrases: Sequence[Phrase], *, spelt: bool) -> str:
    """The same in PostgreSQL's."""
    return " & ".join(f"({_followed(phrase, spelt=spelt)})" for phrase in phrases)


def _followed(phrase: Phrase, *, spelt: bool) -> str:
    words = [f"'{_lexeme([key], spelt=spelt)}'" for key in phrase]
    pairs = [f"'{_lexeme(pair, spelt=spelt)}'" for pair in pairwise(phrase)]
    return " & ".join(pairs + ([" <-> ".join(words)] if len(words) != 2 else []))


def holds(row: Mapping[str, Any], phrases: Sequence[Phrase]) -> bool | None:
    """Whether a report holds all of these phrases, as both databases find it; True: as they are spelt."""
    lines = [f" {line} " for line in as_lines(row)]
    for spelt in (True, False):
        each = (" ".join(f"={key.spelt}" if spelt else key.folded for key in phrase) for phrase in phrases)
        if all(f" {phrase} " in lines[spelt] for phrase in each):
            return spelt
    return None
