"""What survives kill -9 at any moment, in dialogues and in a broadcast, on each database."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.support.broadcast import ask_all, copies, people_reached, said_to
from tests.support.installation import Installation
from tests.support.processes import Running
from tests.support.standins.telegram import TelegramStandIn
from tests.support.standins.telegram_phone import Phone
from tests.support.telegram_office import (
    again,
    arrives,
    bring_in,
    leases_left,
    let_leases_run_out,
    people,
    prepared,
    reports,
    rows,
    serving,
    stopped,
    until,
)

pytestmark = pytest.mark.slow

#: A number to try the same moments again with.
SEED = 20261124


async def killed_after(service: Running, tg: TelegramStandIn, messages: int, chance: random.Random) -> None:
    """A kill once this many more messages have arrived, and a moment later."""
    enough = tg.counts["sendMessage"] + messages
    await until(lambda: tg.counts["sendMessage"] >= enough)
    await asyncio.sleep(chance.random() * 0.05)
    service.kill()


# ------------------------------------------------------------------ killed


async def test_kills_lose_no_report_and_repeat_only_what_was_in_flight(
    place: Installation, tg: TelegramStandIn
) -> None:
    chance = random.Random(SEED)
    phones = people(tg, 8)
    sentences = {phone: ["đường vào bản lầy lội", "nước giếng có mùi lạ"] for phone in phones}
    async with prepared(place) as world:
        await bring_in(world, phones)
    at_kills: list[dict[int, list[str]]] = []

    async def report_all(phone: Phone) -> list[str]:
        return [await reports(phone, words) for words in sentences[phone]]

    async with serving(place, tg) as service:
        reporting = [asyncio.create_task(report_all(phone)) for phone in phones]
        for _ in range(4):
            await killed_after(service, tg, chance.randrange(3, 20), chance)
            at_kills.append(said_to(tg))
            assert not all(task.done() for task in reporting)
            let_leases_run_out(place)
            await again(service)
        receipts = await asyncio.gather(*reporting)
        assert await stopped(service) == 0
    codes = [re.findall(r"PA-\w{7}", receipt)[0] for each in receipts for receipt in each]
    kept = rows(place, "SELECT code, text FROM reports")
    assert sorted(code for code, _ in kept) == sorted(codes)
    assert Counter(text for _, text in kept) == Counter(words for each in sentences.values() for words in each)
    for chat, said in said_to(tg).items():
        assert len(set(said)) == 8 * len(sentences[tg.phones[chat]])
        assert len(said) - len(set(said)) <= len(at_kills)
        counts = [len(before.get(chat, [])) for before in at_kills]
        for at, words in enumerate(said):
            if words in said[:at]:
                # whoever waits for an answer has one message under way: the last seen before a kill, or the next
                first = max(n for n in range(at) if said[n] == words)
                assert any(first in (count - 1, count) for count in counts), (chat, first, at, counts)


async def test_a_poll_sent_during_kills_reaches_all_and_few_twice(place: Installation, tg: TelegramStandIn) -> None:
    chance = random.Random(SEED)
    phones = people(tg, 60)
    async with prepared(place) as world:
        await bring_in(world, phones)
    settled: list[dict[str, int]] = []
    # slowly enough that a busy machine has some left to send when the last kill comes
    async with serving(place, tg, TELEGRAM_RATE="15") as service:
        await ask_all(place, 60)
        for messages in (chance.randrange(3, 15) for _ in range(3)):
            if len(settled) == 2:
                # a busy machine may write down nobody between the first kills
                await until(lambda: bool(people_reached(place)))
            await killed_after(service, tg, messages, chance)
            known = people_reached(place)
            settled.append({name: count for name, count in copies(tg).items() if name in known})
            assert len(known) < 60
            let_leases_run_out(place)
            await again(service)
        await until(lambda: len(people_reached(place)) == 60)
        counts = copies(tg)
        assert set(counts) == {phone.first_name for phone in phones}
        assert max(counts.values()) <= len(settled) + 1
        assert settled[-1], "nobody was reached before the last kill"
        for before in settled:
            assert {name: counts[name] for name in before} == before
        assert rows(place, "SELECT count(*) FROM outbox") == [(0,)]


async def test_what_was_in_flight_at_a_kill_is_said_within_a_minute(tmp_path: Path, tg: TelegramStandIn) -> None:
    [phone] = people(tg, 1)
    async with prepared(tmp_path) as world:
        await bring_in(world, [phone])
    async with serving(tmp_path, tg) as service:
        tg.fault("sendMessage", delay=120)
        await phone.say("trợ giúp")
        await until(lambda: tg.counts["sendMessage"] == 1)
        service.kill()
        tg.mend()
        killed = time.monotonic()
        # the time until nobody holds it any more is written down: it need not pass
        [until_free] = leases_left(tmp_path)
        assert until_free > 0
        let_leases_run_out(tmp_path)
        await again(service)
        await arrives(phone, "Bác nhắn một câu là thành báo cáo")
        assert until_free + time.monotonic() - killed < 60
        assert len(phone.messages) == 1
