"""What Telegram delivers, read into events: each update by itself, so that one unreadable update holds up no other."""

from __future__ import annotations

import re
import unicodedata

import structlog
from telegram import CallbackQuery, Chat, ChatMember, ChatMemberUpdated, Message, Update, User

from nhipcau.bot.events import Event, File, Kind

CHANNEL = "telegram"
_log = structlog.get_logger()
_OF_A_TAPPED_MESSAGE = ("message_id", "date", "chat")
#: "/viec@our_bot" and "/start CODE@our_bot": the app adds our name in places.
_OUR_NAME = re.compile(r"^(/\w{1,32}|/start [\w-]{1,64})@\w+(?=\s|$)")


def events_of(updates: object) -> list[Event]:
    """One event for each update that has an id, in their order; without an id there is nothing to claim."""
    if not isinstance(updates, list):
        return []
    return [event_of(raw) for raw in updates if isinstance(raw, dict) and isinstance(raw.get("update_id"), int)]


def event_of(raw: dict[str, object]) -> Event:
    """The event of one raw update; IGNORED where nobody in a private chat did anything, or it can't be read."""
    id = str(raw["update_id"])
    try:
        event = _read(id, Update.de_json(_slim(raw), None))
    except Exception as error:
        # Only the kind: the text of a library's error may quote what a person wrote.
        _log.warning("telegram_update_unreadable", kind=type(error).__name__)
        event = None
    return event or Event(CHANNEL, id, "", Kind.IGNORED)


def _slim(raw: dict[str, object]) -> dict[str, object]:
    """A tap brings back the whole message it stood on; reading that into objects costs more than all the rest."""
    query = raw.get("callback_query")
    if not isinstance(query, dict) or not isinstance(query.get("message"), dict):
        return dict(raw)
    message = {name: value for name, value in query["message"].items() if name in _OF_A_TAPPED_MESSAGE}
    return {**raw, "callback_query": {**query, "message": message}}


def _read(id: str, update: Update) -> Event | None:
    if update.message is not None:
        return _message(id, update.message)
    if update.callback_query is not None:
        return _tap(id, update.callback_query)
    if update.my_chat_member is not None:
        return _membership(id, update.my_chat_member)
    return None


def _message(id: str, message: Message) -> Event | None:
    sender = message.from_user
    if message.chat.type != Chat.PRIVATE or sender is None or sender.is_bot:
        return None
    kind, file = _content(message)
    text = _clean(message.text or message.caption or "")
    if text.startswith("/"):
        text = _OUR_NAME.sub(r"\1", text)
    return Event(CHANNEL, id, str(message.chat.id), kind, text=text, file=file, name=_name(sender))


def _content(message: Message) -> tuple[Kind, File | None]:
    if message.text:
        return Kind.TEXT, None
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        return Kind.PHOTO, File(largest.file_id, largest.file_size or 0)
    document = message.document
    if document is not None and (document.mime_type or "").startswith("image/") and message.animation is None:
        return Kind.PHOTO, File(document.file_id, document.file_size or 0)
    if message.voice or message.audio or message.video_note:
        return Kind.VOICE, None
    return Kind.OTHER, None


def _tap(id: str, query: CallbackQuery) -> Event | None:
    if not query.data or query.from_user.is_bot:
        return None
    address, ref = str(query.from_user.id), ""
    # An inaccessible message is too old to be edited, so it has no ref.
    if query.message is not None and query.message.is_accessible:
        if query.message.chat.type != Chat.PRIVATE:
            return None
        address, ref = str(query.message.chat.id), str(query.message.message_id)
    return Event(
        CHANNEL, id, address, Kind.TAP, data=_clean(query.data), ref=ref, name=_name(query.from_user), ack=query.id
    )


def _membership(id: str, change: ChatMemberUpdated) -> Event | None:
    if change.chat.type != Chat.PRIVATE or change.new_chat_member.status != ChatMember.BANNED:
        return None
    return Event(CHANNEL, id, str(change.chat.id), Kind.BLOCKED)


def _name(user: User) -> str:
    return _clean(user.full_name).strip()


def _clean(text: str) -> str:
    """NFC, and without what no database keeps: lone surrogates and NUL."""
    return unicodedata.normalize("NFC", text.replace("\0", "").encode("utf-8", "replace").decode("utf-8"))
