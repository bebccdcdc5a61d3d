"""The web chat over real HTTP: its door and sessions, exactly what was confirmed, how the service is doing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from nhipcau.bot.messaging.messages import Message
from nhipcau.settings import Settings
from nhipcau.storage import outbox
from nhipcau.storage.outbox import NewDelivery
from nhipcau.storage.tables import contacts
from nhipcau.web.chat_backend import ChatBackend
from tests.support.web_client import ask
from tests.support.web_office import WebOffice, open_web_office
from tests.support.world import open_world

pytestmark = pytest.mark.slow

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebOffice]:
    with open_web_office(tmp_path_factory.mktemp("office")) as opened:
        yield opened


# ---------------------------------------------------------------------- the door


def test_looking_at_a_link_changes_nothing(office: WebOffice) -> None:
    card = office.device(next(office.cards))
    before = office.rows()
    for method in ("GET", "HEAD", "GET"):
        answer = ask(office.port, method, card.door, headers={"User-Agent": "facebookexternalhit/1.1"})
        assert answer.status == 200
        assert answer.cookie is None
    assert card.get("/manifest.webmanifest").status == 200
    assert office.rows() == before
    card.start()
    assert office.rows() != before
    assert "đồng ý tham gia chứ?" in card.read()


def test_the_first_press_opens_a_session_of_its_own_path(office: WebOffice) -> None:
    device = office.device()
    cookie = device.start().cookie
    assert cookie is not None
    assert cookie["httponly"]
    assert cookie["path"] == device.door
    assert cookie["max-age"] == str(400 * 24 * 3600)
    assert cookie["samesite"].lower() == "lax"
    # over plain http on this machine; a browser would not send it back otherwise
    assert not cookie["secure"]
    again = device.start().cookie
    assert again is not None
    assert again.value == cookie.value


def test_a_wrong_link_reads_one_kind_sentence(office: WebOffice) -> None:
    sentence = "Mã này không đúng hoặc đã hết hạn. Bác xin lại mã ở cán bộ xã giúp nhé."
    for wrong in ("ABC", "A" * 41, "SAI-MA-1", "%3Cb%3E%26", "..%2f..%2fetc"):
        answer = ask(office.port, "GET", f"/c/{wrong}", headers={})
        assert answer.status == 404, wrong
        if "%2f" not in wrong:
            assert f"<p>{sentence}</p>" in answer.text
            assert "<script" not in answer.text
            assert wrong not in answer.text
    device = office.device("SAIMA234")
    answer = device.get()
    assert answer.status == 404
    assert "Mã này không đúng hoặc đã hết hạn." in answer.text
    assert 'name="code"' in answer.text
    device.start()
    assert device.read() == sentence


def test_a_link_pasted_with_its_sentences_end_opens(office: WebOffice) -> None:
    code = next(office.cards)
    for after in (".", ")", ",", ";", "!", "%3F", "%22", "'", "%E2%80%9D", "%C2%BB", ").", "%20", "%E2%80%A6"):
        answer = ask(office.port, "GET", f"/c/{code}{after}", headers={})
        assert (answer.status, answer.headers["location"]) == (303, f"/c/{code}"), after
        assert ask(office.port, "GET", f"/c/{code}{after}/form", headers={}).headers["location"] == f"/c/{code}/form"
    opened = ask(office.port, "POST", f"/c/{code}./start", b"{}")
    assert opened.status == 204
    assert opened.cookie is not None
    assert opened.cookie["path"] == f"/c/{code}"


def test_a_used_card_on_a_second_device_says_how_to_get_a_new_one(office: WebOffice) -> None:
    first = office.device(next(office.cards))
    assert ">Bắt đầu</button>" in first.get().text
    first.start()
    first.read()
    first.tap("Đồng ý")
    assert "Đã tham gia" not in first.shown[-1]["text"]
    assert "Đã tham gia" in first.read()
    second = office.device(first.code)
    page = second.get().text
    assert "Thẻ này đã dùng trên trình duyệt khác." in page
    assert ">Bắt đầu</button>" not in page
    # who comes without the page is told the same
    second.start()
    assert "đã dùng ở trình duyệt hoặc ứng dụng khác" in second.read()
    assert second.shown[-1]["choices"] == []
    assert ">Bắt đầu</button>" in first.get().text
    first.start()
    assert "đã tham gia rồi" in first.read()


def test_the_earlier_browser_gives_a_code_for_the_new_one(office: WebOffice) -> None:
    first = office.device(next(office.cards))
    first.start()
    first.read()
    first.tap("Đồng ý")
    first.read()
    first.say("liên kết")
    first.read()
    first.tap("Thêm ứng dụng khác")
    code = first.read().partition("Mã của bác: ")[2][:10]
    typed = ask(office.port, "GET", f"/c?code={code.lower()}+", headers={})
    assert (typed.status, typed.headers["Location"]) == (303, f"/c/{code}")
    second = office.device(code)
    second.start()
    assert second.read().startswith("Đã nối")
    assert second.shown[-1]["choices"]
    assert "Thẻ này đã dùng" in office.device(code).get().text


def test_consent_renews_the_session(office: WebOffice) -> None:
    """Whoever planted or saw the token of before the consent has nothing once the fresh one was used."""
    device = office.started()
    before = device.token
    (agree,) = [c for c in device.shown[-1]["choices"] if c["label"] == "Đồng ý"]
    answer = device.post("send", id="agree-1", data=agree["data"], ref=device.shown[-1]["key"])
    assert answer.cookie is not None
    assert answer.cookie.value != before
    # until the fresh one was used the other goes on: an answer may get lost
    assert device.post("open", id="open-1").status == 204
    device.token = answer.cookie.value
    assert "Tên" in device.read()
    device.tap("Để sau")
    assert "Đã tham gia" in device.read()
    thief = office.device()
    thief.token = before
    assert ">Bắt đầu</button>" in thief.get().text
    thief.post("send", id="steal-1", text="của tôi")
    assert "của tôi" not in str(thief.waiting())
    device.say("menu")
    assert device.read()


def test_a_card_goes_to_whoever_agrees_first(office: WebOffice) -> None:
    code = next(office.cards)
    devices = [office.device(code), office.device(code)]
    for device in devices:
        device.start()
        assert "đồng ý tham gia chứ?" in device.read()
    for device in devices:
        device.tap("Đồng ý")
    assert "Đã tham gia" in devices[0].read()
    assert "Thẻ này đã dùng" in devices[1].read()


def test_the_header_says_whose_it_is(office: WebOffice) -> None:
    assert "<title>Nhịp Cầu · Xã Đồng Đăng</title>" in office.device().get().text
    assert "<title>Nhịp Cầu · Xã Đồng Đăng</title>" in office.joined().get().text
    assert "<title>Nhịp Cầu</title>" in office.device("SAIMA234").get().text


def test_an_invitation_is_drawn_and_nothing_else_is(office: WebOffice) -> None:
    coordinator = office.device(office.coordinator)
    coordinator.join()
    coordinator.say("mời")
    coordinator.read()
    [link] = coordinator.shown[-1]["links"]
    assert link.startswith(office.service.url + "/c/")
    drawn = coordinator.get(f"/qr?link={quote(link)}")
    assert (drawn.status, drawn.headers.get_content_type()) == (200, "image/svg+xml")
    assert b"<path" in drawn.body
    for other in ("https://evil.example/c/ABCDEFGH", link + "/form", "", "ABCDEFGH"):
        assert coordinator.get(f"/qr?link={quote(other)}").status == 404
    assert office.device().get(f"/qr?link={quote(link)}").status == 401


# ---------------------------------------------------------------------- confirming exactly what was drawn


def test_exactly_the_named_keys_are_gone(office: WebOffice) -> None:
    device = office.joined()
    device.say("trợ giúp")
    device.say("gặp người")
    last = device.shown[-1]["key"]
    first, second = device.waiting(last)
    assert first["key"] != second["key"]
    # nothing named, or what never was: everything is handed out again, the same
    for got in ((), (last,), ("0" * 16,), ("", "\ud800", "x" * 5000, last)):
        assert device.waiting(*got) == [first, second]
    assert device.waiting(second["key"]) == [first]
    assert device.waiting() == [first]
    device.say("việc")
    assert device.waiting()[0] == first
    (third,) = device.waiting(first["key"], second["key"])
    assert device.waiting() == [third]


def test_news_comes_to_a_device_that_waits(office: WebOffice) -> None:
    device = office.joined()
    with ThreadPoolExecutor(1) as beside:
        # longer than a device's patience here, unless what is said meanwhile wakes it
        waits = beside.submit(device.waiting, device.shown[-1]["key"])
        device.say("trợ giúp")
        assert len(waits.result()) == 1


def test_a_cleared_history_shows_the_open_question_again(office: WebOffice) -> None:
    device = office.joined()
    device.say("báo cáo")
    question = device.read()
    cleared = office.device()
    cleared.token = device.token
    assert cleared.post("open", id="opened-1").status == 204
    assert cleared.waiting(device.shown[-1]["key"])[-1]["text"] == question


def test_leaving_a_device_takes_its_session_away(office: WebOffice) -> None:
    device = office.joined()
    cookie = device.post("leave").cookie
    assert cookie is not None
    assert (cookie.value, cookie["max-age"], cookie["path"]) == ("", "0", device.door)


def test_a_copied_session_opens_nothing_once_its_device_has_left(office: WebOffice) -> None:
    device = office.joined()
    copy = office.device()
    copy.token = device.token
    device.say("báo cáo")
    device.post("leave")
    assert copy.post("send", id="copied-1", text="của tôi").status == 204
    # what waited for whoever left is gone, and the words were a stranger's
    assert ["mã mời" in message["text"] for message in copy.waiting()] == [True]


def test_another_person_confirms_nothing_of_mine(office: WebOffice) -> None:
    mine, other = office.joined(), office.joined()
    mine.say("trợ giúp")
    other.say("gặp người")
    keys = [message["key"] for message in mine.waiting()]
    assert set(keys).isdisjoint(message["key"] for message in other.waiting(*keys))
    assert [message["key"] for message in mine.waiting()] == keys


def test_the_same_id_twice_is_one_event(office: WebOffice) -> None:
    device = office.joined()
    count = len(office.rows()["events"])
    for _ in range(3):
        device.say("trợ giúp", id="one-and-the-same")
    assert len(office.rows()["events"]) == count + 1
    other = office.joined()
    other.say("trợ giúp", id="one-and-the-same")
    assert len(device.waiting(device.shown[-1]["key"])) == 1
    assert len(other.waiting(other.shown[-1]["key"])) == 1


# ---------------------------------------------------------------------- how it is doing


def test_it_says_that_it_lives_and_can_work(office: WebOffice) -> None:
    answer = ask(office.port, "GET", "/healthz", headers={})
    assert (answer.status, answer.text) == (200, "ok\n")
    answer = ask(office.port, "GET", "/readyz", headers={})
    assert answer.status == 200
    body = json.loads(answer.body)
    assert (body["ready"], body["database"]) == (True, True)
    assert body["channels"] == {"web": {"ok": True, "detail": office.service.url}}
    assert set(body["loops"]) == {"sender", "clock"}
    assert all(0 <= seconds < 60 for seconds in body["loops"].values())


def metrics(office: WebOffice) -> dict[str, float]:
    """Every sample as Prometheus would read it."""
    answer = ask(office.port, "GET", "/metrics", headers={})
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_the_metrics_count_no_reports(office: WebOffice) -> None:
    device = office.at_the_summary()
    before, reports = metrics(office), len(office.rows()["reports"])
    device.tap("Gửi")
    assert "Đã ghi nhận báo cáo PA-" in device.read()
    assert len(office.rows()["reports"]) == reports + 1
    after = metrics(office)
    # what came in and went out is counted whatever it was; nothing else moves because somebody reported
    moving = re.compile(r"nhipcau_(outbox|loop_age|events?|messages|batch|delivery)_")
    assert {n: v for n, v in after.items() if not moving.match(n)} == {
        n: v for n, v in before.items() if not moving.match(n)
    }
    assert after['nhipcau_channel_up{channel="web"}'] == 1
    assert not [name for name in after if re.search("report|person|people|answer", name)]


# ---------------------------------------------------------------------- quiet hours


async def test_what_is_held_comes_after_the_quiet_hours(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    around = [(now + timedelta(hours=n)).astimezone(ZONE).strftime("%H:%M") for n in (-2, 2)]
    async with open_world(tmp_path, now=now, quiet_hours="-".join(around)) as world:
        parts, phone = world.parts, await world.joined("lan")
        desk = ChatBackend(parts, world.dispatch)
        async with parts.database.writing() as connection:
            contact = (await connection.scalars(select(contacts.c.id))).one()
            for text, held in (("Thăm dò", True), ("Báo cáo nhanh", False), ("Nhắc việc", True)):
                parcel = NewDelivery(contact, Message(text), outbox.BROADCAST, now, now + timedelta(days=1), held=held)
                await outbox.put(connection, parts.sealer, now.date(), [parcel])
        ((key, urgent),) = await desk.fetch_waiting(phone.address, [])
        assert urgent.text == "Báo cáo nhanh"
        await phone.say("trợ giúp")
        assert "Báo cáo nhanh" not in phone.last.text
        assert await desk.fetch_waiting(phone.address, [key]) == []
        parts.settings = Settings(_env_file=None, data_dir=tmp_path, quiet_hours="off")
        afterwards = await desk.fetch_waiting(phone.address, [])
        assert [message.text for _, message in afterwards] == ["Thăm dò", "Nhắc việc"]
