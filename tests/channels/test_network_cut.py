"""R29: no call leaves the machine but to the channels that are set."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

WEB = Path(__file__).parents[2] / "nhipcau" / "web"


@pytest.mark.slow
def test_a_life_without_channels_asks_nobody_outside() -> None:
    """Pages, a report with a picture, a document and a chart in a network namespace with the loopback alone."""
    command = [sys.executable, "-m", "tests.support.offline_life"]
    done = subprocess.run(command, cwd=WEB.parents[1], capture_output=True, text=True, timeout=300, check=False)
    if done.returncode == 77:
        pytest.skip("this system gives no network namespace")
    assert done.returncode == 0, done.stderr[-3000:]
    left, probed = map(int, done.stdout.split()[-2:])
    assert probed == 1
    assert left == 0


def test_pages_name_no_foreign_host() -> None:
    """What a page's files load is written below our own paths; addresses stand in them as names of formats alone."""
    files = [path for path in WEB.rglob("*") if path.suffix in {".html", ".css", ".js", ".svg"}]
    assert len(files) > 10
    for path in files:
        text = path.read_text(encoding="utf-8")
        loaded = re.findall(r"""(?:src|href|action)\s*=\s*["']?((?:https?:)?//[^"'\s>]+)""", text)
        loaded += re.findall(r"(?:@import|url\()\s*[\"']?((?:https?:)?//\S+)", text)
        loaded += re.findall(r"(?:fetch|import|open)\(\s*[\"'`]((?:https?:)?//\S+)", text)
        assert loaded == [], path.name
