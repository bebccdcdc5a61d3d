"""Sends documents: uploaded for the first person who gets one, then sent by Telegram's id."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

from telegram import Bot

from nhipcau.bot.channels.telegram.http import Failure
from nhipcau.bot.channels.telegram.keyboard import keyboard
from nhipcau.bot.channels.upload_cache import UploadCache
from nhipcau.bot.messaging.channel import Refused
from nhipcau.bot.messaging.messages import Message, Sent

#: Seconds the id of an uploaded document is used: Telegram does not say how long ids last.
_LIFE = 7 * 86_400.0


class TelegramDocuments:
    """`folder`: the folder of our documents."""

    def __init__(self, bot: Bot, folder: Path) -> None:
        self._bot = bot
        self._folder = folder
        self._uploads = UploadCache(_LIFE)

    async def send(self, chat: int, message: Message) -> Sent:
        """Deliver a message with its document. Raises Failure, and OSError where the document is missing."""
        key = f"{message.file}|{message.file_name}"
        upload = partial(self._upload, chat, message, key)
        if not self._uploads.id_of(key) and (sent := await self._uploads.upload_once(key, upload)) is not None:
            return sent
        try:
            return await self._send(chat, message, key, self._uploads.id_of(key))
        except Failure as failure:
            if type(failure.error) is not Refused:
                raise
        # most likely an id that is no longer valid
        self._uploads.forget(key)
        return await upload()

    async def _upload(self, chat: int, message: Message, key: str) -> Sent:
        content = await asyncio.to_thread((self._folder / Path(message.file).name).read_bytes)
        return await self._send(chat, message, key, content)

    async def _send(self, chat: int, message: Message, key: str, content: bytes | str) -> Sent:
        sent = await self._bot.send_document(
            chat,
            content,
            caption=message.text or None,
            reply_markup=keyboard(message.choices),
            filename=message.file_name,
        )
        if sent.document is not None:
            self._uploads.keep(key, sent.document.file_id)
        return Sent(str(sent.message_id))
