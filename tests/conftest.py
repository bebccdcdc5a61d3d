"""Fixtures shared by all tests."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from tests.support.installation import Installation
from tests.support.loop import Loop
from tests.support.shared_statements import share_compiled_statements
from tests.support.world import World, open_world

if TYPE_CHECKING:
    from tests.support.standins.telegram import TelegramStandIn

# machines are noisy: nothing is timed
settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("here")

# what a developer has set for their own installation must not reach the tests
for name in [name for name in os.environ if name.startswith("NHIPCAU_")]:
    del os.environ[name]
# nor may it make every process compile the whole product and the tests anew, this one included: ten seconds each
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# where there is room, folders of tests lie in memory: waiting for a disk at each commit took a third of the time
_MEMORY, _ROOM = Path("/dev/shm"), 2_000_000_000
if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM:
    os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY)

# the database's thread and the loop hand every statement to each other: on two processors that wakes the other one each
# time, and took half of a dialogue's time
if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    ours = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {ours[int(worker.removeprefix("gw")) % len(ours)]})


share_compiled_statements()

# looking for garbage among all that is imported, which lives on, took a quarter of the time
gc.set_threshold(50_000, 20, 50)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """In the quick part, a file that is slow as a whole is not even imported."""
    if config.option.markexpr != "not slow" or collection_path.suffix != ".py":
        return None
    return "\npytestmark = pytest.mark.slow" in collection_path.read_text(encoding="utf-8") or None


def pytest_collection_finish() -> None:
    """What is there by now is not looked at again."""
    gc.collect()
    gc.freeze()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="rewrite the expected dialogues")


@pytest.fixture
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line speaks English."""
    monkeypatch.setenv("NHIPCAU_LANGUAGE", "en")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as opened:
        yield opened


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
async def office(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """An office on each database."""
    more: dict[str, Any] = {}
    if request.param == "postgres":
        from tests.support.postgres import new_database

        more = {"database_url": new_database()}
    async with open_world(tmp_path, **more) as opened:
        yield opened


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Installation:
    """An installation on each database."""
    if request.param == "sqlite":
        return Installation(tmp_path)
    from tests.support.postgres import new_database

    return Installation(tmp_path, new_database())


@pytest.fixture
async def tg() -> AsyncIterator[TelegramStandIn]:
    from tests.support.standins.telegram import TelegramStandIn
    from tests.support.telegram_office import TOKEN

    async with TelegramStandIn(TOKEN) as standin:
        yield standin


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"uvloop": Loop}
