"""Specifications become pictures, in a process of its own that is there only while there is something to draw."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nhipcau.insight import renderer_worker
from nhipcau.insight.poll_charts import CannotDraw

#: Pixels drawn for one logical pixel; tall pictures take fewer.
_SCALE = 2.0
#: Pixels of a picture's height at most: apps refuse pictures taller than this and wider together.
_TALLEST = 8000
#: A specification of ours is boxes and words.
_MARKS = {"rect", "text"}
#: What the process may know of where it runs: no setting, no token.
_KEPT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TZ")


#: The process sees the fonts it carries, none of the machine's: some of those lack Vietnamese letters.
_FONTS = Path(__file__).parent / "fonts.conf"


class ChartRenderer:
    """Draws one picture at a time. Close it when the service ends."""

    def __init__(self, *, idle: float = 60, limit: float = 20, most: int = 8) -> None:
        """`idle`: seconds without work after which the process ends; `limit`: seconds a picture may take; `most`:
        pictures that may wait.
        """
        self._idle = idle
        self._limit = limit
        self._most = most
        self._turn = asyncio.Lock()
        self._asked = 0
        self._closed = False
        self._process: asyncio.subprocess.Process | None = None
        self._rest: asyncio.TimerHandle | None = None
        self._leaving: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The drawing process, while there is one."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def draw(self, spec: Mapping[str, Any]) -> bytes:
        """The picture as PNG. Raises CannotDraw: too much waits, it is too large, took too long, or was refused."""
        if self._closed or self._asked > self._most:
            raise CannotDraw("closed" if self._closed else "busy")
        body, scale = json.dumps(_only_ours(spec)).encode(), _scale(spec)
        self._asked += 1
        try:
            async with self._turn:
                return await self._draw(renderer_worker.ASK.pack(len(body), scale) + body)
        finally:
            self._asked -= 1

    async def close(self) -> None:
        """No more pictures; whoever still waits for one gets CannotDraw."""
        self._closed = True
        await self._end()
        if self._leaving:
            await self._leaving

    async def _draw(self, ask: bytes) -> bytes:
        if self._closed:
            raise CannotDraw("closed")
        if self._rest:
            self._rest.cancel()
        try:
            async with asyncio.timeout(self._limit):
                kind, body = await self._exchange(ask)
        except TimeoutError:
            await self._end()
            raise CannotDraw("slow") from None
        except (OSError, EOFError):
            await self._end()
            raise CannotDraw("ended") from None
        except asyncio.CancelledError:
            # half an answer would be read as the next one's
            await self._end()
            raise
        self._rest = asyncio.get_running_loop().call_later(self._idle, self._go_home)
        if kind != b"P":
            raise CannotDraw(body.decode(errors="replace"))
        return body

    async def _exchange(self, ask: bytes) -> tuple[bytes, bytes]:
        if self.pid is None:
            await self._begin()
            if self._closed:
                raise EOFError
        assert self._process
        to, back = self._process.stdin, self._process.stdout
        assert to
        assert back
        to.write(ask)
        await to.drain()
        kind, length = renderer_worker.HEAD.unpack(await back.readexactly(renderer_worker.HEAD.size))
        return kind, await back.readexactly(length)

    async def _begin(self) -> None:
        """Also where nobody waits any more: a start given up halfway would leave a process that nobody ends."""
        starting = asyncio.create_task(_start())
        try:
            self._process = await asyncio.shield(starting)
        except asyncio.CancelledError:
            self._process = await starting
            raise

    def _go_home(self) -> None:
        """Without work for long: at the end of its input the process ends by itself."""
        process, self._process = self._process, None
        if process:
            self._leaving = asyncio.create_task(_leave(process))

    async def _end(self) -> None:
        if self._rest:
            self._rest.cancel()
        process, self._process = self._process, None
        if process and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def _leave(process: asyncio.subprocess.Process) -> None:
    assert process.stdin
    process.stdin.close()
    await process.wait()


async def _start() -> asyncio.subprocess.Process:
    """By its file and alone (-I): it imports nothing of the project, and nothing of where the service stands."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        str(Path(renderer_worker.__file__)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={name: os.environ[name] for name in _KEPT if name in os.environ} | {"FONTCONFIG_FILE": str(_FONTS)},
    )


def _scale(spec: Mapping[str, Any]) -> float:
    height = int(spec["height"])
    scale = min(_SCALE, _TALLEST / height)
    if scale < 1:
        raise CannotDraw("tall")
    return scale


def _only_ours(spec: Mapping[str, Any]) -> Mapping[str, Any]:
    """The specification, if it is boxes and words alone.

    The library keeps data from being fetched when told so, but fetches pictures and opens files all the same (seen with
    1.9.0): so nothing that could name one gets there.
    """
    _check(spec)
    return spec


def _check(part: Any) -> None:
    if isinstance(part, Mapping):
        mark = part.get("mark")
        kind = mark.get("type") if isinstance(mark, Mapping) else mark
        if "url" in part or (mark is not None and kind not in _MARKS):
            raise CannotDraw("refused")
        for inner in part.values():
            _check(inner)
    elif isinstance(part, Sequence) and not isinstance(part, str):
        for inner in part:
            _check(inner)
