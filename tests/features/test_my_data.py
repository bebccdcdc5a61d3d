"""What is kept of somebody, read and taken along (R09); consent withdrawn and data deleted, with a receipt (R08)."""

from __future__ import annotations

import json
from base64 import b64decode
from dataclasses import asdict
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from nhipcau.bot.channels.telegram.traits import TELEGRAM
from nhipcau.bot.channels.zalo_oa.traits import ZALO_OA
from nhipcau.bot.language.catalogue import texts
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.bot.messaging.render import render
from nhipcau.cli.cards import CardFiles, invite_roster
from nhipcau.handlers.membership.personal_copy import words_of
from nhipcau.storage.audit import AuditContext, record_audit, seals_of
from nhipcau.storage.leaving import look_for
from nhipcau.storage.personal_data import WITHHELD
from nhipcau.storage.tables import (
    attention,
    audit,
    contacts,
    data_requests,
    metadata,
    outbox,
    participation,
    people,
    reports,
)
from nhipcau.web.chat_backend import ChatBackend
from tests.support.people import change, details
from tests.support.reports import filed
from tests.support.requests import ask, yesno
from tests.support.world import Phone, World

pytestmark = pytest.mark.slow

T = texts("vi")
#: Of rows of the office that only name who asked, what it was is enough.
OF_OFFICE = {"requests", "rules"}


async def busy(world: World) -> tuple[Phone, str]:
    """A coordinator of whom every table that may name a person has a row, as far as one event brings it about."""
    id, code = await world.card("Nông Thị Én", "X06184", "coordinator")
    en = world.phone("en", name="Én")
    await en.say(f"/start {code}")
    await en.tap("Đồng ý")
    await change(world, "Nông Thị Én", contact="0205 000 123", code="CTV-7", responsible=True)
    async with world.parts.database.writing() as connection:
        await connection.execute(attention.insert().values(person_id=id, week="2026-W48", number=2))
        record_audit(AuditContext(connection, world.parts.sealer, world.now.date()), "report.done", id)
    await en.say("liên kết")
    await filed(en, "đường vào bản lầy lội hai tháng nay")
    await ask(world, {**yesno("Thuận không?"), "audience": {"roles": ["coordinator"]}}, "rapid", unit="X06184")
    await en.say("báo cáo")
    await en.say("chợ chiều nhiều rác quá")
    return en, id


