"""What survives: kill -9 at any moment, and updates delivered again."""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.processes import Running
from tests.standins.telegram import TelegramStandIn
from tests.standins.telegram_phone import Phone
from tests.telegram_office import (
    TOKEN,
    UNIT,
    again,
    arrives,
    bring_in,
    command,
    let_leases_run_out,
    people,
    prepared,
    reports,
    rows,
    says,
    serving,
    stopped,
    taps,
    until,
)

pytestmark = pytest.mark.slow

#: A number to try the same moments again with.
SEED = 20261124


@pytest.fixture
async def tg() -> AsyncIterator[TelegramStandIn]:
    async with TelegramStandIn(TOKEN) as standin:
        yield standin


def sent(tg: TelegramStandIn) -> dict[int, list[str]]:
    """Everything said to each chat, word for word with its buttons, in order."""
    said: dict[int, list[str]] = {}
    for method, parameters in tg.calls:
        if method == "sendMessage":
            said.setdefault(int(parameters["chat_id"]), []).append(json.dumps(parameters, sort_keys=True))
    return said


async def killed_after(service: Running, tg: TelegramStandIn, messages: int, chance: random.Random) -> None:
    """A kill once this many more messages have arrived, and a moment later."""
    enough = tg.counts["sendMessage"] + messages
    await until(lambda: tg.counts["sendMessage"] >= enough)
    await asyncio.sleep(chance.random() * 0.05)
    service.kill()


# ------------------------------------------------------------------ killed


async def test_no_report_is_lost_or_doubled_by_kills_and_only_what_was_in_flight_is_said_twice(
    tmp_path: Path, tg: TelegramStandIn
) -> None:
    chance = random.Random(SEED)
    phones = people(tg, 8)
    sentences = {phone: ["đường vào bản lầy lội", "nước giếng có mùi lạ"] for phone in phones}
    async with prepared(tmp_path) as world:
        await bring_in(world, phones)
    at_kills: list[dict[int, list[str]]] = []

    async def report_all(phone: Phone) -> list[str]:
        return [await reports(phone, words) for words in sentences[phone]]

    async with serving(tmp_path, tg) as service:
        reporting = [asyncio.create_task(report_all(phone)) for phone in phones]
        for _ in range(4):
            await killed_after(service, tg, chance.randrange(5, 25), chance)
            at_kills.append(sent(tg))
            assert not all(task.done() for task in reporting)
            let_leases_run_out(tmp_path)
            await again(service)
        receipts = await asyncio.gather(*reporting)
        assert await stopped(service) == 0
    codes = [re.findall(r"PA-\w{7}", receipt)[0] for each in receipts for receipt in each]
    kept = rows(tmp_path, "SELECT code, text FROM reports")
    assert sorted(code for code, _ in kept) == sorted(codes)
    assert Counter(text for _, text in kept) == Counter(words for each in sentences.values() for words in each)
    for chat, said in sent(tg).items():
        assert len(set(said)) == 8 * len(sentences[tg.phones[chat]])
        assert len(said) - len(set(said)) <= len(at_kills)
        counts = [len(before.get(chat, [])) for before in at_kills]
        for place, words in enumerate(said):
            if words in said[:place]:
                # whoever waits for an answer has one message under way: the last seen before a kill, or the next
                first = max(n for n in range(place) if said[n] == words)
                assert any(first in (count - 1, count) for count in counts), (chat, first, place, counts)


async def test_a_poll_sent_while_the_process_is_killed_reaches_all_and_few_twice(
    tmp_path: Path, tg: TelegramStandIn
) -> None:
    chance = random.Random(SEED)
    phones = people(tg, 60)
    async with prepared(tmp_path) as world:
        await bring_in(world, phones)
    file = tmp_path / "hoi.yaml"
    file.write_text(
        "title: Giờ tiếp dân\nquestions:\n  - {text: 'Thuận không?', kind: yesno}\n",
        encoding="utf-8",
    )
    reached = (
        "SELECT people.name FROM participation JOIN people ON people.id = person_id WHERE participation.state = '%s'"
    )
    settled: list[dict[str, int]] = []

    def copies() -> dict[str, int]:
        return {tg.phones[chat].first_name: len(said) for chat, said in sent(tg).items()}

    async with serving(tmp_path, tg, TELEGRAM_RATE="40") as service:
        made = json.loads(await command(tmp_path, "poll", str(file), "--unit", UNIT, "--json"))
        assert made["people"] == 60
        for messages in (chance.randrange(5, 20) for _ in range(3)):
            await killed_after(service, tg, messages, chance)
            known = {name for (name,) in rows(tmp_path, reached % "reached")}
            settled.append({name: count for name, count in copies().items() if name in known})
            assert len(known) < 60
            let_leases_run_out(tmp_path)
            await again(service)
        await until(lambda: len(rows(tmp_path, reached % "reached")) == 60)
        counts = copies()
        assert set(counts) == {phone.first_name for phone in phones}
        assert max(counts.values()) <= len(settled) + 1
        assert settled[-1], "nobody was reached before the last kill"
        for before in settled:
            assert {name: counts[name] for name in before} == before
        assert rows(tmp_path, "SELECT count(*) FROM outbox") == [(0,)]


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
        await again(service)
        await arrives(phone, "Bác nhắn một câu là thành báo cáo", seconds=70)
        assert time.monotonic() - killed < 60
        assert len(phone.messages) == 1


# ------------------------------------------------------------------ delivered again


async def test_updates_delivered_again_after_a_restart_change_nothing_and_say_nothing(
    tmp_path: Path, tg: TelegramStandIn
) -> None:
    [lan, mui] = phones = people(tg, 2)
    async with prepared(tmp_path) as world:
        await bring_in(world, [lan])
        code = await world.invite(UNIT, uses=1)
    content = "SELECT * FROM reports", "SELECT id, name, state FROM people", "SELECT code, uses_left FROM invites"
    async with serving(tmp_path, tg) as service:
        await reports(lan, "đường vào bản lầy lội")
        await mui.start(code)
        await arrives(mui, "đồng ý tham gia chứ?")
        await taps(mui, "Đồng ý", "Tên để đơn vị liên hệ?")
        await taps(mui, "Để sau", "Đã tham gia")
        await says(mui, "báo cáo", "Bác kể giúp")
        handed = sorted(set(tg.handed))
        await until(lambda: tg.confirmed > max(handed))
        before = [rows(tmp_path, statement) for statement in content], [len(phone.messages) for phone in phones]
        service.kill()
        let_leases_run_out(tmp_path)
        tg.redeliver(*handed, *handed)
        await again(service)
        await until(lambda: len(tg.handed) >= 3 * len(handed))
        tg.redeliver(*reversed(handed))
        await until(lambda: len(tg.handed) >= 4 * len(handed))
        answered = [await says(phone, "trợ giúp", "Bác nhắn một câu là thành báo cáo") for phone in phones]
        after = [rows(tmp_path, statement) for statement in content], [len(phone.messages) - 1 for phone in phones]
        said = sent(tg)
        repeated = [len(said[phone.chat_id]) - len(set(said[phone.chat_id])) for phone in phones]
        # at most the very last message was still in flight at the kill
        assert max(repeated) <= 1
        assert after == (before[0], [count + more for count, more in zip(before[1], repeated, strict=True)])
        assert "Bác kể giúp" in answered[1].text, "the open question is open still"
