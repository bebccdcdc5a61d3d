"""`nhipcau run` on Telegram as people meet it: join, report, be rung, read, ask, answer, block, come back."""

from __future__ import annotations

import asyncio
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.support.broadcast import ask_all, copies
from tests.support.people import names_in
from tests.support.processes import Running, free_port
from tests.support.standins.telegram import TelegramStandIn
from tests.support.telegram_office import (
    TOKEN,
    UNIT,
    arrives,
    bring_in,
    command,
    people,
    prepared,
    readiness,
    rows,
    says,
    serving,
    stopped,
    taps,
    until,
)

pytestmark = pytest.mark.slow

CANARY_NUMBER = "0912345678"
CANARY_WORD = "chimhoàngyến"
RED = (200, 30, 30)


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (320, 240), RED).save(out, "JPEG")
    return out.getvalue()


def shows_red(content: bytes) -> bool:
    with Image.open(io.BytesIO(content)) as opened:
        middle: Any = opened.convert("RGB").getpixel((opened.width // 2, opened.height // 2))
    return all(abs(seen - sent) < 12 for seen, sent in zip(middle, RED, strict=True))


def asked(folder: Path, title: str, **more: str) -> str:
    """A file with one question about the Saturday."""
    lines = [f"title: {title}", *(f"{name}: {value}" for name, value in more.items()), "questions:"]
    lines += ["  - text: Sáng thứ Bảy có thuận lợi không?", "    kind: choice", "    choices: [Thuận, Không thuận]"]
    path = folder / "hoi.yaml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return str(path)


# ------------------------------------------------------------------ from joining to the coordinator's answer


async def test_a_report_goes_from_a_new_phone_to_the_coordinators(tmp_path: Path, tg: TelegramStandIn) -> None:
    lan, khoi = tg.phone(101, "<b>&"), tg.phone(102, "Nguyễn Văn Khôi")
    async with prepared(tmp_path) as world:
        code = await world.invite(UNIT)
        await bring_in(world, [khoi], "coordinator")
    async with serving(tmp_path, tg, CANARY_NUMBER, CANARY_WORD) as service:
        since = len(lan.messages)
        await lan.start(code)
        assert "Đồng ý" in (await arrives(lan, "đồng ý tham gia chứ?", since)).buttons
        await taps(lan, "Đồng ý", "Tên để đơn vị liên hệ?")
        await taps(lan, "Dùng tên: <b>&", "Đã tham gia. Chào bác <b>&,")
        await says(lan, f"cầu treo hỏng, {CANARY_WORD}, gọi {CANARY_NUMBER} chưa ai sửa", "thành một phản ánh?")
        await taps(lan, "Gửi thành phản ánh", "(1/5)")
        await says(lan, "1", "(2/5)")
        await says(lan, "dong dang", "(3/5)")
        await taps(lan, "Cả thôn, khối", "(4/5)")
        await says(lan, "buc xuc", "(5/5)")
        await says(lan, "3", "Bác xem lại giúp")
        await taps(lan, "Thêm …", "thêm gì?")
        await taps(lan, "Thêm ảnh", "Bác gửi ảnh giúp")
        since = len(lan.messages)
        await lan.send_photo(picture())
        assert "Ảnh: 1 ảnh" in (await arrives(lan, "Đã nhận ảnh", since)).text
        receipt = await taps(lan, "Gửi", "Đã ghi nhận báo cáo PA-")
        found = re.search(r"PA-\w{7}", receipt.text)
        assert found is not None
        assert "KHẨN – có báo cáo mới" in (await arrives(khoi, f", {found[0]}) về")).text
        opened = await taps(khoi, "Xem báo cáo", found[0])
        assert CANARY_WORD in opened.text
        assert "[SĐT]" in opened.text
        assert CANARY_NUMBER not in opened.text
        assert [shows_red(each.photo) for each in khoi.messages if each.photo] == [True]
        await taps(khoi, "Tiếp nhận", f", {found[0]}) – đã tiếp nhận")
        await says(lan, "của tôi", "đã tiếp nhận")
        assert rows(tmp_path, "SELECT code, state FROM reports") == [(found[0], "received")]
        assert names_in(tmp_path, rows(tmp_path, "SELECT id, sealed FROM people WHERE role = 'collaborator'")) == [
            "<b>&"
        ]
        assert await stopped(service) == 0


async def test_the_invites_link_carries_the_bots_name_once_it_is_known(tmp_path: Path, tg: TelegramStandIn) -> None:
    async with prepared(tmp_path):
        pass
    invite = ("invite", "--unit", UNIT, "--role", "collaborator", "--json")
    assert json.loads(await command(tmp_path, *invite))["links"]["telegram"] is None
    async with serving(tmp_path, tg):
        await until(lambda: bool(rows(tmp_path, "SELECT value FROM facts WHERE name = 'telegram.username'")))
        made = json.loads(await command(tmp_path, *invite))
        assert made["links"]["telegram"] == f"https://t.me/{tg.username}?start={made['code']}"
        await tg.phone(103).start(made["code"])
        await arrives(tg.phone(103), "đồng ý tham gia chứ?")


# ------------------------------------------------------------------ asking


async def test_a_poll_reaches_all_is_tapped_and_its_result_comes_back(tmp_path: Path, tg: TelegramStandIn) -> None:
    phones = [tg.phone(200 + n, f"Hoàng Thị {name}") for n, name in enumerate(("An", "Bé", "Cúc", "Đào", "Hoa", "Mai"))]
    async with prepared(tmp_path) as world:
        await bring_in(world, phones)
    async with serving(tmp_path, tg):
        made = json.loads(await command(tmp_path, "poll", asked(tmp_path, "Giờ tiếp dân"), "--unit", UNIT, "--json"))
        assert made["people"] == 6
        for phone in phones:
            assert (await arrives(phone, "Giờ tiếp dân", seconds=10)).buttons[:2] == ["Thuận", "Không thuận"]
        *answering, silent = phones
        for phone in answering:
            await taps(phone, "Thuận", "Đã ghi nhận câu trả lời")
        await command(tmp_path, "poll", "close", made["id"])
        for phone in answering:
            await arrives(phone, "Kết quả: Giờ tiếp dân", seconds=10)
        await says(silent, "việc", "Hiện không có việc nào chờ bác")
        assert [message.text for message in silent.messages if "Kết quả" in message.text] == []
        assert [len(phone.messages) for phone in phones] == [3, 3, 3, 3, 3, 2]


async def test_nothing_to_report_is_one_tap_and_a_blocked_chat_is_named(tmp_path: Path, tg: TelegramStandIn) -> None:
    lan, mui, khoi = tg.phone(301, "Hoàng Thị Lan"), tg.phone(302, "Triệu Thị Mùi"), tg.phone(303, "Khôi")
    async with prepared(tmp_path) as world:
        await bring_in(world, [lan, mui])
        await bring_in(world, [khoi], "coordinator")
    async with serving(tmp_path, tg) as service:
        mui.blocked = True  # Telegram tells it only to whoever writes
        made = json.loads(await command(tmp_path, "rapid", asked(tmp_path, "Mưa lũ"), "--unit", UNIT, "--json"))
        assert made["people"] == 2
        assert "Mưa lũ" in (await arrives(lan, "Phần trả lời này mang tên đơn vị", seconds=10)).text
        await taps(lan, "Không có gì", "Đã ghi nhận báo cáo nhanh")
        assert rows(tmp_path, "SELECT nothing_to_report FROM official_answers") == [(1,)]
        await until(lambda: rows(tmp_path, "SELECT count(*) FROM people WHERE state = 'unreachable'") == [(1,)])
        board = await says(khoi, "tiến độ", "Đã trả lời 1/2")
        # of two people no board says who can't be reached; the network does
        assert "không gửi được" not in board.text
        await says(khoi, "mạng lưới", "Không liên lạc được: 1")
        mui.blocked = False
        await says(mui, "trợ giúp", "Phần trả lời này mang tên đơn vị")  # asked again, now that it can be
        await taps(mui, "Không có gì", "Đã ghi nhận báo cáo nhanh")
        await says(khoi, "tiến độ", "Đã trả lời 2/2")
        await lan.block()  # and here it says so by itself
        await until(lambda: rows(tmp_path, "SELECT count(*) FROM people WHERE state = 'unreachable'") == [(1,)])
        await lan.unblock()
        await says(lan, "/start", "Cần gì bác cứ nhắn")
        assert rows(tmp_path, "SELECT count(*) FROM people WHERE state = 'unreachable'") == [(0,)]
        assert await stopped(service) == 0


async def test_menu_album_edit_and_return_as_the_app_has_them(tmp_path: Path, tg: TelegramStandIn) -> None:
    lan, mui, khoi = tg.phone(311, "Hoàng Thị Lan"), tg.phone(312, "Triệu Thị Mùi"), tg.phone(313, "Khôi")
    async with prepared(tmp_path) as world:
        await bring_in(world, [lan, mui])
        await bring_in(world, [khoi], "coordinator")
    async with serving(tmp_path, tg) as service:
        await until(lambda: (0, "en") in tg.menus)
        await says(khoi, "menu", "Cần gì bác cứ nhắn")
        await says(lan, "menu", "Cần gì bác cứ nhắn")
        await until(lambda: (khoi.chat_id, "") in tg.menus)
        assert ("hopthu", "Hộp thư") in tg.menus[khoi.chat_id, ""]
        assert ("hopthu", "Hộp thư") not in tg.menus[0, ""]
        assert (lan.chat_id, "") not in tg.menus

        # that pictures within seconds of each other get one answer is shown by a still clock (test_what_apps_send)
        since, [(handled,)] = len(lan.messages), rows(tmp_path, "SELECT count(*) FROM events")
        await lan.send_album([picture()] * 4, "cầu treo hỏng ván")
        await until(lambda: rows(tmp_path, "SELECT count(*) FROM events") == [(handled + 4,)])
        await until(lambda: rows(tmp_path, "SELECT count(*) FROM outbox") == [(0,)])
        assert "Đã đủ 2 ảnh" in lan.messages[-1].text
        assert since < len(lan.messages) <= since + 4
        since = len(lan.messages)
        await lan.say("bờ kè sạt")
        await arrives(lan, "bờ kè sạt", since)
        since = len(lan.messages)
        await lan.edit("bờ kè sạt ở Nà Han")
        await arrives(lan, "bờ kè sạt ở Nà Han", since)
        await khoi.pin()
        await says(khoi, "menu", "Cần gì bác cứ nhắn")
        assert len(khoi.messages) == 2

        await mui.block()
        await until(lambda: rows(tmp_path, "SELECT count(*) FROM people WHERE state = 'unreachable'") == [(1,)])
        await command(tmp_path, "rapid", asked(tmp_path, "Mưa lũ"), "--unit", UNIT, "--json")
        await arrives(lan, "Sáng thứ Bảy có thuận lợi không?", seconds=10)
        await mui.unblock()
        await arrives(mui, "Sáng thứ Bảy có thuận lợi không?", seconds=20)
        await taps(mui, "Không có gì", "Đã ghi nhận báo cáo nhanh")
        assert await stopped(service) == 0


# ------------------------------------------------------------------ what nobody expects


def nobodys(tg: TelegramStandIn) -> list[dict[str, Any]]:
    """Updates that are nobody's words to us, some of them of no known shape."""
    group = {"id": -1009, "type": "supergroup", "title": "Nhóm xóm"}
    person = {"id": 401, "is_bot": False, "first_name": "Lan"}
    said = {"message_id": 9001, "date": 1_790_000_000, "text": CANARY_WORD}
    own = {**said, "from": person, "chat": {"id": 401, "type": "private", "first_name": "Lan"}}
    return [
        {"message": {**said, "chat": group, "from": person}},
        {"channel_post": {**said, "chat": {**group, "type": "channel"}}},
        {"edited_message": {**own, "edit_date": 1_790_000_001}},
        {"edited_channel_post": {**said, "chat": {**group, "type": "channel"}, "edit_date": 1_790_000_001}},
        {"inline_query": {"id": "1", "from": person, "query": CANARY_WORD, "offset": ""}},
        {"something_of_next_year": {"text": CANARY_WORD}},
        {"message": CANARY_WORD},
        {"message": {"text": CANARY_WORD}},
        {"message": {**own, "text": None, "photo": "none"}},
        {"callback_query": {"id": "7", "from": person, "chat_instance": "1"}},
        {"callback_query": {"id": "8", "from": person, "data": 5, "message": []}},
        {"my_chat_member": None},
        {},
    ]


async def test_odd_things_get_a_kind_sentence_or_silence_and_hold_up_nobody(
    tmp_path: Path, tg: TelegramStandIn
) -> None:
    lan, stranger = tg.phone(401, "Hoàng Thị Lan"), tg.phone(402, "Người Lạ")
    async with prepared(tmp_path) as world:
        await bring_in(world, [lan])
    async with serving(tmp_path, tg, CANARY_NUMBER, CANARY_WORD) as service:
        for update in nobodys(tg):
            tg.push_raw(update)
        await says(lan, "trợ giúp", "Bác nhắn một câu là thành báo cáo")
        assert [message.text.split(".")[0] for message in lan.messages[:-1]] == [
            "Tôi vẫn giữ lời bác gửi lúc đầu, không theo tin vừa sửa"
        ]
        kind = "Tôi chỉ đọc được chữ và ảnh"
        await lan.sticker()
        await arrives(lan, kind, 1)
        lan.put(location={"longitude": 106.7, "latitude": 21.8})
        await arrives(lan, kind, 2)
        lan.put(contact={"phone_number": CANARY_NUMBER, "first_name": CANARY_WORD})
        await arrives(lan, kind, 3)
        await lan.send_document(b"no picture at all: " + CANARY_WORD.encode(), "image/png")
        await arrives(lan, "Tôi không mở được ảnh này", 4)
        await lan.send_document(b"%PDF", "application/pdf")
        await arrives(lan, "Tôi chưa nhận được tệp", 5)
        await lan.voice()
        await arrives(lan, "Tôi chưa nghe được giọng nói", 6)
        lan.tap_data(f"zz:{CANARY_WORD}", lan.messages[-1])
        await arrives(lan, "Nút này đã cũ", 7)
        await stranger.sticker()
        await arrives(stranger, "cần một mã mời")
        await says(stranger, f"/start {CANARY_WORD}", "không đúng hoặc đã hết hạn")
        assert (len(lan.messages), len(stranger.messages)) == (9, 2)
        addressed = {int(sent["chat_id"]) for method, sent in tg.calls if method == "sendMessage"}
        assert addressed == {401, 402}
        assert (await readiness(service))["ok"]
        assert await stopped(service) == 0


# ------------------------------------------------------------------ before it works at all


async def mended(service: Running, tg: TelegramStandIn, code: str) -> None:
    """The process that stayed up says that it is connected, and answers."""
    while not (await readiness(service))["ok"]:
        assert service.process.poll() is None
    await tg.phone(501).start(code)
    await arrives(tg.phone(501), "đồng ý tham gia chứ?")


async def test_a_wrong_token_is_named_and_a_right_one_then_works(tmp_path: Path, tg: TelegramStandIn) -> None:
    async with prepared(tmp_path) as world:
        code = await world.invite(UNIT)
    tg.token = "123456:another"
    async with serving(tmp_path, tg) as service:
        await until(lambda: tg.counts["deleteWebhook"] >= 2)
        found = await readiness(service)
        assert not found["ok"]
        assert "NHIPCAU_TELEGRAM_TOKEN" in found["detail"]
        tg.token = TOKEN
        await mended(service, tg, code)


async def test_started_without_network_it_says_so_and_works_later(tmp_path: Path) -> None:
    async with prepared(tmp_path) as world:
        code = await world.invite(UNIT)
    tg = TelegramStandIn(TOKEN, port=free_port())
    async with serving(tmp_path, tg) as service:
        found = await readiness(service)
        while "không kết nối được Telegram" not in found["detail"]:
            assert service.process.poll() is None
            found = await readiness(service)
        assert not found["ok"]
        await tg.start()
        try:
            await mended(service, tg, code)
        finally:
            await tg.stop()


async def test_a_poll_stopped_while_going_out_ends_and_says_who_had_it(tmp_path: Path, tg: TelegramStandIn) -> None:
    phones = people(tg, 60)
    async with prepared(tmp_path) as world:
        await bring_in(world, phones)
    async with serving(tmp_path, tg, TELEGRAM_RATE="10"):
        id = await ask_all(tmp_path, 60)
        await until(lambda: len(copies(tg)) >= 10)
        [listed] = json.loads(await command(tmp_path, "poll", "list", "--json"))
        assert listed["people"] == 60 == listed["sent"] + listed["waiting"]
        assert listed["sent"] >= 5
        stopped = json.loads(await command(tmp_path, "poll", "stop", id, "--json"))
        assert stopped["had"] + stopped["unsent"] == 60
        await asyncio.sleep(2.5)
        # what was on its way at that moment, a second's worth, may still have arrived
        assert stopped["had"] <= len(copies(tg)) <= stopped["had"] + 25
        reached = next(phone for phone in phones if phone.messages)
        await reached.tap("Có")
        await arrives(reached, "đã dừng", 1)