async def naming(world: World, id: str) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table with this id anywhere in it, or with the id of one of the person's contacts: found by
    its values alone, whatever the columns are called."""
    names = (id, seals_of(world.parts.sealer).handle(id))
    own = {row.id for row in await world.rows(select(contacts.c.id).where(contacts.c.person_id == id))}
    found: dict[str, list[dict[str, Any]]] = {}
    for table in metadata.sorted_tables:
        of_contacts = {c.name for c in table.columns if c.name == "contact_id"}
        for row in await world.rows(select(table)):
            values = dict(zip(table.columns.keys(), row, strict=True))
            if any(n in str(v) for v in values.values() for n in names) or any(values[c] in own for c in of_contacts):
                found.setdefault(table.name, []).append(values)
    return found


def read(text: str) -> dict[str, list[dict[str, str]]]:
    """Table → its rows, of the copy."""
    found: dict[str, list[dict[str, str]]] = {}
    for line in text.split("\n"):
        if line.startswith("["):
            row: dict[str, str] = {}
            found.setdefault(line.strip("[]"), []).append(row)
        elif line.startswith("- "):
            label, _, value = line[2:].partition(": ")
            row[label] = value
    return found


async def test_the_copy_equals_the_database_row_by_row(world: World) -> None:
    """R09: nothing stored about a person is missing, and nothing stands there that is not stored."""
    en, id = await busy(world)
    await en.say("riêng tư")
    # waits to be sent
    await ask(world, {**yesno("Thuận nữa không?"), "audience": {"roles": ["coordinator"]}}, "rapid", unit="X06184")
    before = await naming(world, id)
    assert {"people", "contacts", "conversations", "invites", "participation", "outbox", "audit"} <= before.keys()
    await en.tap("Tải về")
    assert en.last.file_name == "du-lieu-cua-toi-2026-11-23.txt"
    copied = read(en.last.file_text)
    assert copied.pop("Báo cáo còn tìm lại được là của bác") == [{}]
    assert copied.keys() == {T(f"stored.{name}") for name in before}
    async with world.parts.database.reading() as connection:
        office = await world.parts.office(connection)
    opened = {"sealed_address": "en", "last_act": "23/11/2026"}
    for name, rows in before.items():
        expected = []
        for row in rows:
            shown = {}
            if name == "people":
                row = {**row, **asdict((await details(world))[id])}
                del row["sealed"]
            for column, value in row.items():
                if value is None or value == "" or (name in OF_OFFICE and isinstance(value, (bytes, int))):
                    continue
                if (name, column) in WITHHELD:
                    shown[T(f"stored.{column}")] = T("stored.withheld")
                elif isinstance(value, bytes):
                    shown[T(f"stored.{column}")] = opened.get(column, "…")
                else:
                    shown[T(f"stored.{column}")] = words_of((name, column), value, office, T)
            expected.append(shown)
        found = copied[T(f"stored.{name}")]
        for row in found:
            if T("stored.sealed") in row:
                # a draft or a waiting message, as its own words
                assert "rác" in row[T("stored.sealed")] or "Thuận" in row[T("stored.sealed")]
                row[T("stored.sealed")] = "…"
        order = sorted(map(str, (sorted(row.items()) for row in expected)))
        assert sorted(map(str, (sorted(row.items()) for row in found))) == order, name
    assert "đường vào bản lầy lội hai tháng nay" in en.last.file_text


async def test_the_copy_says_words_not_codes(world: World) -> None:
    en, _ = await busy(world)
    await en.say("riêng tư")
    await ask(world, {**yesno("Thuận nữa không?"), "audience": {"roles": ["coordinator"]}}, "rapid", unit="X06184")
    await en.tap("Tải về")
    written = en.last.file_text
    for line in (
        *("Vai trò: điều phối viên", "Tình trạng: Đã tham gia", "Ngôn ngữ: Tiếng Việt", "Tuần: tuần 48/2026"),
        *("Ứng dụng: trang web", "Hàng chờ: khẩn", "Loại tin: câu hỏi", "Loại: báo phản ánh đã giải quyết"),
    ):
        assert f"- {line}\n" in written, line


async def test_the_screen_says_it_in_about_ten_lines(world: World) -> None:
    en, _ = await busy(world)
    await en.say("riêng tư")
    lines = en.last.text.split("\n")
    assert 8 <= len(lines) <= 13
    assert "• Tên: Nông Thị Én · Mã cộng tác viên: CTV-7" in lines
    assert en.labels() == ["Tải về", "Rút đồng ý", "Xóa dữ liệu của tôi", "Thêm ứng dụng khác", "Về đầu"]
    assert all(label.isascii() is False or " " in label for label in en.labels())


async def test_only_what_is_being_written_is_called_so(world: World) -> None:
    """What our last message offers is no draft; words whose use is not said yet are one, and stand in the copy."""
    lan = await world.joined("Hoàng Thị Lan", "X06184")
    await lan.say("riêng tư")
    assert T("held.draft") not in lan.last.text
    await lan.say("chợ chiều nhiều rác quá")
    await lan.say("riêng tư")
    assert f"• {T('held.draft')}: 1" in lan.last.text
    await lan.tap("Tải về")
    assert "chợ chiều nhiều rác quá" in lan.last.file_text


async def test_everything_of_somebody_deleted_is_gone(world: World) -> None:
    """R08: by a search for every value that is theirs, not by the program's own."""
    lan = await world.joined("Hoàng Thị Lan", "X06184")
    [(id,)] = await world.rows(select(people.c.id))
    await ask(world, yesno("Thuận không?"), "rapid", unit="X06184")
    await lan.read()
    await lan.tap("Có")
    code = await filed(lan, "đường hỏng ở thôn Nà Han")
    await lan.say("riêng tư")
    await lan.tap("Xóa dữ liệu của tôi")
    assert await world.rows(select(people.c.id)) == [(id,)]
    await lan.tap("Xóa và rời hẳn")
    receipt = lan.last.text.split("\n")
    assert receipt[0].startswith("Đã xóa dữ liệu của bác. Cảm ơn bác đã tham gia. Biên nhận YC-")
    assert receipt[0].endswith(", 23/11/2026 09:00.")
    assert receipt[1].startswith("Tôi đã tìm ở ")
    assert receipt[1].endswith(" nơi: không còn gì của bác.")
    assert await naming(world, id) == {}
    assert not world.parts.sealer.people.lives(id)
    # the receipt is delivered, and with it goes the address of the chat
    assert await world.rows(select(contacts)) == await world.rows(select(outbox)) == []
    for table in metadata.sorted_tables:
        assert not [row for row in await world.rows(select(table)) if "Lan" in str(row)], table.name
    # what was sent carries no name, so it stays
    assert await world.rows(select(reports.c.code)) == [(code,)]
    [(state, person)] = await world.rows(select(participation.c.state, participation.c.person_id))
    assert state == "answered"
    assert person != id
    entries = await world.rows(select(data_requests.c.kind, data_requests.c.received, data_requests.c.done))
    assert sorted(entries) == [(kind, date(2026, 11, 23), date(2026, 11, 23)) for kind in ("delete", "see")]
    await lan.say("chào")
    assert "cần một mã mời" in lan.last.text


