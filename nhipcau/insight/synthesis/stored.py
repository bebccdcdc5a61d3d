"""A synthesis as one line of JSON, as it was counted: so that its page and its document need no counting. Pure."""

from __future__ import annotations

from functools import cache

from pydantic import TypeAdapter, ValidationError

from nhipcau.insight.synthesis.parts import Synthesis


@cache
def _adapter() -> TypeAdapter[Synthesis]:
    return TypeAdapter(Synthesis)


def to_json(found: Synthesis) -> str:
    """One line that `from_json` reads back unchanged."""
    return _adapter().dump_json(found).decode()


def from_json(line: str) -> Synthesis:
    """Raises ValueError where another version has written it."""
    try:
        return _adapter().validate_json(line)
    except ValidationError as error:
        raise ValueError("not a synthesis of this version") from error
