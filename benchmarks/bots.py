"""The bots of a benchmark as processes of their own, each at a stand-in."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.people import settled
from tests.support.processes import Running
from tests.support.standins.telegram import TelegramStandIn

ROOT = Path(__file__).parents[1]
OURS = "ours"
#: The same report dialogue in other frameworks, by the name their documentation calls them.
PEERS = {
    "aiogram": "benchmarks.peer_aiogram",
    "aiogram-dialog": "benchmarks.peer_aiogram_dialog",
    "python-telegram-bot": "benchmarks.peer_python_telegram_bot",
}


class Started(Running):
    """Its imports are part of what is measured."""

    forked = False


def serve(folder: Path, api: str, token: str, *, paced: bool = False) -> Running:
    """`nhipcau run` at a stand-in, all as an office leaves it (synchronous=FULL); its own pace only where `paced`."""
    rate = {} if paced else {"TELEGRAM_RATE": "0"}
    return Started(folder, TELEGRAM_TOKEN=token, TELEGRAM_API=api, **rate)


class Bot:
    """`ours` or one of PEERS, from its start on."""

    def __init__(self, who: str, folder: Path, standin: TelegramStandIn) -> None:
        self._standin = standin
        self._before = standin.counts["getUpdates"]
        self._begun = time.monotonic()
        self.process = serve(folder, standin.url, standin.token).process if who == OURS else _peer(who, folder, standin)

    async def polling(self) -> float:
        """Seconds from the start until it asked for updates for the first time."""
        async with asyncio.timeout(60):
            while self._standin.counts["getUpdates"] == self._before:
                await asyncio.sleep(0.005)
        return time.monotonic() - self._begun

    async def stop(self) -> None:
        self.process.terminate()
        await asyncio.to_thread(self.process.wait, 30)


def _peer(who: str, folder: Path, standin: TelegramStandIn) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", PEERS[who], standin.url, standin.token, str(folder / "peer.db")]
    with (folder / "peer.log").open("ab") as log:
        return subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)


@asynccontextmanager
async def bot_at(standin: TelegramStandIn, who: str, folder: Path) -> AsyncIterator[Bot]:
    bot = Bot(who, folder, standin)
    try:
        yield bot
    finally:
        await bot.stop()


@asynccontextmanager
async def fresh_bot(who: str, chats: range) -> AsyncIterator[tuple[Bot, TelegramStandIn]]:
    """A bot just started at a stand-in of its own, in a folder of its own; these people have joined ours."""
    with TemporaryDirectory() as name:
        if who == OURS:
            await settled(Path(name), chats)
        async with TelegramStandIn(strict=False) as standin, bot_at(standin, who, Path(name)) as bot:
            yield bot, standin


def resident(pid: int) -> float:
    """Megabytes of memory a process holds now (VmRSS of Linux)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise LookupError(f"no VmRSS of {pid}")
