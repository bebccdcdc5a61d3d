"""The Zalo Official Account channel (OpenAPI v3): a webhook, up to five buttons, a delivery window after each act."""

from __future__ import annotations

import asyncio
import io
import json
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from nhipcau.bot.channels.http.file_hosts import ZALO_FILES
from nhipcau.bot.channels.http.json_client import CALL, FILE, JsonClient, code_of, encoded
from nhipcau.bot.channels.receive_loop import ReceiveLoop
from nhipcau.bot.channels.upload_cache import UploadCache
from nhipcau.bot.channels.zalo_oa.events import CHANNEL, Sign, events_of, is_recent, is_signed, may_be_signed, payload
from nhipcau.bot.channels.zalo_oa.platform_limits import (
    API,
    OF_ONE_PERSON,
    PICTURE,
    RATE,
    SIGNATURE_HEADER,
    TOKEN_CODES,
    UPLOAD_LIFE,
    NoMoney,
    NotAllowed,
    chat_of,
    error_of,
)
from nhipcau.bot.channels.zalo_oa.tokens import ALARM, Tokens
from nhipcau.bot.channels.zalo_oa.traits import ZALO_OA
from nhipcau.bot.language.catalogue import DEFAULT, texts
from nhipcau.bot.messaging.channel import (
    AppDown,
    FileTooBig,
    NoQuota,
    Refused,
    Status,
    Submit,
    TokenBad,
)
from nhipcau.bot.messaging.document_types import MEDIA_TYPES
from nhipcau.bot.messaging.events import Event, EventKind, File
from nhipcau.bot.messaging.messages import Choice, Message, Sent

_log = structlog.get_logger()
#: Seconds between two checks whether to renew the token, and whether another process has renewed it.
_RENEW_CHECK, _FILE_CHECK = 300.0, 1.0
#: Seconds for which the status reports a lack of quota or money; people whose last act is remembered.
_SHORTAGE_SHOWN, _REMEMBERED = 600.0, 5000


