"""Real processes for tests: started, waited for, killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAM = Path(sys.executable).parent / "nhipcau"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(folder: Path, **settings: str) -> dict[str, str]:
    """A clean environment for one installation in this folder."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NHIPCAU_")}
    given = {
        "NHIPCAU_DATA_DIR": str(folder),
        "NHIPCAU_DATABASE_URL": f"sqlite+aiosqlite:///{folder}/n.db",
        "NHIPCAU_QUIET_HOURS": "off",
    }
    return {**clean, **given, **{f"NHIPCAU_{name}": value for name, value in settings.items()}}


def nhipcau(folder: Path, *arguments: str, status: int = 0, stdin: bytes = b"", **settings: str) -> str:
    """Run one command to its end; its standard output. Fails unless the exit status is as expected."""
    done = subprocess.run(
        [PROGRAM, *arguments],
        cwd=folder,
        env=environment(folder, **settings),
        capture_output=True,
        input=stdin,
        timeout=60,
        check=False,
    )
    assert done.returncode == status, (done.returncode, done.stdout.decode(), done.stderr.decode())
    return done.stdout.decode() + (done.stderr.decode() if status else "")


class Running:
    """A `nhipcau` that serves."""

    def __init__(self, folder: Path, *arguments: str, **settings: str) -> None:
        self.folder = folder
        self.port = int(settings.setdefault("PORT", str(free_port())))
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "run.log"
        self._arguments = arguments or ("run",)
        self._settings = settings
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [PROGRAM, *self._arguments],
                cwd=self.folder,
                env=environment(self.folder, **self._settings),
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def wait_ready(self, seconds: float = 30) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise AssertionError(f"ended with {self.process.returncode}: {self.log.read_text()}")
            try:
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                time.sleep(0.05)
        raise AssertionError(f"not ready after {seconds} s: {self.log.read_text()}")

    def kill(self) -> None:
        """As a power cut would."""
        self.process.kill()
        self.process.wait(10)

    def start_again(self) -> None:
        self.process = self._start()
        self.wait_ready()

    def stop(self) -> int:
        """SIGTERM; the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


@contextmanager
def running(folder: Path, *arguments: str, **settings: str) -> Iterator[Running]:
    service = Running(folder, *arguments, **settings)
    try:
        service.wait_ready()
        yield service
    finally:
        if service.process.poll() is None:
            service.process.kill()
            service.process.wait(10)
