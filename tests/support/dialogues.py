"""Plays a dialogue file: each line is an act of somebody, what follows is what they must see."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from nhipcau.bot.messaging.button import unpack
from nhipcau.bot.messaging.events import EventKind
from nhipcau.bot.messaging.messages import Message
from tests.support.world import Phone

FOLDER = Path(__file__).parents[1] / "conversations" / "dialogues"


class Player:
    """Plays one dialogue."""

    def __init__(self, world: Any) -> None:
        """`world`: tests.world.World, or one with an app in between."""
        self.world = world
        self.phones: dict[str, Any] = {}
        #: The lines played so far, as they read.
        self.said: list[str] = []
        world.steady_ids = True

    async def play(self, lines: list[str]) -> list[str]:
        """The lines as they should read."""
        for line in lines:
            if line.startswith(("#", "@", "▸", "⏱")):
                messages = await self.act(line)
                self.said.append(line)
                for message in messages:
                    self.said += lines_of(message)
                    check_buttons(message)
        return self.said

    async def act(self, line: str) -> list[Message]:
        if line.startswith("@"):
            _, who, role, unit, name = line.split(" ", 4)
            await self._bring_in(who, role, unit, name)
        elif line.startswith("⏱"):
            number, unit = line.removeprefix("⏱").split()
            await self.world.wait(**{unit: float(number)})
        elif line.startswith("▸"):
            return await self._do(line.removeprefix("▸").strip())
        return []

    async def _bring_in(self, who: str, role: str, unit: str, name: str) -> None:
        if role == "stranger":
            code = await self.world.invite(unit)
            self.phones[who] = self.world.phone(who, name=name)
            self.codes[who] = code
            return
        numbers = re.fullmatch(r"(\D+)(\d+)-(\d+)", who)
        names = [who] if numbers is None else [
            f"{numbers[1]}{n}" for n in range(int(numbers[2]), int(numbers[3]) + 1)
        ]  # fmt: skip
        for one in names:
            full = name if numbers is None else f"{name} {one.removeprefix(numbers[1])}"
            self.phones[one] = await self.world.joined(full, unit, role)

    codes: dict[str, str] = {}  # noqa: RUF012

    async def _do(self, what: str) -> list[Message]:
        for pattern, act in (
            (r"(\w+): (.*)", self._say),
            (r"(\w+) \[(.*)\]", self._tap),
            (r"(\w+) \((\w+)\)", self._send),
            (r"(\w+) (reads)", self._read),
        ):
            match = re.fullmatch(pattern, what)
            if match is not None:
                return await act(self.phones[match[1]], match[2])
        raise AssertionError(f"not understood: {what}")

    async def _say(self, phone: Phone, text: str) -> list[Message]:
        who = next(name for name, one in self.phones.items() if one is phone)
        return await phone.say(text.replace("CODE", self.codes.get(who, "CODE")))

    async def _tap(self, phone: Phone, label: str) -> list[Message]:
        return await phone.tap(label)

    async def _send(self, phone: Phone, kind: str) -> list[Message]:
        return await (phone.photo() if kind == "photo" else phone.send(EventKind(kind)))

    async def _read(self, phone: Phone, _: str) -> list[Message]:
        return await phone.read()


def check_buttons(message: Message) -> None:
    """Whatever can be pressed is a button of this version, and travels as it is."""
    for choice in message.choices:
        pressed = unpack(choice.data)
        assert pressed is not None, (choice, message.text)
        assert pressed.pack() == choice.data


#: How many places were searched for somebody: one more with every table that may hold something of people.
_COUNTED = re.compile(r"(?<=tìm ở )\d+|(?<=searched in )\d+")


def lines_of(message: Message) -> list[str]:
    """As it reads; what is changed in place, where the app can, is marked."""
    margin = "    ~ " if message.edit else "    "
    lines = [margin + "(picture)"] if message.photo or message.draw else []
    lines += [margin + _COUNTED.sub("N", line) for line in message.text.split("\n") if line]
    if message.choices:
        lines.append(margin + " ".join(f"[{choice.label}]" for choice in message.choices))
    return lines
