"""The two bots of a benchmark as processes of their own, each at the same stand-in."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path

from tests.processes import Running, nhipcau
from tests.standins.telegram import TelegramStandIn

ROOT = Path(__file__).parents[1]
UNIT = "X06184"


def settings_at(standin: TelegramStandIn) -> dict[str, str]:
    """No limit of our own on messages a second; the rest as an office would leave it (synchronous=FULL)."""
    return {"TELEGRAM_TOKEN": standin.token, "TELEGRAM_API": standin.url, "TELEGRAM_RATE": "0"}


def office(folder: Path) -> str:
    """A province ready in this folder; returns an invite's code for many."""
    nhipcau(folder, "init", "--province", "Lạng Sơn")
    return str(json.loads(nhipcau(folder, "invite", "--unit", UNIT, "--uses", "1000", "--json"))["code"])


class Bot:
    """`ours` (`nhipcau run`) or `peer` (the plain aiogram bot), from its start on."""

    def __init__(self, who: str, folder: Path, standin: TelegramStandIn) -> None:
        self._standin = standin
        self._begun = time.monotonic()
        if who == "ours":
            self.process = Running(folder, **settings_at(standin)).process
        else:
            command = [sys.executable, "-m", "benchmarks.peer_aiogram", standin.url, standin.token]
            self.process = subprocess.Popen(
                [*command, str(folder / "peer.db")], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )

    async def polling(self) -> float:
        """Seconds from the start until it asked for updates for the first time."""
        async with asyncio.timeout(60):
            while not self._standin.counts["getUpdates"]:
                await asyncio.sleep(0.005)
        return time.monotonic() - self._begun

    async def stop(self) -> None:
        self.process.terminate()
        await asyncio.to_thread(self.process.wait, 30)


def resident(pid: int) -> float:
    """Megabytes of memory a process holds now (VmRSS of Linux)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise LookupError(f"no VmRSS of {pid}")
