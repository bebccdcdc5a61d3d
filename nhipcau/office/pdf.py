"""A Word document as PDF, by LibreOffice where this machine has it: one at a time, in a process of its own with an
empty profile and a limit of time.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from pathlib import Path

PROGRAM = "soffice"
#: Seconds: a document of six pages takes two.
_SECONDS = 60.0
#: Environment variables passed to the process: no setting, no token.
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TZ")
_OPTIONS = ("--headless", "--norestore", "--nolockcheck", "--nodefault", "--nofirststartwizard")
_ONE_AT_A_TIME = threading.Lock()

_COMMON = "/org.openoffice.Office.Common"
_INET = "/org.openoffice.Inet/Settings"
#: (path, name, value) of its settings: no macro runs, nothing a document names is fetched, and whatever would go out
#: is sent to a port of this machine that nobody listens at.
_SETTINGS = (
    (f"{_COMMON}/Security/Scripting", "MacroSecurityLevel", "3"),
    (f"{_COMMON}/Security/Scripting", "DisableMacrosExecution", "true"),
    (f"{_COMMON}/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("/org.openoffice.Office.Writer/Content/Update", "Link", "2"),
    (_INET, "ooInetProxyType", "1"),
    *((_INET, f"ooInet{kind}ProxyName", "127.0.0.1") for kind in ("HTTP", "HTTPS")),
    *((_INET, f"ooInet{kind}ProxyPort", "9") for kind in ("HTTP", "HTTPS")),
)


class NoPdf(Exception):
    """`reason`: "absent", "slow" or "failed"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def can_write_pdf() -> bool:
    """Whether LibreOffice is found."""
    return shutil.which(PROGRAM) is not None


def pdf_of(document: bytes, seconds: float = _SECONDS) -> bytes:
    """A DOCX as PDF; call it in a thread. `seconds`: how long it may take, waiting for its turn too. Raises NoPdf."""
    program = shutil.which(PROGRAM)
    if program is None:
        raise NoPdf("absent")
    if not _ONE_AT_A_TIME.acquire(timeout=seconds):
        raise NoPdf("slow")
    try:
        with tempfile.TemporaryDirectory(prefix="nhipcau-pdf-") as name:
            return _converted(program, document, Path(name), seconds)
    except OSError:
        raise NoPdf("failed") from None
    finally:
        _ONE_AT_A_TIME.release()


def _converted(program: str, document: bytes, folder: Path, seconds: float) -> bytes:
    source, target = folder / "document.docx", folder / "document.pdf"
    source.write_bytes(document)
    profile = folder / "profile"
    _write_profile(profile)
    process = subprocess.Popen(
        [
            *(program, *_OPTIONS, f"-env:UserInstallation={profile.as_uri()}"),
            *("--convert-to", "pdf:writer_pdf_Export", "--outdir", str(folder), str(source)),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        | {"HOME": str(folder), "TMPDIR": str(folder)},
        # what it starts itself is ended with it
        start_new_session=True,
    )
    try:
        status = process.wait(seconds)
    except subprocess.TimeoutExpired:
        raise NoPdf("slow") from None
    finally:
        _end(process)
    # it says 0 too where it could not read the file
    if status or not target.exists() or not (data := target.read_bytes()).startswith(b"%PDF-"):
        raise NoPdf("failed")
    return data


def _write_profile(profile: Path) -> None:
    items = "".join(
        f'<item oor:path="{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
        for path, name, value in _SETTINGS
    )
    user = profile / "user"
    user.mkdir(parents=True)
    (user / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n<oor:items xmlns:oor="http://openoffice.org/2001/registry" '
        f'xmlns:xs="http://www.w3.org/2001/XMLSchema">{items}</oor:items>',
        encoding="utf-8",
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """End it with all it has started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
