"""Every command ends as promised: 2 for wrong use, 1 where the work failed; one line on stderr, and nothing done."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from typer.main import get_command

from nhipcau.cli.main import app, main

pytestmark = pytest.mark.slow

Typed = Callable[..., tuple[int, str, str]]

#: Every command, with what it needs at least. Files named here are there.
COMMANDS: dict[str, list[str]] = {
    "run": [],
    "demo": [],
    "migrate": [],
    "doctor": [],
    "backup": ["copy.db"],
    "restore": ["copy.db"],
    "purge": [],
    "init": ["--province", "Lạng Sơn"],
    "unit add": ["Xã A", "--code", "A"],
    "unit list": [],
    "unit cluster list": [],
    "unit cluster set": ["Cụm A", "T20"],
    "unit import": ["units.csv"],
    "roster import": ["people.csv"],
    "person list": [],
    "person move": ["nobody", "--unit", "T20"],
    "person disable": ["nobody"],
    "person replace": ["nobody", "--name", "Lan"],
    "person relink": ["nobody"],
    "console-link": ["--person", "nobody"],
    "invite": [],
    "invite list": [],
    "invite revoke": ["ABCDEFGH"],
    "poll": ["hoi.yaml"],
    "rapid": ["hoi.yaml"],
    "notice": ["tin.yaml"],
    "duty": ["ky.yaml"],
    "schedule": ["list"],
    "export": ["reports"],
    "import reports": ["reports.csv"],
    "sample": ["--size", "5", "-o", "mau.json"],
    "screen": ["people.csv"],
    "review": ["--period", "2026"],
    "tally": ["--period", "2026"],
    "signals": [],
    "topics check": [],
    "topics reset": [],
    "publication": ["khong-co", "-o", "phieu.docx"],
    "synthesis": ["--period", "2026", "-o", "tong-hop.docx"],
    "synthesis verify": ["tong-hop.docx"],
    "synthesis refresh": ["tong-hop.docx", "-o", "moi.docx"],
    "template new": ["-o", "mau.docx"],
    "template check": ["mau.docx"],
    "zalo connect": [],
    "lesson check": [],
    "mix": [],
    "keys save": ["copy.keys"],
    "keys load": ["copy.keys"],
    "keys accept": [],
    "audit list": [],
    "verify-audit": [],
    "dossier": ["-o", "ho-so.docx"],
    "breach": [],
    "request-log list": [],
    "request-log add": ["--kind", "see"],
    "request-log done": ["YC-AAAAAAA"],
}
_FILES = {
    "units.csv": "Mã đơn vị,Tên đơn vị\nA,Xã A\n",
    "people.csv": "Họ và tên,Đơn vị\nLan,Xã A\n",
    "reports.csv": "day,area,text\n",
    "hoi.yaml": "title: A\nquestions:\n  - text: B?\n",
    "tong-hop.docx": "",
    "tin.yaml": "text: A\n",
    "ky.yaml": "title: A\nevery: thứ 6 16:00\nquestions:\n  - text: B?\n",
}
#: They serve until they are stopped: their own start is tried in test_cannot_start.py.
_SERVE = {"run", "demo"}
#: They work on what is given, without settings.
_NO_SETTINGS = {"screen", "template new", "template check"}
#: They read settings, and no database.
_NO_DATABASE = {"zalo connect", "lesson check", "restore", "keys load", "keys save"}


def leaves(command: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if name and not (hasattr(command, "commands") and command.no_args_is_help):
        yield name, command
    for part, below in getattr(command, "commands", {}).items():
        yield from leaves(below, f"{name} {part}".strip())


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Typed]:
    """What a line typed in a new folder ends with: its status, standard output and standard error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NHIPCAU_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("NHIPCAU_PASSPHRASE", "mot hai ba bon nam")
    monkeypatch.setenv("NHIPCAU_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path}/n.db")
    for name, text in _FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["nhipcau", *words])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return int(str(ended.value.code or 0)), said.out, said.err

    yield run
    structlog.reset_defaults()


