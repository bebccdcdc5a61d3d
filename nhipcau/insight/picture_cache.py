"""Draws the chart of a message when it is sent; where that fails, the text is sent alone."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import structlog
from PIL import Image

from nhipcau.bot.messaging.messages import Message
from nhipcau.insight.chart_page import FONT
from nhipcau.insight.poll_charts import CannotDraw
from nhipcau.insight.renderer import ChartRenderer
from nhipcau.privacy.atomic_files import write_file

log = structlog.get_logger()
#: JPEG quality at which letters stay sharp.
_QUALITY = 90
#: Charts for pages kept in memory, some 20 kB each.
_MAX_SVGS = 50


class ChartPictureCache:
    """Draws each specification once, into the picture folder; the file is named by a hash of the specification.

    No row refers to the files: the sweep of unused pictures deletes them after two days.
    """

    def __init__(self, renderer: ChartRenderer, folder: Path) -> None:
        self._renderer = renderer
        self._folder = folder
        self._svgs: dict[bytes, bytes] = {}

    async def with_picture(self, message: Message) -> Message:
        """The message with its chart; unchanged where it has none, or it can't be drawn now."""
        if not message.draw or message.photo:
            return message
        name = hashlib.sha256(message.draw.encode()).hexdigest()[:16] + ".jpg"
        path = self._folder / name
        if not await asyncio.to_thread(path.is_file):
            try:
                png = await self._renderer.draw(json.loads(message.draw))
                await asyncio.to_thread(_put, path, png)
            except (CannotDraw, OSError) as error:
                log.warning("chart not rendered", kind=type(error).__name__)
                return message
        return replace(message, photo=name)

    async def svg(self, spec: Mapping[str, Any]) -> bytes | None:
        """The chart for a page; None where it can't be drawn now. The latest are kept in memory."""
        key = hashlib.sha256(json.dumps(spec).encode()).digest()
        if key not in self._svgs:
            try:
                drawn = await self._renderer.draw_svg(spec)
            except CannotDraw as error:
                log.warning("chart not rendered", kind=type(error).__name__)
                return None
            self._svgs[key] = drawn.replace(FONT.encode(), f"{FONT}, Arial, sans-serif".encode())
            while len(self._svgs) > _MAX_SVGS:
                del self._svgs[next(iter(self._svgs))]
        return self._svgs[key]

    async def close(self) -> None:
        await self._renderer.close()


def _put(path: Path, png: bytes) -> None:
    """Store as JPEG, which every app accepts."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(png)) as picture:
        picture.convert("RGB").save(out, "JPEG", quality=_QUALITY)
    write_file(path, out.getvalue())
