"""Verifies and reads what an Official Account posts. Ids and times may be numbers or strings."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import structlog

from nhipcau.bot.channels.zalo_oa.platform_limits import NOT_INPUT
from nhipcau.bot.messaging.events import Event, EventKind, File, clean, id_text, moment_of

CHANNEL = "zalo_oa"
_log = structlog.get_logger()
#: Prefix of a button's payload; the rest is signed.
_TAP = "#nc:"
#: Pictures of one post that are read.
_MOST_PICTURES = 10
#: Characters of a button's signature.
_SIGNATURE_LENGTH = 16
#: Seconds a post may be older than now, or younger where one clock is wrong: a day, and some.
MOST_LATE = 26 * 3600.0

Json = dict[str, Any]
#: Makes a signature that only this installation can make.
Sign = Callable[[str], str]


def is_signed(raw: bytes, body: Json, app_id: str, secret: str, given: str) -> bool:
    """Whether these bytes are signed with the account's secret, for our app."""
    if str(body.get("app_id")) != app_id:
        return False
    moment = str(body.get("timestamp")).encode("utf-8", "replace")
    signed = app_id.encode() + raw + moment + secret.encode()
    wanted = hashlib.sha256(signed).hexdigest()
    return hmac.compare_digest(wanted.encode(), given.strip().removeprefix("mac=").lower().encode("utf-8", "replace"))


def may_be_signed(given: str) -> bool:
    """Whether this header has the form of a signature."""
    return re.fullmatch(r"(mac=)?[0-9a-fA-F]{64}", given.strip()) is not None


def is_recent(body: Json, now: float) -> bool:
    """Whether the signed moment is near (`now` in seconds since 1970). Zalo posts again for a day; an event is known
    again for a fortnight (storage/retention.py), so that one kept by somebody for longer than that does nothing."""
    return abs(moment_of(body.get("timestamp")) - now) <= MOST_LATE


def payload(address: str, data: str, sign: Sign) -> str:
    """The text a button sends: the choice's data, signed for this person, so that nobody can type one."""
    return f"{_TAP}{data}#{_signature(address, data, sign)}"


def _signature(address: str, data: str, sign: Sign) -> str:
    return sign(f"{address}|{data}")[:_SIGNATURE_LENGTH]


def events_of(body: Json, sign: Sign) -> list[Event]:
    """The event, or one a picture of those sent together; empty where it is nothing a person did, or unreadable."""
    event = event_of(body, sign)
    if event is None:
        return []
    urls = _more_pictures(body.get("message")) if event.kind is EventKind.PHOTO else []
    if not urls:
        return [event]
    first = replace(event, album=event.id)
    others = (replace(first, id=f"{event.id}#{n}", text="", file=File(url)) for n, url in enumerate(urls, start=2))
    return [first, *others]


def _more_pictures(message: object) -> list[str]:
    """The URLs of the attachments after the first."""
    attachments = message.get("attachments") if isinstance(message, dict) else None
    others = attachments[1:_MOST_PICTURES] if isinstance(attachments, list) else []
    payloads = [each.get("payload") for each in others if isinstance(each, dict)]
    return [str(each["url"]) for each in payloads if isinstance(each, dict) and each.get("url")]


def event_of(body: Json, sign: Sign) -> Event | None:
    """The event; None where it is nothing a person did, or unreadable."""
    try:
        return _read(body, sign)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        # only the type: an error's text may quote what a person wrote
        _log.warning("zalo_oa_event_unreadable", kind=type(error).__name__)
        return None


def _read(body: Json, sign: Sign) -> Event | None:
    name = str(body["event_name"])
    if name.startswith(NOT_INPUT):
        return None
    whose = body["follower"] if name in {"follow", "unfollow"} else body["sender"]
    address = id_text(whose["id"])
    message = body.get("message") or {}
    id = id_text(message.get("msg_id"))
    if not address:
        return None
    if not id:
        id = "h:" + hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:32]
    kind, text, data, file = _content(name, message, address, sign)
    return Event(CHANNEL, id, address, kind, text=text, data=data, file=file, at=moment_of(body.get("timestamp")))


Content = tuple[EventKind, str, str, File | None]


def _content(name: str, message: Json, address: str, sign: Sign) -> Content:
    match name:
        case "follow":
            return EventKind.OPENED, "", "", None
        case "unfollow":
            return EventKind.BLOCKED, "", "", None
        case "user_send_text":
            return _text(clean(str(message.get("text") or "")), address, sign)
        case "user_send_audio":
            return EventKind.VOICE, "", "", None
        case "user_submit_info":
            return EventKind.OTHER, "wrong.info", "", None
    url = _picture(name, message)
    if url:
        return EventKind.PHOTO, clean(str(message.get("text") or "")), "", File(url)
    if name == "user_send_file" and (document := _document(message)):
        return EventKind.FILE, clean(str(message.get("text") or "")), "", document
    return EventKind.OTHER, "", "", None


def _text(text: str, address: str, sign: Sign) -> Content:
    """Text, or a pressed button. With a wrong signature it is an outdated button: neither its data nor text."""
    if not text.startswith(_TAP):
        return EventKind.TEXT if text else EventKind.OTHER, text, "", None
    data, _, given = text.removeprefix(_TAP).rpartition("#")
    good = hmac.compare_digest(given.encode(), _signature(address, data, sign).encode())
    return EventKind.TAP, "", data if good else "old", None


def _payload(message: Json) -> Json:
    """The payload of the first attachment."""
    attachments = message.get("attachments")
    first = attachments[0] if isinstance(attachments, list) and attachments else {}
    return first.get("payload") or {}


def _document(message: Json) -> File | None:
    carried = _payload(message)
    url, size = str(carried.get("url") or ""), str(carried.get("size") or "")
    # the size comes as a number or a string of one
    known = int(size) if re.fullmatch(r"[0-9]{1,12}", size) else 0
    return File(url, known, clean(str(carried.get("name") or ""))) if url else None


def _picture(name: str, message: Json) -> str:
    """The URL of a picture, sent as a picture or as a file; "" where there is none."""
    carried = _payload(message)
    url = str(carried.get("url") or "")
    if name == "user_send_image":
        return url
    file = f"{carried.get('type') or ''}.{carried.get('name') or ''}".lower()
    is_picture = any(kind in file for kind in ("jpg", "jpeg", "png", "webp", "heic", "heif"))
    return url if name == "user_send_file" and is_picture else ""
