"""A form that takes a picture or a document, and what happens to documents where nothing takes them."""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from nhipcau.bot.forms.answer_matching import InvalidAnswer
from nhipcau.bot.forms.builtin import builtin_form
from nhipcau.bot.forms.draft import EMPTY, KEEP, SEND, SUMMARY, Draft, FormContext, FormEnd, Input
from nhipcau.bot.forms.engine import answer, begin
from nhipcau.bot.forms.model import Form, Question, QuestionKind
from nhipcau.bot.forms.question_screen import show
from nhipcau.bot.language.catalogue import texts
from nhipcau.bot.messaging.channel import ChannelError, FileTooBig, Limits, Refused, Status, Submit
from nhipcau.bot.messaging.events import Event, EventKind, File
from nhipcau.bot.messaging.messages import Message, Sent
from nhipcau.handlers.requests import request_draft
from nhipcau.intake.document_download import FileDownload
from nhipcau.intake.transaction import Dispatcher
from nhipcau.model.conversation import Conversation
from nhipcau.model.request_changes import OpenRequest
from nhipcau.model.request_kinds import RequestKind
from nhipcau.model.requests import Attachment, Audience, RequestContent
from nhipcau.operations.commit import files_of
from nhipcau.privacy.screening import has_classification, screen
from nhipcau.storage import retention
from nhipcau.storage.tables import requests, units
from tests.support.apps import picture
from tests.support.documents import docx, pdf
from tests.support.requests import ask
from tests.support.world import Phone, World

FORM = Form(
    "compose_info",
    "",
    (
        Question("title", QuestionKind.TEXT, "Thông tin gì?", short="tiêu đề"),
        Question("file", QuestionKind.FILE, "Bác gửi tệp hoặc ảnh giúp.", offered=True, short="tệp"),
    ),
)
NAME, OTHER, TITLE = "0123456789abcdef.pdf", "fedcba9876543210.docx", "Thông báo 12.pdf"


def masked(text: str) -> tuple[str, str]:
    if has_classification(text):
        raise InvalidAnswer("secret")
    return screen(text).text, ""


def walk_it(form: Form = FORM) -> FormContext:
    return FormContext(form=form, texts=texts("vi"), screen=masked)


def begun(form: Form = FORM) -> tuple[FormContext, Draft]:
    path, draft = walk_it(form), Draft("compose_info", "n1")
    begin(path, draft)
    return path, draft


def text_input(path: FormContext, draft: Draft, **what: str) -> Message:
    done = answer(path, draft, Input(**what))
    assert done.end is FormEnd.OPEN
    assert done.message is not None
    return done.message


# ---------------------------------------------------------------------- the engine


def test_a_summary_takes_shows_replaces_and_empties_a_document() -> None:
    path, draft = begun()
    text_input(path, draft, text="Lịch tiếp dân")
    assert draft.at == SUMMARY
    message = text_input(path, draft, file=NAME, title=TITLE)
    assert message.text.startswith("Đã nhận tệp: Thông báo 12.pdf.\n")
    assert "Tệp: Thông báo 12.pdf" in message.text
    assert draft.answers["file"] == {"file": NAME, "title": TITLE}
    message = text_input(path, draft, photo="0123456789abcdef.jpg")
    assert "→ 1 ảnh" in message.text
    assert TITLE not in message.text
    assert draft.answers["file"] == {"photo": "0123456789abcdef.jpg"}
    text_input(path, draft, file=OTHER, title="Công văn.docx")
    assert draft.answers["file"] == {"file": OTHER, "title": "Công văn.docx"}
    asked = text_input(path, draft, key="e.file")
    assert "Lần trước bác trả lời: Tệp: Công văn.docx" in asked.text
    assert [c.label for c in asked.choices][:2] == ["Giữ như cũ", "Để trống"]
    text_input(path, draft, key=KEEP)
    assert draft.answers["file"]["title"] == "Công văn.docx"
    text_input(path, draft, key="e.file")
    message = text_input(path, draft, key=EMPTY)
    assert "file" not in draft.answers
    assert "Thêm tệp" in [c.label for c in message.choices]
    assert answer(path, draft, Input(key=SEND)).end is FormEnd.SENT


