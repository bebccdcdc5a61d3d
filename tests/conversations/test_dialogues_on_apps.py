"""Every dialogue on every app, over sockets, its choices taken in three ways: the same is said and done everywhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nhipcau.bot.language.catalogue import texts
from tests.support.apps import APPS, BARE, TAP, WAYS, NoWay, app_world
from tests.support.dialogues import FOLDER, Player
from tests.support.world import MORNING

pytestmark = pytest.mark.slow


#: Apps that do not say what a person is called.
NAMELESS = ("web", "zalo_oa")


#: Dialogues that go on with what this app has not: the button of an older message, a name, a chat without a link.
ENDS_EARLY = {
    # there is no button to press once the list of it is no longer the last
    *((name, "zalo_bot") for name in ("done_confirmed", "poll", "push_between", "report", "report_astray")),
    # the page is only reached by a link, and sends words and pictures
    *((name, "web") for name in ("joining", "joining_without_name", "question_back", "report_astray", "words_kept")),
    ("joining", "zalo_oa"),
}
#: What is said of one app only: its window or plan before anything is sent, its link.
_ONLY_HERE = r"    (Qua Zalo|(Telegram|trang web|Zalo \w+): http)"
#: What is said instead where nothing can be changed in place.
_INSTEAD = r"    (~ |ĐÍNH CHÍNH )"


#: Words without marks are read by the same code on every app: one of them shows it. Where there are no buttons a tap is
#: a typed number.
_TRIED = [
    (app, way) for app in APPS for way in WAYS if (way != BARE or app == "zalo_bot") and (app, way) != ("zalo_bot", TAP)
]


@pytest.mark.parametrize(("app", "way"), _TRIED)
@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.stem)
async def test_dialogue(path: Path, app: str, way: str, tmp_path: Path) -> None:
    expected = path.read_text(encoding="utf-8").splitlines()
    async with app_world(tmp_path, MORNING, app, way) as world:
        player = Player(world)
        try:
            said = await player.play(expected)
        except NoWay:
            said = player.said
            assert (path.stem, app) in ENDS_EARLY
    name = texts("vi")(f"channel.{app}")
    here = [line for line in said if not re.match(_ONLY_HERE, line)]
    here = [line.replace(name, texts("vi")("channel.web")) for line in here]
    if app in NAMELESS:
        expected = [re.sub(r"\[Dùng tên: .*?\] ", "", line) for line in expected]
    expected = [line for line in expected if not re.match(_ONLY_HERE, line)]
    if app.startswith("zalo"):
        here, expected = ([line for line in lines if not re.match(_INSTEAD, line)] for lines in (here, expected))
    assert here == expected[: len(here)]
