"""Signing in at the console: a link or six digits, used once; sessions that end; nothing typed is lost."""

from __future__ import annotations

import re

import pytest

from nhipcau.bot.messaging.messages import Message
from nhipcau.console.tries import TRIES_OF_ONE
from nhipcau.storage.tables import console_sessions
from tests.support.console import Browser, signed_in
from tests.support.people import id_of
from tests.support.world import Phone, World


async def coordinator(world: World) -> Phone:
    return await world.joined("Chị Hạnh", role="coordinator")


def link_in(message: Message) -> str:
    found = re.search(r"/console/enter/\S+", message.text)
    assert found, message.text
    return str(found[0])


def digits_in(message: Message) -> str:
    return str(re.findall(r"\b\d{6}\b", message.text)[-1])


async def test_a_link_opens_it_once_and_looking_uses_nothing_up(world: World) -> None:
    phone = await coordinator(world)
    await phone.say("đăng nhập")
    link = link_in(phone.last)
    browser, other = Browser(world), Browser(world)
    for _ in range(3):
        await other.open(link)
        assert other.buttons() == ["Vào trang làm việc"]
    await browser.open(link)
    await browser.press("Vào trang làm việc")
    assert (browser.status, browser.path, browser.heading) == (200, "/console", "Việc hôm nay")
    await other.press("Vào trang làm việc")
    assert "đã dùng hoặc đã hết hạn" in other.notice
    assert (await other.open("/console")).heading == "Đăng nhập trang làm việc"


async def test_a_button_pressed_twice_lets_in_once(world: World) -> None:
    phone = await coordinator(world)
    for by_digits in (False, True):
        await phone.say("đăng nhập")
        browser = await Browser(world).open("/console" if by_digits else link_in(phone.last))
        typed = {"code": digits_in(phone.last)} if by_digits else {}
        filled = browser.filled("Đăng nhập" if by_digits else "Vào trang làm việc", typed)
        for _ in range(2):
            # the browser has thrown away what the first press was answered with
            browser.forget()
            await browser.send(*filled)
            assert browser.heading == "Việc hôm nay"
    assert len(await world.rows(console_sessions.select())) == 2
    stranger = await Browser(world).open("/console")
    await stranger.press("Đăng nhập", code=digits_in(phone.last))
    assert "không đúng" in stranger.notice


async def test_six_digits_lead_to_the_page_that_was_asked_for(world: World) -> None:
    phone = await coordinator(world)
    await phone.say("đăng nhập")
    browser = await Browser(world).open("/console?x=1")
    await browser.press("Đăng nhập", code=digits_in(phone.last))
    assert str(browser.answer.url).endswith("/console?x=1")
    assert browser.heading == "Việc hôm nay"


@pytest.mark.parametrize(
    ("typed", "said"), [("12345", "sáu chữ số"), ("abcdef", "sáu chữ số"), ("000000", "không đúng")]
)
async def test_wrong_digits_read_what_to_do(world: World, typed: str, said: str) -> None:
    browser = await Browser(world).open("/console")
    await browser.press("Đăng nhập", code=typed)
    assert said in browser.notice


async def test_who_guesses_is_stopped_even_with_the_right_digits(world: World) -> None:
    phone = await coordinator(world)
    await phone.say("đăng nhập")
    right = digits_in(phone.last)
    browser = await Browser(world).open("/console")
    for n in range(TRIES_OF_ONE):
        await browser.press("Đăng nhập", code=f"{(int(right) + n + 1) % 1_000_000:06}")
    await browser.press("Đăng nhập", code=right)
    assert browser.status == 429
    assert "đợi mười phút" in browser.notice


async def test_a_link_ends_after_ten_minutes_and_with_the_next_one(world: World) -> None:
    phone = await coordinator(world)
    await phone.say("đăng nhập")
    first = link_in(phone.last)
    await phone.say("đăng nhập")
    second = link_in(phone.last)
    assert "hết hạn" in (await Browser(world).open(first)).notice
    await world.wait(minutes=11)
    assert "hết hạn" in (await Browser(world).open(second)).notice


async def test_twelve_idle_hours_end_a_session_and_use_prolongs_it(world: World) -> None:
    browser = await signed_in(world, await coordinator(world))
    for _ in range(3):
        await world.wait(hours=11)
        assert (await browser.open("/console")).heading == "Việc hôm nay"
    await world.wait(hours=12, minutes=1)
    assert (await browser.open("/console")).heading == "Đăng nhập trang làm việc"
    await world.clock.sweep()
    assert not await world.rows(console_sessions.select())


async def test_who_pauses_or_leaves_is_signed_out(world: World) -> None:
    phone = await coordinator(world)
    browser = await signed_in(world, phone)
    await phone.say("dừng")
    await phone.tap(next(label for label in phone.labels() if "Tạm" in label or "tạm" in label))
    assert (await browser.open("/console")).heading == "Đăng nhập trang làm việc"


async def test_a_collaborator_has_no_console(world: World) -> None:
    phone = await world.joined("Bác Cộng")
    await phone.say("đăng nhập")
    assert "/console" not in phone.last.text


async def test_leaving_ends_the_session_on_the_server_too(world: World) -> None:
    browser = await signed_in(world, await coordinator(world))
    await browser.press("Thoát")
    assert browser.heading == "Đăng nhập trang làm việc"
    assert not await world.rows(console_sessions.select())


async def test_a_form_without_our_token_or_from_elsewhere_is_refused(world: World) -> None:
    browser = await signed_in(world, await coordinator(world))
    await browser.send("POST", "/console/leave", [("token", "made.up.here")])
    assert browser.status == 403
    _, address, data = (await browser.open("/console")).filled("Thoát", {})
    await browser.send("POST", address, data, origin="https://else.where")
    assert browser.status == 403
    assert (await browser.open("/console")).heading == "Việc hôm nay"


async def test_an_unknown_page_is_404_and_signed_out_asks_to_sign_in(world: World) -> None:
    browser = await signed_in(world, await coordinator(world))
    assert (await browser.open("/console/no-such-page")).status == 404
    browser.forget()
    await browser.open("/console/no-such-page")
    assert (browser.status, browser.heading) == (200, "Đăng nhập trang làm việc")


async def test_the_database_holds_no_token_and_no_digits(world: World) -> None:
    phone = await coordinator(world)
    await phone.say("đăng nhập")
    token, digits = link_in(phone.last).rpartition("/")[2], digits_in(phone.last)
    await signed_in(world, await world.joined("Anh Minh", role="coordinator"))
    data = b"".join(path.read_bytes() for path in world.parts.settings.data_dir.glob("n.db*"))
    assert token.encode() not in data
    assert digits.encode() not in data


async def test_a_leader_has_no_way_to_reports_and_an_admin_none_to_insight(world: World) -> None:
    leader = await signed_in(world, await world.joined("Ông Lực", unit="T20", role="leader"))
    admin = await signed_in(world, await world.joined("Cô An", unit="T20", role="admin"))
    assert "Hộp thư" not in leader.links()
    assert "Xu hướng" in leader.links()
    assert "Xu hướng" not in admin.links()
    assert "Nhật ký" in admin.links()
    assert await id_of(world, "Cô An")
