"""The whole data folder, byte by byte: what a person typed unmasked is nowhere, and nothing names who reported."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from nhipcau.bot.messaging.channel import Limits, Status, Submit
from nhipcau.bot.messaging.events import Event, EventKind, File
from nhipcau.bot.messaging.messages import Message, Sent
from nhipcau.intake.document_download import FileDownload
from nhipcau.intake.transaction import Dispatcher
from nhipcau.storage.tables import metadata, official_answers, participation, people, poll_answers, reports
from tests.support.people import details
from tests.support.reports import answer, filed, merged
from tests.support.table_kinds import CONTENT, PEOPLE
from tests.support.world import World

pytestmark = pytest.mark.slow

PHONE = "0912345678"
NAME = "Giàng Thị Mỷ"
#: Each spelling a search for the two would find.
UNMASKED = [PHONE, "0912 345 678", NAME, "Giàng", "Mỷ"]


def on_disk(world: World) -> bytes:
    """Every byte of the installation but the keys, which are random."""
    folder = world.parts.settings.data_dir
    return b"\n".join(p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file() and p.suffix != ".key")


def found(world: World, words: list[str]) -> list[str]:
    data = on_disk(world)
    return [word for word in words if word.encode() in data]


async def report(phone: Any, text: str) -> str:
    await phone.say("báo cáo")
    await phone.say(text)
    for label in ("Đất đai, mặt bằng", "Xã Thất Khê", "Cả thôn, khối", "Bức xúc", "Theo kỳ báo cáo", "Gửi"):
        await phone.tap(label)
    assert "Đã ghi nhận báo cáo PA-" in phone.last.text
    return str(phone.last.text).split("PA-")[1][:7]


async def test_what_was_masked_never_touches_the_disk(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan")
    khoi = await world.joined("Nguyễn Văn Khôi", role="coordinator")
    words = f"ông {NAME} gọi {PHONE} về việc đất, số 0912 345 678"
    await lan.say(words)
    await lan.tap("Gửi thành phản ánh")
    assert found(world, UNMASKED) == []
    await lan.say("hủy")
    await report(lan, words)
    await lan.tap("Của tôi")
    await lan.say("1")
    await lan.tap("Viết thêm")
    await lan.say(f"gọi lại {PHONE} cho ông {NAME}")
    await lan.photo("0000000000000000.jpg", caption=f"ảnh nhà ông {NAME}")
    await khoi.say("thăm dò")
    await khoi.say(f"Có nên gọi {PHONE} không?")
    await khoi.say(f"Gọi {PHONE} / Gặp ông {NAME} / Không")
    assert found(world, UNMASKED) == []


async def test_before_consent_only_the_invitation_is_kept(world: World) -> None:
    code = await world.invite()
    stranger = world.phone("stranger", name=NAME)
    await stranger.say(f"/start {code}")
    await stranger.say("bản Nà Mỷ mất nước")
    await stranger.photo("1111111111111111.jpg", caption=NAME)
    assert found(world, [NAME, "Nà Mỷ", "stranger", "1111111111111111"]) == []
    await stranger.tap("Không")
    assert await world.rows(select(people)) == []


async def test_no_row_holds_a_person_and_their_words(world: World) -> None:
    """No table, read whole without keys, has a row with both."""
    lan = await world.joined("Hoàng Thị Lan")
    code = await report(lan, "cầu treo hỏng ván, bà con đi lại khó")
    [(person_id, person)] = (await details(world)).items()
    who = {person_id, person.tag_secret, person.name}
    words = {code, "cầu treo"}
    for table in metadata.sorted_tables:
        for row in await world.rows(select(table)):
            line = " ".join(str(value) for value in row)
            assert not (any(w in line for w in who) and any(w in line for w in words)), table.name
    assert {t.name for t in metadata.sorted_tables} >= CONTENT | PEOPLE


@pytest.mark.slow
async def test_no_row_holds_a_person_and_what_was_answered_them(world: World) -> None:
    """Notes, supports, what waits on its way and what stands last in the chat: none names both."""
    lan, mui = await world.joined("Hoàng Thị Lan"), await world.joined("Nông Thị Mùi")
    khoi = await world.joined("Nguyễn Văn Khôi", role="coordinator")
    code = await filed(lan, "cầu treo hỏng ván, bà con đi lại khó", "Xã Thất Khê")
    issue = await merged(khoi, code, "Cầu treo hỏng ván")
    await filed(mui, "cầu treo hỏng ván rồi", "Xã Thất Khê", also="Cầu treo hỏng ván")
    known = {id: person for id, person in (await details(world)).items() if person.name != "Nguyễn Văn Khôi"}
    who = {*known, *(word for person in known.values() for word in (person.tag_secret, person.name))}
    assert who >= {"Hoàng Thị Lan", "Nông Thị Mùi"}
    words = {code, issue, "cầu treo", "Cầu treo", "Đã báo Sở", "ván nào"}

    async def look() -> None:
        for table in metadata.sorted_tables:
            for row in await world.rows(select(table)):
                line = " ".join(str(value) for value in row)
                assert not (any(w in line for w in who) and any(w in line for w in words)), table.name

    await answer(khoi, code, "Hỏi lại", "Hỏng ván nào?")
    await look()
    await lan.read()
    await look()
    await lan.say("ván nào cũng hỏng")
    await answer(khoi, issue, "Chuyển nơi khác", "Đã báo Sở")
    await look()
    for phone in (lan, mui, khoi):
        await phone.read()
    await look()
    assert len(await world.rows(select(metadata.tables["supports"]))) == 1
    # once delivered, what was said lies on the disk where it belongs, and what was masked nowhere
    assert found(world, ["Đã báo Sở", "ván nào cũng hỏng"]) == ["Đã báo Sở", "ván nào cũng hỏng"]


async def test_delivered_words_are_gone_at_once(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan")
    await lan.say("trợ giúp")
    outbox = metadata.tables["outbox"]
    assert await world.rows(select(outbox)) == []


async def test_tags_end_with_their_month(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan")
    await report(lan, "đường vào thôn sụt lở")
    await lan.say("của tôi")
    assert "PA-" in lan.last.text
    world.now = datetime(2027, 1, 29, 2, 0, tzinfo=UTC)
    await world.clock.sweep()
    assert (await world.rows(select(reports.c.tag)))[0][0] is not None
    world.now += timedelta(days=1)
    await world.clock.sweep()
    assert (await world.rows(select(reports.c.tag)))[0][0] is None
    assert world.parts.sealer.ring.names("month-2026-11") == []
    await lan.say("của tôi")
    assert lan.last.text.startswith("Chưa có báo cáo nào của bác.")


@pytest.mark.slow
async def test_a_closed_poll_ties_no_answer_to_anybody(world: World) -> None:
    phones = [await world.joined(f"Người {n}") for n in range(6)]
    khoi = await world.joined("Nguyễn Văn Khôi", role="coordinator")
    await khoi.say("thăm dò")
    for words in ("Có nên đổi lịch?", "Có / Không", "1", "1", "1", "Gửi"):
        await khoi.say(words)
    await world.wait(seconds=1)
    for number, phone in enumerate(phones):
        await phone.read()
        await phone.tap("Có" if number % 2 else "Không")
    assert all(tag for (tag,) in await world.rows(select(poll_answers.c.tag)))
    await world.wait(days=2)
    assert [tag for (tag,) in await world.rows(select(poll_answers.c.tag)) if tag] == []
    assert await world.rows(select(metadata.tables["guards"])) == []
    assert world.parts.sealer.ring.names("poll-") == []
    ids = {row[0] for row in await world.rows(select(people.c.id))}
    lines = [json.loads(row[0]) for row in await world.rows(select(poll_answers.c.answers))]
    assert len(lines) == 6
    assert not any(id in str(lines) for id in ids)


@pytest.mark.slow
async def test_an_official_answer_and_who_gave_it_share_no_mark(world: World) -> None:
    phones = [await world.joined(f"Người {n}") for n in range(2)]
    khoi = await world.joined("Nguyễn Văn Khôi", role="coordinator")
    await khoi.say("báo cáo nhanh")
    for words in ("Mưa lũ", "Tình hình?", "1", "1", "1", "Gửi"):
        await khoi.say(words)
    await world.wait(seconds=1)
    for phone in phones:
        await phone.read()
    await phones[0].tap("Không có gì")
    await phones[1].say("sạt hai điểm")
    await phones[1].tap("Gửi")
    assert len(await world.rows(select(official_answers))) == 2
    rows = await world.rows(select(participation.c.state, participation.c.band, participation.c.reason))
    assert set(rows) == {("answered", None, None)}


async def test_a_new_card_never_opens_old_reports(world: World) -> None:
    """Whoever can make a card for somebody can't read what they wrote; the earlier phone is told."""
    lan = await world.joined("Hoàng Thị Lan")
    await report(lan, "cán bộ thu tiền không biên lai")
    khoi = await world.joined("Nguyễn Văn Khôi", role="coordinator")
    await khoi.say("mạng lưới")
    await khoi.tap("Hoàng Thị Lan – đã tham gia")
    await khoi.tap("Thẻ mới")
    code = khoi.last.text.split("Mã: ")[1].split("\n")[0]
    thief = world.phone("thief")
    await thief.say(f"/start {code}")
    await thief.tap("Đồng ý")
    await thief.say("của tôi")
    assert thief.last.text.startswith("Chưa có báo cáo nào của bác.")
    await lan.read()
    assert "Thẻ mới của bác vừa được dùng trên máy khác" in lan.last.text


