"""The command line by real processes: wrong use and settings, `screen`, backup, restore, doctor."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from nhipcau.bot.language.catalogue import texts
from nhipcau.handlers.buttons import AnswerRequest
from nhipcau.settings import InvalidSetting, load_settings
from nhipcau.storage.tables import events, poll_answers
from tests.support.processes import PROGRAM, environment, nhipcau, running
from tests.support.requests import ask, crowd, states, yesno
from tests.support.world import World, open_world

# ------------------------------------------------------------------ wrong settings and wrong use

#: Variable, value, a word of what was expected; secrets are not repeated.
WRONG = [
    ("DATABASE_URL", "mysql://localhost/x", "sqlite+aiosqlite"),
    ("DATABASE_URL", "sqlite+aiosqlite://", "sqlite+aiosqlite:///FILE"),
    ("SECRET_KEY", "a", "at least 32 random characters"),
    ("DATA_DIR", __file__, "a folder"),
    ("KEY_DIR", __file__, "a folder"),
    ("HOST", "not a host", "an address of this machine"),
    ("PORT", "0", "at least 1"),
    ("PORT", "70000", "at most 65535"),
    ("PORT", "http", "a whole number"),
    ("PUBLIC_URL", "http://nhipcau.langson.gov.vn", "an https address"),
    ("PUBLIC_URL", "nhipcau.langson.gov.vn", "an https address"),
    ("TELEGRAM_TOKEN", "hello", "@BotFather"),
    ("TELEGRAM_API", "api.telegram.org", "http or https address"),
    ("TELEGRAM_MODE", "push", "poll, webhook"),
    ("TELEGRAM_PROXY", "ftp://127.0.0.1", "socks5://"),
    ("TELEGRAM_RATE", "-1", "at least 0"),
    ("TIMEZONE", "Lang Son", "Asia/Ho_Chi_Minh"),
    ("LANGUAGE", "fr", "vi, en"),
    ("QUIET_HOURS", "9pm-7am", "21:00-07:00"),
    ("QUIET_HOURS", "25:00-07:00", "21:00-07:00"),
    ("PUSH_BUDGET", "-1", "at least 0"),
    ("FOLLOW_UP_DAYS", "181", "at most 180"),
]
SECRET = {"TELEGRAM_TOKEN", "TELEGRAM_PROXY", "SECRET_KEY"}


@pytest.mark.parametrize(("name", "value", "expected"), WRONG, ids=[f"{name}={value[-9:]}" for name, value, _ in WRONG])
def test_a_wrong_setting_names_variable_value_and_what_was_expected(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str, expected: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(f"NHIPCAU_{name}", value)
    with pytest.raises(InvalidSetting) as wrong:
        load_settings()
    sentence = wrong.value.say(texts("en"))
    before, _, after = sentence.partition(": expected ")
    assert before.startswith(f"NHIPCAU_{name}=")
    assert expected in after
    assert (value in before) is (name not in SECRET)
    assert "\n" not in sentence
    in_vietnamese = wrong.value.say(texts("vi"))
    assert in_vietnamese.startswith(f"NHIPCAU_{name}=")
    assert ": cần " in in_vietnamese


def test_a_password_in_the_database_url_is_not_repeated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("NHIPCAU_DATABASE_URL=postgres://office:hunter2@db/x\n")
    with pytest.raises(InvalidSetting, match="NHIPCAU_DATABASE_URL=") as wrong:
        load_settings()
    assert "hunter2" not in str(wrong.value)


def one_line(text: str) -> str:
    assert text.endswith("\n")
    assert text.count("\n") == 1, text
    return text.strip()


@pytest.mark.slow
@pytest.mark.parametrize("command", [("run",), ("unit", "list")], ids=" ".join)
def test_a_wrong_setting_ends_any_command_with_status_2(tmp_path: Path, command: tuple[str, ...]) -> None:
    line = one_line(nhipcau(tmp_path, *command, status=2, PORT="http", LANGUAGE="en"))
    assert line.startswith("NHIPCAU_PORT='http': expected ")
    assert list(tmp_path.iterdir()) == []


#: The arguments, the exit status, a word of the one line.
MISUSE = [
    (("poll", "none.yaml"), 2, "none.yaml can't be read"),
    (("poll", "close"), 2, "The id is missing"),
    (("rapid", "stop", "abc"), 2, "No rapid abc"),
    (("export", "secrets"), 2, "one of reports, answers, requests, people, duties, issues"),
    (("export", "reports", "--since", "yesterday"), 2, "--since yesterday"),
    (("export", "reports", "-o", "no/such/file.csv"), 1, "can't be written"),
    (("invite", "--role", "boss"), 2, "--role boss"),
    (("invite", "--csv", "x.csv"), 2, "--roster"),
    (("run", "--only", "web"), 2, "--only web"),
    (("restore", "none.db"), 2, "none.db can't be read"),
    (("backup", "no/such/folder.db"), 1, "there is no such folder"),
    (("screen", "none.txt"), 2, "none.txt can't be read"),
]


@pytest.mark.slow
def test_wrong_use_exits_with_2_and_failed_work_with_1_in_one_line(tmp_path: Path) -> None:
    nhipcau(tmp_path, "migrate")
    for arguments, status, word in MISUSE:
        assert word in one_line(nhipcau(tmp_path, *arguments, status=status, LANGUAGE="en")), arguments


# ------------------------------------------------------------------ screen


@pytest.mark.slow
def test_screen_says_places_in_the_composed_line_whatever_the_locale(tmp_path: Path) -> None:
    lines = ["Đường hỏng, gọi anh Nguyễn Văn Hùng 0912 345 678 nhé", "", "Không có gì", "thư: hung@example.com\r"]
    given = unicodedata.normalize("NFD", "\n".join(lines)).encode()
    done = subprocess.run(
        [PROGRAM, "screen", "--json"],
        cwd=tmp_path,
        env={**environment(tmp_path), "LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": ""},
        input=given,
        capture_output=True,
        timeout=60,
        check=True,
    )
    said: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert len(said) == 4
    first = unicodedata.normalize("NFC", lines[0])
    assert [(f["kind"], first[f["start"] : f["end"]]) for f in said[0]["found"]] == [
        ("name", "Nguyễn Văn Hùng"),
        ("phone", "0912 345 678"),
    ]
    assert said[0]["text"] == "Đường hỏng, gọi anh [HỌ TÊN] [SĐT] nhé"
    assert said[1] == {"text": "", "found": []}
    assert said[2]["text"] == "Không có gì"
    assert said[3]["text"] == "thư: [EMAIL]"
    assert done.stderr == b""


# ------------------------------------------------------------------ backup and restore


@asynccontextmanager
async def office(folder: Path) -> AsyncIterator[World]:
    """The folder's installation in this process, at the true time."""
    async with open_world(folder, now=datetime.now(UTC), quiet_hours="off") as world:
        # an event's id is used once, over every start
        for _ in await world.rows(events.select()):
            world.next_event()
        yield world


