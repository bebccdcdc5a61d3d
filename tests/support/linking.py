"""A person with a second app, linked by a code of their own."""

from __future__ import annotations

import re

from tests.support.world import Phone, World


async def code_of(phone: Phone) -> str:
    """A code that adds a door, made where the person is."""
    await phone.say("liên kết")
    await phone.tap("Thêm ứng dụng khác")
    found = re.search(r"Mã của bác: (\w{10})", phone.last.text)
    assert found, phone.last.text
    return found[1]


async def linked(world: World, phone: Phone, channel: str) -> Phone:
    other = world.phone(f"{phone.address} on {channel}", channel)
    await other.say(await code_of(phone))
    assert "Đã nối" in other.messages[0].text, other.messages[0].text
    return other
