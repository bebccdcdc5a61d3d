"""A document with words, by the sender as it runs: what fails half-way is finished, and nothing of it comes twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.storage import outbox
from nhipcau.storage.outbox import NewDelivery
from tests.support.apps import TAP, AppPhone, AppWorld, app_world
from tests.support.documents import pdf
from tests.support.world import MORNING

pytestmark = pytest.mark.slow

NAME, TITLE = "0123456789abcdef.pdf", "Thông báo 12.pdf"
CHOICES = (Choice("Đã xem", "v:1:seen"), Choice("Hỏi lại", "v:1:ask"))


@dataclass
class Recipient:
    """One person at one app, and what is said to everybody."""

    world: AppWorld
    phone: AppPhone
    #: What stands on the phone, and the stand-in it hangs on.
    device: Any
    standin: Any
    since: int

    async def tell(self, message: Message) -> None:
        world = self.world.world
        contact = await self.world.contact_of(self.phone.hand.address)
        assert contact is not None
        later = world.now + timedelta(days=1)
        async with world.parts.database.writing() as connection:
            parcel = NewDelivery(contact, message, outbox.BROADCAST, world.now, later, "notice")
            await outbox.put(connection, world.parts.sealer, world.now.date(), [parcel])
        await self.world.sender.deliver_to(contact)

    async def later(self) -> None:
        self.world.world.now += timedelta(hours=2)
        contact = await self.world.contact_of(self.phone.hand.address)
        assert contact is not None
        await self.world.sender.deliver_to(contact)

    def documents(self) -> list[tuple[str, str, list[str]]]:
        """Name of a document, words, choices of each bubble since."""
        return [(m.file_name, m.text, list(m.buttons)) for m in self.device.messages[self.since :]]


@asynccontextmanager
async def somebody(folder: Path, app: str) -> AsyncIterator[Recipient]:
    async with app_world(folder, MORNING, app, TAP) as world:
        documents = world.world.parts.settings.documents
        documents.mkdir()
        (documents / NAME).write_bytes(pdf())
        phone = await world.joined("Hoàng Thị Lan", "X06184", "collaborator")
        hand, running = phone.hand, world.app
        device, standin = hand.device, running.standin  # type: ignore[attr-defined]  # both apps have them
        yield Recipient(world, phone, device, standin, len(device.messages))


async def test_a_failure_between_the_two_calls_does_not_repeat_the_document(tmp_path: Path) -> None:
    async with somebody(tmp_path, "zalo_oa") as lan:
        # out of quota for this receiver, just after the document
        lan.standin.faults.extend([0, -218])
        await lan.tell(Message("Mời bác xem lịch mới", CHOICES, file=NAME, file_name=TITLE))
        assert lan.documents() == [(TITLE, "", [])]
        await lan.later()
        words = ("", "Mời bác xem lịch mới", ["Đã xem", "Hỏi lại"])
        assert lan.documents() == [(TITLE, "", []), words]
        await lan.later()
        assert lan.documents() == [(TITLE, "", []), words]
        assert lan.standin.counts["/v2.0/oa/upload/file"] == 1


async def test_a_failure_of_the_document_itself_says_nothing_before_it(tmp_path: Path) -> None:
    async with somebody(tmp_path, "zalo_oa") as lan:
        lan.standin.faults.append(-218)
        await lan.tell(Message("Mời bác xem", CHOICES, file=NAME, file_name=TITLE))
        assert lan.documents() == []
        await lan.later()
        assert [name for name, _, _ in lan.documents()] == [TITLE, ""]
        # uploaded once, also for what was tried again
        assert lan.standin.counts["/v2.0/oa/upload/file"] == 1


async def test_a_picture_with_choices_is_not_repeated_either(tmp_path: Path) -> None:
    from tests.support.apps import picture

    async with somebody(tmp_path, "zalo_oa") as lan:
        photos = lan.world.world.parts.settings.photos
        photos.mkdir()
        (photos / "0123456789abcdef.jpg").write_bytes(picture())
        lan.standin.faults.extend([0, -218])
        await lan.tell(Message("Mời bác xem", CHOICES, photo="0123456789abcdef.jpg"))
        await lan.later()
        assert [bool(m.photo) for m in lan.device.messages[lan.since :]] == [True, False]
        assert lan.documents()[-1] == ("", "Mời bác xem", ["Đã xem", "Hỏi lại"])


@pytest.mark.slow
async def test_long_words_already_sent_are_not_repeated_with_the_document(tmp_path: Path) -> None:
    async with somebody(tmp_path, "telegram") as lan:
        lan.standin.break_down("sendDocument")
        await lan.tell(Message("lịch-mới; " * 500, CHOICES, file=NAME, file_name=TITLE))
        assert [name for name, _, _ in lan.documents()] == ["", ""]
        await lan.later()
        bubbles = lan.documents()
        assert [name for name, _, _ in bubbles] == ["", "", TITLE]
        assert bubbles[-1] == (TITLE, "", ["Đã xem", "Hỏi lại"])
        assert sum(words.count("lịch-mới;") for _, words, _ in bubbles) == 500


@pytest.mark.parametrize("app", ["telegram", "zalo_oa"])
async def test_a_copy_made_for_one_person_is_a_file_or_a_text(tmp_path: Path, app: str) -> None:
    """R09: no file of it lies on our disk."""
    async with somebody(tmp_path, app) as lan:
        await lan.tell(Message("Đây là bản chép.", file_text="Tên: Hoàng Thị Lan", file_name="a.txt"))
        if app == "telegram":
            assert lan.documents() == [("a.txt", "", []), ("", "Đây là bản chép.", [])]
            content = lan.device.messages[lan.since].file
            assert content.decode("utf-8-sig") == "Tên: Hoàng Thị Lan"
        else:
            assert lan.documents() == [("", "Đây là bản chép.\n\nTên: Hoàng Thị Lan", [])]
        assert sorted(path.name for path in lan.world.world.parts.settings.documents.iterdir()) == [NAME]
