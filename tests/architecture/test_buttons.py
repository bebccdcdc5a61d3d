"""Buttons: each is read back as it was made, has a handler, and is spelt in one folder."""

from __future__ import annotations

import re
from dataclasses import fields
from enum import StrEnum
from pathlib import Path
from typing import Any, get_type_hints

from hypothesis import given
from hypothesis import strategies as st

from nhipcau.bot.messaging.button import Button, all_buttons, unpack
from nhipcau.bot.messaging.render import DATA_BYTES
from nhipcau.handlers import commands
from nhipcau.handlers.buttons import NewRequest
from nhipcau.model.request_kinds import KINDS

CODE = Path(__file__).parents[2] / "nhipcau"
#: Ids, codes and keys, the longest of each kind.
_TEXT = st.text("ABCXYZabcxyz0123456789-", min_size=1, max_size=32)


def _values(hint: Any) -> st.SearchStrategy[Any]:
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return st.sampled_from(list(hint))
    return {str: _TEXT, int: st.integers(0, 10_000), bool: st.booleans()}[hint]


@st.composite
def _buttons(draw: st.DrawFn) -> Button:
    kind = draw(st.sampled_from(all_buttons()))
    if kind is NewRequest:
        return NewRequest(draw(st.sampled_from(KINDS)))
    hints = get_type_hints(kind)
    return kind(*(draw(_values(hints[field.name])) for field in fields(kind)))  # type: ignore[arg-type]


@given(_buttons())
def test_a_button_is_read_back_as_it_was_made(button: Button) -> None:
    assert unpack(button.pack()) == button


@given(st.one_of(st.text(max_size=64), _buttons().map(lambda button: button.pack() + ":more:and:more")))
def test_what_is_no_button_is_read_as_none_or_a_button(data: str) -> None:
    button = unpack(data)
    assert button is None or isinstance(button, Button)


def test_every_button_has_a_handler() -> None:
    assert set(commands.BUTTONS) == set(all_buttons())


def test_prefixes_leave_room_for_what_buttons_carry() -> None:
    # two codes and a state, or a person's id and an act
    assert max(len(kind.prefix) for kind in all_buttons()) + len(":PA-1234567:not_possible:in_progress") <= DATA_BYTES


def test_no_other_file_spells_a_button() -> None:
    prefixes = "|".join(re.escape(kind.prefix) for kind in all_buttons())
    spelt = re.compile(rf"[\"'](?:{prefixes}):(?!//)[^\"'\s]*[\"']")
    compared = re.compile(r"\.data\.(?:startswith|removeprefix|partition|split)|\.data\[")
    found = [
        f"{path.relative_to(CODE)}: {line.strip()}"
        for room in ("handlers", "operations", "actions", "model", "storage", "delivery", "scheduler", "demo")
        for path in (CODE / room).rglob("*.py")
        if "buttons" not in path.parts
        for line in path.read_text(encoding="utf-8").splitlines()
        if spelt.search(line) or compared.search(line)
    ]
    assert found == []
