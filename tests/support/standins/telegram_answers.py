"""What Telegram's Bot API answers to each method, its refusals included; no sockets here."""

from __future__ import annotations

import itertools
import re
import time
from typing import Any

from tests.support.standins.telegram_phone import Phone, Received
from tests.support.standins.telegram_timing import Timing

_OLD_TAP = "Bad Request: query is too old and response timeout expired or query ID is invalid"
_UNCHANGED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a "
    "current content and reply markup of the message"
)
_DOWNLOAD, _UPLOAD = 20_000_000, 50_000_000


class Upload(bytes):
    """What came as a file in a form, and what it was called there."""

    name = ""


class Refusal(Exception):
    """An answer with `ok` false."""

    def __init__(self, status: int, description: str, retry_after: int = 0) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.retry_after = retry_after


class Answers:
    """The bot's side of the conversation: phones, messages, taps, files."""

    def __init__(self, *, strict: bool, open_chats: bool) -> None:
        self.strict = strict
        #: Any chat id is a person who has already written.
        self.open_chats = open_chats
        self.username = "nhipcau_thu_bot"
        self.phones: dict[int, Phone] = {}
        self.files: dict[str, bytes] = {}
        #: Names of documents the bot has sent, by file id.
        self.documents: dict[str, str] = {}
        self.webhook = self.webhook_secret = ""
        #: Commands and descriptions, by chat (0: all others) and language ("": all others).
        self.menus: dict[tuple[int, str], list[tuple[str, str]]] = {}
        #: Seconds within which a tap can be acknowledged.
        self.tap_seconds = 15.0
        #: Refuse more than one message a second to one chat.
        self.one_a_second = False
        self.timing = Timing()
        self._sent_at: dict[int, float] = {}
        self._taps: dict[str, tuple[float, Phone]] = {}
        self._message_ids = itertools.count(1)
        self._tap_ids = itertools.count(4_000_000_000_001)
        self._file_ids = itertools.count(1)

    @property
    def me(self) -> dict[str, Any]:
        return {"id": 123456, "is_bot": True, "first_name": "Nhịp Cầu", "username": self.username}

    # ------------------------------------------------------------------ people

    def phone(self, chat_id: int, first_name: str = "An", last_name: str = "") -> Phone:
        """This person's phone, made on first asking."""
        if chat_id not in self.phones:
            self.phones[chat_id] = Phone(self, chat_id, first_name, last_name, opened=self.open_chats)
        return self.phones[chat_id]

    def next_message_id(self) -> int:
        return next(self._message_ids)

    def keep_file(self, content: bytes) -> str:
        """Store a file; returns its file_id."""
        handle = f"file_{next(self._file_ids)}"
        self.files[handle] = content
        return handle

    def push(self, content: dict[str, Any]) -> int:
        """Queue an update; where it goes is the server's matter."""
        raise NotImplementedError

    def tap(self, phone: Phone, data: str, message: dict[str, Any]) -> int:
        id = str(next(self._tap_ids))
        self._taps[id] = (time.monotonic(), phone)
        query = {"id": id, "from": phone.user, "chat_instance": str(phone.chat_id), "data": data, "message": message}
        return self.push({"callback_query": query})

    # ------------------------------------------------------------------ methods

    def answer(self, method: str, parameters: dict[str, Any]) -> object:
        """The result of one method. Raises Refusal."""
        handler = getattr(self, f"_do_{method}", None)
        if handler is None:
            raise Refusal(404, "Not Found")
        return handler(parameters)

    def _do_getMe(self, _: dict[str, Any]) -> object:
        can = {"can_join_groups": False, "can_read_all_group_messages": False, "supports_inline_queries": False}
        return {**self.me, **can}

    def _do_deleteWebhook(self, _: dict[str, Any]) -> object:
        self.webhook = ""
        return True

    def _do_setWebhook(self, parameters: dict[str, Any]) -> object:
        url = str(parameters["url"])
        if not url.startswith(("https://", "http://127.0.0.1:")):
            raise Refusal(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        secret = str(parameters.get("secret_token") or "")
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
            raise Refusal(400, "Bad Request: secret token contains unallowed characters")
        self.webhook, self.webhook_secret = url, secret
        self.hooked()
        return True

    def hooked(self) -> None:
        """A webhook was set: what waits is to be posted there."""

    def _do_getWebhookInfo(self, _: dict[str, Any]) -> object:
        return {"url": self.webhook, "has_custom_certificate": False, "pending_update_count": 0}

    def _do_setMyCommands(self, parameters: dict[str, Any]) -> object:
        scope, language = parameters.get("scope") or {"type": "default"}, str(parameters.get("language_code") or "")
        if len(parameters["commands"]) > 100:
            raise Refusal(400, "Bad Request: BOT_COMMANDS_TOO_MUCH")
        for each in parameters["commands"]:
            if not re.fullmatch(r"[a-z0-9_]{1,32}", str(each["command"])):
                raise Refusal(400, "Bad Request: BOT_COMMAND_INVALID")
            if not 1 <= len(str(each["description"]).strip()) <= 256:
                raise Refusal(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
        if language and not re.fullmatch(r"[a-z]{2}", language):
            raise Refusal(400, "Bad Request: invalid language code specified")
        if scope["type"] == "chat" and int(scope["chat_id"]) not in self.phones:
            raise Refusal(400, "Bad Request: chat not found")
        menu = [(each["command"], each["description"]) for each in parameters["commands"]]
        self.menus[int(scope.get("chat_id", 0)), language] = menu
        return True

    def _do_sendMessage(self, parameters: dict[str, Any]) -> object:
        phone = self._door(parameters)
        if not self.timing.sent(phone.chat_id):
            raise Refusal(429, "Too Many Requests: retry after 1", retry_after=1)
        text = _text(parameters, 4096) if self.strict else parameters["text"]
        return self._deliver(phone, {"text": text}, parameters)

    def _do_sendPhoto(self, parameters: dict[str, Any]) -> object:
        phone = self._door(parameters)
        content = parameters.get("photo")
        if not isinstance(content, bytes) or not content:
            raise Refusal(400, "Bad Request: there is no photo in the request")
        handle = self.keep_file(content)
        size = {"file_id": handle, "file_unique_id": handle, "width": 800, "height": 600, "file_size": len(content)}
        caption = {"caption": _caption(parameters)} if parameters.get("caption") else {}
        return self._deliver(phone, {"photo": [size], **caption}, parameters, content)

    def _do_sendDocument(self, parameters: dict[str, Any]) -> object:
        phone = self._door(parameters)
        given = parameters.get("document")
        if isinstance(given, Upload) and given:
            if len(given) > _UPLOAD:
                raise Refusal(413, "Request Entity Too Large")
            handle = self.keep_file(given)
            self.documents[handle] = given.name
        elif given in self.documents:
            handle = str(given)
        elif given:
            raise Refusal(400, "Bad Request: wrong file identifier/HTTP URL specified")
        else:
            raise Refusal(400, "Bad Request: there is no document in the request")
        content = self.files[handle]
        document = {"file_id": handle, "file_unique_id": handle, "file_size": len(content)}
        document |= {"file_name": self.documents[handle]}
        caption = {"caption": _caption(parameters)} if parameters.get("caption") else {}
        return self._deliver(phone, {"document": document, **caption}, parameters, file=content)

    def _do_editMessageText(self, parameters: dict[str, Any]) -> object:
        received = self._editable(parameters)
        if "text" not in received.raw:
            raise Refusal(400, "Bad Request: there is no text in the message to edit")
        return self._change(received, {"text": _text(parameters, 4096)}, parameters)

    def _do_editMessageCaption(self, parameters: dict[str, Any]) -> object:
        received = self._editable(parameters)
        if not {"photo", "document"} & set(received.raw):
            raise Refusal(400, "Bad Request: there is no caption in the message to edit")
        return self._change(received, {"caption": _caption(parameters)}, parameters)

    def _do_editMessageReplyMarkup(self, parameters: dict[str, Any]) -> object:
        return self._change(self._editable(parameters), {}, parameters)

    def _do_answerCallbackQuery(self, parameters: dict[str, Any]) -> object:
        id = str(parameters["callback_query_id"])
        at, phone = self._taps.pop(id, (None, None))
        if at is None or phone is None or time.monotonic() - at > self.tap_seconds:
            raise Refusal(400, _OLD_TAP)
        phone.acknowledged.append(id)
        phone.changed()
        return True

    def _do_getFile(self, parameters: dict[str, Any]) -> object:
        handle = str(parameters["file_id"])
        if handle not in self.files:
            raise Refusal(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        size = len(self.files[handle])
        if size > _DOWNLOAD:
            raise Refusal(400, "Bad Request: file is too big")
        path = f"photos/{handle}.jpg"
        return {"file_id": handle, "file_unique_id": handle, "file_size": size, "file_path": path}

    # ------------------------------------------------------------------ what they share

    def _door(self, parameters: dict[str, Any]) -> Phone:
        """The phone a message goes to. Raises Refusal where Telegram lets no bot through."""
        chat_id = int(parameters["chat_id"])
        phone = self.phone(chat_id) if self.open_chats else self.phones.get(chat_id)
        if phone is None:
            raise Refusal(400, "Bad Request: chat not found")
        if phone.blocked:
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        if not phone.opened:
            raise Refusal(403, "Forbidden: bot can't initiate conversation with a user")
        if self.one_a_second:
            now = time.monotonic()
            if now - self._sent_at.get(chat_id, -1.0) < 1.0:
                raise Refusal(429, "Too Many Requests: retry after 1", retry_after=1)
            self._sent_at[chat_id] = now
        return phone

    def _deliver(
        self, phone: Phone, content: dict[str, Any], parameters: dict[str, Any], photo: bytes = b"", file: bytes = b""
    ) -> dict[str, Any]:
        raw: dict[str, Any] = {
            "message_id": next(self._message_ids),
            "from": self.me,
            "chat": phone.chat,
            "date": int(time.time()),
            **content,
        }
        markup = parameters.get("reply_markup")
        if markup:
            if self.strict:
                _check_buttons(markup)
            raw["reply_markup"] = markup
        phone.messages.append(Received(raw, photo, file))
        phone.changed()
        return raw

    def _editable(self, parameters: dict[str, Any]) -> Received:
        phone = self.phones.get(int(parameters["chat_id"]))
        if phone is None:
            raise Refusal(400, "Bad Request: chat not found")
        for received in reversed(phone.messages):
            if received.message_id == int(parameters["message_id"]):
                return received
        raise Refusal(400, "Bad Request: message to edit not found")

    def _change(self, received: Received, content: dict[str, Any], parameters: dict[str, Any]) -> object:
        changed = {**received.raw, **content}
        markup = parameters.get("reply_markup") or {}
        changed.pop("reply_markup", None)
        if markup.get("inline_keyboard"):
            _check_buttons(markup)
            changed["reply_markup"] = markup
        if changed == received.raw:
            raise Refusal(400, _UNCHANGED)
        received.raw = changed
        received.edits += 1
        self.phones[changed["chat"]["id"]].changed()
        return {**changed, "edit_date": int(time.time())}


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _text(parameters: dict[str, Any], limit: int) -> str:
    text = str(parameters.get("text", "")).strip()
    if not text:
        raise Refusal(400, "Bad Request: message text is empty")
    if _units(text) > limit:
        raise Refusal(400, "Bad Request: message is too long")
    return text


def _caption(parameters: dict[str, Any]) -> str:
    caption = str(parameters.get("caption", "")).strip()
    if _units(caption) > 1024:
        raise Refusal(400, "Bad Request: message caption is too long")
    return caption


def _check_buttons(markup: dict[str, Any]) -> None:
    buttons = [button for row in markup["inline_keyboard"] for button in row]
    if any(len(row) > 8 for row in markup["inline_keyboard"]) or len(buttons) > 100:
        raise Refusal(400, "Bad Request: reply markup is too long")
    for button in buttons:
        if not str(button.get("text", "")).strip():
            raise Refusal(400, "Bad Request: text buttons are unallowed in the inline keyboard")
        if not 1 <= len(str(button.get("callback_data", "")).encode()) <= 64:
            raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
