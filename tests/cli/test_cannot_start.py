"""What it can't work on, a disk without room or rights or a database of a later version: one line, status 1."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.installation import Installation
from tests.support.processes import PROGRAM, environment, free_port, nhipcau
from tests.support.telegram_office import UNIT, prepared

pytestmark = pytest.mark.slow

#: root may write where modes say no: these processes may not (setpriv is part of every Debian).
_BOUND = ["setpriv", "--bounding-set", "-dac_override"] if os.geteuid() == 0 else []
#: Not a byte into any file.
_FULL = ["prlimit", "--fsize=0"]
_POLL = "title: Giờ tiếp dân\nquestions:\n  - {text: 'Thuận không?', kind: yesno}\n"
#: Commands of each family, with what else they need.
COMMANDS = {
    "run": [],
    "migrate": [],
    "doctor": [],
    "invite": ["--unit", UNIT, "--role", "collaborator"],
    "poll": ["hoi.yaml", "--unit", UNIT],
    "export": ["reports", "-o", "reports.csv"],
}


def refused(at: Installation, *arguments: str, by: list[str] | None = None) -> str:
    """The one line that it ended with; in good time, and with status 1. `by`: started through these commands."""
    settings = {"PORT": str(free_port()), "LANGUAGE": "en", **at.settings}
    said = _said_by_program(at, arguments, by, settings) if by else nhipcau(at.folder, *arguments, status=1, **settings)
    lines = said.splitlines() if arguments[0] != "doctor" else [x for x in said.splitlines() if x.startswith("BAD")]
    assert len(lines) == 1, said
    return lines[0]


def _said_by_program(at: Installation, arguments: Sequence[str], by: list[str], settings: dict[str, str]) -> str:
    done = subprocess.run(
        [*by, PROGRAM, *arguments],
        cwd=at.folder,
        env=environment(at.folder, **settings),
        capture_output=True,
        timeout=30,
        check=False,
    )
    said = (done.stdout + done.stderr).decode()
    assert done.returncode == 1, (arguments, done.returncode, said)
    return said


@contextmanager
def unwritable(folder: Path, *names: str) -> Iterator[None]:
    """As modes say it: these files in it, or all of it."""
    paths = [folder / name for name in names] or [folder, *folder.rglob("*")]
    modes = {path: path.stat().st_mode & 0o777 for path in paths}
    for path, mode in modes.items():
        path.chmod(mode & 0o555)
    try:
        yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


# ------------------------------------------------------------------ the disk


async def test_a_folder_nobody_may_write_to_is_named(tmp_path: Path) -> None:
    at = Installation(tmp_path / "data")
    at.folder.mkdir()
    with unwritable(at.folder):
        assert str(at.folder) in refused(at, "run", by=_BOUND)


@pytest.mark.parametrize("alone", [False, True], ids=["folder", "file"])
async def test_a_database_nobody_may_write_to_is_named(tmp_path: Path, alone: bool) -> None:
    """With its folder, or only the file: as left behind by a command that somebody ran as another user."""
    at = Installation(tmp_path / "data")
    at.folder.mkdir()
    async with prepared(at):
        pass
    with unwritable(at.folder, *(["n.db"] if alone else [])):
        for name in ("run", "invite"):
            line = refused(at, name, *COMMANDS[name], by=_BOUND)
            assert "does not answer" not in line, "it answers well; it can't be written"
    assert at.rows("SELECT count(*) FROM invites") == [(0,)]


async def test_a_disk_that_is_full_at_the_start_is_named(tmp_path: Path) -> None:
    at = Installation(tmp_path)
    assert refused(at, "run", by=_FULL)
    async with prepared(at):
        pass
    for name in ("run", "invite"):
        line = refused(at, name, *COMMANDS[name], by=_FULL)
        assert "does not answer" not in line, "it answers well; it can't be written"
    assert at.rows("SELECT count(*) FROM invites") == [(0,)]


# ------------------------------------------------------------------ a later version


async def test_a_later_versions_database_is_left_alone_and_both_are_named(place: Installation) -> None:
    async with prepared(place):
        pass
    (place.folder / "hoi.yaml").write_text(_POLL, encoding="utf-8")
    [(known,)] = place.rows("SELECT version_num FROM alembic_version")
    place.change("UPDATE alembic_version SET version_num = '9999'")
    for name, more in COMMANDS.items():
        line = refused(place, name, *more)
        assert re.search(rf"version 9999.* {known}: install the newer program", line), (name, line)
    assert place.rows("SELECT version_num FROM alembic_version") == [("9999",)]
    assert place.rows("SELECT count(*) FROM invites") == [(0,)]