def one_line(said: tuple[int, str, str], status: int) -> str:
    assert (said[0], said[1]) == (status, ""), said
    assert said[2].count("\n") == 1, said[2]
    return said[2]


def test_the_table_holds_every_command() -> None:
    assert set(COMMANDS) == {name for name, _ in leaves(get_command(app))}


def test_an_unknown_option_is_wrong_use(typed: Typed, tmp_path: Path) -> None:
    for name, needed in COMMANDS.items():
        assert "--no-such" in one_line(typed(*name.split(), *needed, "--no-such"), 2), name
    assert not (tmp_path / "n.db").exists()


def test_what_is_missing_is_named_as_wrong_use(typed: Typed, tmp_path: Path) -> None:
    for name, command in leaves(get_command(app)):
        needed = [given for given in command.params if given.required]
        if needed:
            assert "Thiếu" in one_line(typed(*name.split()), 2), name
    assert not (tmp_path / "n.db").exists()


def test_a_wrong_setting_is_wrong_use_of_any_command(
    typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NHIPCAU_PUSH_BUDGET", "nhiều")
    for name in COMMANDS.keys() - _SERVE - _NO_SETTINGS:
        line = one_line(typed(*name.split(), *COMMANDS[name]), 2)
        assert line == "NHIPCAU_PUSH_BUDGET='nhiều': cần một số nguyên\n", name
    assert not (tmp_path / "n.db").exists()


def test_a_database_that_is_away_is_work_that_failed(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    # nothing listens there
    monkeypatch.setenv("NHIPCAU_DATABASE_URL", "postgresql+asyncpg://office@127.0.0.1:9/office")
    for name in COMMANDS.keys() - _SERVE - _NO_SETTINGS - _NO_DATABASE - {"doctor"}:
        line = one_line(typed(*name.split(), *COMMANDS[name]), 1)
        assert "Cơ sở dữ liệu không trả lời" in line, name
    status, out, _ = typed("doctor")
    assert status == 1
    assert "LỖI  cơ sở dữ liệu: Cơ sở dữ liệu không trả lời" in out


def test_a_database_that_is_damaged_is_work_that_failed(typed: Typed, tmp_path: Path) -> None:
    (tmp_path / "n.db").write_bytes(b"no database at all" * 100)
    for name in ("unit list", "migrate", "purge", "backup", "export", "poll"):
        one_line(typed(*name.split(), *COMMANDS[name]), 1)


#: What is typed after `init`, the status, and a word of the one line.
MISTAKES: list[tuple[list[str], int, str]] = [
    *((["person", *words], 2, "nobody") for words in (["relink", "nobody"], ["disable", "nobody"])),
    (["person", "move", "nobody", "--unit", "T20"], 2, "nobody"),
    (["invite", "revoke", "ABCDEFGH"], 2, "ABCDEFGH"),
    *(([kind, end, "khong-co"], 2, "khong-co") for kind in ("poll", "rapid", "notice") for end in ("close", "stop")),
    *(([kind, "stop", "khong-co"], 2, "khong-co") for kind in ("duty", "schedule")),
    *(([kind, "stop"], 2, "Thiếu mã") for kind in ("poll", "rapid", "notice", "duty", "schedule")),
    *(([*words, "--unit", "Xã Lạ"], 2, "Xã Lạ") for words in (["person", "list"], ["export", "people"], ["invite"])),
    *(([kind, "hoi.yaml", "--unit", "Xã Lạ"], 2, "Xã Lạ") for kind in ("poll", "rapid")),
    (["notice", "tin.yaml", "--unit", "Xã Lạ"], 2, "Xã Lạ"),
    (["duty", "ky.yaml", "--unit", "Xã Lạ"], 2, "Xã Lạ"),
    (["tally", "--period", "2026", "--unit", "Xã Lạ"], 2, "Xã Lạ"),
    (["tally", "--period", "2026", "--by", "topic,tên"], 2, "tên"),
    (["tally", "--period", "2026", "--by", "topic,mood,topic"], 2, "topic"),
    (["tally", "--period", "2099"], 2, "2099"),
    (["tally", "--period", "2001"], 2, "2001"),
    (["tally", "--period", "2026-11..2026-03"], 2, "2026-03"),
    (["tally", "--period", "2026..nay"], 2, "2026..nay"),
    (["tally", "--period", "2026", "--format", "pdf"], 2, "pdf"),
    (["review", "--period", "2026", "--unit", "Xã Lạ"], 2, "Xã Lạ"),
    (["review", "--period", "tháng nào"], 2, "tháng nào"),
    (["review", "--period", "2026", "--format", "pdf"], 2, "pdf"),
    (["review", "--period", "2026", "--document", "khong/co.docx"], 1, "khong/co.docx"),
    (["template", "check", "--of", "letter", "mau.docx"], 2, "letter"),
    (["review", "--period", "2026", "-o", "khong/co.csv", "--format", "csv"], 1, "khong/co.csv"),
    (["publication", "khong-co", "-o", "phieu.docx"], 2, "khong-co"),
    (["export", "secrets"], 2, "secrets"),
    (["export", "reports", "--format", "pdf"], 2, "pdf"),
    (["export", "reports", "--since", "hôm qua"], 2, "hôm qua"),
    (["export", "reports", "--since", "2026-11-02", "--until", "2026-11-01"], 2, "2026-11-02"),
    (["export", "answers", "--poll", "khong-co"], 2, "khong-co"),
    (["export", "reports", "-o", "khong/co.csv"], 1, "khong/co.csv: không ghi được"),
    (["invite", "--role", "boss"], 2, "boss"),
    (["invite", "--uses", "0"], 2, "0"),
    (["invite", "--days", "1000"], 2, "1000"),
    (["invite", "--roster"], 2, "--csv"),
    (["init", "--province", "Xứ Lạ"], 2, "Xứ Lạ"),
    (["init", "--province", "Cao Bằng"], 1, "Lạng Sơn"),
    (["unit", "add", "Xã B", "--code", "T20"], 1, "T20"),
    (["unit", "add", "Xã B", "--code", "B", "--parent", "Xã Lạ"], 2, "Xã Lạ"),
    (["poll", "hoi.yaml"], 2, "Mới có 0 người, ít hơn 5"),
    (["rapid", "hoi.yaml"], 2, "Chưa có ai"),
    (["poll", "ky.yaml", "--open", "2d"], 2, "--open"),
    (["poll", "hoi.yaml", "--close", "mai"], 2, "mai"),
    (["backup", "n.db"], 2, "n.db"),
    (["backup", "khong/co.db"], 1, "khong"),
    (["backup", "hoi.yaml"], 2, "--replace"),
    (["restore", "hoi.yaml"], 2, "không phải bản sao lưu"),
    (["zalo", "connect"], 2, "NHIPCAU_ZALO_OA_APP_ID"),
    (["lesson", "check", "hoi.yaml"], 1, "hoi.yaml"),
]


def test_a_mistake_ends_with_its_status_and_one_line(typed: Typed, tmp_path: Path) -> None:
    assert typed("init", "--province", "Lạng Sơn")[0] == 0
    before = (tmp_path / "hoi.yaml").read_bytes()
    for words, status, word in MISTAKES:
        code, out, err = typed(*words)
        assert (code, err.count("\n")) == (status, 1), (words, code, err)
        assert word in err, (words, err)
        assert not out or words[0] == "lesson", words
    assert (tmp_path / "hoi.yaml").read_bytes() == before
    assert typed("invite", "list", "--json")[1].count('"code"') == 1


def test_a_fault_of_ours_is_one_line_without_what_people_wrote(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*given: object, **more: object) -> None:
        raise KeyError("Hoàng Thị Lan")

    monkeypatch.setattr("nhipcau.context.build", fails)
    line = one_line(typed("unit", "list"), 1)
    assert "KeyError" in line
    assert "Lan" not in line
