"""The Official Account, with the service as it runs: signed posts, tokens that live, a window that closes."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from tests.support.apps import picture
from tests.support.installation import Installation
from tests.support.people import names_in
from tests.support.postgres import OwnServer
from tests.support.processes import Running, free_port, nhipcau
from tests.support.standins.zalo_bot import ZaloBotStandIn
from tests.support.standins.zalo_oa import ZaloOAStandIn
from tests.support.zalo_office import (
    all_recorded,
    arrives,
    bot_settings,
    cards,
    channels,
    chooses,
    joins,
    oa_settings,
    says,
    serving,
)

pytestmark = pytest.mark.slow


def hooked(zalo: ZaloOAStandIn) -> dict[str, str]:
    """Settings with a port that the stand-in knows."""
    port = str(free_port())
    zalo.webhook = f"http://127.0.0.1:{port}/hooks/zalo-oa"
    return {"PORT": port, **oa_settings(zalo)}


async def command(place: Installation, *arguments: str, **given: Any) -> str:
    """`given`: settings, and `status` where another than 0 is expected."""
    return await asyncio.to_thread(lambda: nhipcau(place.folder, *arguments, **given))


async def until_connected(service: Running) -> None:
    async with asyncio.timeout(30):
        while not (await channels(service))["zalo_oa"]["ok"]:
            await asyncio.sleep(0.05)


async def test_a_report_by_buttons_a_picture_and_nothing_forged(place: Installation) -> None:
    [code] = await cards(place, "Hoàng Thị Lan")
    [boss] = await cards(place, "Nguyễn Văn Khôi", role="coordinator")
    async with ZaloOAStandIn() as zalo, serving(place, **hooked(zalo)):
        lan, khoi = zalo.phone(1), zalo.phone(2)
        await lan.follow()
        await arrives(lan, "mã mời", 0)
        await joins(lan, code)
        zalo.with_mac = False
        await joins(khoi, boss)
        await says(lan, "đường liên thôn lầy lội", "phản ánh?")
        await chooses(lan, "Gửi thành phản ánh", "(1/5)")
        assert lan.last.buttons, "the five topics are buttons, the ways out stand in the list"
        assert len(lan.last.buttons) == 5
        assert "9. Hủy" in lan.last.text
        since = len(lan.messages)
        await lan.show(picture())
        await arrives(lan, "Đã nhận ảnh", since)
        for n in range(2, 6):
            await chooses(lan, lan.last.choices[0], f"({n}/5)")
        await chooses(lan, lan.last.choices[0], "Ảnh: 1")
        await chooses(lan, "Gửi", "Đã ghi nhận báo cáo")
        await khoi.say("hộp thư")
        await khoi.until(lambda: any(m.photo for m in khoi.messages), 30)
        assert zalo.violations == []
        assert set(zalo.statuses) == {200}
        kept = place.rows("SELECT channel, id FROM events ORDER BY id")
        # nobody but Zalo may post, nobody but the app may press
        since = len(lan.messages)
        body = await lan.say("trợ giúp")
        await arrives(lan, "riêng tư", since)
        raw = json.dumps({**body, "message": {"msg_id": "forged", "text": "tin giả"}}).encode()
        for signature in ("", "mac=", "mac=" + "0" * 64, zalo.sign(raw, body)[:-1], zalo.sign(b"x" + raw, body)):
            assert await zalo.post_raw(raw, signature) == 401
        other = {**body, "app_id": "1"}
        raw = json.dumps(other).encode()
        assert await zalo.post_raw(raw, zalo.sign(raw, other)) == 401
        for odd in (b"", b"[", b"{}", b"\xff", b"x" * 10_000_000):
            assert await zalo.post_raw(odd, "mac=" + "0" * 64) == 401
        assert len(place.rows("SELECT channel, id FROM events ORDER BY id")) == len(kept) + 1
        said = len(lan.messages)
        raw = json.dumps(body, ensure_ascii=False).encode()
        assert await zalo.post_raw(raw, zalo.sign(raw, body)) == 200
        await says(lan, "#nc:d:delete#0000000000000000", "Nút này đã cũ")
        for name in (
            "user_received_message",
            "user_seen_message",
            "oa_send_text",
            "oa_send_image",
            "anonymous_send_text",
        ):
            await zalo.act(lan, name, {"text": "không phải của dân", "msg_ids": ["x"]})
        await zalo.post(None, {"event_name": "user_call_new_thing", "sender": {}})
        await zalo.post(None, {"event_name": 5})
        await asyncio.sleep(0.5)
        assert len(lan.messages) == said + 1
        await lan.follow("unfollow")
        await asyncio.sleep(0.5)
        assert set(zalo.statuses[-9:]) == {200}
    assert place.rows("SELECT count(*) FROM contacts WHERE channel = 'zalo_oa' AND NOT reachable") == [(1,)]


async def test_tokens_live_in_the_key_directory_and_one_renewal_serves_all(place: Installation) -> None:
    [code] = await cards(place, "Hoàng Thị Lan")
    async with ZaloOAStandIn() as zalo:
        settings = hooked(zalo)
        async with serving(place, **settings) as service:
            await until_connected(service)
            stored = json.loads((place.folder / "keys" / "zalo-oa.json").read_text())
            assert stored["refresh"] == zalo.refresh
            assert (place.folder / "keys" / "zalo-oa.json").stat().st_mode & 0o777 == 0o600
            # ended early by Zalo: the refused call is said again with a new token
            zalo.access = "gone"
            await joins(zalo.phone(1), code)
            assert await asyncio.to_thread(service.stop) == 0
            await asyncio.to_thread(service.start_again)
            await says(zalo.phone(1), "trợ giúp", "riêng tư")
            assert zalo.counts["/v4/oa/access_token"] == 2
            # taken back by the owner: this channel is down with its cause, the rest goes on
            zalo.revoke()
            await zalo.phone(1).say("của tôi")
            async with asyncio.timeout(30):
                while (found := await channels(service))["zalo_oa"]["ok"]:
                    await asyncio.sleep(0.1)
            assert "nhipcau zalo connect" in found["zalo_oa"]["detail"]
            assert found["web"]["ok"]
            asked = zalo.counts["/v4/oa/access_token"]
            await asyncio.sleep(2)
            # a refused token is not tried again and again
            assert zalo.counts["/v4/oa/access_token"] == asked
            assert zalo.violations == []
            # the office consents anew
            link = (await command(place, "zalo", "connect", **settings)).split("\n")[1]
            query = {key: values[0] for key, values in parse_qs(urlsplit(link).query).items()}
            assert urlsplit(link).path == "/v4/oa/permission"
            zalo.codes["code-1"] = query["code_challenge"]
            async with aiohttp.ClientSession() as browser:
                async with browser.get(f"{query['redirect_uri']}?code=code-1&oa_id=1&state=wrong") as answer:
                    assert answer.status == 400
                back = f"{query['redirect_uri']}?code=code-1&oa_id=1&state={query['state']}"
                async with browser.get(back) as answer:
                    assert "Đã kết nối" in await answer.text()
            await until_connected(service)
            assert zalo.violations == []


async def test_a_code_copied_by_hand_connects_once(place: Installation) -> None:
    async with ZaloOAStandIn() as zalo:
        settings = {**hooked(zalo), "ZALO_OA_REFRESH_TOKEN": ""}
        shown = await command(place, "zalo", "connect", **settings)
        query = {key: values[0] for key, values in parse_qs(urlsplit(shown.split("\n")[1]).query).items()}
        zalo.codes["code-2"] = query["code_challenge"]
        answer = f"{query['redirect_uri']}?code=code-2&state={query['state']}"
        # by standard input, so that it stands in no list of processes
        done = await command(place, "zalo", "connect", "-", stdin=answer.encode(), **settings)
        assert "Đã kết nối" in done
        again = await command(place, "zalo", "connect", answer, status=1, **settings)
        assert "không thuộc lần cho phép nào" in again


@pytest.fixture
def server() -> Iterator[OwnServer]:
    own = OwnServer()
    yield own
    own.remove()


async def test_posts_are_answered_and_kept_while_the_database_is_away(server: OwnServer, tmp_path: object) -> None:

    place = Installation(Path(str(tmp_path)), server.new_database())
    codes = await cards(place, "Lan", "Mùi", "Tâm")
    async with ZaloOAStandIn() as zalo, serving(place, **hooked(zalo)) as service:
        phones = [zalo.phone(n) for n in range(3)]
        for phone, code in zip(phones, codes, strict=True):
            await joins(phone, code)
        await all_recorded(place)
        server.kill()
        await asyncio.gather(*(phone.say(f"báo tin số {n}: đường lầy lội") for n, phone in enumerate(phones)))
        await phones[0].say("Có")
        assert set(zalo.statuses) == {200}
        # a power cut while they lie on the disk
        service.kill()
        server.start()
        await asyncio.to_thread(service.start_again)
        for n, phone in enumerate(phones):
            await arrives(phone, f"báo tin số {n}" if n else "(1/5)", 0)
        assert zalo.violations == []
        lying = list((place.folder / "spool" / "zalo_oa").iterdir())
        async with asyncio.timeout(20):
            while lying:
                await asyncio.sleep(0.1)
                lying = list((place.folder / "spool" / "zalo_oa").iterdir())


async def test_nobody_is_written_to_outside_the_window(place: Installation) -> None:
    names = [f"Người {n}" for n in range(7)]
    codes = await cards(place, *names)
    poll = place.folder / "poll.yaml"
    poll.write_text("title: Giờ tiếp dân\nquestions:\n  - text: Thứ Bảy tiện không?\n    kind: yesno\n")
    async with ZaloOAStandIn() as zalo, serving(place, **hooked(zalo)) as service:
        settings = {**place.settings, **oa_settings(zalo), "PORT": str(service.port)}
        phones = [zalo.phone(n) for n in range(7)]
        for phone, code in zip(phones, codes, strict=True):
            await joins(phone, code)
        known = place.rows("SELECT id, sealed FROM people")
        ids = dict(zip(names_in(place.folder, known), [id for id, _ in known], strict=True))
        # two wrote three days ago, two more than a week ago
        for n, days in ((3, 3), (4, 3), (5, 8), (6, 8)):
            at = datetime.fromtimestamp(time.time() - days * 86_400, UTC).replace(minute=0, second=0, microsecond=0)
            # in clear, as a migration leaves it
            act = "earlier:" + json.dumps([f"{at:%Y-%m-%d}", at.isoformat(), ""])
            sealed = f"convert_to('{act}', 'UTF8')" if place.server else f"CAST('{act}' AS BLOB)"
            who = ids[f"Người {n}"]
            place.change(f"UPDATE contacts SET last_act = {sealed} WHERE person_id = '{who}'")
            phones[n].acted = zalo.now() - days * 86_400
        told = await command(place, "poll", str(poll), "--dry-run", "--json", **settings)
        found = json.loads(told)
        assert found["people"] == 7
        doctor = json.loads(await command(place, "doctor", "--json", **settings))
        details = {check["check"]: check["detail"] for check in doctor}
        assert details["zalo oa window"] == "3 người gửi miễn phí, 2 người có phí, 2 người đã 7 ngày chưa nhắn"
        assert "tự gia hạn" in details["zalo oa"]
        assert f"{service.url}/hooks/zalo-oa" in details["zalo oa webhook"]
        assert (found["reach"]["free"], found["reach"]["paid"]) == (3, 2)
        assert (found["reach"]["price"], found["reach"]["unreached"]) == (110, 2)
        shown = await command(place, "poll", str(poll), "--open", "now", **settings)
        assert "3 người miễn phí, 2 người có phí (khoảng 110 đ)" in shown
        assert "2 người chưa nhận được" in shown
        for phone in phones[:5]:
            await arrives(phone, "Thứ Bảy tiện không?", 0)
        await asyncio.sleep(1)
        assert zalo.violations == []
        assert not any("Thứ Bảy" in m.text for phone in phones[5:] for m in phone.messages)
        # whoever writes opens the window, and is asked at once
        since = len(phones[5].messages)
        await phones[5].say("chào cán bộ")
        await arrives(phones[5], "Thứ Bảy tiện không?", since)
        await asyncio.sleep(1)
    states = place.rows("SELECT state, reason, count(*) FROM participation GROUP BY state, reason ORDER BY state")
    assert [tuple(row) for row in states] == [("reached", None, 6), ("undeliverable", "window", 1)]


async def test_the_demonstration_leaves_the_offices_accounts_alone(tmp_path: Path) -> None:
    """It runs where the office's settings stand: the refresh token is used once, and events are handed out once."""
    place = Installation(tmp_path)
    async with ZaloOAStandIn() as zalo, ZaloBotStandIn() as bot:
        given = {**hooked(zalo), **bot_settings(bot)}
        service = Running(place.folder, "demo", **given)
        try:
            await asyncio.to_thread(service.wait_ready)
            assert set(await channels(service)) == {"web", "sim"}
            await asyncio.sleep(1)
        finally:
            service.kill()
        assert (zalo.counts.total(), bot.counts.total()) == (0, 0)
