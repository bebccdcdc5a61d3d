"""PDF by LibreOffice, which a small program stands in for: what it is told, and what is said where it fails."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from nhipcau.office.pdf import NoPdf, can_write_pdf, pdf_of
from tests.support.standins import soffice

_DOCX = b"PK and the rest"


def test_it_is_told_to_run_no_macro_and_to_fetch_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    soffice.put_on_path(monkeypatch, tmp_path, soffice.WRITES)
    monkeypatch.setenv("NHIPCAU_TELEGRAM_TOKEN", "1:x")
    monkeypatch.setenv("LANG", "vi_VN.UTF-8")
    assert can_write_pdf()
    said = json.loads(pdf_of(_DOCX).removeprefix(b"%PDF-1.7 "))
    assert said["read"] == "PK"
    assert "NHIPCAU_TELEGRAM_TOKEN" not in said["environment"]
    assert "LANG" in said["environment"]
    for name, value in (
        *(("MacroSecurityLevel", "3"), ("DisableMacrosExecution", "true"), ("BlockUntrustedRefererLinks", "true")),
        *(("Link", "2"), ("ooInetProxyType", "1"), ("ooInetHTTPProxyName", "127.0.0.1"), ("ooInetHTTPSProxyPort", "9")),
    ):
        assert f'oor:name="{name}" oor:op="fuse"><value>{value}</value>' in said["settings"]
    # nothing of it stays: neither its profile nor the document
    assert not Path(said["profile"].removeprefix("file://")).parent.exists()


def test_each_has_a_profile_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    soffice.put_on_path(monkeypatch, tmp_path, soffice.WRITES)
    profiles = {json.loads(pdf_of(_DOCX).removeprefix(b"%PDF-1.7 "))["profile"] for _ in range(2)}
    assert len(profiles) == 2


@pytest.mark.parametrize("then", [soffice.FAILS, soffice.SAYS_NOTHING, soffice.WRITES_NO_PDF])
def test_a_file_it_can_not_read_is_no_pdf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, then: str) -> None:
    soffice.put_on_path(monkeypatch, tmp_path, then)
    with pytest.raises(NoPdf, match="failed"):
        pdf_of(_DOCX)


def test_what_takes_too_long_is_ended_with_all_it_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    soffice.put_on_path(monkeypatch, tmp_path, soffice.NEVER_ENDS)
    with pytest.raises(NoPdf, match="slow"):
        pdf_of(_DOCX, seconds=1.5)
    started = int((tmp_path / "started").read_text())
    by = time.monotonic() + 5
    while _runs(started) and time.monotonic() < by:
        time.sleep(0.02)
    assert not _runs(started)
    # the next one has its turn
    soffice.put_on_path(monkeypatch, tmp_path, soffice.WRITES)
    assert pdf_of(_DOCX)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{process}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


def test_without_it_there_is_no_pdf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    soffice.take_off_path(monkeypatch, tmp_path)
    assert not can_write_pdf()
    with pytest.raises(NoPdf, match="absent"):
        pdf_of(_DOCX)
