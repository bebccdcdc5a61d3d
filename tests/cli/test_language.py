"""The command line speaks the office's language: help, wrong use, faults; in UTF-8 whatever the machine says."""

from __future__ import annotations

import ast
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from nhipcau.bot.language.catalogue import LANGUAGES, catalogue, texts
from nhipcau.cli.help_pages import does_key, given_key
from nhipcau.cli.main import app
from nhipcau.cli.runner import spoken
from tests.support.processes import PROGRAM, environment, nhipcau

CODE = Path(__file__).parents[2] / "nhipcau"
#: Files whose every sentence stands in the catalogue.
SPOKEN = [
    *(CODE / "cli").glob("*.py"),
    *(CODE / "office" / f"{name}.py" for name in ("request_file", "lesson_file", "lesson_library", "yaml_validation")),
    *(CODE / "office" / f"{name}.py" for name in ("provinces", "export_tables", "roster", "roster_problems")),
    *(CODE / "bot" / "forms" / "kinds").glob("*.py"),
    CODE / "bot" / "forms" / "conditions.py",
    CODE / "settings.py",
    *(CODE / "bot" / "channels").glob("*/doctor.py"),
    *(CODE / "bot" / "channels").glob("*/settings.py"),
    CODE / "bot" / "channels" / "traits.py",
]
#: Two words that follow one another, which no key, option or file name has.
_WORDS = re.compile(r"[^\W\d_]{2,} [^\W\d_]{2,}")


def literals(tree: ast.Module) -> Iterator[str]:
    """Texts of the program itself: not what documents it."""
    documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents:
            yield node.value


@pytest.mark.parametrize("path", SPOKEN, ids=lambda path: str(path.relative_to(CODE)))
def test_no_sentence_stands_in_the_code(path: Path) -> None:
    found = {text for text in literals(ast.parse(path.read_text(encoding="utf-8"))) if _WORDS.search(text)}
    # names of checks for programs, and messages of databases
    known = {key.rpartition(".")[2].replace("_", " ") for key in catalogue("vi") if key.startswith("cli.doctor.check.")}
    # kinds of units and buttons as people write them
    known |= {"unable to open", "disk I/O error", "No space left", "thành phố", "thành phố trung ương"}
    known |= {"đặc khu", "thị trấn", "cơ quan"}
    known |= {"bo qua", "xem them", "khong co gi"}
    assert {text for text in found - known if not re.match(r"SELECT|PRAGMA|BEGIN", text)} == set()


