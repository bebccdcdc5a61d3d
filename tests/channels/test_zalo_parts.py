"""The small parts under Zalo's channels: signatures, events in any shape, tokens, the spool, error codes, lists."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiohttp import ClientSession, FormData
from hypothesis import given
from hypothesis import strategies as st
from zalo_bot import Bot  # type: ignore[import-untyped]

from nhipcau.bot.channels.http.file_hosts import ZALO_FILES, is_host_of, is_public
from nhipcau.bot.channels.http.json_client import JsonClient, PublicResolver
from nhipcau.bot.channels.zalo_bot import platform_limits as bot_limits
from nhipcau.bot.channels.zalo_bot.events import events_of
from nhipcau.bot.channels.zalo_oa import events as zalo_oa
from nhipcau.bot.channels.zalo_oa import platform_limits as oa_limits
from nhipcau.bot.channels.zalo_oa.channel import ZaloOA
from nhipcau.bot.channels.zalo_oa.events import event_of, is_recent, is_signed, payload
from nhipcau.bot.channels.zalo_oa.tokens import NoTokens, TokenPair, Tokens
from nhipcau.bot.language.label_numbers import line_marks
from nhipcau.bot.messaging.channel import (
    AppDown,
    ChannelError,
    Gone,
    Limits,
    NotSent,
    OutsideWindow,
    Refused,
    TokenBad,
    TooMany,
)
from nhipcau.bot.messaging.events import Event, EventKind, File, id_text, moment_of
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.bot.messaging.render import render, units
from nhipcau.intake.spool import Spool
from nhipcau.privacy.keys import KeyRing
from nhipcau.privacy.sealing import Sealer
from tests.support.documents import pdf
from tests.support.standins.zalo_bot import TOKEN, ZaloBotStandIn
from tests.support.standins.zalo_oa import APP_ID, APP_SECRET, ZaloOAStandIn

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def sign(words: str) -> str:
    return hashlib.sha256(f"here|{words}".encode()).hexdigest()


# ------------------------------------------------------------------ events


@given(JSON)
def test_whatever_is_posted_nothing_breaks(body: Any) -> None:
    for event in events_of(body):
        assert isinstance(event, Event)
    if isinstance(body, dict):
        event_of(body, sign)


KEYS = ("event_name", "message", "sender", "follower", "timestamp", "app_id")


@pytest.mark.slow
@given(st.dictionaries(st.sampled_from(KEYS), JSON), st.sampled_from(["user_send_text", "user_send_image", "follow"]))
def test_posts_that_look_right_and_are_not_break_nothing(body: dict[str, Any], name: str) -> None:
    for event in zalo_oa.events_of({"sender": {"id": 7}, **body, "event_name": name}, sign):
        assert event.address
        assert 0 < len(event.id) <= 105


def test_pictures_of_one_post_are_one_album() -> None:
    sent = [{"type": "image", "payload": {"url": f"https://zalo.vn/{n}.jpg"}} for n in range(3)]
    message = {"msg_id": "m", "text": "cầu gãy", "attachments": [*sent, {"type": "image"}, 5]}
    body = {"event_name": "user_send_image", "sender": {"id": "111"}, "message": message}
    events = zalo_oa.events_of(body, sign)
    assert [(event.id, event.text, event.file) for event in events] == [
        ("m", "cầu gãy", File("https://zalo.vn/0.jpg")),
        ("m#2", "", File("https://zalo.vn/1.jpg")),
        ("m#3", "", File("https://zalo.vn/2.jpg")),
    ]
    assert {(event.kind, event.album) for event in events} == {(EventKind.PHOTO, "m")}
    [alone] = zalo_oa.events_of({**body, "message": {**message, "attachments": sent[:1]}}, sign)
    assert (alone.id, alone.album) == ("m", "")


def test_a_button_is_the_persons_own_and_nobody_can_type_it() -> None:
    carried = payload("111", "q:ABC:1:GT", sign)
    body = {"event_name": "user_send_text", "sender": {"id": "111"}, "message": {"msg_id": "m", "text": carried}}
    event = event_of(body, sign)
    assert event
    assert (event.kind, event.data, event.text) == (EventKind.TAP, "q:ABC:1:GT", "")
    for other in (
        carried[:-1] + ("1" if carried[-1] == "0" else "0"),
        carried.replace("GT", "MT"),
        "#nc:q:ABC:1:GT",
        "#nc:",
        "#nc:#",
    ):
        forged = event_of({**body, "message": {"msg_id": "m", "text": other}}, sign)
        assert forged
        assert (forged.kind, forged.data) == (EventKind.TAP, "old")
    stolen = event_of({**body, "sender": {"id": "112"}}, sign)
    assert stolen
    assert stolen.data == "old"


def test_the_signature_is_over_the_very_bytes() -> None:
    raw = '{"app_id": 12, "timestamp": 34, "text": "đường"}'.encode()
    body = json.loads(raw)
    digest = hashlib.sha256(b"12" + raw + b"34" + b"secret").hexdigest()
    assert is_signed(raw, body, "12", "secret", f"mac={digest}")
    assert is_signed(raw, body, "12", "secret", digest.upper())
    assert not is_signed(raw + b" ", body, "12", "secret", digest)
    assert not is_signed(raw, body, "13", "secret", digest)
    assert not is_signed(raw, body, "12", "Secret", digest)
    assert not is_signed(raw, {}, "None", "secret", "mac=é")


@pytest.mark.parametrize("value", ["1" * 400, "1790000000123456", -5, None, [], "\ud800", 1e300, float("inf"), True])
def test_a_moment_that_no_app_can_mean_is_none(value: object) -> None:
    assert moment_of(value) in (0.0, 1.0)


@pytest.mark.parametrize("value", [None, "", " ", "a b", "\ud800", "a\0", "x" * 101, {}, True, "đường"])
def test_an_id_that_no_app_can_mean_is_none(value: object) -> None:
    assert id_text(value) == ""
    body = {"event_name": "user_send_text", "sender": {"id": value}, "message": {"msg_id": "m", "text": "a"}}
    assert event_of(body, sign) is None
    message = {"message_id": value, "chat": {"id": "1"}, "text": "a"}
    [event] = events_of({"event_name": "message.text.received", "message": message})
    assert event.id.startswith("h:")


@pytest.mark.parametrize(
    ("code", "description", "kind"),
    [
        (401, "Unauthorized", TokenBad),
        (403, "internal server error", AppDown),
        (404, "Not Found", Refused),
        (400, "Bad Request: chat not found", Gone),
        (400, "Bad Request: text is too long", Refused),
        (429, "quota exceeded", TooMany),
        (500, "", AppDown),
        (0, "", AppDown),
    ],
)
def test_codes_of_the_bot_platform(code: int, description: str, kind: type[ChannelError]) -> None:
    assert type(bot_limits.error_of(code, description)) is kind


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (-32, TooMany),
        (-216, TokenBad),
        (-220, TokenBad),
        (-230, OutsideWindow),
        (-213, Gone),
        (-201, Refused),
        (-999, Refused),
    ],
)
def test_codes_of_the_official_account(code: int, kind: type[ChannelError]) -> None:
    assert type(oa_limits.error_of(code)) is kind


# ------------------------------------------------------------------ a second reader


async def test_python_zalo_bot_reads_what_the_stand_in_says() -> None:
    async with ZaloBotStandIn() as zalo, Bot(TOKEN, base_url=zalo.url) as bot:
        me = await bot.get_me()
        assert me.account_name == "bot.nhipcau"
        lan = zalo.phone(1)
        await lan.say("đường liên thôn hỏng")
        update = await bot.get_update(timeout=5)
        message = update.message
        assert (message.text, message.chat.id, message.from_user.display_name) == (
            "đường liên thôn hỏng",
            lan.id,
            "Lan",
        )
        await lan.show(b"picture", "biển số")
        message = (await bot.get_update(timeout=5)).message
        assert message.photo_url.startswith(zalo.url)
        sent = await bot.send_message(lan.id, "Chào bác")
        assert sent.message_id == lan.last.id
        assert lan.last.text == "Chào bác"


# ------------------------------------------------------------------ documents


def _file_event(**payload: Any) -> Event | None:
    attachment = {"type": "file", "payload": payload}
    message = {"msg_id": "m", "attachments": [attachment]}
    return event_of({"event_name": "user_send_file", "sender": {"id": "111"}, "message": message}, sign)


@pytest.mark.parametrize(
    ("payload", "kind", "file"),
    [
        (
            {"url": "https://f.vn/1", "name": "Cv.pdf", "size": "12"},
            EventKind.FILE,
            File("https://f.vn/1", 12, "Cv.pdf"),
        ),
        (
            {"url": "https://f.vn/1", "name": "a.docx", "size": 7},
            EventKind.FILE,
            File("https://f.vn/1", 7, "a.docx"),
        ),
        ({"url": "https://f.vn/1"}, EventKind.FILE, File("https://f.vn/1")),
        ({"url": "https://f.vn/1", "name": "a.exe", "size": "-1"}, EventKind.FILE, File("https://f.vn/1", 0, "a.exe")),
        ({"url": "https://f.vn/1", "name": "anh.JPG", "size": "9"}, EventKind.PHOTO, File("https://f.vn/1")),
        ({"name": "a.pdf"}, EventKind.OTHER, None),
        ({}, EventKind.OTHER, None),
    ],
)
def test_a_file_is_a_document_or_a_picture(payload: dict[str, Any], kind: EventKind, file: File | None) -> None:
    event = _file_event(**payload)
    assert event
    assert (event.kind, event.file) == (kind, file)


class _Account:
    """Calls the stand-in of the Official Account as any program might."""

    def __init__(self, zalo: ZaloOAStandIn, session: ClientSession) -> None:
        self._zalo, self._session = zalo, session

    async def upload(self, content: bytes, name: str, where: str = "file") -> dict[str, Any]:
        form = FormData(quote_fields=False)
        form.add_field("file", io.BytesIO(content), filename=name)
        headers = {"access_token": self._zalo.access}
        url = f"{self._zalo.url}/v2.0/oa/upload/{where}"
        async with self._session.post(url, data=form, headers=headers) as answer:
            return dict(await answer.json())

    async def say(self, message: dict[str, Any]) -> int:
        body = {"recipient": {"user_id": self._zalo.phone(1).id}, "message": message}
        headers = {"access_token": self._zalo.access}
        async with self._session.post(f"{self._zalo.url}/v3.0/oa/message/cs", json=body, headers=headers) as answer:
            return int((await answer.json())["error"])


def _file_message(token: str, **more: Any) -> dict[str, Any]:
    return {"attachment": {"type": "file", "payload": {"token": token, **more}}}


async def test_the_official_account_refuses_what_is_no_document_of_its_own() -> None:
    async with ZaloOAStandIn() as zalo, ZaloOAStandIn() as another, ClientSession() as session:
        for each in (zalo, another):
            each.access = "access"
            each.phone(1).acted = each.now()
        ours, theirs = _Account(zalo, session), _Account(another, session)
        for content, name in (
            (b"MZ", "a.exe"),
            (b"PK\x03\x04", "a.xlsx"),
            (b"MZ renamed", "a.pdf"),
            (pdf(size=5_300_000), "a.pdf"),
            (pdf(), "no ending"),
        ):
            assert (await ours.upload(content, name))["error"] == -201
        token = (await ours.upload(pdf(), "Thông báo 12.pdf"))["data"]["token"]
        assert await ours.say(_file_message(token)) == 0
        assert (zalo.phone(1).last.file_name, zalo.phone(1).last.file) == ("Thông báo 12.pdf", pdf())
        foreign = (await theirs.upload(pdf(), "a.pdf"))["data"]["token"] + "x"
        picture = (await ours.upload(b"\xff\xd8", "a.jpg", "image"))["data"]["attachment_id"]
        button = {"title": "Xem", "type": "oa.query.hide", "payload": "x"}
        for wrong in (
            _file_message("unknown"),
            _file_message(foreign),
            _file_message(picture),
            _file_message(token, buttons=[button]),
            _file_message(token, template_type="media"),
            {"text": "kèm lời", **_file_message(token)},
            {"attachment": {"type": "template", "payload": {"token": token}}},
            {"attachment": {"type": "document", "payload": {"token": token}}},
        ):
            assert await ours.say(wrong) == -201, wrong
        zalo.ahead = 7 * 86_400.0
        zalo.phone(1).acted = zalo.now()
        assert await ours.say(_file_message(token)) == -201


async def test_a_broadcast_uploads_once(tmp_path: Path) -> None:
    (tmp_path / "0123456789abcdef.pdf").write_bytes(pdf())
    message = Message("", file="0123456789abcdef.pdf", file_name='Công "văn".pdf')
    async with ZaloOAStandIn() as zalo:
        tokens = Tokens(tmp_path, APP_ID, APP_SECRET, zalo.refresh, zalo.url)
        account = ZaloOA(APP_ID, "s", tokens, sign, zalo.url, documents=tmp_path)
        phones = [zalo.phone(n) for n in range(8)]
        for phone in phones:
            phone.acted = zalo.now()
        await asyncio.gather(*(account.send(phone.id, message) for phone in phones))
        await account.close()
        assert [(phone.last.file_name, phone.last.file) for phone in phones] == [("Công văn.pdf", pdf())] * 8
        assert zalo.counts["/v2.0/oa/upload/file"] == 1
        assert zalo.violations == []


# ------------------------------------------------------------------ tokens


async def test_two_processes_renew_once_between_them(tmp_path: Path) -> None:
    async with ZaloOAStandIn() as zalo:
        both = [Tokens(tmp_path, APP_ID, APP_SECRET, zalo.refresh, zalo.url) for _ in range(2)]
        got = await asyncio.gather(*(tokens.access() for tokens in both for _ in range(5)))
        assert set(got) == {zalo.access}
        # the same token refused in both: renewed once
        dead, zalo.access = zalo.access, "gone"
        got = await asyncio.gather(*(tokens.access(but=dead) for tokens in both for _ in range(5)))
        assert set(got) == {zalo.access}
        assert zalo.counts["/v4/oa/access_token"] == 2
        assert zalo.violations == []
        for tokens in both:
            await tokens.close()


async def test_the_setting_only_seeds_and_a_newer_one_replaces_a_dead_pair(tmp_path: Path) -> None:
    async with ZaloOAStandIn() as zalo:
        first = Tokens(tmp_path, APP_ID, APP_SECRET, zalo.refresh, zalo.url)
        await first.access()
        await first.close()
        again = Tokens(tmp_path, APP_ID, APP_SECRET, "refresh-canary-0", zalo.url)
        assert await again.access() == zalo.access
        await again.close()
        assert zalo.counts["/v4/oa/access_token"] == 1
        # taken back: the pair is dead, and the seed it began with is not tried
        dead = zalo.access
        zalo.revoke()
        with pytest.raises(NoTokens):
            await again.access(but=dead)
        zalo.refresh = "refresh-anew"
        anew = Tokens(tmp_path, APP_ID, APP_SECRET, "refresh-anew", zalo.url)
        assert await anew.access(but=dead) == zalo.access
        await anew.close()


async def test_a_renewal_that_nobody_waits_for_any_more_is_stored(tmp_path: Path) -> None:
    async with ZaloOAStandIn() as zalo:
        tokens = Tokens(tmp_path, APP_ID, APP_SECRET, zalo.refresh, zalo.url)
        zalo.slow_tokens = 0.3
        asking = asyncio.create_task(tokens.access())
        await asyncio.sleep(0.1)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        await tokens.close()
        stored = tokens.stored()
        assert stored
        assert stored.refresh == zalo.refresh


async def test_a_server_that_is_away_is_no_refusal(tmp_path: Path) -> None:
    tokens = Tokens(tmp_path, APP_ID, APP_SECRET, "seed", "http://127.0.0.1:9")
    for _ in range(2):
        with pytest.raises(NotSent):
            await tokens.access()
    await tokens.close()


def test_the_alarm_comes_long_before_the_end() -> None:
    import time

    assert TokenPair("a", "r", 0, time.time()).days_left > 89
    assert 0 < TokenPair("a", "r", 0, time.time() - 80 * 86_400).days_left < 11


# ------------------------------------------------------------------ the spool


class _Core:
    """Takes events, or is away."""

    def __init__(self) -> None:
        self.kept: list[str] = []
        self.away = False
        self.slow = asyncio.Event()
        self.slow.set()

    async def submit(self, events: Sequence[Event]) -> None:
        for event in events:
            if event.kind is EventKind.PHOTO:
                await self.slow.wait()
        if self.away:
            raise OSError("no database")
        self.kept += [event.id for event in events]


def _event(id: str, address: str = "lan", kind: EventKind = EventKind.TEXT) -> Event:
    file = File("https://example.vn/a.jpg", 3) if kind is EventKind.PHOTO else None
    return Event("zalo_oa", id, address, kind, text="chữ đã viết", file=file)


def _spool(folder: Path, core: _Core, patience: float = 0.05) -> Spool:
    sealer = Sealer(KeyRing(folder / "keys"))
    return Spool(folder / "spool" / "zalo_oa", sealer, core.submit, ZONE, patience=patience)


async def _until(core: _Core, *ids: str) -> None:
    async with asyncio.timeout(10):
        while core.kept != list(ids):
            await asyncio.sleep(0.02)


@pytest.mark.slow
async def test_what_can_not_be_stored_waits_sealed_on_disk_in_order(tmp_path: Path) -> None:
    core = _Core()
    core.away = True
    spool = _spool(tmp_path, core)
    for id in ("1", "2", "3"):
        await spool.submit([_event(id)])
    lying = sorted((tmp_path / "spool" / "zalo_oa").iterdir())
    assert len(lying) == 3
    for path in lying:
        assert path.stat().st_mode & 0o777 == 0o600
        assert b"ch" not in path.read_bytes()[:4]
        assert "chữ đã viết".encode() not in path.read_bytes()
    (tmp_path / "spool" / "zalo_oa" / "00000000000000000001-2026-11-24").write_bytes(b"damaged")
    # another process, later, finds them; what comes meanwhile waits its turn
    core.away = False
    later = _spool(tmp_path, core)
    running = asyncio.create_task(later.run())
    await asyncio.sleep(0)
    await later.submit([_event("4")])
    await _until(core, "1", "2", "3", "4")
    await asyncio.sleep(1.1)
    assert [path.name[:7] for path in (tmp_path / "spool" / "zalo_oa").iterdir()] == [".aside-"]
    running.cancel()


@pytest.mark.slow
async def test_a_slow_picture_holds_up_its_owner_alone(tmp_path: Path) -> None:
    core = _Core()
    core.slow.clear()
    spool = _spool(tmp_path, core)
    running = asyncio.create_task(spool.run())
    await spool.submit([_event("picture", kind=EventKind.PHOTO)])
    await spool.submit([_event("words")])
    await spool.submit([_event("other", "mui")])
    assert core.kept == ["other"]
    core.slow.set()
    await _until(core, "other", "picture", "words")
    running.cancel()


@pytest.mark.slow
async def test_nobodys_events_overtake_each_other(tmp_path: Path) -> None:
    core = _Core()
    core.slow.clear()
    spool = _spool(tmp_path, core, patience=5)
    first = asyncio.create_task(spool.submit([_event("picture", kind=EventKind.PHOTO)]))
    await asyncio.sleep(0.05)
    await spool.submit([_event("words")])
    assert core.kept == []
    running = asyncio.create_task(spool.run())
    core.slow.set()
    await first
    await _until(core, "picture", "words")
    running.cancel()


async def test_what_can_never_be_kept_holds_up_nobody(tmp_path: Path) -> None:
    class Poisoned(_Core):
        async def submit(self, events: Sequence[Event]) -> None:
            if any(event.id == "poison" for event in events):
                raise ValueError("never")
            await super().submit(events)

    core = Poisoned()
    core.away = True
    spool = _spool(tmp_path, core)
    for event in (_event("poison"), _event("behind"), _event("other", "mui")):
        await spool.submit([event])
    core.away = False
    for _ in range(7):
        await spool.run_once()
    assert core.kept == ["other", "behind"]


async def test_a_file_that_can_not_be_read_now_is_read_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    core = _Core()
    core.away = True
    spool = _spool(tmp_path, core)
    await spool.submit([_event("1")])
    core.away = False

    def too_many(path: Path) -> bytes:
        raise OSError(24, "Too many open files")

    with monkeypatch.context() as broken:
        broken.setattr(Path, "read_bytes", too_many)
        with pytest.raises(OSError, match="Too many"):
            await spool.run_once()
    await spool.run_once()
    assert core.kept == ["1"]


async def test_where_the_disk_is_full_too_nothing_is_acknowledged(tmp_path: Path) -> None:
    core = _Core()
    core.away = True
    spool = _spool(tmp_path, core)
    (tmp_path / "spool").mkdir()
    (tmp_path / "spool" / "zalo_oa").write_text("not a folder")
    with pytest.raises(OSError):  # noqa: PT011  # whatever the disk says
        await spool.submit([_event("1")])
    assert os.path.exists(tmp_path / "spool" / "zalo_oa")


# ------------------------------------------------------------------ lists


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n"), min_size=1, max_size=60), max_size=12),
    st.text(max_size=5000),
)
def test_nothing_is_hidden_where_there_are_no_buttons(labels: list[str], text: str) -> None:
    labels = [label for label in labels if label.strip()]
    choices = tuple(Choice(label, f"q:{n}") for n, label in enumerate(labels))
    pieces = render(Message(text or "?", choices), Limits(text=2000, caption=2000, buttons=0, edits=False))
    assert all(units(piece.text) <= 2000 and not piece.choices for piece in pieces)
    lines = "\n".join(piece.text for piece in pieces).split("\n")
    for mark, label in zip(line_marks(labels), labels, strict=True):
        assert f"{mark} {label}".rstrip() in [line.rstrip() for line in lines]


def test_five_buttons_hold_the_answers_and_the_list_holds_all() -> None:
    answers = [Choice(f"Mức {n}", f"q:{n}") for n in range(1, 6)]
    ways = [Choice("Lùi", "q:<", way=True), Choice("Hủy", "q:x", way=True)]
    limits = Limits(text=2000, caption=2000, buttons=5, edits=False)
    [piece] = render(Message("Mấy?", (*answers, *ways)), limits)
    assert [c.label for c in piece.choices] == [c.label for c in answers]
    assert piece.text.endswith("5. Mức 5\n• Lùi\n• Hủy")
    # more answers than buttons: none is favoured by being easier to press
    [piece] = render(Message("Mấy?", (*answers, Choice("Mức 6", "q:6"), *ways)), limits)
    assert piece.choices == ()
    [piece] = render(Message("Mấy?", tuple(answers[:4])), limits)
    assert (piece.text, len(piece.choices)) == ("Mấy?", 4)
    # a scale's steps are typed as they are
    steps = tuple(Choice(str(n), f"q:{n}") for n in range(0, 11))
    [piece] = render(Message("Mấy điểm?", (*steps, Choice("Bỏ qua", "q:>", way=True)), number_answers=True), limits)
    assert piece.text == "Mấy điểm?\n0 · 1 · 2 · 3 · 4 · 5 · 6 · 7 · 8 · 9 · 10\n• Bỏ qua"


# ------------------------------------------------------------------ what a signed post may make us do


@pytest.mark.parametrize(
    ("hours", "is_taken"), [(0, True), (25, True), (-25, True), (27, False), (-27, False), (24 * 14, False)]
)
def test_a_signed_post_is_good_for_a_day(hours: int, is_taken: bool) -> None:
    now = 1_790_000_000.0
    body = {"timestamp": str(int((now - hours * 3600) * 1000))}
    assert is_recent(body, now) is is_taken
    for odd in ({}, {"timestamp": None}, {"timestamp": "soon"}):
        assert not is_recent(odd, now)


@pytest.mark.parametrize(
    ("url", "is_zalos"),
    [
        ("https://photo-stal-1.zdn.vn/a/b.jpg", True),
        ("https://ZDN.vn./a", True),
        ("https://zdn.vn.evil.example/a", False),
        ("https://evilzdn.vn/a", False),
        ("https://zdn.vn@evil.example/a", False),
        ("https://127.0.0.1/a", False),
        ("https:///a", False),
    ],
)
async def test_files_come_from_the_apps_own_hosts(url: str, is_zalos: bool) -> None:
    assert is_host_of(url, ZALO_FILES) is is_zalos
    if not is_zalos:
        client = JsonClient("https://openapi.zalo.example", files=ZALO_FILES)
        with pytest.raises(Refused):
            await client.download(url, 1000)
        await client.close()


async def test_a_name_that_leads_inside_is_not_followed() -> None:
    with pytest.raises(OSError, match="no public address"):
        await PublicResolver().resolve("localhost", 443)
    for inside in ("10.0.0.1", "192.168.1.1", "169.254.169.254", "::1", "fd00::1", "127.0.0.1", "0.0.0.0", "x"):
        assert not is_public(inside)
    assert is_public("203.162.4.190")