def test_asked_for_it_is_the_answer_and_words_are_not() -> None:
    path, draft = begun()
    text_input(path, draft, text="Lịch tiếp dân")
    asked = text_input(path, draft, key="a.file")
    assert asked.text == "Bác gửi tệp hoặc ảnh giúp."
    for words in ("gửi rồi", "một hai ba bốn", "7"):
        assert "Câu này cần một tệp PDF" in text_input(path, draft, text=words).text or draft.tries > 1
    assert "file" not in draft.answers
    message = text_input(path, draft, file=NAME, title=TITLE, text="kèm lời")
    assert draft.at == SUMMARY
    assert "Lời viết kèm tệp chưa được giữ" in message.text


def test_an_early_document_is_kept_and_its_caption_answers() -> None:
    path, draft = begun()
    message = text_input(path, draft, file=NAME, title=TITLE, text="Lịch tiếp dân")
    assert draft.answers == {"file": {"file": NAME, "title": TITLE}, "title": "Lịch tiếp dân"}
    assert draft.at == SUMMARY
    assert "Đã nhận tệp" in message.text


def test_a_name_is_masked_as_all_words_and_a_secret_one_is_not_kept() -> None:
    path, draft = begun()
    text_input(path, draft, text="Đơn thư")
    text_input(path, draft, file=NAME, title="Đơn ông Giàng Văn Mỷ 0912345678.pdf")
    title = draft.answers["file"]["title"]
    assert title.endswith(".pdf")
    assert not [word for word in ("Mỷ", "0912345678") if word in title]
    assert len(title) <= 80
    message = text_input(path, draft, file=OTHER, title="Báo cáo TỐI MẬT.docx")
    assert "dấu hiệu tài liệu mật" in message.text
    assert draft.answers["file"]["file"] == NAME


def test_a_form_that_takes_no_documents_says_so() -> None:
    form = Form("f", "", (Question("q", QuestionKind.TEXT, "Gì?"), Question("p", QuestionKind.PHOTO, "Ảnh?")))
    path, draft = begun(form)
    message = text_input(path, draft, file=NAME, title=TITLE, text="lời")
    assert message.text.startswith("Chỗ này chưa nhận tệp")
    assert draft.answers == {}
    # pictures go where they always went
    text_input(path, draft, photo="0123456789abcdef.jpg")
    assert draft.answers == {"p": ["0123456789abcdef.jpg"]}


def test_a_draft_knows_what_it_holds() -> None:
    path, draft = begun()
    talk = Conversation(drafts={"compose_info": draft}, focus="compose_info")
    text_input(path, draft, text="Lịch")
    text_input(path, draft, file=NAME, title=TITLE)
    assert (talk.pictures(), talk.documents(), talk.files()) == (set(), {NAME}, {NAME})
    text_input(path, draft, photo="0123456789abcdef.jpg")
    assert (talk.pictures(), talk.documents()) == ({"0123456789abcdef.jpg"}, set())
    again = Conversation.from_json(talk.to_json())
    assert again == talk
    assert again.files() == {"0123456789abcdef.jpg"}
    assert show(path, draft).text


# ---------------------------------------------------------------------- from the phone to the folder


class Sending:
    """A channel of people who hold documents; what each handle gives."""

    name = "web"
    limits = Limits(text=20_000, caption=20_000)
    recipients_fetch = True
    rate = 0.0

    def __init__(self) -> None:
        self.files: dict[str, bytes | ChannelError] = {"pdf": pdf(), "docx": docx(), "picture": picture()}
        self.fetched: list[str] = []

    async def fetch(self, file: File) -> bytes:
        self.fetched.append(file.handle)
        found = self.files[file.handle]
        if isinstance(found, ChannelError):
            raise found
        return found

    async def start(self, submit: Submit) -> None: ...
    async def send(self, address: str, message: Message) -> Sent:
        return Sent()

    def link(self, code: str) -> str | None:
        return None

    def status(self) -> Status:
        return Status(True, "")

    async def close(self) -> None: ...


@dataclass
class Office:
    world: World
    channel: Sending
    documents: Path
    photos: Path

    async def send(self, phone: Phone, handle: str, title: str = TITLE, size: int = 0, **more: Any) -> str:
        kind = EventKind.PHOTO if handle == "picture" else EventKind.FILE
        event = Event("web", self.world.next_event(), phone.address, kind, file=File(handle, size, title), **more)
        await self.world.dispatch.submit([event])
        await phone.read()
        return phone.last.text

    def stored(self) -> list[str]:
        return sorted(path.name for path in self.documents.iterdir()) if self.documents.exists() else []


