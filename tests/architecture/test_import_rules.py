"""The import rules find what they are for: tried in a copy of the product with one thing wrong."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.processes import PROGRAM

ROOT = Path(__file__).parents[2]


def broken_rules(copy: Path) -> set[str]:
    """Names of the contracts that this copy breaks."""
    rules = subprocess.run(
        [PROGRAM.parent / "lint-imports", "--no-cache"], cwd=copy, capture_output=True, text=True, check=False
    )
    assert "Contracts: " in rules.stdout, rules.stdout + rules.stderr
    return set(re.findall(r"^(.+) BROKEN\b", rules.stdout, re.MULTILINE))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "nhipcau", tmp_path / "nhipcau", ignore=shutil.ignore_patterns("__pycache__", "data"))
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "line", "rule"),
    [
        ("kiosk/__init__.py", "", "Every package has a floor, and imports only what stands below it"),
        ("bot/games/__init__.py", "", "Inside bot: channels and recurrence, forms, units, messaging, language"),
        (
            "bot/channels/sms/__init__.py",
            "import nhipcau.bot.channels.telegram.updates",
            "A channel knows no other channel",
        ),
        ("handlers/games.py", "", "Inside handlers: the router, then each room, then what all rooms share"),
        (
            "bot/channels/zalo_oa/events.py",
            "import nhipcau.bot.channels.telegram.updates",
            "A channel knows no other channel",
        ),
        ("handlers/screens.py", "import sqlalchemy", "What decides touches no store, no network and no server"),
        (
            "actions/requests.py",
            "import nhipcau.storage.requests",
            "What decides touches no store, no network and no server",
        ),
        ("web/health.py", "import nhipcau.storage.tables", "Only storage knows tables"),
        (
            "operations/notify.py",
            "import sqlalchemy",
            "Only storage knows SQLAlchemy; settings read the database's address as it does",
        ),
    ],
)
def test_a_wrong_import_or_a_package_without_a_floor_fails(copy: Path, file: str, line: str, rule: str) -> None:
    path = copy / "nhipcau" / file
    path.parent.mkdir(exist_ok=True)
    with path.open("a", encoding="utf-8") as module:
        module.write(f"\n{line}\n")
    assert rule in broken_rules(copy)


@pytest.mark.slow
def test_the_product_keeps_all_import_rules(copy: Path) -> None:
    assert broken_rules(copy) == set()
