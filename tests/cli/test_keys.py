"""`keys save` and `keys load`, and a restore on a machine that has nothing yet."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.support.processes import nhipcau

pytestmark = pytest.mark.slow

_ROSTER = "Họ và tên,Đơn vị,Vai trò\nHoàng Thị Lan,A,Cộng tác viên\nNông Thị Mùi,A,Cộng tác viên\n"
_PHRASE = "một câu dài để thử"


def test_the_drill_on_another_machine_brings_everybody_back(tmp_path: Path) -> None:
    nhipcau(tmp_path, "unit", "add", "Xã A", "--code", "A")
    (tmp_path / "r.csv").write_text(_ROSTER, encoding="utf-8")
    nhipcau(tmp_path, "roster", "import", "r.csv")
    assert "Chưa có bản chép khóa nào" in nhipcau(tmp_path, "backup", "copy.db")
    for phrase in ("", "ngắn"):
        assert "ít nhất 12 ký tự" in nhipcau(tmp_path, "keys", "save", "copy.keys", status=2, PASSPHRASE=phrase)
    saved = json.loads(nhipcau(tmp_path, "keys", "save", "copy.keys", "--json", PASSPHRASE=_PHRASE))
    assert saved == {"file": "copy.keys", "people": 2}
    assert "bản chép khóa" not in nhipcau(tmp_path, "backup", "copy.db", "--replace")
    before = nhipcau(tmp_path, "person", "list")
    # another machine: the backup and the copy of the keys are all there is
    shutil.rmtree(tmp_path / "keys")
    (tmp_path / "n.db").unlink()
    assert "keys load" in nhipcau(tmp_path, "restore", "copy.db", status=1)
    assert not (tmp_path / "keys").exists()
    wrong = nhipcau(tmp_path, "keys", "load", "copy.keys", status=1, PASSPHRASE=_PHRASE + "?")
    assert "không mở được" in wrong
    nhipcau(tmp_path, "keys", "load", "copy.keys", PASSPHRASE=_PHRASE)
    nhipcau(tmp_path, "restore", "copy.db")
    assert nhipcau(tmp_path, "person", "list") == before
    assert "Hoàng Thị Lan" in before