async def test_withdrawing_consent_keeps_the_offices_own_line(world: World) -> None:
    """R08: nothing is sent or asked any more; the roster's line stays, with the day, and a new card asks anew."""
    lan = await world.joined("Hoàng Thị Lan", "X06184")
    before = (await world.rows(select(people)))[0]
    secret = (await details(world))[before.id].tag_secret
    await ask(world, yesno("Trước?"), "rapid", unit="X06184")
    code = await filed(lan, "đường hỏng ở thôn Nà Han")
    await lan.say("rút đồng ý")
    assert lan.labels() == ["Đúng, rút đồng ý", "Thôi, ở lại"]
    await lan.tap("Thôi, ở lại")
    assert (await world.rows(select(people)))[0].state == "consented"
    await lan.say("rút đồng ý")
    await lan.tap("Đúng, rút đồng ý")
    assert "Đã ghi bác rút đồng ý. Từ nay tôi không nhắn cho bác nữa. Biên nhận YC-" in lan.last.text
    assert "ngoài tên trong danh sách của đơn vị, không còn gì của bác." in lan.last.text
    [after] = await world.rows(select(people))
    person = (await details(world))[after.id]
    assert (person.name, after.unit_id, after.state) == ("Hoàng Thị Lan", before.unit_id, "invited")
    assert (after.consented_at, after.consent_version) == (None, None)
    assert after.withdrew_on == world.now.date()
    assert person.tag_secret != secret
    assert (await naming(world, after.id)).keys() == {"people"}
    assert await world.rows(select(contacts)) == []
    # no way to be asked
    await ask(world, {**yesno("Sau?"), "audience": {"units": ["X06184"]}}, "rapid", unit="X06184")
    await world.wait(hours=2)
    assert await lan.read() == []
    assert await world.rows(select(participation).where(participation.c.person_id == after.id)) == []
    # the same phone, a new card: consent is asked anew, and what was written before stays unsigned
    _, card = await world.card("Hoàng Thị Lan", "X06184")
    await lan.say(f"/start {card}")
    assert "Đồng ý" in lan.labels()
    await lan.tap("Đồng ý")
    await lan.say("của tôi")
    assert code not in lan.last.text


async def test_the_search_tells_what_is_left(world: World) -> None:
    """R08: the receipt says so where something was forgotten."""
    await world.joined("Hoàng Thị Lan", "X06184")
    [(id, contact)] = await world.rows(select(contacts.c.person_id, contacts.c.id))
    async with world.parts.database.writing() as connection:
        check = await look_for(connection, world.parts.sealer, id, [contact], stays=())
        assert {"people", "contacts", "conversations", "invites", "keys"} <= set(check.left)
        assert check.places >= len(check.left)
        await connection.execute(audit.insert().values(id="x", day=world.now.date(), who=id, kind="x.y", number=1))
    lan = world.phone("Hoàng Thị Lan")
    await lan.say("xóa dữ liệu của tôi")
    await lan.tap("Xóa và rời hẳn")
    assert "còn sót ở: Sổ ghi việc của cơ quan. Bác báo giúp người phụ trách" in lan.last.text


async def test_who_withdrew_gets_no_card_with_all_the_others(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    await world.card("Hoàng Thị Lan", "X06184")
    en = await world.joined("Nông Thị Én", "X06184")
    await en.say("rút đồng ý")
    await en.tap("Đúng, rút đồng ý")
    await invite_roster(
        world.parts, "X06184", 30, CardFiles(csv=world.parts.settings.data_dir / "cards.csv"), as_json=True
    )
    said = capsys.readouterr()
    assert json.loads(said.out) == {"cards": 1}
    assert "Nông Thị Én (Xã Đồng Đăng) đã rút đồng ý: không cấp thẻ mới." in said.err


def test_the_copy_is_a_file_where_the_app_takes_one_else_a_text() -> None:
    message = Message("Đây là bản chép.", (Choice("Về đầu", "x"),), file_text="Tên: Én\n" * 900, file_name="a.txt")
    by_telegram = render(message, TELEGRAM.limits)
    assert [(piece.file_name, len(piece.file_text) > 5000, piece.text) for piece in by_telegram] == [
        ("a.txt", True, ""),
        ("", False, "Đây là bản chép."),
    ]
    by_zalo = render(message, ZALO_OA.limits)
    assert not [piece for piece in by_zalo if piece.file_text]
    assert sum(piece.text.count("Tên: Én") for piece in by_zalo) == 900


async def test_the_web_chat_hands_the_copy_over_in_the_message_itself(world: World) -> None:
    desk = ChatBackend(world.parts, world.dispatch)
    address = desk.file_address(Message("", file_text="Tên: Én", file_name="a.txt"))
    head, _, content = address.partition(",")
    assert head == "data:text/plain;charset=utf-8;base64"
    assert b64decode(content).decode("utf-8-sig") == "Tên: Én"
