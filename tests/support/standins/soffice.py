"""Stands in for LibreOffice's `soffice` on the PATH: takes the same arguments, and writes a PDF that says what it was
given. What it can not tell is how a page looks.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

_PROGRAM = """#!{python} -I
import json, os, subprocess, sys, time
from pathlib import Path
from urllib.parse import urlparse
given = sys.argv[1:]
target, source = given[given.index("--convert-to") + 1], Path(given[-1])
folder = Path(given[given.index("--outdir") + 1])
(profile,) = [each.split("=", 1)[1] for each in given if each.startswith("-env:UserInstallation=")]
settings = (Path(urlparse(profile).path) / "user" / "registrymodifications.xcu").read_text()
assert target.split(":")[0] == "pdf" and "--headless" in given
said = dict(environment=sorted(os.environ), settings=settings, read=source.read_bytes()[:2].decode(), profile=profile)
{then}
"""
#: What it does once it has read its arguments.
WRITES = 'folder.joinpath(source.stem + ".pdf").write_bytes(b"%PDF-1.7 " + json.dumps(said).encode())'
#: As the real one where it can't read the file: it says so and ends with 0.
SAYS_NOTHING = 'print("Error: source file could not be loaded", file=sys.stderr)'
WRITES_NO_PDF = 'folder.joinpath(source.stem + ".pdf").write_bytes(b"<html>")'
FAILS = WRITES + "\nsys.exit(77)"
#: It starts the program that works, as the real one does, and names it in a file.
NEVER_ENDS = """
started = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
Path(__file__).with_name("started").write_text(str(started.pid))
time.sleep(600)
"""


def put_on_path(patch: pytest.MonkeyPatch, folder: Path, then: str) -> None:
    """`soffice` is this and no other."""
    program = folder / "soffice"
    program.write_text(_PROGRAM.format(python=sys.executable, then=then), encoding="utf-8")
    program.chmod(0o755)
    patch.setenv("PATH", str(folder))


def take_off_path(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """There is no `soffice`."""
    patch.setenv("PATH", str(folder / "none"))