async def press_yes(world: World, id: str, number: int) -> str:
    """What this person reads after pressing "Có"."""
    phone = world.phone(f"Người {number}")
    await phone.read()
    await phone.press(AnswerRequest(id, "q1", "yes"))
    return phone.last.text


@pytest.mark.slow
async def test_a_backup_taken_while_running_brings_back_all_who_answered(tmp_path: Path) -> None:
    async with office(tmp_path) as world:
        await crowd(world, 5)
        id = await ask(world, yesno())
        assert "Đã ghi nhận" in await press_yes(world, id, 1)
    with running(tmp_path) as service:
        assert "không chứa khóa" in nhipcau(tmp_path, "backup", "copy.db")
        assert "chính là cơ sở dữ liệu" in one_line(nhipcau(tmp_path, "backup", "n.db", status=2))
        assert "đang được dùng" in one_line(nhipcau(tmp_path, "restore", "copy.db", status=1))
        assert service.stop() == 0
    assert (tmp_path / "copy.db").stat().st_mode & 0o077 == 0
    keys = [path.read_bytes() for path in (tmp_path / "keys").glob("*.key")]
    assert keys
    assert not [key for key in keys if key in (tmp_path / "copy.db").read_bytes()]
    async with office(tmp_path) as world:
        await press_yes(world, id, 2)
        assert (await states(world, id)).count("answered") == 2
    assert "n.db.before-restore" in nhipcau(tmp_path, "restore", "copy.db")
    async with office(tmp_path) as world:
        assert (await states(world, id)).count("answered") == 1
        assert "Bác đã trả lời câu này rồi" in await press_yes(world, id, 1)
        assert len(await world.rows(poll_answers.select())) == 1
        assert "Đã ghi nhận" in await press_yes(world, id, 2)
    nhipcau(tmp_path, "restore", "copy.db")
    kept = {path.name: answers_in(path) for path in tmp_path.glob("n.db.before-restore*")}
    assert kept == {"n.db.before-restore": 2, "n.db.before-restore-2": 2}
    assert answers_in(tmp_path / "n.db") == 1