class _Camera:
    """A channel that holds one picture."""

    name = "web"
    limits = Limits(text=1000, caption=1000)
    recipients_fetch = True
    rate = 0.0

    def __init__(self) -> None:
        self.fetched = 0

    async def fetch(self, file: File) -> bytes:
        self.fetched += 1
        out = io.BytesIO()
        picture = Image.new("RGB", (64, 48), "green")
        exif = Image.Exif()
        exif[0x010F] = NAME
        picture.save(out, "JPEG", exif=exif, comment=PHONE.encode())
        return out.getvalue()

    async def start(self, submit: Submit) -> None: ...
    async def send(self, address: str, message: Message) -> Sent:
        return Sent()

    def link(self, code: str) -> str | None:
        return None

    def status(self) -> Status:
        return Status(True, "")

    async def close(self) -> None: ...


async def test_pictures_lose_their_past_and_go_with_their_draft(world: World, tmp_path: Path) -> None:
    camera, folder = _Camera(), tmp_path / "photos"
    pictures = FileDownload({"web": camera}, folder, tmp_path / "documents", world.parts.settings.zone)
    dispatch = Dispatcher(world.committing(forget_files=pictures.forget), prepare=pictures.prepare)
    lan = await world.joined("Hoàng Thị Lan")
    world.dispatch = dispatch
    event = Event("web", "photo-1", lan.address, EventKind.PHOTO, file=File("x"))
    await dispatch.submit([Event("web", "photo-0", "nobody", EventKind.PHOTO, file=File("x"))])
    assert camera.fetched == 0
    await dispatch.submit([event])
    await dispatch.submit([event])
    assert camera.fetched == 1
    [stored] = list(folder.iterdir())
    assert found(world, UNMASKED) == []
    with Image.open(stored) as picture:
        assert dict(picture.getexif()) == {}
    local = datetime.now(world.parts.settings.zone).date()
    assert datetime.fromtimestamp(stored.stat().st_mtime, UTC) == datetime.combine(local, datetime.min.time(), UTC)
    await lan.read()
    await lan.tap("Không gửi")
    assert list(folder.iterdir()) == []


