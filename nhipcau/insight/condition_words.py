"""The condition of a question in words: 'câu 1 là "Có"'. Pure."""

from __future__ import annotations

from nhipcau.bot.forms.conditions import Condition, Joined, parse
from nhipcau.bot.language.catalogue import Texts

_NAMES = {"==": "is", "!=": "is_not", "<": "below", ">": "above", "<=": "at_most", ">=": "at_least", "in": "holds"}


def condition_words(when: str, t: Texts) -> str:
    """Whom a question was asked, by what they had answered before."""
    return _words(parse(when), t, inside=False)


def _words(condition: Condition, t: Texts, *, inside: bool) -> str:
    if isinstance(condition, Joined):
        word = t(f"publication.{condition.word}")
        joined = f" {word} ".join(_words(part, t, inside=True) for part in condition.parts)
        return f"({joined})" if inside else joined
    value = f"{condition.value:g}" if isinstance(condition.value, float) else f'"{condition.value}"'
    return t(f"publication.compare.{_NAMES[condition.operator]}", question=condition.number, value=value)
