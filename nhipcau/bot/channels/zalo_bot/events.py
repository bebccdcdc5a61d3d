"""Reads the events of Zalo's Bot Platform, polled or posted. Ids and times may be numbers or strings."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import structlog

from nhipcau.bot.messaging.events import Event, EventKind, File, clean, id_text, moment_of

CHANNEL = "zalo_bot"
_log = structlog.get_logger()

Json = dict[str, Any]


def events_of(body: object) -> list[Event]:
    """The events in an answer or a post: one object, a list of them, or either inside `{"ok":…,"result":…}`."""
    if isinstance(body, dict) and "result" in body and "event_name" not in body:
        body = body["result"]
    found = body if isinstance(body, list) else [body]
    return [event for raw in found if isinstance(raw, dict) and (event := _event(raw)) is not None]


def _event(raw: Json) -> Event | None:
    try:
        return _read(raw)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        # only the type: an error's text may quote what a person wrote
        _log.warning("zalo_bot_event_unreadable", kind=type(error).__name__)
        return None


def _read(raw: Json) -> Event | None:
    """The event; None where it is nothing a person did in a private chat."""
    message = raw["message"]
    chat, sender = message["chat"], message.get("from") or {}
    if str(chat.get("chat_type") or "PRIVATE").upper() != "PRIVATE" or sender.get("is_bot"):
        return None
    address = id_text(chat["id"])
    if not address:
        return None
    kind, text, file = _content(str(raw.get("event_name") or ""), message)
    return Event(
        CHANNEL,
        _id(raw, message),
        address,
        kind,
        text=text,
        file=file,
        name=clean(str(sender.get("display_name") or "")).strip(),
        at=moment_of(message.get("date")),
    )


def _id(raw: Json, message: Json) -> str:
    """The message's id; where it has none, a digest of the content, which is the same at every repeat."""
    if id := id_text(message.get("message_id")):
        return id
    return "h:" + hashlib.sha256(json.dumps(raw, sort_keys=True).encode()).hexdigest()[:32]


def _content(name: str, message: Json) -> tuple[EventKind, str, File | None]:
    text = message.get("text")
    if isinstance(text, str) and text:
        return EventKind.TEXT, clean(text), None
    # documented as `photo`, captured as `photo_url`
    photo = message.get("photo_url") or message.get("photo")
    if isinstance(photo, str) and photo:
        return EventKind.PHOTO, clean(str(message.get("caption") or "")), File(photo)
    if "voice" in name:
        return EventKind.VOICE, "", None
    # a text with a link arrives as "unsupported", without the text; so do files, places and films
    return EventKind.OTHER, "wrong.unsupported" if "unsupported" in name else "", None
