"""A person's phone at the Telegram stand-in: what they do becomes updates, what they see is kept in order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.support.standins.telegram_answers import Answers


@dataclass(slots=True)
class Received:
    """One bubble on the phone, as it looks now."""

    #: The Bot API's message object.
    raw: dict[str, Any]
    #: The picture's or the document's bytes, empty for a text.
    photo: bytes = b""
    file: bytes = b""
    #: How often the bot changed it.
    edits: int = 0

    @property
    def message_id(self) -> int:
        return int(self.raw["message_id"])

    @property
    def text(self) -> str:
        return str(self.raw.get("text") or self.raw.get("caption") or "")

    @property
    def file_name(self) -> str:
        """What the document is called on the phone."""
        return str((self.raw.get("document") or {}).get("file_name") or "")

    @property
    def edited(self) -> bool:
        return self.edits > 0

    @property
    def rows(self) -> list[list[str]]:
        return [[button["text"] for button in row] for row in self._keyboard()]

    @property
    def buttons(self) -> list[str]:
        return [label for row in self.rows for label in row]

    def data(self, label: str) -> str:
        """What the button of exactly this label carries. Raises LookupError naming the labels there are."""
        for row in self._keyboard():
            for button in row:
                if button["text"] == label:
                    return str(button["callback_data"])
        raise LookupError(f"no button {label!r} among {self.buttons} of {self.text!r}")

    def _keyboard(self) -> list[list[dict[str, str]]]:
        rows: list[list[dict[str, str]]] = self.raw.get("reply_markup", {}).get("inline_keyboard", [])
        return rows


@dataclass(eq=False)
class Phone:
    """Made by `TelegramStandIn.phone`. What is done returns the update's id."""

    standin: Answers
    chat_id: int
    first_name: str
    last_name: str = ""
    #: Everything received, oldest first.
    messages: list[Received] = field(default_factory=list)
    #: The person wrote first, so the bot may write.
    opened: bool = False
    blocked: bool = False
    #: Ids of this person's own messages, oldest first.
    own: list[int] = field(default_factory=list)
    albums: int = 0
    #: Ids of taps the bot acknowledged.
    acknowledged: list[str] = field(default_factory=list)
    _expected: int = 0
    _waiting: list[asyncio.Future[None]] = field(default_factory=list)

    @property
    def user(self) -> dict[str, Any]:
        names = {"first_name": self.first_name, "last_name": self.last_name}
        return {"id": self.chat_id, "is_bot": False, **{key: value for key, value in names.items() if value}}

    @property
    def chat(self) -> dict[str, Any]:
        return {"id": self.chat_id, "type": "private", "first_name": self.first_name}

    async def start(self, code: str = "") -> int:
        """Press "Bắt đầu", with a link's code."""
        return await self.say(f"/start {code}".strip())

    async def say(self, text: str) -> int:
        content: dict[str, Any] = {"text": text}
        if text.startswith("/"):
            command = text.split()[0]
            content["entities"] = [{"type": "bot_command", "offset": 0, "length": len(command)}]
        return self.put(**content)

    async def tap(self, label: str, message: Received | None = None, *, inaccessible: bool = False) -> int:
        """Press the button of exactly this label on the last message, or on an earlier one."""
        message = message or self.messages[-1]
        return self.tap_data(message.data(label), message, inaccessible=inaccessible)

    def tap_data(self, data: str, message: Received, *, inaccessible: bool = False) -> int:
        """Press whatever carries `data`, still shown or not (an old screen)."""
        shown = message.raw
        if inaccessible:
            shown = {"chat": self.chat, "message_id": message.message_id, "date": 0}
        return self.standin.tap(self, data, shown)

    async def send_photo(self, content: bytes, caption: str = "", **more: str) -> int:
        small, large = self.standin.keep_file(content[:64]), self.standin.keep_file(content)
        sizes = [
            {"file_id": small, "file_unique_id": small, "width": 90, "height": 60, "file_size": len(content[:64])},
            {"file_id": large, "file_unique_id": large, "width": 1280, "height": 960, "file_size": len(content)},
        ]
        return self.put(photo=sizes, **({"caption": caption} if caption else {}), **more)

    async def send_document(self, content: bytes, mime_type: str, caption: str = "", name: str = "tep") -> int:
        handle = self.standin.keep_file(content)
        document = {
            "file_id": handle,
            "file_unique_id": handle,
            "mime_type": mime_type,
            "file_name": name,
            "file_size": len(content),
        }
        return self.put(document=document, **({"caption": caption} if caption else {}))

    async def send_album(self, pictures: Sequence[bytes], caption: str = "") -> list[int]:
        """Pictures sent together: a message each, which share the album's id."""
        self.albums += 1
        album = str(13_000_000_000_000_000 + self.albums)
        first, *others = pictures
        ids = [await self.send_photo(first, caption, media_group_id=album)]
        return ids + [await self.send_photo(each, media_group_id=album) for each in others]

    async def edit(self, text: str, message_id: int = 0) -> int:
        """Change the words of one's own message, of the last one by default."""
        message = {"message_id": message_id or self.own[-1], "from": self.user, "chat": self.chat}
        return self.standin.push({"edited_message": {**message, **_edited_now(), "text": text}})

    async def pin(self) -> int:
        """Pin the bot's last message: the app puts a note of it into the chat."""
        return self.put(pinned_message=self.messages[-1].raw)

    async def sticker(self) -> int:
        handle = self.standin.keep_file(b"sticker")
        kind = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
        return self.put(sticker={"file_id": handle, "file_unique_id": handle, **kind})

    async def voice(self) -> int:
        handle = self.standin.keep_file(b"voice")
        return self.put(
            voice={"file_id": handle, "file_unique_id": handle, "duration": 3, "mime_type": "audio/ogg", "file_size": 5}
        )

    async def block(self) -> int:
        self.blocked = True
        return self._membership("member", "kicked")

    async def unblock(self) -> int:
        self.blocked = False
        return self._membership("kicked", "member")

    def put(self, **content: Any) -> int:
        """Send a message with any content of the Bot API's message object."""
        self.opened = True
        self.own.append(self.standin.next_message_id())
        message = {"message_id": self.own[-1], "from": self.user, "chat": self.chat}
        return self.standin.push({"message": {**message, "date": int(time.time()), **content}})

    def _membership(self, before: str, after: str) -> int:
        bot = self.standin.me
        until = {"kicked": {"until_date": 0}, "member": {}}
        return self.standin.push(
            {
                "my_chat_member": {
                    "chat": self.chat,
                    "from": self.user,
                    "date": int(time.time()),
                    "old_chat_member": {"user": bot, "status": before, **until[before]},
                    "new_chat_member": {"user": bot, "status": after, **until[after]},
                }
            }
        )

    async def expect(self, timeout: float = 5.0) -> Received:
        """The next message that was not expected yet. Raises TimeoutError after `timeout` seconds."""
        await self.until(lambda: len(self.messages) > self._expected, timeout)
        self._expected += 1
        return self.messages[self._expected - 1]

    async def until(self, holds: Callable[[], bool], timeout: float = 5.0) -> None:
        """Wait until something received, edited or acknowledged makes `holds` true. Raises TimeoutError."""
        async with asyncio.timeout(timeout):
            while not holds():
                waiter = asyncio.get_running_loop().create_future()
                self._waiting.append(waiter)
                await waiter

    def changed(self) -> None:
        """Wake whoever waits; called by the stand-in."""
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(None)


def _edited_now() -> dict[str, int]:
    now = int(time.time())
    return {"date": now, "edit_date": now}
