"""Dialogues are data: `dialogues/*.txt`. Between two steps all lies in the database, sealed, and is read again.

A line `▸ lan: words` is typed, `▸ lan [label]` pressed, `▸ lan (voice)` another kind of message, `▸ lan reads` fetches
a push; `⏱ 3 hours` lets time pass; `# …` is a comment; `@ lan collaborator X06040 Hoàng Thị Lan` brings somebody in.
What follows must be said exactly so. `pytest --update` writes what is said now, for review.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from nhipcau.bot.messaging.channel import Limits
from nhipcau.bot.messaging.messages import Message
from nhipcau.bot.messaging.render import render
from tests.support.dialogues import FOLDER, Player
from tests.support.world import World

_WITHOUT_BUTTONS = Limits(text=2000, caption=1000, buttons=0)
_TELEGRAM = Limits(text=4096, caption=1024)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda p: p.stem)
async def test_dialogue(path: Path, world: World, request: pytest.FixtureRequest) -> None:
    expected = path.read_text(encoding="utf-8").splitlines()
    player = Player(world)
    said = await player.play(expected)
    if request.config.getoption("--update"):
        path.write_text("\n".join(said).rstrip() + "\n", encoding="utf-8")
    assert said == expected
    for phone in player.phones.values():
        for message in phone.messages:
            _check_tone(message)
            _check_renderers(message)


def _check_tone(message: Message) -> None:
    """One question a message; what an app can hold; labels that can be pressed."""
    own_words = message.text.split('"')[::2]
    assert sum(part.count("?") for part in own_words) <= 2, message.text
    assert all(len(choice.label) <= 100 for choice in message.choices)


def _check_renderers(message: Message) -> None:
    for limits in (_TELEGRAM, _WITHOUT_BUTTONS):
        pieces = render(message, limits)
        assert all(len(piece.text) <= limits.text for piece in pieces)
        if not limits.buttons and message.choices:
            first = message.choices[0].label
            marks = ("•",) if message.number_answers else ("1.", "a.")
            assert any(f"{mark} {first}" in pieces[-1].text for mark in marks) or first.isdecimal()
