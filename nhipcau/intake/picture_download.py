"""Downloads the pictures people send: cleaned and stored under a random name before the event is decided."""

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

#: Seconds to wait for an app to deliver a file; then the person is asked to send it again.
PATIENCE = 30.0


class PictureDownload:
    """Replaces the handle in a photo event by a file name in the photo folder, or by an error sentence."""

    def __init__(self, channels: Mapping[str, Channel], folder: Path, zone: ZoneInfo) -> None:
        self._channels = channels
        self._folder = folder
        self._zone = zone
        #: One picture is opened at a time: a few kilobytes can decode to a hundred megabytes.
        self._one = asyncio.Semaphore(1)

    async def prepare(self, event: Event) -> Event:
        """The event with its picture stored; of kind OTHER with the key of an error sentence where that fails."""
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
