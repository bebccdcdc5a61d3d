"""Documents on their way in: fetched, told by their content, stored under a random name before anything is decided."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from nhipcau.bot.messaging.channel import Channel, ChannelError, FileTooBig
from nhipcau.bot.messaging.events import Event, EventKind, File
from nhipcau.intake.picture_download import PATIENCE, PictureDownload
from nhipcau.privacy.document_check import MOST, NotADocument, TooBig, store_document


class DocumentDownload:
    """Turns a document event's handle into a file name in the folder of documents, or into a kind sentence."""

    def __init__(self, channels: Mapping[str, Channel], folder: Path, zone: ZoneInfo) -> None:
        self._channels = channels
        self._folder = folder
        self._zone = zone

    async def prepare(self, event: Event) -> Event:
        """The event with its document stored and named for people; as OTHER with a `wrong.` key where that can't be."""
        if event.kind is not EventKind.FILE or event.file is None:
            return event
        try:
            if event.file.size > MOST:
                raise TooBig
            data = await asyncio.wait_for(self._channels[event.channel].fetch(event.file), PATIENCE)
            day = datetime.now(self._zone).date()
            stored = await asyncio.to_thread(store_document, self._folder, data, day, event.file.title)
        except (FileTooBig, TooBig):
            return _refused(event, "wrong.file_too_big")
        except NotADocument:
            return _refused(event, "wrong.not_document")
        except (ChannelError, TimeoutError, OSError):
            return _refused(event, "wrong.file_not_fetched")
        return replace(event, file=File(stored.name, title=stored.shown))


def _refused(event: Event, key: str) -> Event:
    return replace(event, kind=EventKind.OTHER, text=key, file=None)


class Files:
    """What people send besides words: pictures and documents, each into its folder."""

    def __init__(self, channels: Mapping[str, Channel], photos: Path, documents: Path, zone: ZoneInfo) -> None:
        self._pictures = PictureDownload(channels, photos, zone)
        self._documents = DocumentDownload(channels, documents, zone)
        self._folders = (photos, documents)

    async def prepare(self, event: Event) -> Event:
        """The event with its file stored; as OTHER with a `wrong.` key where that can't be."""
        return await (self._documents if event.kind is EventKind.FILE else self._pictures).prepare(event)

    async def forget(self, names: set[str]) -> None:
        """Delete files whose draft is gone; no two of ours have one name."""
        for folder in self._folders:
            for name in names:
                await asyncio.to_thread((folder / Path(name).name).unlink, missing_ok=True)
