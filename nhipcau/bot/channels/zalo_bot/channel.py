"""The Zalo Bot channel: no buttons, no edits, pictures only by public URL; received by polling or webhook.

A poll returns one event, sometimes twice, and there is no offset to confirm it. So an event is submitted until it is
stored before the next poll, and repeats are recognised by their message id. An event is lost where the process crashes
before it is stored (see docs/reference/channels.md).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import structlog

from nhipcau.bot.channels.http.file_hosts import ZALO_FILES
from nhipcau.bot.channels.http.json_client import CALL, JsonClient, code_of, encoded
from nhipcau.bot.channels.receive_loop import HOOK_FAILING, ReceiveLoop, is_same_secret
from nhipcau.bot.channels.zalo_bot.events import CHANNEL, events_of
from nhipcau.bot.channels.zalo_bot.platform_limits import (
    API,
    BETWEEN_POLLS,
    LONG_POLL,
    POLL_SLACK,
    RATE,
    SECRET_HEADER,
    error_of,
)
from nhipcau.bot.channels.zalo_bot.traits import ZALO_BOT
from nhipcau.bot.language.catalogue import DEFAULT, texts
from nhipcau.bot.messaging.channel import (
    AppDown,
    FileTooBig,
    Gone,
    Refused,
    Status,
    Submit,
)
from nhipcau.bot.messaging.events import File
from nhipcau.bot.messaging.messages import Message, Sent

_log = structlog.get_logger()
#: Seconds between two checks of the webhook.
_HOOK_LOOK = 60.0


class ZaloBot:
    """One bot. `token` comes from the Bot Creator; `api` is the platform's base address without `/bot`.

    `hook`: the URL to which Zalo posts events instead of being polled; `secret`: what it must send with them.
    `picture` makes a public URL of one of our pictures, `document` one of a document and its shown name; "" where there
    is none. `chat`: the URL that opens the chat, as the Bot Creator shows it. `between_polls` and `pause` in seconds.
    """

    name = CHANNEL
    limits = ZALO_BOT.limits
    rate = RATE
    recipients_fetch = ZALO_BOT.recipients_fetch

    def __init__(
        self,
        token: str,
        api: str = API,
        *,
        hook: str = "",
        secret: str = "",
        chat: str = "",
        picture: Callable[[str], str] = lambda name: "",
        document: Callable[[str, str], str] = lambda name, shown: "",
        long_poll: int = LONG_POLL,
        between_polls: float = BETWEEN_POLLS,
        pause: float = 1.0,
        patience: float = CALL,
        files: str = ZALO_FILES,
        language: str = DEFAULT,
    ) -> None:
        self._method = f"/bot{token}/"
        self._sending = JsonClient(api)
        self._polling = JsonClient(api, pool=4, files=files)
        self._hook = hook
        self._secret = secret
        self._chat = chat
        self._picture = picture
        self._document = document
        self._long_poll = long_poll
        self._between = between_polls
        self._patience = patience
        self._receiving = ReceiveLoop(CHANNEL, pause, texts(language))
        self._account = ""

    async def _call(
        self, exchange: JsonClient, method: str, parameters: Mapping[str, Any], seconds: float = 0.0
    ) -> Any:
        """The result of one method. Raises a ChannelError."""
        code, answer = await self._asked(exchange, method, parameters, seconds or self._patience)
        if code == 0:
            return answer.get("result")
        if not answer:
            # not from Zalo but from something in between
            raise Refused if code == 413 else AppDown
        raise error_of(code, str(answer.get("description") or ""))

    async def _asked(
        self, exchange: JsonClient, method: str, parameters: Mapping[str, Any], seconds: float
    ) -> tuple[int, Mapping[str, Any]]:
        """The error code (0: success) and the answer, empty where it is no JSON object."""
        status, answer = await exchange.ask(self._method + method, encoded(parameters), seconds)
        if answer is None:
            return status, {}
        if answer.get("ok") is True:
            return 0, answer
        code = code_of(answer.get("error_code"))
        return status if code is None else code, answer

    # ------------------------------------------------------------------ receiving

    async def start(self, submit: Submit) -> None:
        """Receive until cancelled. An outage changes the state and makes pauses longer; it never raises."""
        self._receiving.begin(submit)
        if self._hook:
            await self._receiving.keep_webhook(self._look_after_hook, _HOOK_LOOK)
        await self._receiving.poll(self._drop_hook, self._round)

    async def _introduce(self) -> None:
        """Ask once for our own name, which is only shown in the status."""
        if not self._account:
            with suppress(Refused):
                me = await self._call(self._polling, "getMe", {}) or {}
                self._account = str(me.get("account_name") or me.get("display_name") or "")

    async def _drop_hook(self) -> None:
        await self._introduce()
        with suppress(Refused):
            await self._call(self._polling, "deleteWebhook", {})

    async def _round(self) -> None:
        """One poll, no sooner than `between_polls` after the last; its events are submitted until they are stored."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        # after a failure wait for events only briefly, so that the state is soon up to date
        seconds = self._long_poll if self._receiving.state == "ok" else 1
        try:
            events = events_of(await self._poll(seconds))
        except (Refused, Gone):
            # most likely somebody has set a webhook meanwhile
            await self._drop_hook()
            raise AppDown from None
        while events and not await self._receiving.hand_over(events):
            pass
        self._receiving.set_state("ok")
        await asyncio.sleep(max(0.0, began + self._between - loop.time()))

    async def _poll(self, seconds: int) -> object:
        """The result of `getUpdates`; None where there was nothing, which is error 408."""
        parameters, patience = {"timeout": seconds}, seconds + POLL_SLACK
        code, answer = await self._asked(self._polling, "getUpdates", parameters, patience)
        if code in (0, 408):
            return answer.get("result")
        raise error_of(code, str(answer.get("description") or "")) if answer else AppDown()

    async def _look_after_hook(self) -> None:
        await self._introduce()
        try:
            info = await self._call(self._polling, "getWebhookInfo", {})
        except Refused:
            # 404: no webhook is set
            info = None
        await self._receiving.check_webhook(self._hook, info or {}, self._register, self._is_failing)

    async def _register(self) -> Mapping[str, Any]:
        parameters = {"url": self._hook, "secret_token": self._secret}
        return await self._call(self._polling, "setWebhook", parameters) or {}

    def _is_failing(self, info: Mapping[str, Any]) -> bool:
        """Whether Zalo's own check of our URL failed. Without a check in `info` a failing state stays until a post
        arrives."""
        check = info.get("verification")
        return check.get("ok") is False if isinstance(check, dict) else self._receiving.state == HOOK_FAILING

    def is_expected(self, headers: Mapping[str, str]) -> bool:
        """Whether the head bears our secret."""
        return is_same_secret(headers.get(SECRET_HEADER, ""), self._secret)

    async def receive(self, headers: Mapping[str, str], body: bytes) -> bool:
        """One post. False: not from Zalo. Raises where it can't be stored now."""
        if not self.is_expected(headers):
            return False
        try:
            events = events_of(json.loads(body)) if body else []
        except (ValueError, RecursionError):
            _log.warning("zalo_bot_event_unreadable", kind="body")
            return True
        if events:
            await self._receiving.submit(events)
            self._receiving.set_state("ok")
        return True

    # ------------------------------------------------------------------ sending

    async def send(self, address: str, message: Message) -> Sent:
        """Deliver one message; `ref` is Zalo's message id."""
        if message.photo and (url := self._picture(message.photo)):
            parameters = {"chat_id": address, "photo": url, **({"caption": message.text} if message.text else {})}
            try:
                return _sent(await self._call(self._sending, "sendPhoto", parameters))
            except Refused:
                if not message.text:
                    raise
                # Zalo could not fetch the picture: send at least the text
                _log.warning("zalo_bot_picture_refused")
        text = message.text
        if message.file:
            # the URL on a line of its own above the text, so that a list of choices stays last
            where = self._document(message.file, message.file_name)
            text = "\n".join(line for line in (message.file_name, where, text) if line)
        return _sent(await self._call(self._sending, "sendMessage", {"chat_id": address, "text": text}))

    async def fetch(self, file: File) -> bytes:
        """The bytes of a picture; its handle is the URL Zalo gave."""
        if file.size > self.limits.download:
            raise FileTooBig
        return await self._polling.download(file.handle, self.limits.download)

    # ------------------------------------------------------------------ the rest of the contract

    def link(self, code: str) -> str | None:
        """The URL of the chat, where "tham gia CODE" has to be typed: Zalo's links can't contain a code."""
        return self._chat or None

    def status(self) -> Status:
        return self._receiving.status("ok_as" if self._account else "ok", name=self._account)

    def retry(self) -> None:
        self._receiving.retry()

    async def close(self) -> None:
        await self._sending.close()
        await self._polling.close()


def _sent(result: object) -> Sent:
    return Sent(str(result.get("message_id") or "")) if isinstance(result, dict) else Sent()