class ZaloOA:
    """One account. `oa_id` is the public number in its link; `app_id` and `oa_secret` verify what is posted.

    `sign` makes signatures that only this installation can make; `photos` and `documents` are the folders of our
    pictures and documents; `patience` how many seconds a call may take; `files` the domains of files people send;
    `now` the clock, in seconds since 1970.
    """

    name = CHANNEL
    limits = ZALO_OA.limits
    rate = RATE
    recipients_fetch = ZALO_OA.recipients_fetch

    def __init__(
        self,
        app_id: str,
        oa_secret: str,
        tokens: Tokens,
        sign: Sign,
        api: str = API,
        *,
        oa_id: str = "",
        photos: Path = Path("."),
        documents: Path = Path("."),
        pause: float = 1.0,
        patience: float = CALL,
        files: str = ZALO_FILES,
        now: Callable[[], float] = time.time,
        language: str = DEFAULT,
    ) -> None:
        self._now = now
        self._app_id = app_id
        self._oa_secret = oa_secret
        self._tokens = tokens
        self._sign = sign
        self._oa_id = oa_id
        self._photos = photos
        self._documents = documents
        self._patience = patience
        self._exchange = JsonClient(api, files=files)
        self._receiving = ReceiveLoop(CHANNEL, pause, texts(language))
        #: When a call last failed for lack of quota or money (monotonic seconds).
        self._short_since = 0.0
        #: When each address last acted according to Zalo (seconds since 1970): posts may come late and in any order.
        self._acted: dict[str, float] = {}
        self._uploads = UploadCache((UPLOAD_LIFE - timedelta(hours=1)).total_seconds())

    # ------------------------------------------------------------------ receiving

    async def start(self, submit: Submit) -> None:
        """Renew the tokens until cancelled; events come in by `receive`."""
        self._receiving.begin(submit)
        while True:
            await self._receiving.attempt(self._keep_fresh)
            known, ends = self._tokens.stored(), time.monotonic() + _RENEW_CHECK
            # notice soon when another process renews the tokens or gets a new consent
            while time.monotonic() < ends and self._tokens.stored() == known:
                await asyncio.sleep(_FILE_CHECK)

    async def _keep_fresh(self) -> None:
        try:
            await self._tokens.access()
        except TokenBad as error:
            # only a new consent helps
            self._receiving.set_state(error.reason)
            return
        if self._receiving.state not in {NotAllowed.reason, NoQuota.reason, NoMoney.reason}:
            self._receiving.set_state("ok")
        pair = self._tokens.stored()
        if pair is not None and pair.days_left < ALARM:
            _log.warning("zalo_oa_refresh_ends", days=int(pair.days_left))

    def is_expected(self, headers: Mapping[str, str]) -> bool:
        """Whether the head bears what may be a signature; whose it is, the body tells."""
        return may_be_signed(headers.get(SIGNATURE_HEADER, ""))

    async def receive(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Handle one post. False: not signed by this account for our app. Raises where it can't be stored now."""
        try:
            post = json.loads(body)
        except (ValueError, RecursionError):
            return False
        given = headers.get(SIGNATURE_HEADER, "")
        if not isinstance(post, dict) or not is_signed(body, post, self._app_id, self._oa_secret, given):
            return False
        if not is_recent(post, self._now()):
            _log.warning("zalo_oa_post_too_old")
            return False
        events = [event for event in events_of(post, self._sign) if self._is_in_order(event)]
        if events:
            await self._receiving.submit(events)
        return True

    def _is_in_order(self, event: Event) -> bool:
        """False for an "unfollow" that is older than another act of the person."""
        last = self._acted.pop(event.address, 0.0)
        self._acted[event.address] = max(last, event.at)
        if len(self._acted) > _REMEMBERED:
            del self._acted[next(iter(self._acted))]
        return event.kind is not EventKind.BLOCKED or not event.at or event.at >= last

    # ------------------------------------------------------------------ sending

    async def send(self, address: str, message: Message) -> Sent:
        """Deliver one message; `ref` is Zalo's message id. `limits` sees to it that a picture has no choices, and a
        document neither text nor choices: Zalo can't combine them."""
        if message.file:
            token = await self._uploaded(f"{message.file}|{message.file_name}", partial(self._upload_document, message))
            return await self._send_content(address, {"attachment": {"type": "file", "payload": {"token": token}}})
        if message.photo:
            picture = await self._uploaded(message.photo, partial(self._upload_picture, message.photo))
            element = {"media_type": "image", "attachment_id": picture}
            template = {"template_type": "media", "elements": [element]}
            attachment = {"type": "template", "payload": template}
            return await self._send_content(address, {**_text(message.text), "attachment": attachment})
        content: dict[str, Any] = {"text": message.text}
        if message.choices:
            buttons = [self._button(address, choice) for choice in message.choices]
            content["attachment"] = {"type": "template", "payload": {"buttons": buttons}}
        return await self._send_content(address, content)

    def _button(self, address: str, choice: Choice) -> dict[str, str]:
        carried = payload(address, choice.data, self._sign)
        return {"title": choice.label, "type": "oa.query.hide", "payload": carried}

    async def _send_content(self, address: str, content: Mapping[str, Any]) -> Sent:
        body = encoded({"recipient": {"user_id": address}, "message": content})
        data = await self._call("/v3.0/oa/message/cs", body, "application/json", self._patience)
        return Sent(str(data.get("message_id") or ""))

    async def _call(self, path: str, body: bytes, content_type: str, seconds: float) -> Mapping[str, Any]:
        """The `data` of one call; where the token is refused, renews it and tries once more. Raises a ChannelError."""
        token = await self._token()
        for is_last in (False, True):
            head = f"Content-Type: {content_type}\r\naccess_token: {token}\r\n".encode()
            status, answer = await self._exchange.ask(path, body, seconds, head)
            if answer is None:
                raise Refused if status == 413 else AppDown
            code = code_of(answer.get("error"))
            if code == 0:
                self._note_success()
                data = answer.get("data")
                return data if isinstance(data, dict) else {}
            if code in TOKEN_CODES and not is_last:
                token = await self._token(but=token)
                continue
            error = AppDown() if code is None else error_of(code)
            if isinstance(error, TokenBad | NoQuota) and code not in OF_ONE_PERSON:
                self._short_since = time.monotonic()
                self._receiving.set_state(error.reason)
            raise error
        raise AssertionError("unreachable")

    async def _token(self, but: str = "") -> str:
        try:
            return await self._tokens.access(but=but)
        except TokenBad as error:
            self._receiving.set_state(error.reason)
            raise

    def _note_success(self) -> None:
        """Set the state to "ok"; a lack of quota or money stays for a while, since other calls succeed meanwhile."""
        partly = self._receiving.state in {NoQuota.reason, NoMoney.reason}
        if not partly or time.monotonic() - self._short_since > _SHORTAGE_SHOWN:
            self._receiving.set_state("ok")

    async def _uploaded(self, key: str, upload: Callable[[], Awaitable[str]]) -> str:
        """Zalo's id of one of our files, which is uploaded where there is none."""

        async def fresh() -> None:
            self._uploads.keep(key, await upload())

        if not self._uploads.id_of(key):
            await self._uploads.upload_once(key, fresh)
        return self._uploads.id_of(key)

    async def _upload_picture(self, name: str) -> str:
        try:
            content = await asyncio.to_thread(_small_enough, self._photos / Path(name).name)
        except OSError:
            raise Refused from None
        return await self._upload("image", content, Path(name).name, "image/jpeg", "attachment_id")

    async def _upload_document(self, message: Message) -> str:
        path = self._documents / Path(message.file).name
        try:
            content = await asyncio.to_thread(path.read_bytes)
        except OSError:
            raise Refused from None
        return await self._upload("file", content, message.file_name, MEDIA_TYPES.get(path.suffix[1:], ""), "token")

    async def _upload(self, what: str, content: bytes, name: str, kind: str, answered: str) -> str:
        """Upload these bytes under the name people see; returns Zalo's id, the field `answered` of the answer."""
        boundary = secrets.token_hex(16)
        named = re.sub(r'[\r\n"\\]', "", name)
        lead = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{named}"\r\n'
        body = lead.encode() + f"Content-Type: {kind}\r\n\r\n".encode() + content + f"\r\n--{boundary}--\r\n".encode()
        data = await self._call(f"/v2.0/oa/upload/{what}", body, f"multipart/form-data; boundary={boundary}", FILE)
        id = str(data.get(answered) or "")
        if not id:
            raise AppDown
        return id

    async def fetch(self, file: File) -> bytes:
        """The bytes of a picture or document; its handle is the URL Zalo gave."""
        if file.size > self.limits.download:
            raise FileTooBig
        return await self._exchange.download(file.handle, self.limits.download)

    # ------------------------------------------------------------------ the rest of the contract

    def link(self, code: str) -> str | None:
        """The URL of the chat, where "tham gia CODE" has to be typed: Zalo's links can't contain a code."""
        return chat_of(self._oa_id)

    def status(self) -> Status:
        pair = self._tokens.stored()
        if self._receiving.state == "ok" and pair is not None and pair.days_left < ALARM:
            return self._receiving.status("ok_ends", days=int(pair.days_left))
        return self._receiving.status()

    def retry(self) -> None:
        self._receiving.retry()

    async def close(self) -> None:
        await self._exchange.close()
        await self._tokens.close()


def _text(text: str) -> dict[str, str]:
    return {"text": text} if text else {}


def _small_enough(path: Path) -> bytes:
    """The picture in as many bytes as may be uploaded, made smaller and of lower quality where needed."""
    content = path.read_bytes()
    side, quality = 2000, 85
    while len(content) > PICTURE:
        from PIL import Image

        side, quality = side * 3 // 4, max(60, quality - 10)
        with Image.open(path) as picture:
            picture.thumbnail((side, side))
            out = io.BytesIO()
            picture.save(out, "JPEG", quality=quality)
        content = out.getvalue()
    return content
