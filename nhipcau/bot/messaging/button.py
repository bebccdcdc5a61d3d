"""Buttons: frozen dataclasses with a prefix, packed into at most 64 ASCII characters and read back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, ClassVar, TypeVar, dataclass_transform, get_type_hints


class Button:
    """Something to press. Subclasses are made by `@button(prefix)`."""

    prefix: ClassVar[str]
    #: Members of `act` that confirm: they do what the person was asked to confirm.
    confirming: ClassVar[frozenset[str]] = frozenset()

    def pack(self) -> str:
        """The text that the app sends back when it is pressed; empty fields at the end are left out."""
        values = [_written(getattr(self, field.name)) for field in fields(self)]  # type: ignore[arg-type]
        while values and not values[-1]:
            values.pop()
        return ":".join((self.prefix, *values))

    @property
    def confirms(self) -> bool:
        """It answers "Bác chắc chứ?" with yes, so typing "có" presses it."""
        return getattr(self, "act", None) in self.confirming


B = TypeVar("B", bound=Button)
_BY_PREFIX: dict[str, type[Button]] = {}
_READERS: dict[type[Button], tuple[Callable[[str], Any], ...]] = {}


@dataclass_transform(frozen_default=True)
def button(prefix: str) -> Callable[[type[B]], type[B]]:
    """Class decorator: makes a kind of button and registers it by its prefix."""

    def register(cls: type[B]) -> type[B]:
        assert prefix not in _BY_PREFIX, prefix
        made = dataclass(frozen=True)(cls)
        made.prefix = prefix
        _BY_PREFIX[prefix] = made
        return made

    return register


def unpack(data: str) -> Button | None:
    """The button that was packed into `data`; None for what is no button of this version."""
    kind = _BY_PREFIX.get(data.partition(":")[0])
    if kind is None:
        return None
    readers = _READERS.get(kind) or _READERS.setdefault(kind, _readers_of(kind))
    # the last field may hold ":" itself ("week fri 16:00")
    values = data.split(":", len(readers))[1:]
    try:
        return kind(*(read(text) for read, text in zip(readers, values, strict=False)))
    except (TypeError, ValueError):
        return None


def all_buttons() -> tuple[type[Button], ...]:
    """Every kind of button."""
    return tuple(_BY_PREFIX.values())


def _written(value: object) -> str:
    return ("1" if value else "") if isinstance(value, bool) else str(value)


def _readers_of(kind: type[Button]) -> tuple[Callable[[str], Any], ...]:
    """How to read each field, in order: as text, number, bool or member of an enum. Invalid text raises ValueError."""
    hints = get_type_hints(kind)
    return tuple((lambda text: text == "1") if hints[f.name] is bool else hints[f.name] for f in fields(kind))  # type: ignore[arg-type]
