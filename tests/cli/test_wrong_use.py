"""What a stranger types wrong at the command line: one sentence, status 2, and nothing kept: no row and no file."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from nhipcau.cli import asking, recurring_requests, requests
from nhipcau.cli.runner import WrongUse
from nhipcau.model.request_kinds import RequestKind
from nhipcau.storage import tables
from tests.support.requests import crowd, lay_down
from tests.support.world import World

pytestmark = pytest.mark.slow

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
QUESTIONS = {"title": "Giờ tiếp dân", "questions": [{"text": "Có tiện không?", "kind": "yesno"}]}
NOTICE = {"text": "Mời bà con.", "file": "van-ban.pdf"}
WEEKLY = {**QUESTIONS, "every": "week fri 16:00"}

#: What the file says, how it is asked for, and a word of the sentence.
MISTAKES: list[tuple[str, dict[str, Any], dict[str, str], str]] = [
    ("notice", NOTICE, {"unit": "Nowhere"}, "Nowhere"),
    ("notice", {**NOTICE, "audience": {"roles": ["leader"]}}, {}, "Nobody has joined"),
    ("rapid", {**QUESTIONS, "audience": {"roles": ["leader"]}}, {}, "Nobody has joined"),
    ("rapid", {**WEEKLY, "audience": {"roles": ["leader"]}}, {}, "Nobody has joined"),
    ("duty", {**WEEKLY, "audience": {"roles": ["leader"]}}, {}, "Nobody has joined"),
    ("poll", WEEKLY, {}, "Only 1 people, fewer than 5"),
    ("rapid", {**QUESTIONS, "deadline": "2d"}, {"opens": "3d", "closes": "2026-11-01 17:00"}, "before it goes out"),
    ("notice", {**NOTICE, "audience": {"units": ["Xã Không Có"]}}, {}, "audience.units"),
    ("notice", {**NOTICE, "every": "week fri 16:00"}, {"unit": "Nowhere"}, "Nowhere"),
    ("notice", NOTICE, {"opens": "9999-12-31T23:59"}, "days ahead"),
    ("rapid", QUESTIONS, {"closes": "999999d"}, "366 days"),
    ("rapid", {**QUESTIONS, "deadline": "999999d"}, {}, "at most 366d"),
    ("poll", {**WEEKLY, "close": "999999d"}, {}, "at most 366d"),
    ("poll", {**WEEKLY, "repeats": "abcdefgh"}, {}, "repeats"),
    ("poll", WEEKLY, {"opens": "2d"}, "--open"),
    ("poll", {**QUESTIONS, "deadline": "1h"}, {}, "deadline: this kind has close: instead"),
    ("rapid", {**QUESTIONS, "close": "1h"}, {}, "close: this kind has deadline: instead"),
    ("poll", WEEKLY, {"closes": "2d"}, "--close"),
    ("duty", {**WEEKLY, "lead": "30d"}, {}, "lead"),
    ("rapid", {**QUESTIONS, "questions": [{"text": "Bác theo tôn giáo nào?", "kind": "text"}]}, {}, "tôn giáo"),
    (
        "duty",
        {**WEEKLY, "questions": [{"text": "Nhà bác ai mắc bệnh lao?", "kind": "text"}]},
        {},
        "the health of a person",
    ),
]


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(("kind", "file", "how", "word"), MISTAKES)
async def test_one_sentence_and_nothing_is_kept(
    world: World, tmp_path: Path, kind: Any, file: dict[str, Any], how: dict[str, str], word: str
) -> None:
    await world.joined("Lan")
    path = tmp_path / "asked.yaml"
    path.write_text(json.dumps(file, ensure_ascii=False), encoding="utf-8")
    (tmp_path / "van-ban.pdf").write_bytes(PDF)
    given = {"unit": "", "opens": "", "closes": "", **how}
    act: Callable[[], Awaitable[None]]
    if kind == "duty":
        act = lambda: asking.duty(world.parts, str(path), unit=given["unit"], as_json=False, dry_run=False)  # noqa: E731
    else:
        act = lambda: requests.ask(world.parts, kind, path, **given, as_json=False, dry_run=False)  # noqa: E731
    with pytest.raises(WrongUse) as refused:
        await act()
    assert word in str(refused.value)
    assert "\n" not in str(refused.value)
    assert await world.rows(tables.requests.select()) == await world.rows(tables.rules.select()) == []
    folder = world.parts.settings.documents
    assert not folder.exists() or list(folder.iterdir()) == []


@pytest.mark.parametrize(("number", "advised"), [(5, False), (6, True)])
async def test_more_than_five_questions_are_advised_against_not_refused(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str], number: int, advised: bool
) -> None:
    await crowd(world, 5)
    path = tmp_path / "asked.yaml"
    file = {**QUESTIONS, "questions": [{"text": "Có tiện không?", "kind": "yesno"}] * number}
    path.write_text(json.dumps(file, ensure_ascii=False), encoding="utf-8")
    await requests.ask(world.parts, RequestKind.POLL, path, "", "", "", as_json=False, dry_run=True)
    assert ("Hỏi 6 câu. Quá 5 câu" in capsys.readouterr().out) is advised


@pytest.mark.usefixtures("english")
async def test_a_duty_is_stopped_as_a_duty_only(world: World) -> None:
    await world.joined("Lan")
    id = await lay_down(world, kind="poll")
    with pytest.raises(WrongUse, match="No duty rule1"):
        await recurring_requests.end(world.parts, id, (RequestKind.DUTY,), as_json=False)
    assert [row.state for row in await world.rows(tables.rules.select())] == ["active"]
    await recurring_requests.end(world.parts, id, as_json=False)
    assert [row.state for row in await world.rows(tables.rules.select())] == ["ended"]
