"""Real processes for tests: started, waited for, killed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from pkgutil import iter_modules, walk_packages
from tempfile import TemporaryDirectory

from nhipcau import cli
from nhipcau.bot import channels
from nhipcau.cli.main import main

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


#: Processes are forked off one that has imported the product already, which is most of what a start costs; all else is
#: as at a terminal: each is a process of its own. tests/cli/test_cannot_start.py starts the program itself as well.
_READY = multiprocessing.get_context("forkserver")
_READY.set_forkserver_preload(
    [
        *(f"nhipcau.cli.{module.name}" for module in iter_modules(cli.__path__)),
        *(module.name for module in walk_packages(channels.__path__, "nhipcau.bot.channels.")),
        "nhipcau.app",
    ]
)


class Process:
    """`nhipcau` with these arguments, as `subprocess.Popen` has it."""

    def __init__(
        self,
        folder: Path,
        arguments: Sequence[str],
        settings: dict[str, str],
        streams: Sequence[Path],
        quickly: bool = False,
    ) -> None:
        given = (folder, arguments, settings, streams, quickly)
        self._process = _READY.Process(target=_become, args=given, daemon=True)
        self._process.start()
        self.pid = self._process.pid or 0

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, seconds: float) -> int:
        self._process.join(seconds)
        ended = self._process.exitcode
        assert ended is not None, f"still runs after {seconds} s"
        return ended

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def terminate(self) -> None:
        self._process.terminate()

    def kill(self) -> None:
        self._process.kill()


def _become(
    folder: Path, arguments: Sequence[str], settings: dict[str, str], streams: Sequence[Path], quickly: bool
) -> None:
    for number, path in enumerate(streams):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND), number)
    sys.stdin, sys.stdout, sys.stderr = (open(n, "w" if n else "r", encoding="utf-8", closefd=False) for n in range(3))  # noqa: SIM115
    os.environ.clear()
    os.environ.update(settings)
    os.chdir(folder)
    if quickly:
        from nhipcau.bot.channels.zalo_bot.channel import ZaloBot

        # ten events a second of the stand-in, not the platform's one
        vars(ZaloBot)["__init__"].__kwdefaults__["between_polls"] = 0.1
    sys.argv = [str(PROGRAM), *arguments]
    main()


def nhipcau(folder: Path, *arguments: str, status: int = 0, stdin: bytes = b"", **settings: str) -> str:
    """Run one command to its end; its standard output. Fails unless the exit status is as expected."""
    with TemporaryDirectory() as name:
        streams = [Path(name) / stream for stream in ("stdin", "stdout", "stderr")]
        streams[0].write_bytes(stdin)
        process = Process(folder, arguments, environment(folder, **settings), streams)
        try:
            ended = process.wait(60)
        finally:
            process.kill()
        out, err = (stream.read_text(encoding="utf-8") for stream in streams[1:])
    assert ended == status, (ended, out, err)
    return out + (err if status else "")


class Running:
    """A `nhipcau` that serves."""

    #: False: started as an office starts it, its imports included.
    forked = True
    #: True: it does not pause between two polls for as long as Zalo's platform needs.
    quickly = False

    def __init__(self, folder: Path, *arguments: str, **settings: str) -> None:
        self.folder = folder
        self.port = int(settings.setdefault("PORT", str(free_port())))
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "run.log"
        self._arguments = arguments or ("run",)
        self._settings = settings
        self.process = self._start()

    def _start(self) -> Process | subprocess.Popen[bytes]:
        settings = environment(self.folder, **self._settings)
        if self.forked:
            return Process(self.folder, self._arguments, settings, [Path(os.devnull), self.log, self.log], self.quickly)
        with self.log.open("ab") as log:
            command = [str(PROGRAM), *self._arguments]
            return subprocess.Popen(command, cwd=self.folder, env=settings, stdout=log, stderr=subprocess.STDOUT)

    def wait_ready(self, seconds: float = 30) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise AssertionError(f"ended with {self.process.poll()}: {self.log.read_text()}")
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


class QuicklyRunning(Running):
    quickly = True


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
