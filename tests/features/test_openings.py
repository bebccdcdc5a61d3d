"""When something goes out, until when, and why not: the same from the chat and from the command line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest

from nhipcau.cli import requests as requests_cli
from nhipcau.cli.runner import WrongUse
from nhipcau.model.request_kinds import RequestKind
from nhipcau.storage.tables import requests
from tests.support.requests import crowd
from tests.support.world import MORNING, Phone, World, open_world

NIGHT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
#: The end of the quiet hours that NIGHT lies in: 07:00 in Lạng Sơn.
DAWN = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
ELEVEN_AT_NIGHT = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
FIVE_TOMORROW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)

#: What a coordinator types and presses for each kind, up to the moment, and the same as a file.
CHAT = {
    "poll": ("thăm dò", "Có tiện không?", "1", "1", "1", "1"),
    "rapid": ("báo cáo nhanh", "Mưa lũ", "Tình hình?", "1", "1", "1"),
    "notice": ("thông báo", "Mời bà con dự họp.", "1", "1"),
}
FILES: dict[str, dict[str, Any]] = {
    "poll": {"title": "Có tiện không?", "close": "1d", "questions": [{"text": "Có tiện không?", "kind": "yesno"}]},
    "rapid": {"title": "Mưa lũ", "deadline": "2h", "questions": [{"text": "Tình hình?"}]},
    "notice": {"text": "Mời bà con dự họp."},
}
LENGTHS = {"poll": timedelta(days=1), "rapid": timedelta(hours=2), "notice": timedelta(days=30)}
#: What chat and command line say.
REFUSED = {
    "too few": ("Mới có 4 người, ít hơn 5", "Mới có 4 người, ít hơn 5"),
    "nobody": ("Chưa có ai ở đó tham gia", "Chưa có ai ở nơi nhận tham gia"),
    "past": ("Lúc đó đã qua rồi", "lúc đó đã qua"),
    "too far": ("Lúc đó còn xa quá", "còn xa hơn 366 ngày"),
}


@dataclass(frozen=True)
class Case:
    name: str
    kind: Literal["poll", "rapid", "notice"]
    now: datetime
    #: When it opens, or why it is refused.
    expected: datetime | str
    urgent: bool = False
    people: int = 5
    #: A moment as the chat and as the command line read it; "": now.
    typed: str = ""
    option: str = ""
    #: What is pressed where the chat says that these are quiet hours.
    held: str = ""


CASES = [
    Case("a poll by day", "poll", MORNING, MORNING),
    Case("a poll by day, now said outright", "poll", MORNING, MORNING, option="now"),
    Case("a rapid request by day", "rapid", MORNING, MORNING, urgent=True),
    Case("a notice by day", "notice", MORNING, MORNING),
    Case("a poll at night", "poll", NIGHT, DAWN, held="Gửi lúc 07:00"),
    Case("a notice at night", "notice", NIGHT, DAWN, held="Gửi lúc 07:00"),
    Case("a rapid request at night", "rapid", NIGHT, NIGHT, urgent=True),
    Case("a poll that passes", "poll", NIGHT, NIGHT, urgent=True, option="now", held="Gửi ngay bây giờ"),
    Case("a notice that passes", "notice", NIGHT, NIGHT, urgent=True, option="now", held="Gửi ngay bây giờ"),
    Case("a poll planned", "poll", MORNING, FIVE_TOMORROW, typed="17h 24/11", option="2026-11-24 17:00"),
    Case("a poll planned at night", "poll", MORNING, DAWN, typed="23h", option="2026-11-23 23:00"),
    Case("a notice planned at night", "notice", MORNING, DAWN, typed="23h", option="2026-11-23 23:00"),
    Case("a rapid one planned", "rapid", MORNING, ELEVEN_AT_NIGHT, True, typed="23h", option="2026-11-23 23:00"),
    Case("a poll of four", "poll", MORNING, "too few", people=4),
    Case("a rapid request to nobody", "rapid", MORNING, "nobody", people=0),
    Case("a notice to nobody", "notice", MORNING, "nobody", people=0),
    Case("a moment past", "poll", MORNING, "past", typed="8:00 23/11", option="2026-11-23 08:00"),
    Case("a moment too far", "rapid", MORNING, "too far", typed="8:00 1/12/2028", option="2028-12-01 08:00"),
]


async def by_chat(khoi: Phone, case: Case) -> str:
    """All that was said."""
    for words in CHAT[case.kind]:
        await khoi.say(words)
    if case.typed and case.kind != "notice":
        await khoi.tap("Thêm giờ gửi")
    if case.typed:
        await khoi.say(case.typed)
    elif case.kind == "notice" and "Ngay bây giờ" in khoi.labels():
        await khoi.tap("Ngay bây giờ")
    if "Gửi" in khoi.labels():
        await khoi.tap("Gửi")
    if case.held:
        await khoi.tap(case.held)
    return "\n".join(message.text for message in khoi.messages)


async def by_command(world: World, case: Case, folder: Path, *, dry_run: bool = False) -> str:
    """What was said against it, or ""."""
    path = folder / "asked.yaml"
    path.write_text(json.dumps(FILES[case.kind], ensure_ascii=False), encoding="utf-8")
    try:
        await requests_cli.ask(
            world.parts, RequestKind(case.kind), path, "X06040", case.option, "", as_json=False, dry_run=dry_run
        )
    except WrongUse as wrong:
        return str(wrong)
    return ""


async def planned(world: World) -> list[tuple[datetime, datetime, bool]]:
    return [(row.opens_at, row.closes_at, row.urgent) for row in await world.rows(requests.select())]


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_chat_and_command_open_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: Case) -> None:
    class Fixed(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Fixed:
            return cls.fromtimestamp(case.now.timestamp(), tz)

    monkeypatch.setattr(requests_cli, "datetime", Fixed)
    async with open_world(tmp_path / "office", now=case.now) as world:
        await crowd(world, case.people)
        khoi = await world.joined("Khôi", role="coordinator")
        said = await by_chat(khoi, case)
        chat = await planned(world)
        tried = await by_command(world, case, tmp_path, dry_run=True)
        assert await planned(world) == chat
        refused = await by_command(world, case, tmp_path)
        both = await planned(world)
    if isinstance(case.expected, str):
        in_chat, at_command = REFUSED[case.expected]
        assert in_chat in said
        assert at_command in refused
        assert (tried, both) == (refused, [])
    else:
        closes = case.expected + LENGTHS[case.kind]
        assert (tried, refused) == ("", "")
        assert chat == [(case.expected, closes, case.urgent)]
        assert both == chat * 2


@pytest.mark.slow
async def test_a_moment_passed_meanwhile_is_asked_anew(world: World) -> None:
    await crowd(world, 5)
    khoi = await world.joined("Khôi", role="coordinator")
    for words in CHAT["poll"]:
        await khoi.say(words)
    await khoi.tap("Thêm giờ gửi")
    await khoi.say("10h")
    await world.wait(hours=2)
    await khoi.tap("Gửi")
    assert "Lúc đó đã qua rồi" in khoi.last.text
    assert "Gửi lúc nào?" in khoi.last.text
    await khoi.tap("Ngay bây giờ")
    await khoi.tap("Gửi")
    assert await planned(world) == [(world.now, world.now + timedelta(days=1), False)]


async def test_the_preview_says_when_it_goes_out(world: World) -> None:
    await crowd(world, 5)
    khoi = await world.joined("Khôi", role="coordinator")
    for words in CHAT["poll"]:
        await khoi.say(words)
    await khoi.tap("Thêm giờ gửi")
    await khoi.say("23h")
    assert "Lúc đó là giờ nghỉ nên sẽ gửi lúc 07:00 thứ Ba 24/11." in khoi.last.text
    assert "Trả lời đến 07:00 thứ Tư 25/11." in khoi.last.text