@pytest.mark.slow
async def test_people_whose_key_is_lost_are_not_given_another_one(tmp_path: Path) -> None:
    async with office(tmp_path) as world:
        await crowd(world, 1)
    shutil.rmtree(tmp_path / "keys")
    assert "contacts.key" in one_line(nhipcau(tmp_path, "run", status=1))
    ok, detail = checks(tmp_path, 1)["keys"]
    assert (ok, "put it back from your copy" in detail) == (False, True)
    assert not (tmp_path / "keys").exists()


@pytest.mark.slow
def test_a_damaged_database_is_what_a_restore_is_for(tmp_path: Path) -> None:
    nhipcau(tmp_path, "unit", "add", "Tỉnh A", "--code", "A")
    nhipcau(tmp_path, "backup", "copy.db")
    (tmp_path / "n.db").write_bytes(b"no database at all" * 1000)
    assert "được giữ ở" in nhipcau(tmp_path, "restore", "copy.db")
    assert "Tỉnh A" in nhipcau(tmp_path, "unit", "list")


def answers_in(path: Path) -> int:
    connection = sqlite3.connect(path)
    try:
        return int(connection.execute("SELECT count(*) FROM poll_answers").fetchone()[0])
    finally:
        connection.close()


# ------------------------------------------------------------------ doctor


def checks(folder: Path, status: int, **settings: Any) -> dict[str, tuple[bool, str]]:
    text = nhipcau(folder, "doctor", "--json", status=status, **{"LANGUAGE": "en", **settings})
    return {check["check"]: (check["ok"], check["detail"]) for check in json.loads(text)}


@pytest.mark.slow
def test_doctor_says_what_is_wrong_and_what_to_do(tmp_path: Path) -> None:
    empty = checks(tmp_path, 0)
    assert empty["database"] == (True, "answers; empty. `nhipcau init --province NAME` fills it")
    assert empty["telegram"][0]
    nhipcau(tmp_path, "migrate")
    good = checks(tmp_path, 0)
    assert all(ok for ok, _ in good.values())
    assert "version" in good["database"][1]
    assert "timedatectl" in good["clock"][1]
    assert good["documents"] == (True, "PDF, DOC, DOCX, 5 MB at most: web page as a download, good for a week")
    # nobody can write below a file, not even root
    nowhere = tmp_path / "file" / "data"
    nowhere.parent.touch()
    ok, detail = checks(tmp_path, 1, DATA_DIR=str(nowhere))["disk"]
    assert (ok, "NHIPCAU_DATA_DIR" in detail) == (False, True)
    (tmp_path / "keys").chmod(0o755)
    ok, detail = checks(tmp_path, 1)["keys"]
    assert (ok, f"chmod 700 {tmp_path / 'keys'}" in detail) == (False, True)
    (tmp_path / "keys").chmod(0o700)
    connection = sqlite3.connect(tmp_path / "n.db")
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    ok, detail = checks(tmp_path, 1)["database"]
    assert (ok, "install the newer program" in detail) == (False, True)
    assert "install the newer program" in one_line(nhipcau(tmp_path, "unit", "list", status=1, LANGUAGE="en"))
