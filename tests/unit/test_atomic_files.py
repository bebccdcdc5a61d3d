"""Files written whole or not at all, and written anew each night: what is deleted stays so, nothing is left behind."""

from __future__ import annotations

import os
import threading
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from nhipcau.privacy.atomic_files import delete_file, left_behind, rewrite_files, store_file, write_file

TODAY = date(2026, 11, 23)


def _of_days(folder: Path, *ago: int) -> list[Path]:
    return [folder / store_file(folder, b"picture", "jpg", TODAY - timedelta(days=days)) for days in ago]


def test_only_files_since_the_last_night_are_written_anew(tmp_path: Path) -> None:
    paths = _of_days(tmp_path, 40, 2, 1, 0)
    before = [path.stat() for path in paths]
    # whenever they were last written anew
    assert rewrite_files(tmp_path, TODAY) == 2
    after = [path.stat() for path in paths]
    assert [old.st_ino != new.st_ino for old, new in zip(before, after, strict=True)] == [False, False, True, True]
    assert [old.st_mtime for old in before] == [new.st_mtime for new in after]
    assert rewrite_files(tmp_path, TODAY + timedelta(days=2)) == 0
    assert rewrite_files(tmp_path, date.min) == 4


def test_a_file_deleted_meanwhile_stays_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [path] = _of_days(tmp_path, 0)
    sync = os.fsync

    def delete_first(handle: int) -> None:
        path.unlink()
        sync(handle)

    monkeypatch.setattr(os, "fsync", delete_first)
    assert rewrite_files(tmp_path, TODAY) == 0
    assert list(tmp_path.iterdir()) == []


def test_a_file_replaced_meanwhile_keeps_the_later_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [path] = _of_days(tmp_path, 0)
    sync = os.fsync

    def replace_first(handle: int) -> None:
        monkeypatch.setattr(os, "fsync", sync)
        write_file(path, b"later")
        sync(handle)

    monkeypatch.setattr(os, "fsync", replace_first)
    assert rewrite_files(tmp_path, TODAY) == 0
    assert [each.read_bytes() for each in tmp_path.iterdir()] == [b"later"]


def test_deleting_and_rewriting_at_once_leaves_nothing(tmp_path: Path) -> None:
    paths = _of_days(tmp_path, *[0] * 200)
    ends = threading.Event()

    def rewrite() -> None:
        while not ends.is_set():
            rewrite_files(tmp_path, TODAY)

    beside = threading.Thread(target=rewrite)
    beside.start()
    for path in paths:
        delete_file(path)
    ends.set()
    beside.join()
    assert list(tmp_path.iterdir()) == []
    # and of a file, or folder, that is not there
    delete_file(paths[0])
    delete_file(tmp_path / "none" / "a.jpg")


@pytest.mark.parametrize("error", [OSError("full"), KeyboardInterrupt()])
def test_a_write_that_fails_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def fail(_: int) -> None:
        raise error

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(type(error)):
        write_file(tmp_path / "a.jpg", b"picture", TODAY)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_writer_left_is_found_after_an_hour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _of_days(tmp_path, 0)
    for name in (".0123456789abcdef.jpg.01234567", ".day-2026-11-23.0123456789abcdef", ".nfs01234567", ".gitignore"):
        (tmp_path / name).write_bytes(b"half")
        midnight = datetime(2026, 11, 20, tzinfo=UTC).timestamp()
        os.utime(tmp_path / name, (midnight, midnight))
    assert left_behind(tmp_path) == []
    later = time.time() + 3601
    monkeypatch.setattr(time, "time", lambda: later)
    assert sorted(path.name[:5] for path in left_behind(tmp_path)) == [".0123", ".day-"]
    assert left_behind(tmp_path / "none") == []
