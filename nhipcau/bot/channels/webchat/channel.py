"""The built-in web chat as a channel: phones fetch their messages, so nothing is pushed from here."""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict

from nhipcau.bot.channels.webchat.traits import WEBCHAT, link
from nhipcau.bot.messaging.channel import Refused, Status, Submit
from nhipcau.bot.messaging.events import File
from nhipcau.bot.messaging.messages import Message, Sent

NAME = WEBCHAT.name
#: Uploaded files held in memory at once; each is stored right after its upload.
_MAX_UPLOADS = 20


class WebChat:
    """Holds uploaded files between receiving and storing them; the rest is in web/chat.py."""

    name = NAME
    limits = WEBCHAT.limits
    rate = 0.0
    recipients_fetch = WEBCHAT.recipients_fetch

    def __init__(self, url: str) -> None:
        self._url = url
        self._uploads: OrderedDict[str, bytes] = OrderedDict()

    def keep(self, data: bytes) -> File:
        """Hold an uploaded file; beyond the limit the oldest is dropped."""
        handle = secrets.token_hex(8)
        self._uploads[handle] = data
        while len(self._uploads) > _MAX_UPLOADS:
            self._uploads.popitem(last=False)
        return File(handle, len(data))

    def forget(self, file: File) -> None:
        """Drop the file, whether it was fetched or not."""
        self._uploads.pop(file.handle, None)

    async def fetch(self, file: File) -> bytes:
        data = self._uploads.pop(file.handle, None)
        if data is None:
            raise Refused(file.handle)
        return data

    async def start(self, submit: Submit) -> None:
        await asyncio.Event().wait()

    async def send(self, address: str, message: Message) -> Sent:
        raise Refused("phones fetch from the web chat")

    def link(self, code: str) -> str | None:
        return link(self._url, code)

    def status(self) -> Status:
        return Status(True, self._url)

    async def close(self) -> None:
        self._uploads.clear()
