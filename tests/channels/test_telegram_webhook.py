"""Telegram by webhook: its secret, 200 only after the commit, posted again changes nothing, removed by the mode."""

from __future__ import annotations

import asyncio
import io
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.support.processes import free_port
from tests.support.standins.telegram import TelegramStandIn
from tests.support.telegram_office import again, bring_in, people, prepared, readiness, reports, rows, serving, until

pytestmark = pytest.mark.slow


def _text(id: int, chat: int, words: str) -> dict[str, Any]:
    person = {"id": chat, "is_bot": False, "first_name": "An"}
    message = {"message_id": id, "date": 1_790_000_000, "from": person, "chat": {"id": chat, "type": "private"}}
    return {"update_id": id, "message": {**message, "text": words}}


async def _post(url: str, body: bytes, secret: str = "") -> int:
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
    async with aiohttp.ClientSession() as session, session.post(url, data=io.BytesIO(body), headers=headers) as answer:
        return answer.status


async def test_reports_come_by_webhook_and_forged_posts_leave_nothing(tmp_path: Path, tg: TelegramStandIn) -> None:
    phones = people(tg, 3)
    async with prepared(tmp_path) as world:
        await bring_in(world, phones)
    async with serving(tmp_path, tg, TELEGRAM_MODE="webhook") as service:
        await until(lambda: tg.webhook == f"{service.url}/hooks/telegram")
        receipts = await asyncio.gather(*(reports(phone, "đường vào bản lầy lội") for phone in phones))
        assert all("PA-" in receipt for receipt in receipts)
        assert tg.counts["getUpdates"] == 0
        assert tg.poster
        assert set(tg.poster.statuses) == {200}
        before = rows(tmp_path, "SELECT channel, id FROM events ORDER BY id")
        forged = json.dumps(_text(900_000_001, phones[0].chat_id, "tin giả")).encode()
        for secret in ("", "x" * 32, tg.webhook_secret[:-1], tg.webhook_secret.upper() + "A"):
            assert await _post(tg.webhook, forged, secret) == 401
        assert await _post(tg.webhook, b"x" * 10_000_000, "wrong") == 401
        # with the secret, what can't be read is taken: posted again it would be no better
        for odd in (b"", b"[", b"[]", b'{"update_id": "x"}', b"\xff\xfe", b"{}", b"x" * 2_000_000):
            assert await _post(tg.webhook, odd, tg.webhook_secret) == 200
        assert rows(tmp_path, "SELECT channel, id FROM events ORDER BY id") == before
        assert (await readiness(service))["ok"]
    assert tg.webhook_secret not in service.log.read_text()


async def test_a_post_is_answered_once_kept_and_a_repeat_changes_nothing(tmp_path: Path, tg: TelegramStandIn) -> None:
    [phone] = people(tg, 1)
    async with prepared(tmp_path) as world:
        await bring_in(world, [phone])
    async with serving(tmp_path, tg, TELEGRAM_MODE="webhook") as service:
        await until(lambda: bool(tg.webhook))
        assert tg.poster
        tg.poster.patience = 0.4
        with closing(sqlite3.connect(tmp_path / "n.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            update = await phone.say("trợ giúp")
            # too slow an answer: posted several times while the database is held
            await until(lambda: tg.poster is not None and tg.poster.statuses[0] >= 2)
            assert update not in tg.handed
            other.execute("ROLLBACK")
        await until(lambda: update in tg.handed)
        tg.redeliver(update, update)
        await until(lambda: tg.handed.count(update) == 3)
        await reports(phone, "nước giếng có mùi lạ")
        assert sum("Bác nhắn một câu là thành báo cáo" in m.text for m in phone.messages) == 1
        service.kill()
        waiting = await phone.say("của tôi")
        await until(lambda: tg.poster is not None and tg.poster.statuses[0] >= 4)
        await again(service)
        await until(lambda: waiting in tg.handed)
    assert rows(tmp_path, "SELECT count(*) FROM reports") == [(1,)]


async def test_polling_removes_the_webhook_and_names_a_refused_address(tmp_path: Path, tg: TelegramStandIn) -> None:
    async with serving(tmp_path, tg, TELEGRAM_MODE="webhook", PORT=str(free_port())):
        await until(lambda: bool(tg.webhook))
    async with serving(tmp_path, tg):
        await until(lambda: not tg.webhook and tg.counts["getUpdates"] > 0)
    tg.fault("setWebhook", times=99, status=400, body={"ok": False, "error_code": 400, "description": "bad webhook"})
    async with serving(tmp_path, tg, TELEGRAM_MODE="webhook") as service:
        await until(lambda: tg.counts["setWebhook"] >= 2)
        assert "NHIPCAU_PUBLIC_URL" in (await readiness(service))["detail"]
