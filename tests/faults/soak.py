"""A long randomised run: people report and answer, everything that can go wrong does, an oracle compares at the end.

`make soak MINUTES=60`, or `python -m tests.faults.soak MINUTES [--postgresql] [--seed N]`. What phones saw is held
against what the database says: every receipt has its report and every report its receipt, every poll reached
everybody asked and holds exactly what they chose, nothing waits, nothing was said twice but what a kill or a cut may
have caught.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from nhipcau.context import build
from nhipcau.settings import Settings
from tests.support.installation import Installation
from tests.support.postgres import new_database
from tests.support.processes import Running
from tests.support.running_counts import current_counts, recount
from tests.support.standins.telegram import TelegramStandIn
from tests.support.standins.telegram_phone import Phone, Received
from tests.support.telegram_office import TOKEN, again, arrives, command, serving, until
from tests.support.world import open_world

#: Reporters and those who are asked live in two communes, so that no pushed question falls into a half-written report.
REPORTERS, ASKED = "X06184", "X06040"
_RECEIPT, _ANSWERED = "Đã ghi nhận báo cáo", "Đã ghi nhận câu trả lời"

#: Seconds somebody waits for an answer: kills, leases of 45 s and lost answers may follow each other.
_PATIENCE = 300.0


@dataclass
class Seen:
    """What the run has done and seen."""

    filed: dict[str, str] = field(default_factory=dict)
    #: Poll → what was chosen how often.
    chosen: dict[str, Counter[str]] = field(default_factory=dict)
    polls: list[str] = field(default_factory=list)
    troubles: Counter[str] = field(default_factory=Counter)


class Soak:
    def __init__(self, place: Installation, tg: TelegramStandIn, service: Running, seed: int, phones: int) -> None:
        self.place, self.tg, self.service = place, tg, service
        self.chance = random.Random(seed)
        self.seen = Seen()
        self.reporters = [tg.phone(1000 + n, f"Người kể {n}") for n in range(phones)]
        self.asked = [tg.phone(5000 + n, f"Người đáp {n}") for n in range(phones)]
        self.ends = 0.0

    @property
    def is_over(self) -> bool:
        return time.monotonic() > self.ends

    # ------------------------------------------------------------------ people

    async def reporter(self, phone: Phone) -> None:
        number = 0
        while not self.is_over:
            if self.chance.random() < 0.3:
                await self._say(phone, "trợ giúp", "Bác nhắn một câu là thành báo cáo")
                continue
            number += 1
            words = f"đường vào bản {phone.first_name} lầy lội lần thứ {number} trong tháng"
            await self._say(phone, "/baocao", "Bác kể giúp")
            message = await self._say(phone, words, "(1/5)")
            for expected in (*(f"({n}/5)" for n in range(2, 6)), words, _RECEIPT):
                message = await self._tap(phone, message.buttons[0], message, expected)
            self.seen.filed[re.findall(r"PA-\w{7}", message.text)[0]] = words
            await asyncio.sleep(self.chance.random())

    async def _say(self, phone: Phone, words: str, expected: str) -> Received:
        since = len(phone.messages)
        await phone.say(words)
        return await arrives(phone, expected, since, _PATIENCE)

    async def _tap(self, phone: Phone, label: str, message: Received, expected: str) -> Received:
        since = len(phone.messages)
        await phone.tap(label, message)
        return await arrives(phone, expected, since, _PATIENCE)

    async def answerer(self, phone: Phone) -> None:
        answered = 0
        # polls of the last moments are answered too
        while not self.is_over or answered < len(self.seen.polls):
            if answered == len(self.seen.polls):
                await asyncio.sleep(0.1)
                continue
            title = self.seen.polls[answered]
            question = await arrives(phone, title, seconds=_PATIENCE)
            await asyncio.sleep(self.chance.random() * 2)
            label = self.chance.choice(["Có", "Không"])
            await self._tap(phone, label, question, _ANSWERED)
            self.seen.chosen.setdefault(title, Counter())[label] += 1
            answered += 1

    async def office(self) -> None:
        """A new question now and then, and one at once."""
        while not self.is_over:
            title = f"Câu hỏi số {len(self.seen.polls) + 1}"
            file = self.place.folder / "hoi.json"
            question = {"text": "Có thuận không?", "kind": "yesno"}
            file.write_text(json.dumps({"title": title, "questions": [question]}), "utf-8")
            made = json.loads(await command(self.place, "poll", str(file), "--unit", ASKED, "--json"))
            assert made["people"] == len(self.asked), made
            self.seen.polls.append(title)
            await self._sleep(20)

    # ------------------------------------------------------------------ trouble

    async def trouble(self) -> None:
        """One thing goes wrong after another, now and then two at once."""
        while not self.is_over:
            name = self.chance.choice([n for n in dir(self) if n.startswith("_do_")])
            self.seen.troubles[name.removeprefix("_do_")] += 1
            await getattr(self, name)()
            await self._sleep(self.chance.random() * 6)

    async def _sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, min(seconds, self.ends - time.monotonic())))

    async def _do_kill(self) -> None:
        self.service.kill()
        if self.chance.random() < 0.7:
            self.place.let_leases_run_out()
        await again(self.service)

    async def _do_stop(self) -> None:
        assert await asyncio.to_thread(self.service.stop) == 0
        await again(self.service)

    async def _do_floods(self) -> None:
        self.tg.flood(self.chance.choice([None, 1, 2]), "sendMessage", times=self.chance.randrange(1, 30))

    async def _do_breakdown(self) -> None:
        self.tg.break_down(times=self.chance.randrange(1, 60))

    async def _do_cuts(self) -> None:
        self.tg.fault("sendMessage", times=3, reset=True)

    async def _do_cut_polls(self) -> None:
        self.tg.fault("getUpdates", times=3, reset=True)

    async def _do_slowness(self) -> None:
        self.tg.fault("*", times=20, delay=0.5)

    async def _do_repeats(self) -> None:
        handed = self.tg.handed[-200:]
        self.tg.redeliver(*self.chance.sample(handed, min(20, len(handed))))

    async def _do_lock(self) -> None:
        await asyncio.to_thread(self._hold_database)

    def _hold_database(self) -> None:
        """Somebody else writes for three seconds; on PostgreSQL every connection is cut instead."""
        if self.place.server:
            self.place.rows(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            return
        import sqlite3

        connection = sqlite3.connect(self.place.folder / "n.db", timeout=30, isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        time.sleep(3)
        connection.execute("ROLLBACK")
        connection.close()

    # ------------------------------------------------------------------ the run and its oracle

    async def run(self, seconds: float) -> str:
        """The closing line. Raises AssertionError where the phones and the database differ."""
        self.ends = time.monotonic() + seconds
        acting = [self.reporter(p) for p in self.reporters] + [self.answerer(p) for p in self.asked]
        tasks = [asyncio.create_task(act) for act in (*acting, self.office(), self.trouble())]
        try:
            for task in asyncio.as_completed(tasks):
                await task
                if self.is_over:
                    self.tg.mend()
        finally:
            for task in tasks:
                task.cancel()
        self.tg.mend()
        await until(lambda: self.place.rows("SELECT count(*) FROM outbox") == [(0,)], _PATIENCE)
        self.compare()
        said = sum(len(phone.messages) for phone in self.tg.phones.values())
        troubles = ", ".join(f"{n} {name}" for name, n in sorted(self.seen.troubles.items()))
        return (
            f"{len(self.seen.filed)} reports, {len(self.seen.polls)} polls to {len(self.asked)}, {said} messages; "
            f"{troubles}: nothing lost, nothing twice, {self.doubled()} messages said again after a kill or a cut"
        )

    def compare(self) -> None:
        kept = dict(self.place.rows("SELECT code, text FROM reports"))
        assert kept == self.seen.filed, (len(kept), len(self.seen.filed))
        for title in self.seen.polls:
            given = self.place.rows(
                f"SELECT answers FROM poll_answers JOIN requests ON requests.id = request_id WHERE title = '{title}'"
            )
            words = {"yes": "Có", "no": "Không"}
            assert Counter(words[json.loads(line)["q1"]] for (line,) in given) == self.seen.chosen[title], title
        states = self.place.rows("SELECT DISTINCT state FROM participation")
        assert states == [("answered",)], states
        for phone in self.tg.phones.values():
            may = self.seen.troubles["kill"] + 3 * self.seen.troubles["cuts"]
            assert self._doubled(phone) <= may, (phone.first_name, self._doubled(phone), may)

    def doubled(self) -> int:
        return sum(self._doubled(phone) for phone in self.tg.phones.values())

    def _doubled(self, phone: Phone) -> int:
        """A receipt has its code, a question its number: the same words twice were said twice."""
        said = Counter(m.text for m in phone.messages if m.text.startswith((_RECEIPT, "Câu hỏi số")))
        return sum(number - 1 for number in said.values())


async def soak(folder: Path, seconds: float, *, server: str = "", seed: int = 1, phones: int = 12) -> str:
    place = Installation(folder, server)
    async with TelegramStandIn(TOKEN) as tg:
        async with open_world(folder, datetime.now(UTC), database_url=place.url) as world:
            for unit, first in ((REPORTERS, 1000), (ASKED, 5000)):
                for number in range(phones):
                    name = f"Người {'kể' if unit == REPORTERS else 'đáp'} {number}"
                    _, code = await world.card(name, unit)
                    door = world.phone(str(first + number), "telegram", name)
                    await door.say(f"/start {code}")
                    await door.tap("Đồng ý")
        async with serving(place, tg, TELEGRAM_RATE="0") as service:
            run = Soak(place, tg, service, seed, phones)
            for phone in (*run.reporters, *run.asked):
                phone.opened = True
            line = await run.run(seconds)
    await _counts_are_right(folder, place)
    return line


async def _counts_are_right(folder: Path, place: Installation) -> None:
    parts = build(Settings(_env_file=None, data_dir=folder, database_url=place.url))
    async with parts.database.reading() as connection:
        assert await current_counts(connection) == await recount(connection)
    await parts.database.close()


def main() -> None:
    parser = argparse.ArgumentParser(description="A long randomised run with faults")
    parser.add_argument("minutes", type=float)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    print(f"seed {options.seed}, {options.minutes:g} minutes", flush=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = new_database() if options.postgresql else ""
        print(asyncio.run(soak(folder, options.minutes * 60, server=server, seed=options.seed)))


if __name__ == "__main__":
    main()
