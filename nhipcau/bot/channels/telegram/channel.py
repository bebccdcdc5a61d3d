"""The Telegram channel: receives by long polling or webhook, confirms after the commit, and sends.

No framework's dispatcher is used, since those confirm an update before it is stored. Here the offset moves, or the
webhook answers 200, only after `submit` returned, so that after a failure Telegram delivers the update again.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import structlog
from telegram import Bot

from nhipcau.bot.channels.receive_loop import LONGEST_WAIT, ReceiveLoop, Step, is_same_secret
from nhipcau.bot.channels.telegram.app_menu import AppMenu, Menus
from nhipcau.bot.channels.telegram.documents import TelegramDocuments
from nhipcau.bot.channels.telegram.http import CALL, AiohttpRequest, Failure, NotModified, PollingConflict, encoded
from nhipcau.bot.channels.telegram.keyboard import NO_PREVIEW, keyboard, markup
from nhipcau.bot.channels.telegram.settings import API
from nhipcau.bot.channels.telegram.traits import TELEGRAM, link
from nhipcau.bot.channels.telegram.updates import CHANNEL, KEEPS_BUTTONS, events_of
from nhipcau.bot.language.catalogue import DEFAULT, texts
from nhipcau.bot.messaging.channel import (
    AnswerLost,
    AppDown,
    ChannelError,
    FileTooBig,
    Refused,
    Status,
    Submit,
    TokenBad,
)
from nhipcau.bot.messaging.events import Event, EventKind, File
from nhipcau.bot.messaging.messages import Message, Sent

_log = structlog.get_logger()
_UPDATES = ["message", "edited_message", "callback_query", "my_chat_member"]
#: Seconds that a long poll may take beyond its own waiting time.
_POLL_SLACK = 10.0
#: A conflict counts as over after this many times the first pause without another.
_SETTLED = 25
#: Seconds between two checks of the webhook; a failure to post that is older than the second is ignored.
_HOOK_LOOK = 30.0
_HOOK_FAILURE = 120.0
_SECRET_HEADER = "x-telegram-bot-api-secret-token"
#: Taps remembered, so that one delivered twice is acknowledged once.
_REMEMBERED = 1000


def quiet_loggers() -> None:
    """Silence libraries that log message texts, or URLs with the token."""
    for name in ("telegram", "httpx", "httpcore", "aiohttp.access"):
        logger = logging.getLogger(name)
        logger.setLevel(logging.CRITICAL + 1)
        logger.propagate = False


class Telegram:
    """One bot. `token` comes from BotFather; `api` is the Bot API's base address without `/bot`.

    `menus` are shown in the app's own menu; `photos` and `documents` are the folders
    of our pictures and documents; `long_poll` is how many seconds Telegram may hold an empty answer; `pause` the first
    wait after a failure, in seconds, doubled up to 30; `patience` how many seconds a call may take. `hook`: the URL to
    which Telegram posts updates instead of being polled; `secret`: what it must send with them. `rate`: messages a
    second we send at most; 0: learnt from refusals.
    """

    name = CHANNEL
    limits = TELEGRAM.limits
    recipients_fetch = TELEGRAM.recipients_fetch

    def __init__(
        self,
        token: str,
        api: str = API,
        proxy: str | None = None,
        menus: Menus | None = None,
        *,
        photos: Path = Path("."),
        documents: Path = Path("."),
        long_poll: int = 25,
        pause: float = 1.0,
        patience: float = CALL,
        secret: str = "",
        hook: str = "",
        rate: float = 0.0,
        language: str = DEFAULT,
    ) -> None:
        quiet_loggers()
        self.rate = rate
        api = api.rstrip("/")
        self._method = f"{api}/bot{token}/"
        self._file = f"{api}/file/bot{token}/"
        self._sending = AiohttpRequest(proxy, patience=patience)
        self._polling = AiohttpRequest(proxy, pool=20, patience=patience)
        self._bot = Bot(token, f"{api}/bot", f"{api}/file/bot", self._sending, self._polling)
        self._app_menu = AppMenu(menus or {}, language, self._in_background)
        self._photos = photos
        self._documents = TelegramDocuments(self._bot, documents)
        self._secret = secret
        self._hook = hook
        self._receiving = ReceiveLoop(CHANNEL, pause, texts(language))
        self._long_poll = long_poll
        self._offset: int | None = None
        self._username = ""
        self._conflict_at = 0.0
        self._last: tuple[Message | None, bytes] = None, b""
        self._acknowledged: dict[str, None] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    # ------------------------------------------------------------------ receiving

    async def start(self, submit: Submit) -> None:
        """Receive until cancelled. An outage changes the state and makes pauses longer; it never raises."""
        self._receiving.begin(submit)
        introducing = asyncio.create_task(self._introduce())
        try:
            if self._hook:
                await self._receiving.keep_webhook(self._step(self._look_after_hook), _HOOK_LOOK)
            await self._receiving.poll(self._step(self._drop_webhook), self._step(self._round))
        finally:
            introducing.cancel()

    def _step(self, step: Step) -> Step:
        """The same step, raising ChannelErrors instead of Failures, as the receive loop expects."""

        async def plain() -> None:
            try:
                await step()
            except Failure as failure:
                error = failure.error
            else:
                return
            if isinstance(error, PollingConflict):
                self._conflict_at = self._seconds()
            # Telegram answers 404 to a malformed token, but only for getMe does that surely mean the token: once getMe
            # has found it, later failures keep that state
            if isinstance(error, AppDown) and self._receiving.state == TokenBad.reason:
                raise TokenBad
            raise error

        return plain

    async def _look_after_hook(self) -> None:
        info = await self._polling.call(self._method + "getWebhookInfo", {})
        await self._receiving.check_webhook(self._hook, info, self._register, _is_failing)

    async def _register(self) -> Mapping[str, Any]:
        parameters = {"url": self._hook, "secret_token": self._secret, "allowed_updates": _UPDATES}
        try:
            await self._polling.call(self._method + "setWebhook", {**parameters, "drop_pending_updates": False})
        except Failure as failure:
            error = failure.error
        else:
            return {}
        raise error

    def is_expected(self, headers: Mapping[str, str]) -> bool:
        """Whether the head bears our secret."""
        return is_same_secret(headers.get(_SECRET_HEADER, ""), self._secret)

    async def receive(self, headers: Mapping[str, str], body: bytes) -> bool:
        """One post of an update. False: not from Telegram. Raises where it can't be stored now, to be posted again."""
        if not self.is_expected(headers):
            return False
        try:
            events = events_of([json.loads(body)])
        except ValueError:
            events = []
        if not events:
            # accepted, since posted again it would be just as unreadable
            _log.warning("telegram_update_unreadable", kind="body")
            return True
        await self._receiving.submit(events)
        self._acknowledge(events)
        return True

    async def _drop_webhook(self) -> None:
        await self._polling.call(self._method + "deleteWebhook", {"drop_pending_updates": False})

    async def _round(self) -> None:
        parameters: dict[str, Any] = {"timeout": self._long_poll, "allowed_updates": _UPDATES}
        if self._offset is not None:
            parameters["offset"] = self._offset
        # after a failure do not wait for updates, so that the state is soon up to date
        if self._receiving.state not in ("ok", PollingConflict.reason):
            parameters["timeout"] = 0
        updates = await self._polling.call(self._method + "getUpdates", parameters, self._long_poll + _POLL_SLACK)
        events = events_of(updates)
        if updates and not events:
            raise Failure(AppDown())
        if events:
            if not await self._receiving.hand_over(events):
                return
            self._offset = max(int(event.id) for event in events) + 1
            self._acknowledge(events)
        # two programs interrupt each other's polls in turn: one success does not mean that the other is gone
        settled = self._seconds() - self._conflict_at >= _SETTLED * self._receiving.pause
        if settled or self._receiving.state != PollingConflict.reason:
            self._receiving.set_state("ok")

    def _seconds(self) -> float:
        return asyncio.get_running_loop().time()

    def _acknowledge(self, events: list[Event]) -> None:
        for event in events:
            if event.kind is not EventKind.TAP or event.ack in self._acknowledged:
                continue
            self._acknowledged[event.ack] = None
            if len(self._acknowledged) > _REMEMBERED:
                del self._acknowledged[next(iter(self._acknowledged))]
            self._in_background("answerCallbackQuery", {"callback_query_id": event.ack.removesuffix(KEEPS_BUTTONS)})
            if event.ref and not event.ack.endswith(KEEPS_BUTTONS):
                which = {"chat_id": int(event.address), "message_id": int(event.ref)}
                self._in_background("editMessageReplyMarkup", which)

    def _in_background(self, method: str, parameters: dict[str, Any]) -> None:
        """Make a call whose result is not needed (stop a button's spinner, remove buttons); failures are ignored."""
        call = self._sending.tell(self._method + method, encoded(parameters))
        task = asyncio.create_task(_ignoring_failure(call))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _introduce(self) -> None:
        """Ask for our own name, which links need, and set the commands of the menu; retried until done."""
        pause = self._receiving.pause
        while True:
            try:
                if not self._username:
                    self._username = (await self._bot.get_me()).username or ""
                await self._app_menu.introduce(self._call)
                return
            except Failure as failure:
                if isinstance(failure.error, TokenBad):
                    self._receiving.set_state(TokenBad.reason)
                elif isinstance(failure.error, Refused):
                    _log.warning("telegram_commands_refused")
                    return
            except Exception as error:
                _log.warning("telegram_introduction_failed", kind=type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_WAIT)

    # ------------------------------------------------------------------ sending

    async def send(self, address: str, message: Message) -> Sent:
        """Deliver or edit one message; `ref` is Telegram's message id."""
        error: ChannelError
        try:
            sent = await self._deliver(int(address), message)
            self._app_menu.delivered(int(address), message)
            return sent
        except Failure as failure:
            if isinstance(failure.error, NotModified):
                return Sent(message.edit)
            error = failure.error
        except (ValueError, OSError):
            # an address or ref that is no number, or a missing file: trying again would not help
            error = Refused()
        except Exception as unexpected:
            # most likely an answer the library can't read, and then Telegram has the message
            _log.warning("telegram_send_failed", kind=type(unexpected).__name__)
            error = AnswerLost()
        raise error

    async def _deliver(self, chat: int, message: Message) -> Sent:
        if message.edit:
            await self._edit(chat, int(message.edit), message)
            return Sent(message.edit)
        if message.photo:
            name = Path(message.photo).name
            content = await asyncio.to_thread((self._photos / name).read_bytes)
            sent = await self._bot.send_photo(
                chat, content, caption=message.text or None, reply_markup=keyboard(message.choices), filename=name
            )
            return Sent(str(sent.message_id))
        if message.file_text:
            # with the mark that tells old editors what it is
            content = message.file_text.encode("utf-8-sig")
            sent = await self._bot.send_document(chat, content, filename=message.file_name)
            return Sent(str(sent.message_id))
        if message.file:
            return await self._documents.send(chat, message)
        # without `Bot.send_message`, which parses the answer into objects at more cost than the call itself
        body = b'{"chat_id":%d,%b' % (chat, self._body_without_chat(message))
        answer = await self._sending.call_json(self._method + "sendMessage", body)
        return Sent(str(answer["message_id"]))

    def _body_without_chat(self, message: Message) -> bytes:
        """The message as JSON without its first brace and chat; cached, since a broadcast sends the same many times."""
        if message is not self._last[0]:
            parameters = {"text": message.text, **NO_PREVIEW, **markup(message.choices)}
            self._last = message, encoded(parameters)[1:]
        return self._last[1]

    async def _edit(self, chat: int, ref: int, message: Message) -> None:
        if message.photo or message.file:
            await self._bot.edit_message_caption(
                chat, ref, caption=message.text or None, reply_markup=keyboard(message.choices)
            )
            return
        which = {"chat_id": chat, "message_id": ref, **markup(message.choices)}
        if message.text:
            await self._call("editMessageText", {**which, "text": message.text, **NO_PREVIEW})
        else:
            await self._call("editMessageReplyMarkup", which)

    def _call(self, method: str, parameters: dict[str, Any]) -> Coroutine[Any, Any, Any]:
        return self._sending.call(self._method + method, parameters)

    async def fetch(self, file: File) -> bytes:
        """The bytes of a file. Its size is asked for first, and the download stops above the limit."""
        if file.size > self.limits.download:
            raise FileTooBig
        error: ChannelError
        try:
            return await self._download(file.handle)
        except Failure as failure:
            error = failure.error
        except Exception as unexpected:
            _log.warning("telegram_fetch_failed", kind=type(unexpected).__name__)
            error = AppDown()
        raise error

    async def _download(self, handle: str) -> bytes:
        found = await self._polling.call(self._method + "getFile", {"file_id": handle})
        path, size = found.get("file_path"), found.get("file_size") or 0
        if size > self.limits.download:
            raise Failure(FileTooBig())
        if not path:
            raise Failure(Refused())
        return await self._polling.download(self._file + quote(path), self.limits.download)

    # ------------------------------------------------------------------ the rest of the contract

    def link(self, code: str) -> str | None:
        """A link that opens the app and joins; None until our name is known."""
        return link(self._username, code)

    @property
    def public_name(self) -> str:
        """Our user name; "" until it was learned from Telegram or another process."""
        return self._username

    def set_public_name(self, name: str) -> None:
        self._username = self._username or name

    def status(self) -> Status:
        return self._receiving.status("ok_as" if self._username else "ok", name=self._username)

    def retry(self) -> None:
        self._receiving.retry()

    async def close(self) -> None:
        """End background calls and close both connection pools."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._sending.shutdown()
        await self._polling.shutdown()


def _is_failing(info: Mapping[str, Any]) -> bool:
    """Whether Telegram recently failed to post to us."""
    failed = info.get("last_error_date")
    fresh = isinstance(failed, int) and time.time() - failed < _HOOK_FAILURE
    return fresh and bool(info.get("pending_update_count"))


async def _ignoring_failure(call: Coroutine[Any, Any, object]) -> None:
    try:
        await call
    except Exception as error:
        _log.debug("telegram_courtesy_failed", kind=type(error).__name__)
