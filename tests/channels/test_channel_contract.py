"""What every channel promises the core, whatever its app: docs/how-to/add-a-channel.md says how to add one."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from nhipcau.bot.channels.registry import CHANNELS, ChannelSettings
from nhipcau.bot.language.catalogue import texts
from nhipcau.bot.messaging.channel import ChannelError, FileTooBig
from nhipcau.bot.messaging.events import EventKind, File
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.bot.messaging.render import render
from nhipcau.privacy.document_check import MAX_BYTES
from tests.support.channel_harnesses import CODE, TOKEN, Harness
from tests.support.channels import HARNESSES
from tests.support.documents import doc, docx, pdf

pytestmark = pytest.mark.slow

PICTURE = b"\xff\xd8\xff\xe0 a picture of a bridge \x00\r\n--" * 900
WORDS = "Cầu treo bản Nà Pàn hỏng ván, gửi <b>anh Hùng</b> & mọi người"


TRAITS = {each.name: each for each in CHANNELS}


@pytest.fixture(params=sorted(HARNESSES))
async def app(request: pytest.FixtureRequest) -> AsyncIterator[Harness]:
    async with HARNESSES[request.param]() as harness:
        yield harness


@asynccontextmanager
async def receiving(app: Harness, *people: int) -> AsyncIterator[None]:
    """The channel runs, and these people have opened the link."""
    task = asyncio.create_task(app.channel.start(app.inbox.submit))
    try:
        for person in people:
            await app.begin(person)
            await app.inbox.next()
        yield
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until_it_works(app: Harness) -> None:
    async with asyncio.timeout(10):
        while not app.channel.status().ok or app.channel.link(CODE) is None:
            await asyncio.sleep(0.005)


# ---------------------------------------------------------------------- life


@pytest.mark.slow
async def test_it_runs_until_cancelled_and_closes_twice(app: Harness) -> None:
    before = asyncio.all_tasks()
    task = asyncio.create_task(app.channel.start(app.inbox.submit))
    await app.begin(7)
    await app.inbox.next()
    await until_it_works(app)
    assert not task.done()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await app.channel.close()
    await app.channel.close()
    left = {each for each in asyncio.all_tasks() - before if "nhipcau/bot" in str(each)}
    assert left == set()


async def test_it_closes_without_having_run(app: Harness) -> None:
    await app.channel.close()
    await app.channel.close()


@pytest.mark.slow
async def test_its_status_says_how_it_is_without_secrets(app: Harness) -> None:
    before = app.channel.status()
    assert before.detail
    async with receiving(app, 7):
        await until_it_works(app)
        status = app.channel.status()
    assert status.ok
    assert status.detail
    for detail in (before.detail, status.detail):
        assert TOKEN not in detail
        assert TOKEN.partition(":")[2] not in detail


@pytest.mark.slow
async def test_a_link_holds_the_code(app: Harness) -> None:
    async with receiving(app):
        await until_it_works(app)
        links = [app.channel.link(code) for code in (CODE, "KHAC2345")]
    assert str(links[0]).startswith(("https://", "http://127.0.0.1"))
    # where the app has no link that carries a code, it opens the chat, where it is typed
    declared = TRAITS[app.channel.name].link(ChannelSettings(), "https://a.vn", CODE, "name")
    assert (CODE in str(links[0])) is (CODE in str(declared))
    assert links[1] == str(links[0]).replace(CODE, "KHAC2345")


def test_its_limits_can_hold_a_question(app: Harness) -> None:
    limits = app.channel.limits
    assert limits.text >= 1000
    assert limits.caption >= 200
    assert 1_000_000 <= limits.download <= 20_000_000


# ---------------------------------------------------------------------- what people do


async def test_opening_a_link_brings_its_code(app: Harness) -> None:
    async with receiving(app):
        await app.begin(7)
        event = await app.inbox.next()
    assert (event.kind, event.text) == (EventKind.TEXT, f"/start {CODE}")
    assert event.address


async def test_words_arrive_composed_and_with_an_address(app: Harness) -> None:
    async with receiving(app, 7, 8):
        await app.say(7, unicodedata.normalize("NFD", WORDS))
        mine = await app.inbox.next()
        await app.say(8, "\0" + WORDS)
        theirs = await app.inbox.next()
    assert (mine.channel, mine.kind, mine.text) == (app.channel.name, EventKind.TEXT, WORDS)
    assert (theirs.kind, theirs.text) == (EventKind.TEXT, WORDS)
    assert mine.address
    assert theirs.address
    assert mine.address != theirs.address
    assert (mine.data, mine.file) == ("", None)


async def test_one_persons_acts_keep_their_order_and_have_ids_of_their_own(app: Harness) -> None:
    async with receiving(app, 7):
        for number in range(5):
            await app.say(7, f"câu {number}")
        events = [await app.inbox.next() for _ in range(5)]
    assert [event.text for event in events] == [f"câu {number}" for number in range(5)]
    assert len({event.id for event in events}) == 5
    assert len({event.address for event in events}) == 1
    assert all(0 < len(event.id) <= 120 for event in events)


@pytest.mark.parametrize("data", ["f:spread:2", "a:" + "x" * 62])
async def test_a_pressed_choice_arrives_with_its_data(app: Harness, data: str) -> None:
    if not app.channel.limits.buttons:
        # a number is typed, and what it means is the core's to know
        piece = render(Message("Bác chọn giúp:", (Choice("Cả thôn, khối", data),)), app.channel.limits)[0]
        assert piece == Message("Bác chọn giúp:\n1. Cả thôn, khối")
        return
    async with receiving(app, 7):
        await app.press(7, Choice("Cả thôn, khối", data))
        event = await app.inbox.next()
    assert (event.kind, event.data, event.text) == (EventKind.TAP, data, "")
    assert event.address
    assert bool(event.ref) is app.channel.limits.edits


# ---------------------------------------------------------------------- pictures


async def test_a_pictures_bytes_can_be_fetched(app: Harness) -> None:
    async with receiving(app, 7):
        assert await app.show(7, PICTURE)
        first = await app.inbox.next()
        assert await app.show(7, PICTURE[::-1])
        second = await app.inbox.next()
    assert (first.kind, second.kind) == (EventKind.PHOTO, EventKind.PHOTO)
    assert [app.inbox.pictures[event.id] for event in (first, second)] == [PICTURE, PICTURE[::-1]]
    assert first.file is not None
    assert first.file.size in (0, len(PICTURE))


@pytest.mark.slow
async def test_a_picture_of_the_limit_is_taken_and_a_larger_one_named(app: Harness) -> None:
    most = app.channel.limits.download
    async with receiving(app, 7):
        assert await app.show(7, bytes(most))
        event = await app.inbox.next()
        assert app.inbox.pictures[event.id] == bytes(most)
        if await app.show(7, bytes(most + 1)):
            event = await app.inbox.next()
            assert type(app.inbox.pictures[event.id]) is FileTooBig
        else:
            # refused at the door
            assert app.inbox.is_empty


@pytest.mark.parametrize("handle", ["", "nothing-there", "../../etc/passwd", "a" * 300, "đường\n"])
async def test_a_handle_that_is_not_there_is_named(app: Harness, handle: str) -> None:
    with pytest.raises(ChannelError) as caught:
        await app.channel.fetch(File(handle))
    assert caught.value.reason != ChannelError.reason
    assert not caught.value.retry


# ---------------------------------------------------------------------- documents

TITLE = "Thông báo 12 – lịch tiếp dân.pdf"


def laid_down(app: Harness, name: str = "0123456789abcdef.pdf") -> bytes:
    content = {"pdf": pdf(), "docx": docx(), "doc": doc("WordDocument")}[name.rpartition(".")[2]]
    (app.documents / name).write_bytes(content)
    return content


@pytest.mark.parametrize("ending", ["pdf", "docx", "doc"])
async def test_a_document_with_words_and_choices_arrives_whole(app: Harness, ending: str) -> None:
    name, title = f"0123456789abcdef.{ending}", TITLE.replace("pdf", ending)
    choices = (Choice("Đã xem", "v:1:seen"), Choice("Hỏi lại", "v:1:ask"))
    async with receiving(app, 7):
        content = laid_down(app, name)
        got = await app.tell(7, Message(WORDS, choices, file=name, file_name=title))
    assert WORDS in got.text
    assert got.choices == ["Đã xem", "Hỏi lại"]
    assert (got.file_name, got.file, got.files) == (title, content, 1)


@pytest.mark.parametrize("labels", [0, 1, 7])
async def test_long_words_with_a_document_lose_nothing(app: Harness, labels: int) -> None:
    words = " ".join(f"câu số {n};" for n in range(600))
    choices = tuple(Choice("Ý " + "z" * (n + 1), f"v:{n}") for n in range(labels))
    async with receiving(app, 7):
        content = laid_down(app)
        got = await app.tell(7, Message(words, choices, file="0123456789abcdef.pdf", file_name=TITLE))
    assert all(f"câu số {n};" in got.text.replace("\n", " ") for n in range(600))
    assert got.choices == [choice.label for choice in choices]
    assert (got.file_name, got.file, got.files) == (TITLE, content, 1)


async def test_a_document_of_the_limit_goes_through_every_app(app: Harness) -> None:
    (app.documents / "0123456789abcdef.pdf").write_bytes(content := pdf(size=MAX_BYTES))
    async with receiving(app, 7):
        got = await app.tell(7, Message("Mời xem", file="0123456789abcdef.pdf", file_name=TITLE))
    assert got.file == content


async def test_a_document_alone_needs_no_words(app: Harness) -> None:
    async with receiving(app, 7):
        content = laid_down(app)
        got = await app.tell(7, Message("", file="0123456789abcdef.pdf", file_name=TITLE))
        again = await app.tell(7, Message("", (Choice("Đã xem", "v:1"),), file="0123456789abcdef.pdf", file_name=TITLE))
    assert (got.file_name, got.file, got.files) == (TITLE, content, 1)
    assert (again.file, again.choices) == (content, ["Đã xem"])


async def test_a_document_of_a_person_comes_with_its_name(app: Harness) -> None:
    async with receiving(app, 7):
        arrives = await app.hand_in(7, pdf(), unicodedata.normalize("NFD", TITLE))
        event = await app.inbox.next()
    if not arrives:
        assert (event.kind, event.text, event.file) == (EventKind.OTHER, "wrong.unsupported", None)
        return
    assert (event.kind, event.text) == (EventKind.FILE, "")
    assert event.file is not None
    assert event.file.title == TITLE
    assert event.file.size in (0, len(pdf()))
    assert app.inbox.pictures[event.id] == pdf()


async def test_a_document_that_is_not_there_is_refused_for_good(app: Harness) -> None:
    if app.channel.recipients_fetch or "{url}" in texts("en")(TRAITS[app.channel.name].documents):
        # only its address is given
        return
    async with receiving(app, 7):
        with pytest.raises(ChannelError) as caught:
            await app.tell(7, Message("", file="0000000000000000.pdf", file_name=TITLE))
    assert caught.value.reason == "refused"
    assert not caught.value.retry


# ---------------------------------------------------------------------- what fails


async def test_what_was_not_kept_is_handed_over_again(app: Harness) -> None:
    async with receiving(app, 7):
        app.inbox.failures = 2
        await app.say(7, WORDS)
        event = await app.inbox.next()
        await app.say(7, "câu sau")
        assert (await app.inbox.next()).text == "câu sau"
    assert event.text == WORDS
    assert app.inbox.failed == [event, event]


async def test_a_picture_that_was_not_kept_is_handed_over_again(app: Harness) -> None:
    async with receiving(app, 7):
        app.inbox.failures = 1
        await app.show(7, PICTURE)
        event = await app.inbox.next()
    assert [each.id for each in app.inbox.failed] == [event.id]
    assert app.inbox.pictures[event.id] == PICTURE


async def test_sending_to_somebody_unreachable_says_so(app: Harness) -> None:
    async with receiving(app, 7):
        if app.channel.recipients_fetch:
            # nobody is written to, and trying again would not change that
            with pytest.raises(ChannelError) as caught:
                await app.channel.send("anybody", Message("Chào bác"))
            assert not caught.value.retry
            return
        address = await app.shut_out(7)
        with pytest.raises(ChannelError) as caught:
            await app.channel.send(address, Message("Chào bác"))
    assert caught.value.unreachable
    assert not caught.value.retry
    assert not caught.value.maybe_sent