@pytest.fixture
async def office(world: World, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An office whose form for polls takes a file, as the one for official information will."""
    channel, settings = Sending(), world.parts.settings
    files = FileDownload({"web": channel}, settings.photos, settings.documents, settings.zone)
    world.dispatch = Dispatcher(world.committing(forget_files=files.forget), prepare=files.prepare)
    built = builtin_form
    taking = FORM.questions[1]

    def with_a_file(name: str, language: str) -> Form:
        form = built(name, language)
        return replace(form, questions=(*form.questions, taking)) if name == "compose_rapid" else form

    monkeypatch.setattr(request_draft, "builtin_form", with_a_file)
    return Office(world, channel, settings.documents, settings.photos)


async def composed(office: Office) -> Phone:
    """A coordinator on the summary of a rapid request that takes a file."""
    await office.world.joined("Hoàng Thị Lan")
    khoi = await office.world.joined("Nguyễn Văn Khôi", role="coordinator")
    await khoi.say("báo cáo nhanh")
    for words in ("Mưa lũ", "Tình hình?", "1", "1", "1"):
        await khoi.say(words)
    assert "Thêm tệp" in khoi.labels()
    return khoi


async def test_a_coordinators_document_is_stored_and_goes_with_its_draft(office: Office) -> None:
    khoi = await composed(office)
    await office.send(khoi, "pdf")
    assert "Thêm tệp" not in khoi.labels()
    [first] = office.stored()
    assert (office.documents / first).read_bytes() == pdf()
    # replaced: the first one is gone at once
    await office.send(khoi, "docx", "Công văn.docx")
    [second] = office.stored()
    assert second.endswith(".docx")
    # a picture in its place
    await office.send(khoi, "picture")
    assert office.stored() == []
    assert len(list(office.photos.iterdir())) == 1
    await office.send(khoi, "pdf")
    assert list(office.photos.iterdir()) == []
    assert len(office.stored()) == 1
    await khoi.say("hủy")
    assert office.stored() == []


async def test_a_document_sent_twice_is_fetched_once(office: Office) -> None:
    khoi = await composed(office)
    event = Event("web", "once", khoi.address, EventKind.FILE, file=File("pdf", 0, TITLE))
    await office.world.dispatch.submit([event])
    await office.world.dispatch.submit([event])
    assert office.channel.fetched == ["pdf"]
    assert len(office.stored()) == 1


async def test_nobody_but_a_coordinator_has_a_document_fetched(office: Office) -> None:
    world = office.world
    lan = await world.joined("Hoàng Thị Lan")
    others = [await world.joined(f"Người {role}", role=role) for role in ("leader", "admin")]
    for phone in (lan, *others):
        assert (await office.send(phone, "pdf", text="kèm lời")).startswith("Tôi chưa nhận được tệp, chỉ nhận chữ")
    # in the middle of a report too, which stays where it was
    await lan.say("báo cáo")
    await lan.say("đường liên thôn hỏng nặng")
    said = await office.send(lan, "pdf")
    assert said.startswith("Tôi chưa nhận được tệp")
    assert "(1/5)" in said
    await world.dispatch.submit([Event("web", "s1", "stranger", EventKind.FILE, file=File("pdf", 0, TITLE))])
    assert office.channel.fetched == []
    assert office.stored() == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("found", "size", "title", "sentence"),
    [
        (pdf(size=6_000_000), 0, TITLE, "Tệp này lớn quá, tối đa 5 MB"),
        (b"never fetched", 6_000_000, TITLE, "Tệp này lớn quá, tối đa 5 MB"),
        (FileTooBig(), 0, TITLE, "Tệp này lớn quá, tối đa 5 MB"),
        (b"MZ\x90\0", 0, "Thông báo.pdf", "Tôi không mở được tệp này"),
        (docx(), 0, "Báo cáo.docm", "Tệp này có macro"),
        (Refused(), 0, TITLE, "Tôi chưa tải được tệp về"),
    ],
)
async def test_what_can_not_be_kept_reads_why_and_the_question_stays(
    office: Office, found: bytes | ChannelError, size: int, title: str, sentence: str
) -> None:
    khoi = await composed(office)
    office.channel.files["odd"] = found
    said = await office.send(khoi, "odd", title, size)
    assert said.startswith(sentence)
    assert "Thêm tệp" in khoi.labels()
    assert office.stored() == []
    assert office.channel.fetched == ([] if size else ["odd"])


async def test_where_nothing_takes_it_the_open_question_stands_again(office: Office) -> None:
    khoi = await office.world.joined("Nguyễn Văn Khôi", role="coordinator")
    assert (await office.send(khoi, "pdf")).startswith("Chỗ này chưa nhận tệp")
    await khoi.say("báo cáo")
    await khoi.say("đường liên thôn hỏng nặng")
    said = await office.send(khoi, "pdf")
    assert said.startswith("Chỗ này chưa nhận tệp")
    assert "(1/5)" in said


async def test_a_document_comes_in_order_with_the_words_around_it(office: Office) -> None:
    khoi = await composed(office)
    slow = asyncio.Event()
    fetch = office.channel.fetch

    async def slowly(file: File) -> bytes:
        await slow.wait()
        return await fetch(file)

    office.channel.fetch = slowly  # type: ignore[method-assign]
    events = [
        Event("web", "o1", khoi.address, EventKind.FILE, file=File("pdf", 0, TITLE)),
        Event("web", "o2", khoi.address, EventKind.TEXT, text="hủy"),
    ]
    work = asyncio.create_task(office.world.dispatch.submit(events))
    await asyncio.sleep(0.05)
    slow.set()
    await work
    await khoi.read()
    assert "Đã hủy" in khoi.last.text
    assert office.stored() == []


@pytest.mark.slow
async def test_a_picture_of_an_official_answer_stays_when_it_is_sent(office: Office) -> None:
    lan = await office.world.joined("Hoàng Thị Lan")
    question = {"text": "Ảnh hiện trường?", "kind": "photo"}
    await ask(office.world, {"title": "Mưa lũ", "questions": [question]}, "rapid")
    await lan.read()
    await office.send(lan, "picture")
    await lan.tap("Gửi")
    assert "Đã ghi nhận báo cáo nhanh" in lan.last.text
    assert len(list(office.photos.iterdir())) == 1


# ---------------------------------------------------------------------- what nobody holds goes


def _old(path: Path) -> None:
    at = time.time() - 3 * 86_400
    os.utime(path, (at, at))


async def test_unused_documents_and_pictures_are_swept_and_used_ones_stay(office: Office) -> None:
    world, settings = office.world, office.world.parts.settings
    khoi = await composed(office)
    await office.send(khoi, "pdf")
    [held] = office.stored()
    settings.photos.mkdir(exist_ok=True)
    for folder, names in (
        (settings.documents, ("1111111111111111.pdf", "2222222222222222.docx", "3333333333333333.doc")),
        (settings.photos, ("1111111111111111.jpg", "2222222222222222.jpg")),
    ):
        for name in names:
            (folder / name).write_bytes(b"x")
    async with world.parts.database.writing() as connection:
        unit = await connection.scalar(select(units.c.id).where(units.c.code == "X06040"))
        row = {"kind": "rapid", "unit_id": unit, "title": "T", "form": "{}", "audience": "{}", "state": "closed"}
        row |= {"opens_at": world.now, "closes_at": world.now}
        files = {"photo": "1111111111111111.jpg", "file": "1111111111111111.pdf", "file_name": TITLE}
        await connection.execute(insert(requests).values(id="r1", **row, **files))
        await connection.execute(insert(requests).values(id="r2", **row))
    for path in (*settings.documents.iterdir(), *settings.photos.iterdir()):
        _old(path)
    fresh = settings.documents / "4444444444444444.pdf"
    fresh.write_bytes(b"on its way into a draft")
    swept = await world.clock.sweep()
    assert (swept.documents, swept.pictures) == (2, 1)
    assert office.stored() == sorted([held, "1111111111111111.pdf", fresh.name])
    assert [path.name for path in settings.photos.iterdir()] == ["1111111111111111.jpg"]


async def test_no_folder_is_nothing_to_sweep(world: World, tmp_path: Path) -> None:
    async with world.parts.database.reading() as connection:
        nowhere, today = tmp_path / "none", world.now.date()
        assert await retention.unused_files(connection, world.parts.sealer, today, nowhere, nowhere) == ([], [])


def test_a_request_takes_its_files_along() -> None:
    content = RequestContent(
        RequestKind.NOTICE, "T", "", Form("r1", "T", ()), attachment=Attachment("a.jpg", NAME, TITLE)
    )
    row = OpenRequest("r1", 1, content, Audience(("/",)), datetime.now(UTC), datetime.now(UTC), None)
    assert files_of(row) == {"a.jpg", NAME}
    assert files_of(replace(row, content=replace(content, attachment=Attachment()))) == set()
