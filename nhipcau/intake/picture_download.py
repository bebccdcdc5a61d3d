"""Pictures on their way in: fetched, stripped, stored under a random name before anything is decided."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from nhipcau.bot.messaging.channel import Channel, ChannelError, FileTooBig
from nhipcau.bot.messaging.events import Event, EventKind, File
from nhipcau.privacy.photos import NotAPicture, store_photo

#: Seconds to wait for an app to hand over a picture; past it the person is asked to send it again.
PATIENCE = 30.0


class PictureDownload:
    """Turns a photo event's handle into a file name in the photo folder, or into a kind sentence."""

    def __init__(self, channels: Mapping[str, Channel], folder: Path, zone: ZoneInfo) -> None:
        self._channels = channels
        self._folder = folder
        self._zone = zone
        #: Opened one at a time: a picture of a few kilobytes can unfold to a hundred megabytes.
        self._one = asyncio.Semaphore(1)

    async def prepare(self, event: Event) -> Event:
        """The event with its picture stored; as OTHER with a `wrong.` key where that can't be."""
        if event.kind is not EventKind.PHOTO or event.file is None:
            return event
        try:
            data = await asyncio.wait_for(self._channels[event.channel].fetch(event.file), PATIENCE)
            day = datetime.now(self._zone).date()
            async with self._one:
                name = await asyncio.to_thread(store_photo, self._folder, data, day)
        except FileTooBig:
            return replace(event, kind=EventKind.OTHER, text="wrong.too_big", file=None)
        except NotAPicture:
            return replace(event, kind=EventKind.OTHER, text="wrong.not_picture", file=None)
        except (ChannelError, TimeoutError, OSError):
            return replace(event, kind=EventKind.OTHER, text="wrong.not_fetched", file=None)
        return replace(event, file=File(name))
