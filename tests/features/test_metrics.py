"""What a keeper of the service can see: figures that move, loops that beat, and nothing about people."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import urllib.request
from functools import partial
from pathlib import Path

import pytest

from nhipcau.bot.messaging.events import Event, EventKind
from tests.support.processes import nhipcau
from tests.support.standins.telegram import TelegramStandIn
from tests.support.telegram_office import TOKEN, bring_in, people, prepared, reports, serving, until

pytestmark = pytest.mark.slow

CANARY = "chimhoàngyến"


async def read(url: str) -> str:
    def get() -> str:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return str(answer.read().decode())

    return await asyncio.to_thread(get)


async def samples(url: str) -> dict[str, float]:
    lines = [line for line in (await read(f"{url}/metrics")).splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


async def test_metrics_tell_queues_rates_and_errors_and_name_nobody(tmp_path: Path, tg: TelegramStandIn) -> None:
    phones = people(tg, 3)
    async with prepared(tmp_path) as world:
        await bring_in(world, phones)
    async with serving(tmp_path, tg, CANARY, TELEGRAM_RATE="20") as service:
        await asyncio.gather(*(reports(phone, f"đường lầy lội {CANARY}") for phone in phones))
        tg.flood(30, "sendMessage", times=2)
        await phones[0].say("trợ giúp")
        await phones[1].say("trợ giúp")
        await until(lambda: not tg.faults)
        await asyncio.sleep(0.5)
        seen = await samples(service.url)
        assert seen['nhipcau_events_total{channel="telegram"}'] >= 3 * 7
        assert seen['nhipcau_messages_sent_total{channel="telegram",lane="reply"}'] >= 3 * 7
        assert seen['nhipcau_send_failures_total{channel="telegram",reason="too_many"}'] == 2
        assert 0 < seen['nhipcau_pace{channel="telegram"}'] <= 20
        assert 0 < seen['nhipcau_channel_held_seconds{channel="telegram"}'] <= 30
        assert seen['nhipcau_outbox_waiting{lane="reply"}'] == 2
        assert seen["nhipcau_batch_events_count"] > 0
        assert seen["nhipcau_database_up"] == 1
        assert seen['nhipcau_delivery_seconds_count{lane="reply"}'] >= 3 * 7
        assert all(seen[f'nhipcau_loop_age_seconds{{loop="{name}"}}'] < 60 for name in ("sender", "clock"))
        text = await read(f"{service.url}/metrics") + await read(f"{service.url}/readyz") + service.log.read_text()
        # the digits of a measured duration may spell anybody's number
        text = re.sub(r"\d+\.\d+(e[+-]\d+)?", "", text)
        for secret in (CANARY, TOKEN.partition(":")[2], *(str(p.chat_id) for p in phones), phones[0].first_name):
            assert secret not in text


async def test_doctor_sees_messages_nobody_sends_and_a_foreign_webhook(tmp_path: Path, tg: TelegramStandIn) -> None:
    given = {"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API": tg.url}

    async def checks(status: int, **more: str) -> dict[str, str]:
        examine = partial(nhipcau, tmp_path, "doctor", "--json", status=status, stdin=b"", **given | more)
        said = await asyncio.to_thread(examine)
        return {line["check"]: line["detail"] for line in json.loads(said) if line["ok"] is (status == 0)}

    [phone] = people(tg, 1)
    async with prepared(tmp_path) as world:
        await bring_in(world, [phone])
        event = Event("telegram", "9", str(phone.chat_id), EventKind.TEXT, text="trợ giúp")
        await world.dispatch.submit([event])
    assert "1 tin đang chờ gửi" in (await checks(0))["delivery"]
    with sqlite3.connect(tmp_path / "n.db") as plain:
        plain.execute("UPDATE outbox SET due_at = '2026-01-01 00:00:00'")
    plain.close()
    assert "nhipcau run" in (await checks(1))["delivery"]
    hooked = {"TELEGRAM_MODE": "webhook", "PUBLIC_URL": "https://nhipcau.example"}
    assert "chưa đặt" in (await checks(1, **hooked))["telegram webhook"]
    tg.webhook = "https://nhipcau.example/hooks/telegram"
    assert "telegram webhook" not in await checks(1, **hooked)
    assert "địa chỉ khác" in (await checks(1, TELEGRAM_MODE="webhook"))["telegram webhook"]