def tree(command: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    yield name, command
    for part, below in getattr(command, "commands", {}).items():
        yield from tree(below, f"{name} {part}".strip())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_and_what_it_is_given_is_explained(language: str) -> None:
    t, used = texts(language), {"cli.given.help"}
    for name, command in tree(get_command(app)):
        assert t(does_key(name))
        used.add(does_key(name))
        for given in command.params:
            assert t(given_key(name, given.name, t))
            used.add(given_key(name, given.name, t))
    explained = {key for key in catalogue(language) if key.startswith(("cli.does.", "cli.given."))}
    assert explained == used, "a sentence that no command shows"


#: What is typed, and the one line in both languages.
WRONG = [
    (["dotor"], "dotor: không có lệnh này, có phải là `nhipcau doctor`?", "dotor: there is no such command"),
    (["unit", "x"], "x: không có lệnh này. Xem `nhipcau unit --help`.", "See `nhipcau unit --help`."),
    (["poll"], "Thiếu VIỆC. Xem `nhipcau poll --help`.", "WHAT is missing."),
    (["person", "move", "x"], "Thiếu --unit. Xem `nhipcau person move --help`.", "--unit is missing."),
    (["unit", "list", "--jso"], "--jso: không có tùy chọn này, có phải là --json?", "did you mean --json?"),
    (["unit", "list", "a b"], "Thừa a b: lệnh không nhận thêm.", "a b is too much"),
    (["unit", "list", "--json=1"], "--json: tùy chọn này không nhận giá trị.", "this option takes no value"),
    (["unit", "add", "A", "--code"], "--code: thiếu giá trị đi kèm.", "its value is missing"),
    (["invite", "--uses", "năm"], "--uses năm: cần một số nguyên, ví dụ 30.", "a whole number is needed"),
    (["schedule", "open"], "VIỆC open: dùng một trong list, stop.", "use one of list, stop"),
    (["run", "--only", "web,x"], "--only x: dùng một trong intake, sender, clock, web.", "use one of intake"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("typed", "said", "in_english"), WRONG, ids=lambda value: " ".join(value)[:24])
def test_wrong_use_is_one_line_in_the_offices_language(
    tmp_path: Path, typed: list[str], said: str, in_english: str
) -> None:
    line = nhipcau(tmp_path, *typed, status=2)
    assert line.startswith(said)
    assert line.count("\n") == 1
    assert in_english in nhipcau(tmp_path, *typed, status=2, LANGUAGE="en")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_help_speaks_the_offices_language(tmp_path: Path) -> None:
    said = nhipcau(tmp_path, "poll", "--help")
    assert said.startswith("Cách dùng: nhipcau poll [TÙY CHỌN] VIỆC [MÃ]\n")
    assert "Tùy chọn:\n  --unit <chữ>" in said
    in_english = nhipcau(tmp_path, "poll", "--help", LANGUAGE="en")
    assert in_english.startswith("Usage: nhipcau poll [OPTIONS] WHAT [ID]\n")
    # without a command: what there is, as wrong use
    assert "  poll " in nhipcau(tmp_path, status=2)


def test_the_language_is_found_where_settings_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NHIPCAU_LANGUAGE", raising=False)
    assert spoken().language == "vi"
    (tmp_path / ".env").write_text("nhipcau_language=en\n")
    assert spoken().language == "en"
    monkeypatch.setenv("NHIPCAU_LANGUAGE", "vi")
    assert spoken().language == "vi"
    # wrong settings are told, in Vietnamese
    monkeypatch.setenv("NHIPCAU_LANGUAGE", "fr")
    assert spoken().language == "vi"
    (tmp_path / ".env").write_bytes(b"\xff\xfe")
    assert spoken().language == "vi"


def typed(folder: Path, line: str, **machine: str) -> subprocess.CompletedProcess[str]:
    """A line of the shell, which knows the program as `nhipcau`."""
    path = f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}"
    settings = {**environment(folder), "PATH": path, **machine}
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", line],
        cwd=folder,
        env=settings,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize("machine", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0"}])
def test_every_locale_reads_vietnamese(tmp_path: Path, machine: dict[str, str]) -> None:
    done = typed(tmp_path, "nhipcau init --province 'Lạng Sơn' && nhipcau unit list --json", **machine)
    assert done.returncode == 0, done.stderr
    assert "Tỉnh Lạng Sơn" in done.stdout
    done = typed(tmp_path, "nhipcau unit add Xã --code 'mã lạ'", **machine)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "mã lạ" in done.stderr
    # not UTF-8 on the line typed either
    done = typed(tmp_path, "nhipcau person move $'\\xff' --unit T20", **machine)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


@pytest.mark.slow
def test_a_reader_who_leaves_early_is_no_failure(tmp_path: Path) -> None:
    assert typed(tmp_path, "nhipcau init --province 'Lạng Sơn'").returncode == 0
    for command in ("--help", "unit list", "export people --reason kiem-tra", "doctor"):
        # closed before a byte is read
        done = typed(tmp_path, f"nhipcau {command} | (exec 0<&-; true)")
        assert (done.returncode, done.stderr) == (0, ""), command
        done = typed(tmp_path, f"nhipcau {command} >&-")
        assert (done.returncode, done.stderr) == (0, ""), command
    done = typed(tmp_path, "nhipcau unit list > /dev/full")
    assert (done.returncode, done.stderr) == (1, "Đầu ra: không ghi được (ổ đĩa đã đầy).\n")
