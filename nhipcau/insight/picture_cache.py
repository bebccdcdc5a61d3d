"""A message that asks for a picture gets it at the moment it goes out; where that can't be, its words go alone."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
from dataclasses import replace
from pathlib import Path

import structlog
from PIL import Image

from nhipcau.bot.messaging.messages import Message
from nhipcau.insight.poll_charts import CannotDraw
from nhipcau.insight.renderer import ChartRenderer
from nhipcau.privacy.atomic_files import put_as

log = structlog.get_logger()
#: Of the JPEG: letters stay sharp.
_QUALITY = 90


class ChartPictureCache:
    """Draws into the folder of pictures, each specification once: the file is named by what it shows.

    The files are nobody's: the sweep of unused pictures takes them after two days.
    """

    def __init__(self, draughtsman: ChartRenderer, folder: Path) -> None:
        self._draughtsman = draughtsman
        self._folder = folder

    async def with_picture(self, message: Message) -> Message:
        """The message with its picture; as it is where it asks for none, or none can be drawn now."""
        if not message.draw or message.photo:
            return message
        name = hashlib.sha256(message.draw.encode()).hexdigest()[:16] + ".jpg"
        path = self._folder / name
        if not await asyncio.to_thread(path.is_file):
            try:
                png = await self._draughtsman.draw(json.loads(message.draw))
                await asyncio.to_thread(_put, path, png)
            except (CannotDraw, OSError) as error:
                log.warning("chart not rendered", kind=type(error).__name__)
                return message
        return replace(message, photo=name)

    async def close(self) -> None:
        await self._draughtsman.close()


def _put(path: Path, png: bytes) -> None:
    """As JPEG, which every app takes."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(png)) as picture:
        picture.convert("RGB").save(out, "JPEG", quality=_QUALITY)
    put_as(path, out.getvalue())
