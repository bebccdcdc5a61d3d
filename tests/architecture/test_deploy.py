"""The files of deploy/ name commands, parts and settings that there are."""

from __future__ import annotations

import configparser
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from nhipcau.app import PARTS
from nhipcau.cli.main import app
from nhipcau.settings import Settings

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))


def commands() -> set[str]:
    root: Any = get_command(app)
    return set(root.commands)


def unit(path: Path) -> configparser.RawConfigParser:
    class Several(dict[str, Any]):
        """A unit may say one key several times."""

        def __setitem__(self, key: str, value: Any) -> None:
            if key in self and isinstance(value, list):
                self[key].extend(value)
            else:
                super().__setitem__(key, value)

    parsed = configparser.RawConfigParser(strict=False, dict_type=Several)
    parsed.optionxform = str  # type: ignore[assignment,method-assign]  # keys of units have capitals
    parsed.read(path, "utf-8")
    return parsed


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_service_files_name_commands_and_settings_that_exist(path: Path) -> None:
    service = unit(path)["Service"]
    words = re.search(r"/bin/nhipcau (\w+)(?: --only (\S+))?", service["ExecStart"])
    assert words
    assert words[1] in commands()
    assert words[2] in {None, "%i"}
    assert service["User"] == "nhipcau"
    text = path.read_text(encoding="utf-8")
    for name in re.findall(r"NHIPCAU_([A-Z_]+)", text):
        assert name.lower() in Settings.model_fields, name
    assert set(re.findall(r"nhipcau@(\w+)", text)) <= set(PARTS)
    if words[1] == "run":
        # longer than a stop may take
        assert int(service["TimeoutStopSec"]) > 30


def test_the_timer_has_its_service() -> None:
    assert (DEPLOY / "nhipcau-backup.service").exists()
    assert unit(DEPLOY / "nhipcau-backup.timer")["Timer"]["OnCalendar"]


def test_the_compose_file_runs_every_part_on_one_database() -> None:
    body = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    parts: list[str] = []
    for name, service in body["services"].items():
        if name == "database":
            continue
        assert service["command"][:3] == ["nhipcau", "run", "--only"]
        parts += service["command"][3:]
        # what stands here wins over deploy/.env: it says where an office may say otherwise
        for key, value in service["environment"].items():
            assert key == "NHIPCAU_DATABASE_URL" or value.startswith(f"${{{key}:-"), key
        names = {key.removeprefix("NHIPCAU_").lower() for key in service["environment"]}
        assert names <= set(Settings.model_fields)
        assert {"data:/var/lib/nhipcau", "socket:/run/postgresql"} == set(service["volumes"])
        # ASVS V12: the password and every row stay off the network
        assert "@/nhipcau?host=/run/postgresql" in service["environment"]["NHIPCAU_DATABASE_URL"]
    assert "listen_addresses=" in body["services"]["database"]["command"]
    assert sorted(parts) == sorted(PARTS)


def test_the_image_has_no_tools_of_development() -> None:
    done = subprocess.run(
        [sys.executable, str(DEPLOY.parent / "scripts" / "unneeded_packages.py")],
        capture_output=True,
        text=True,
        check=True,
    )
    unneeded = set(done.stdout.split())
    assert {"pytest", "mypy", "ruff", "hypothesis", "playwright", "aiogram", "psycopg"} <= unneeded
    needed = {"aiohttp", "sqlalchemy", "greenlet", "asyncpg", "uvicorn", "pypdf", "lxml", "cffi", "nhipcau"}
    assert unneeded & needed == set()
    assert "unneeded_packages.py" in (DEPLOY / "Dockerfile").read_text(encoding="utf-8")


def test_every_unit_is_bounded_and_shut_in() -> None:
    for path in UNITS:
        service = unit(path)["Service"]
        if " run" not in service["ExecStart"]:
            continue
        assert int(service["LimitNOFILE"]) >= 4096
        for name in ("NoNewPrivileges", "PrivateTmp", "PrivateDevices", "ProtectHome", "RestrictNamespaces"):
            assert service[name] == "yes", (path.name, name)
        assert service["CapabilityBoundingSet"] == ""
