"""Reads Telegram's updates into events, each by itself, so that an unreadable one affects no other.

Read as plain JSON: python-telegram-bot's objects for an update cost more than all the rest of its handling, and the
library can't read an update that lacks a field it expects.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import structlog

from nhipcau.bot.channels.telegram.keyboard import data_of
from nhipcau.bot.messaging.events import Event, EventKind, File, clean

CHANNEL = "telegram"
#: Suffix of the `ack` of a tap whose message keeps its buttons.
KEEPS_BUTTONS = "+"
_log = structlog.get_logger()
#: "/viec@our_bot" and "/start CODE@our_bot": the app sometimes adds our name.
_OUR_NAME = re.compile(r"^(/\w{1,32}|/start [\w-]{1,64})@\w+(?=\s|$)")
_SOUNDS = ("voice", "audio", "video_note")
#: What else people send. A message without any of these is a note of the app ("Lan đã ghim một tin"): no answer.
_SENT = {
    *("animation", "sticker", "video", "location", "venue", "contact", "poll", "dice", "game", "story", "document"),
    *("paid_media", "checklist", "invoice", "live_photo"),
}

#: Names of pictures that some phones send without saying what they are.
_PICTURES = (".heic", ".heif", ".jpg", ".jpeg", ".png", ".webp")

Json = dict[str, Any]


def events_of(updates: object) -> list[Event]:
    """An event for each update with an id, in order; without an id it could not be claimed."""
    if not isinstance(updates, list):
        return []
    return [event_of(raw) for raw in updates if isinstance(raw, dict) and isinstance(raw.get("update_id"), int)]


def event_of(raw: Json) -> Event:
    """The event of a raw update; IGNORED where it is unreadable, or nothing a person did in a private chat."""
    id = str(raw["update_id"])
    try:
        event = _read(id, raw)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        # only the type: an error's text may quote what a person wrote
        _log.warning("telegram_update_unreadable", kind=type(error).__name__)
        event = None
    return event or Event(CHANNEL, id, "", EventKind.IGNORED)


def _read(id: str, raw: Json) -> Event | None:
    if "message" in raw:
        return _message(id, raw["message"])
    if "edited_message" in raw:
        return _edited(id, raw["edited_message"])
    if "callback_query" in raw:
        return _tap(id, raw["callback_query"])
    if "my_chat_member" in raw:
        return _membership(id, raw["my_chat_member"])
    return None


def _message(id: str, message: Json) -> Event | None:
    sender = message.get("from")
    if message["chat"]["type"] != "private" or sender is None or sender.get("is_bot"):
        return None
    kind, file = _content(message)
    if kind is EventKind.IGNORED:
        return None
    text = clean(message.get("text") or message.get("caption") or "")
    if text.startswith("/"):
        text = _OUR_NAME.sub(r"\1", text)
    chat, date = str(int(message["chat"]["id"])), message.get("date")
    at = float(date) if isinstance(date, int) else 0.0
    album, ref = str(message.get("media_group_id") or ""), str(int(message["message_id"]))
    return Event(CHANNEL, id, chat, kind, text=text, ref=ref, file=file, album=album, name=_name(sender), at=at)


def _edited(id: str, message: Json) -> Event | None:
    """Words changed afterwards. A place that moves, for one, is edited without anybody's doing."""
    event = _message(id, message)
    has_words = bool(message.get("text") or message.get("caption"))
    return replace(event, kind=EventKind.EDITED, file=None, album="") if event is not None and has_words else None


def _content(message: Json) -> tuple[EventKind, File | None]:
    if message.get("text"):
        return EventKind.TEXT, None
    if message.get("photo"):
        largest = max(message["photo"], key=lambda size: size["width"] * size["height"])
        return EventKind.PHOTO, _file(largest)
    document = message.get("document")
    if document and "animation" not in message:
        return _document(document)
    if any(message.get(sound) for sound in _SOUNDS):
        return EventKind.VOICE, None
    return EventKind.OTHER if _SENT & message.keys() else EventKind.IGNORED, None


def _document(document: Json) -> tuple[EventKind, File]:
    """A picture sent as a file, so that it stays as sharp as it is; else a document."""
    title = clean(str(document.get("file_name") or ""))
    if str(document.get("mime_type") or "").startswith("image/") or title.casefold().endswith(_PICTURES):
        return EventKind.PHOTO, _file(document)
    return EventKind.FILE, replace(_file(document), title=title)


def _file(found: Json) -> File:
    return File(str(found["file_id"]), int(found.get("file_size") or 0))


def _tap(id: str, query: Json) -> Event | None:
    if not query.get("data") or query["from"].get("is_bot"):
        return None
    address, ref = str(int(query["from"]["id"])), ""
    message = query.get("message")
    # a message with date 0 is too old to be edited, so it gets no ref
    if message is not None and message["date"] != 0:
        if message["chat"]["type"] != "private":
            return None
        address, ref = str(int(message["chat"]["id"])), str(int(message["message_id"]))
    sender = _name(query["from"])
    data, stays = data_of(clean(query["data"]))
    ack = f"{query['id']}{KEEPS_BUTTONS if stays else ''}"
    return Event(CHANNEL, id, address, EventKind.TAP, data=data, ref=ref, name=sender, ack=ack)


def _membership(id: str, change: Json) -> Event | None:
    if change["chat"]["type"] != "private":
        return None
    before, after = change["old_chat_member"]["status"], change["new_chat_member"]["status"]
    kind = EventKind.BLOCKED if after == "kicked" else EventKind.RETURNED if before == "kicked" else EventKind.IGNORED
    return Event(CHANNEL, id, str(int(change["chat"]["id"])), kind)


def _name(user: Json) -> str:
    return clean(f"{user['first_name']} {user.get('last_name') or ''}").strip()
