"""The Bot Platform, with the service as it runs: polled and posted to, killed, replayed, refused."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.support.installation import Installation
from tests.support.processes import nhipcau
from tests.support.standins.zalo_bot import ZaloBotStandIn
from tests.support.zalo_office import (
    all_recorded,
    arrives,
    bot_settings,
    cards,
    channels,
    chooses,
    joins,
    reports,
    says,
    serving,
    serving_quickly,
)

pytestmark = pytest.mark.slow


async def test_a_report_by_numbers_survives_replays_and_a_kill(place: Installation) -> None:
    [code] = await cards(place, "Hoàng Thị Lan")
    async with ZaloBotStandIn() as zalo, serving_quickly(place, **bot_settings(zalo)) as service:
        lan = zalo.phone(1)
        await joins(lan, code)
        receipt = await reports(lan, "đường liên thôn lầy lội từ hôm mưa")
        assert "PA-" in receipt
        said = len(lan.messages)
        zalo.replays = 1
        asked = len(zalo.polls)
        zalo.again(last=4)
        async with asyncio.timeout(20):
            # the next poll comes when an event is stored
            while len(zalo.polls) < asked + 4:
                await asyncio.sleep(0.05)
        await asyncio.sleep(0.5)
        assert len(lan.messages) == said
        await says(lan, "rác đổ ở bờ suối", "rác đổ ở bờ suối")
        await all_recorded(place)
        service.kill()
        await asyncio.to_thread(service.start_again)
        await chooses(lan, "Gửi thành phản ánh", "(1/5)")
        assert (await channels(service))["zalo_bot"] == {"ok": True, "detail": "đã kết nối bot.nhipcau"}
        assert zalo.violations == []
    assert place.rows("SELECT count(*) FROM reports") == [(1,)]
    # what a kill left unrecorded was said again, and is counted once
    counted = place.rows("SELECT messages FROM \"usage\" WHERE channel = 'zalo_bot'")[0][0]
    assert len(lan.messages) - 3 <= counted <= len(lan.messages)


async def test_by_webhook_both_shapes_arrive_and_nothing_forged_is_kept(place: Installation) -> None:
    [code] = await cards(place, "Hoàng Thị Lan")
    async with ZaloBotStandIn() as zalo, serving(place, ZALO_BOT_MODE="webhook", **bot_settings(zalo)) as service:
        async with asyncio.timeout(20):
            while not zalo.webhook:
                await asyncio.sleep(0.05)
        assert zalo.webhook == f"{service.url}/hooks/zalo-bot"
        lan = zalo.phone(1)
        await joins(lan, code)
        zalo.bare = False
        assert "PA-" in await reports(lan, "đường liên thôn lầy lội")
        kept = place.rows("SELECT channel, id FROM events ORDER BY id")
        forged = {"event_name": "message.text.received", "message": {"message_id": "x", "text": "tin giả"}}
        forged["message"] |= {"chat": {"id": lan.id}, "from": {"id": lan.id}}  # type: ignore[operator]
        for secret in ("", "wrong", zalo.secret[:-1], zalo.secret + "A"):
            assert await zalo.post(json.dumps(forged).encode(), secret) == 401
        assert await zalo.post(b"x" * 10_000_000, "wrong") == 401
        for odd in (
            b"",
            b"[",
            b"[]",
            b"{}",
            b'{"ok":true}',
            b"\xff\xfe",
            b'{"event_name": 7, "message": 8}',
            b"x" * 2_000_000,
        ):
            assert await zalo.post(odd) == 200
        assert place.rows("SELECT channel, id FROM events ORDER BY id") == kept
        said = len(lan.messages)
        zalo.again()
        await asyncio.sleep(1)
        assert len(lan.messages) == said
        assert zalo.counts["getUpdates"] == 0
        settings = {**place.settings, **bot_settings(zalo), "ZALO_BOT_MODE": "webhook", "PORT": str(service.port)}
        checks = await examined(place, settings)
        assert checks["zalo bot"] == "đã kết nối bot.nhipcau"
        assert checks["zalo bot webhook"] == f"{service.url}/hooks/zalo-bot: có trả lời"
        assert checks["zalo bot plan"].startswith("1 trên 50 người, ")
        assert checks["clock"].endswith("giây so với Zalo")
        zalo.token = "1:another"
        assert "token bị từ chối" in (await examined(place, settings, status=1))["zalo bot"]


async def examined(place: Installation, settings: dict[str, Any], status: int = 0) -> dict[str, str]:
    said = await asyncio.to_thread(
        lambda: nhipcau(place.folder, "doctor", "--json", status=status, stdin=b"", **settings)
    )
    return {check["check"]: check["detail"] for check in json.loads(said)}


async def test_a_link_a_group_and_numbers_as_ids_are_borne(place: Installation) -> None:
    [code] = await cards(place, "Hoàng Thị Lan")
    async with ZaloBotStandIn() as zalo, serving(place, **bot_settings(zalo)) as service:
        lan = zalo.phone(1)
        await joins(lan, code)
        await says(lan, "xem https://example.vn/anh giúp", "không nhận được tin có đường dẫn")
        zalo.push(lan, "message.text.received", {"text": "cả nhóm nghe này"}, chat_type="GROUP")
        zalo.push_raw({"event_name": "message.text.received", "message": {"text": "thiếu hết"}})
        zalo.push_raw({"event_name": "message.new.kind", "message": None})
        message = {"message_id": 77, "date": "1789033572455", "chat": {"id": int(lan.id, 16)}, "text": "trợ giúp"}
        zalo.push_raw({"event_name": "message.text.received", "message": message})
        await says(lan, "trợ giúp", "riêng tư")
        # what was polled too fast would be handed out again by the real platform
        assert len(zalo.polls) > 5
        assert min(b - a for a, b in zip(zalo.polls, zalo.polls[1:], strict=False)) > 0.5
        assert (await channels(service))["zalo_bot"]["ok"]


async def test_a_token_reset_while_running_is_named_and_the_rest_goes_on(place: Installation) -> None:
    async with ZaloBotStandIn() as zalo, serving(place, **bot_settings(zalo)) as service:
        async with asyncio.timeout(20):
            while not (await channels(service))["zalo_bot"]["ok"]:
                await asyncio.sleep(0.1)
        zalo.token = "1:another"
        # the poll that waits ends as one does
        zalo.push_raw({"event_name": "x", "message": {}})
        async with asyncio.timeout(60):
            while (found := await channels(service))["zalo_bot"]["ok"]:
                await asyncio.sleep(0.2)
        assert "token" in found["zalo_bot"]["detail"]
        assert found["web"]["ok"]


async def test_a_picture_goes_both_ways_by_address(place: Installation) -> None:
    from tests.support.apps import picture

    [code] = await cards(place, "Hoàng Thị Lan")
    [boss] = await cards(place, "Nguyễn Văn Khôi", role="coordinator")
    async with ZaloBotStandIn() as zalo, serving_quickly(place, **bot_settings(zalo)):
        lan, khoi = zalo.phone(1), zalo.phone(2)
        await joins(lan, code)
        await joins(khoi, boss)
        await says(lan, "đường liên thôn lầy lội", "phản ánh?")
        await chooses(lan, "Gửi thành phản ánh", "(1/5)")
        since = len(lan.messages)
        await lan.show(picture(), key="photo")
        await arrives(lan, "Đã nhận ảnh", since)
        for n in range(2, 6):
            await chooses(lan, lan.last.choices[0], f"({n}/5)")
        await chooses(lan, lan.last.choices[0], "Ảnh: 1")
        await chooses(lan, "Gửi", "Đã ghi nhận báo cáo")
        since = len(khoi.messages)
        await khoi.say("hộp thư")
        await khoi.until(lambda: any(m.photo for m in khoi.messages[since:]), 30)
        assert zalo.violations == []