async def test_who_leaves_is_nowhere_on_the_disk(world: World) -> None:
    """Neither in the database nor in its log; while they are there, sealed."""
    lan = await world.joined("Hoàng Thị Lan")
    [(sealed,)] = await world.rows(select(people.c.sealed))
    assert sealed in on_disk(world)
    assert found(world, ["Hoàng Thị Lan"]) == []
    await lan.say("xóa dữ liệu của tôi")
    await lan.tap("Xóa và rời hẳn")
    assert sealed not in on_disk(world)
    assert found(world, ["Hoàng Thị Lan"]) == []


@pytest.mark.slow
async def test_answers_of_a_stopped_request_are_nowhere_on_the_disk(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan")
    khoi = await world.joined("Nguyễn Văn Khôi", role="coordinator")
    await khoi.say("báo cáo nhanh")
    for words in ("Mưa lũ", "Tình hình?", "1", "1", "1", "Gửi"):
        await khoi.say(words)
    await world.wait(seconds=1)
    await lan.read()
    await lan.say("sạt hai điểm ở Khuổi Mươi")
    await lan.tap("Gửi")
    assert found(world, ["Khuổi Mươi"]) == ["Khuổi Mươi"]
    await khoi.tap("Tiến độ")
    await khoi.tap("Gia hạn, đóng…")
    await khoi.tap("Dừng hẳn")
    await khoi.tap("Dừng hẳn")
    assert found(world, ["Khuổi Mươi"]) == []
