"""A language is two files: put beside the others it is offered, spoken, and may be the office's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow

#: What is said in an office whose product has a language more; a line for what is to be seen.
_DIALOGUE = """
import asyncio, sys
from pathlib import Path
from nhipcau.settings import Settings
from tests.support.world import open_world

async def main() -> None:
    print(Settings(_env_file=None, language="tyz").language)
    async with open_world(Path(sys.argv[1])) as world:
        lan = await world.joined("Lan")
        await lan.say("ngôn ngữ")
        print(*lan.labels()[:2], "Tày" in lan.labels(), sep=", ")
        await lan.tap("Tày")
        print(lan.last.text.splitlines()[0])
        await lan.say("riêng tư")
        print(*[line for line in lan.last.text.splitlines() if "Tày" in line])

asyncio.run(main())
"""


def test_two_files_more_are_a_language_more(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "nhipcau", tmp_path / "nhipcau", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    folder = tmp_path / "nhipcau" / "bot" / "language" / "texts"
    words = (folder / "en.yaml").read_text(encoding="utf-8")
    words = words.replace("name: English", "name: Tày").replace("speak English from now", "speak Tày from now")
    (folder / "tyz.yaml").write_text(words, encoding="utf-8")
    shutil.copy(folder / "cli" / "en.yaml", folder / "cli" / "tyz.yaml")
    shutil.copy(folder / "console" / "en.yaml", folder / "console" / "tyz.yaml")
    done = subprocess.run(
        [sys.executable, "-c", _DIALOGUE, str(tmp_path / "office")],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines() == [
        "tyz",
        "Tiếng Việt, English, True",
        "I will speak Tày from now on.",
        "• Language: Tày",
    ], done.stderr
