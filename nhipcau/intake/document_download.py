"""Downloads documents people send: checked by content and stored under a random name before the event is decided."""

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
from nhipcau.model.file_refusals import sentence_of
from nhipcau.privacy.atomic_files import delete_file
from nhipcau.privacy.document_check import MAX_BYTES, NotADocument, TooBig, store_document


class DocumentDownload:
    """Replaces the handle in a document event by a file name in the document folder, or by an error sentence."""

    def __init__(self, channels: Mapping[str, Channel], folder: Path, zone: ZoneInfo) -> None:
        self._channels = channels
        self._folder = folder
        self._zone = zone

    async def prepare(self, event: Event) -> Event:
        """The event with its document stored and its shown name made safe; of kind OTHER with the key of an error
        sentence where that fails."""
        if event.kind is not EventKind.FILE or event.file is None:
            return event
        try:
            if event.file.size > MAX_BYTES:
                raise TooBig
            data = await asyncio.wait_for(self._channels[event.channel].fetch(event.file), PATIENCE)
            day = datetime.now(self._zone).date()
            stored = await asyncio.to_thread(store_document, self._folder, data, day, event.file.title)
        except (FileTooBig, TooBig):
            return _refused(event, "wrong.file_too_big")
        except NotADocument as refusal:
            return _refused(event, sentence_of(refusal.reason))
        except (ChannelError, TimeoutError, OSError):
            return _refused(event, "wrong.file_not_fetched")
        return replace(event, file=File(stored.name, title=stored.shown))


def _refused(event: Event, key: str) -> Event:
    return replace(event, kind=EventKind.OTHER, text=key, file=None)


class FileDownload:
    """Downloads pictures and documents, each into its folder, and deletes them."""

    def __init__(self, channels: Mapping[str, Channel], photos: Path, documents: Path, zone: ZoneInfo) -> None:
        self._pictures = PictureDownload(channels, photos, zone)
        self._documents = DocumentDownload(channels, documents, zone)
        self._folders = (photos, documents)

    async def prepare(self, event: Event) -> Event:
        """The event with its file stored; of kind OTHER with the key of an error sentence where that fails."""
        return await (self._documents if event.kind is EventKind.FILE else self._pictures).prepare(event)

    async def forget(self, names: set[str]) -> None:
        """Delete files whose draft is gone, from either folder: random names are unique across both."""
        for folder in self._folders:
            for name in names:
                await asyncio.to_thread(delete_file, folder / Path(name).name)
