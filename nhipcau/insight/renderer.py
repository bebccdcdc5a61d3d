"""Draws Vega-Lite specifications in a process of its own, which runs only while there is something to draw."""

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

#: Pixels drawn for one logical pixel; fewer for tall pictures.
_SCALE = 2.0
#: Pixels of a picture's height at most: apps refuse pictures whose height and width together are larger.
_MAX_HEIGHT = 8000
#: What our specifications draw; a picture or a file is never among it.
_ALLOWED_MARKS = {"rect", "text", "bar", "line"}
#: Environment variables passed to the process: no setting, no token.
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TZ")


#: Hides the machine's fonts, some of which lack Vietnamese letters: only the library's own are used.
_FONTS = Path(__file__).parent / "fonts.conf"


class ChartRenderer:
    """Draws one picture at a time. Close it when the service ends."""

    def __init__(self, *, idle: float = 60, limit: float = 20, most: int = 8) -> None:
        """`idle`: seconds without work after which the process ends; `limit`: seconds a picture may take; `most`:
        pictures that may be queued."""
        self._idle = idle
        self._limit = limit
        self._most = most
        self._turn = asyncio.Lock()
        self._queued = 0
        self._closed = False
        self._process: asyncio.subprocess.Process | None = None
        self._idle_timer: asyncio.TimerHandle | None = None
        self._ending: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """Of the drawing process, while it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def draw(self, spec: Mapping[str, Any]) -> bytes:
        """The picture as PNG. Raises CannotDraw: too many queued, too large, took too long, or refused."""
        return await self._drawn(spec, _scale(spec))

    async def draw_svg(self, spec: Mapping[str, Any]) -> bytes:
        """The picture as SVG, for pages. Raises CannotDraw as `draw`."""
        return await self._drawn(spec, 0.0)

    async def _drawn(self, spec: Mapping[str, Any], scale: float) -> bytes:
        if self._closed or self._queued > self._most:
            raise CannotDraw("closed" if self._closed else "busy")
        body = json.dumps(_checked(spec)).encode()
        self._queued += 1
        try:
            async with self._turn:
                return await self._draw(renderer_worker.REQUEST_HEADER.pack(len(body), scale) + body)
        finally:
            self._queued -= 1

    async def close(self) -> None:
        """Stop drawing; callers that still wait get CannotDraw."""
        self._closed = True
        await self._end()
        if self._ending:
            await self._ending

    async def _draw(self, ask: bytes) -> bytes:
        if self._closed:
            raise CannotDraw("closed")
        if self._idle_timer:
            self._idle_timer.cancel()
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
            # the rest of this answer would be read as the next one
            await self._end()
            raise
        self._idle_timer = asyncio.get_running_loop().call_later(self._idle, self._end_idle_process)
        if kind != b"P":
            raise CannotDraw(body.decode(errors="replace"))
        return body

    async def _exchange(self, ask: bytes) -> tuple[bytes, bytes]:
        if self.pid is None:
            await self._start_process()
            if self._closed:
                raise EOFError
        assert self._process
        to, back = self._process.stdin, self._process.stdout
        assert to
        assert back
        to.write(ask)
        await to.drain()
        kind, length = renderer_worker.ANSWER_HEADER.unpack(await back.readexactly(renderer_worker.ANSWER_HEADER.size))
        return kind, await back.readexactly(length)

    async def _start_process(self) -> None:
        """Start the process, to the end even when cancelled: half started, nobody would end it."""
        starting = asyncio.create_task(_start())
        try:
            self._process = await asyncio.shield(starting)
        except asyncio.CancelledError:
            self._process = await starting
            raise

    def _end_idle_process(self) -> None:
        """After a long idle time: close the process's input, at which it ends by itself."""
        process, self._process = self._process, None
        if process:
            self._ending = asyncio.create_task(_close_input(process))

    async def _end(self) -> None:
        if self._idle_timer:
            self._idle_timer.cancel()
        process, self._process = self._process, None
        if process and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def _close_input(process: asyncio.subprocess.Process) -> None:
    assert process.stdin
    process.stdin.close()
    await process.wait()


async def _start() -> asyncio.subprocess.Process:
    """Run the worker's file isolated (-I): it imports nothing from the project or the current folder."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        str(Path(renderer_worker.__file__)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ} | {"FONTCONFIG_FILE": str(_FONTS)},
    )


def _scale(spec: Mapping[str, Any]) -> float:
    # charts with axes say none: they are never tall
    height = int(spec.get("height", 0))
    scale = min(_SCALE, _MAX_HEIGHT / height) if height else _SCALE
    if scale < 1:
        raise CannotDraw("tall")
    return scale


def _checked(spec: Mapping[str, Any]) -> Mapping[str, Any]:
    """The specification, if it holds boxes and text alone; else raises CannotDraw.

    Told to fetch no data, the library still fetches pictures and opens files (seen with 1.9.0), so nothing that could
    name one may reach it.
    """
    _check(spec)
    return spec


def _check(part: Any) -> None:
    if isinstance(part, Mapping):
        mark = part.get("mark")
        kind = mark.get("type") if isinstance(mark, Mapping) else mark
        if "url" in part or (mark is not None and kind not in _ALLOWED_MARKS):
            raise CannotDraw("refused")
        for inner in part.values():
            _check(inner)
    elif isinstance(part, Sequence) and not isinstance(part, str):
        for inner in part:
            _check(inner)
