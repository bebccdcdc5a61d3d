"""Simulated people of the sample commune, who read and press what a phone shows them."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nhipcau.bot.language.catalogue import texts
from nhipcau.bot.messaging.events import Event
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.context import build
from nhipcau.demo.office import Sample, fill
from nhipcau.demo.people import NAME, SimulatedPhones
from nhipcau.settings import Settings
from nhipcau.storage.tables import official_answers, people, reports
from tests.support.requests import ask, states, yesno
from tests.support.world import World

#: Rounds in which everybody reads and presses once; a report takes nine.
_ROUNDS = 40
#: One is answered by a press, the other by ticks and "Xong".
_TWO_QUESTIONS = [
    {"text": "Có tiện không?", "kind": "yesno"},
    {"text": "Việc gì cần trước?", "kind": "several", "choices": ["Đường", "Chợ", "Trạm y tế"]},
]


class Commune:
    """The sample commune and its simulated people, moved on by the test: nobody waits for a clock."""

    def __init__(self, world: World, sample: Sample, phones: SimulatedPhones) -> None:
        self.world = world
        self.sample = sample
        self.phones = phones
        self.addresses = [f"p{number}" for number in range(len(sample.cards))]
        self._idle = asyncio.all_tasks()

    async def live(self) -> None:
        """Everybody reads what waits and does what they do about it, until nothing waits for anybody."""
        for _ in range(_ROUNDS):
            read = 0
            for address in self.addresses:
                for _, message in await self.world.fetch(NAME, address):
                    await self.phones.send(address, message)
                    read += 1
            if not read:
                return
            while busy := asyncio.all_tasks() - self._idle:
                await asyncio.wait(busy)
        raise AssertionError(f"still busy after {_ROUNDS} rounds")


@asynccontextmanager
async def commune(folder: Path, language: str) -> AsyncIterator[Commune]:
    settings = Settings(
        _env_file=None,
        data_dir=folder,
        database_url=f"sqlite+aiosqlite:///{folder}/n.db",
        language=language,
        quiet_hours="off",
        push_budget=0,
    )
    parts = build(settings)
    sample = await fill(parts)
    world = World(parts, datetime.now(UTC))
    phones = SimulatedPhones(texts(language), sample.answers, slowest=0)
    running = asyncio.create_task(phones.start(world.dispatch.submit))
    try:
        here = Commune(world, sample, phones)
        reports = itertools.chain(sample.reports.items(), itertools.repeat(("", "")))
        for address, code, (report, mood) in zip(here.addresses, sample.cards, reports, strict=False):
            await phones.join(address, code, report, mood)
        yield here
    finally:
        running.cancel()
        await phones.close()
        await parts.database.close()


@pytest.mark.slow
@pytest.mark.parametrize("language", ["vi", "en"])
async def test_simulated_people_join_and_file_their_reports(tmp_path: Path, language: str) -> None:
    async with commune(tmp_path, language) as here:
        await here.live()
        joined = await here.world.rows(people.select().filter_by(state="consented"))
        filed = await here.world.rows(reports.select())
    assert len(joined) == len(here.sample.cards)
    assert {row.text: row.mood for row in filed} == here.sample.reports
    assert {row.urgency for row in filed} == {"thuong"}
    assert len(filed) == len(here.sample.reports)


@pytest.mark.slow
@pytest.mark.parametrize("language", ["vi", "en"])
async def test_most_simulated_people_answer_what_is_asked(tmp_path: Path, language: str) -> None:
    async with commune(tmp_path, language) as here:
        await here.live()
        poll = await ask(here.world, yesno(questions=_TWO_QUESTIONS), unit="X06184")
        await here.live()
        rapid = await ask(here.world, yesno(questions=[{"text": "Tình hình?"}]), "rapid", unit="X06184")
        await here.live()
        answered = [(await states(here.world, id)).count("answered") for id in (poll, rapid)]
        said = await here.world.rows(official_answers.select())
    half, everybody = len(here.sample.cards) // 2, len(here.sample.cards)
    assert all(half < number <= everybody for number in answered)
    assert len(said) == answered[1]


@pytest.mark.slow
async def test_what_answers_another_question_is_no_report(tmp_path: Path) -> None:
    async with commune(tmp_path, "vi") as here:
        await here.live()
        await ask(here.world, yesno(questions=[{"text": "Tình hình?"}]), "rapid", unit="X06184")
        await ask(here.world, yesno(questions=_TWO_QUESTIONS), unit="X06184")
        await here.live()
        filed = await here.world.rows(reports.select())
    assert sorted(row.text for row in filed) == sorted(here.sample.reports)


async def test_a_question_no_answer_suits_is_given_up() -> None:
    phones, said = SimulatedPhones(texts("vi"), ["đường hỏng"], slowest=0), list[str]()
    asked = Message("Bác gửi ảnh giúp? (1/2)", (Choice("Hủy", "q:A:0:x", way=True),))

    async def submit(events: Sequence[Event]) -> None:
        said.extend(event.text for event in events)
        # nothing is good enough, as for a picture that is asked for
        await phones.send("1", Message("Chưa đọc được.\n" + asked.text, asked.choices))

    idle = asyncio.all_tasks()
    running = asyncio.create_task(phones.start(submit))
    await asyncio.sleep(0)
    await phones.send("1", asked)
    while busy := asyncio.all_tasks() - idle - {running}:
        await asyncio.wait(busy)
    running.cancel()
    await phones.close()
    assert said == ["đường hỏng", "3", "15/11/2026"]
