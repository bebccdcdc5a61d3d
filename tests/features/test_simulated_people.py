"""Simulated people of the sample commune."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from nhipcau.bot.messaging.events import Event
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.demo.people import SimulatedPhones


async def test_a_question_no_answer_suits_is_given_up() -> None:
    phones, said = SimulatedPhones(["đường hỏng"], slowest=0), list[str]()

    async def submit(events: Sequence[Event]) -> None:
        said.extend(event.text for event in events)
        # nothing is good enough, as for a picture that is asked for
        await phones.send("1", Message("Chưa đọc được.\nBác gửi ảnh giúp? (1/2)", (Choice("Hủy", "q:A:1:x"),)))

    running = asyncio.create_task(phones.start(submit))
    await asyncio.sleep(0)
    await phones.send("1", Message("Bác gửi ảnh giúp? (1/2)", (Choice("Hủy", "q:A:0:x"),)))
    await asyncio.sleep(0.5)
    running.cancel()
    await phones.close()
    assert said == ["đường hỏng", "3", "15/11/2026"]
