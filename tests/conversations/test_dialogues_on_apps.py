"""Every dialogue on every app, over sockets, its choices taken in four ways: the same is said and done everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from nhipcau.bot.channels.registry import CHANNELS
from nhipcau.bot.language.catalogue import texts
from tests.support.apps import BARE, NUMBER, TAP, WORDS, App, NoWay, app_world
from tests.support.dialogues import FOLDER, Player
from tests.support.world import MORNING

pytestmark = pytest.mark.slow


def ends_early(app: App) -> set[str]:
    """Dialogues that go on with what this app has not: an older message's button, a name, a chat without a link."""
    found: set[str] = set()
    if not app.channel.limits.buttons:
        # there is no button to press once the list of it is no longer the last
        found |= {"done_confirmed", "poll", "push_between", "report", "report_astray"}
    if app.channel.recipients_fetch:
        # the page is only reached by a link, and sends words and pictures
        found |= {"joining", "joining_without_name", "question_back", "report_astray", "words_kept"}
    if not app.tells_names:
        found |= {"joining"}
    return found


_NAMES = "|".join(texts("vi")(f"channel.{each.name}") for each in CHANNELS)
#: What is said of one app only: its window or plan before anything is sent, its link.
_ONLY_HERE = rf"    (Qua Zalo|({_NAMES}): http)"
#: What is said instead where nothing can be changed in place.
_INSTEAD = r"    (~ |ĐÍNH CHÍNH )"


_DIALOGUES = sorted(FOLDER.glob("*.txt"))


def _tried() -> Iterator[tuple[Path, str, str]]:
    """Each dialogue on every app as it is mostly answered there, and in each other way on one app, not always the
    same: what is typed is read by the same code on all of them."""
    for number, path in enumerate(_DIALOGUES):
        for app in CHANNELS:
            yield path, app.name, TAP if app.limits.buttons else NUMBER
        for turn, way in enumerate((NUMBER, WORDS, BARE)):
            # without buttons, numbers are what is mostly typed; words without marks are tried there alone
            apps = [each.name for each in CHANNELS if bool(each.limits.buttons) is (way == NUMBER) or way == WORDS]
            yield path, apps[(number + turn) % len(apps)], way


@pytest.mark.parametrize(
    ("path", "app", "way"),
    [pytest.param(*each, id=f"{each[0].stem}-{each[1]}-{each[2]}") for each in _tried()],
)
async def test_dialogue(path: Path, app: str, way: str, tmp_path: Path) -> None:
    expected = path.read_text(encoding="utf-8").splitlines()
    async with app_world(tmp_path, MORNING, app, way) as world:
        player = Player(world)
        try:
            said = await player.play(expected)
        except NoWay:
            said = player.said
            assert path.stem in ends_early(world.app)
    name = texts("vi")(f"channel.{app}")
    here = [line for line in said if not re.match(_ONLY_HERE, line)]
    here = [line.replace(name, texts("vi")("channel.web")) for line in here]
    if not world.app.tells_names:
        expected = [re.sub(r"\[Dùng tên: .*?\] ", "", line) for line in expected]
    expected = [line for line in expected if not re.match(_ONLY_HERE, line)]
    if not world.app.channel.limits.edits:
        here, expected = ([line for line in lines if not re.match(_INSTEAD, line)] for lines in (here, expected))
    assert here == expected[: len(here)]
