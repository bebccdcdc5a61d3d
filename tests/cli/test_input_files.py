"""Every command that is given a file to read: one that is not there is wrong use, said in one line, with status 2."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import DATA
from tests.support.processes import nhipcau

#: Each command that reads a file named on its line.
COMMANDS = (
    ["unit", "import"],
    ["roster", "import"],
    ["import", "reports"],
    ["lesson", "check"],
    ["restore"],
    ["screen"],
    ["poll"],
    ["rapid"],
    ["notice"],
    ["duty"],
    ["synthesis", "verify"],
    ["synthesis", "refresh"],
    ["template", "check"],
)
#: What some of them ask for besides.
MORE = {"synthesis refresh": ["-o", "copy.docx"]}


def test_every_command_that_reads_a_file_is_tried_here() -> None:
    told = (DATA / "commands.txt").read_text(encoding="utf-8").split("\n")
    reading, command = set(), ""
    for line in told:
        if line.startswith("    "):
            reading |= {command} if line.startswith("    FILE;") or ": FILE, or" in line else set()
        else:
            command = line.partition(":")[0]
    # two write their file, and the third asks for its passphrase before it looks (test_keys.py)
    assert reading - {"backup", "keys save", "keys load"} == {" ".join(words) for words in COMMANDS}


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("name", ["khong-co.csv", "thu-muc"])
def test_a_file_that_cannot_be_read_is_wrong_use(tmp_path: Path, command: list[str], name: str) -> None:
    (tmp_path / "thu-muc").mkdir()
    (line,) = nhipcau(tmp_path, *command, name, *MORE.get(" ".join(command), ()), status=2).splitlines()
    why = "không có tệp hay thư mục này" if name != "thu-muc" else "đây là thư mục, không phải tệp"
    assert line == f"{name}: không đọc được ({why})."
