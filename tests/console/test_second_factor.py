"""The second factor at the console: an app's codes, recovery codes, what an office asks, and who has lost it all."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from nhipcau.actions.console import make_link
from nhipcau.actions.decision import Actor
from nhipcau.actions.second_factor import forget
from nhipcau.console.half_signed_in import LASTING
from nhipcau.console.tries import TRIES_OF_ONE
from nhipcau.model.console_changes import MakeConsoleLink
from nhipcau.operations.commit import apply
from nhipcau.privacy.identifiers import new_id
from nhipcau.privacy.one_time_codes import RECOVERY_CODES
from nhipcau.storage.sealed_people import depart, details_of
from nhipcau.storage.second_factors import second_factor_of
from nhipcau.storage.tables import audit, console_forms, console_recovery_codes, console_sessions, people
from tests.support.console import Browser, signed_in
from tests.support.people import id_of
from tests.support.world import Phone, World

pytestmark = pytest.mark.slow
ASKED, NEEDED = "Thêm một lớp nữa", "Đặt lớp bảo vệ thứ hai"


class Holder:
    """A coordinator with an authenticator app."""

    def __init__(self, world: World, phone: Phone, browser: Browser) -> None:
        self.world, self.phone, self.browser = world, phone, browser
        self.secret, self.recovery = "", list[str]()

    def code(self, seconds: float = 0) -> str:
        """What the app shows, on a phone whose clock is so many seconds ahead."""
        return pyotp.TOTP(self.secret).at(self.world.now + timedelta(seconds=seconds))

    def wrong(self) -> str:
        near = {self.code(30 * n) for n in range(-2, 3)}
        return next(code for n in range(9) if (code := f"{n:06}") not in near)

    async def set_up(self, **more: str) -> None:
        self.secret = secret_on(self.browser)
        await self.browser.press("Đặt xong", new_code=self.code(), **more)
        self.recovery = recovery_on(self.browser) or self.recovery

    async def ask(self) -> Browser:
        """Another browser, on the page that asks for the second factor."""
        await self.phone.say("đăng nhập")
        link = re.search(r"/console/enter/\S+", self.phone.last.text)
        assert link
        return await (await Browser(self.world).open(link[0])).press("Vào trang làm việc")


def secret_on(browser: Browser) -> str:
    return str(browser.page.xpath("//input[@name='secret']")[0].get("value"))


def recovery_on(browser: Browser) -> list[str]:
    return [each.text_content() for each in browser.page.iter("code")]


@pytest.fixture
async def hanh(world: World) -> Holder:
    return await held_in(world)


async def held_in(world: World) -> Holder:
    phone = await world.joined("Chị Hạnh", role="coordinator")
    holder = Holder(world, phone, await signed_in(world, phone))
    await holder.browser.open("/console/security")
    await holder.set_up()
    await world.wait(seconds=90)
    return holder


async def kinds(world: World) -> list[str]:
    return [row.kind for row in await world.rows(audit.select()) if row.kind.startswith(("factor", "refused"))]


async def test_an_app_is_set_up_and_asked_for_from_then_on(world: World, hanh: Holder) -> None:
    assert len(hanh.recovery) == RECOVERY_CODES
    await hanh.browser.open("/console/security")
    assert not set(hanh.recovery) & set(hanh.browser.text.split())
    assert "hỏi thêm lớp thứ hai" in hanh.browser.text
    browser = await hanh.ask()
    assert (browser.status, browser.heading) == (200, ASKED)
    assert (await browser.open("/console/reports")).heading == "Đăng nhập trang làm việc"
    await browser.open("/console/factor?next=/console/reports")
    await browser.press("Tiếp tục", code=hanh.code())
    assert (browser.path, browser.heading) == ("/console/reports", "Hộp thư")
    assert await kinds(world) == ["factor.set"]


async def test_a_wrong_code_is_asked_again_and_counted(world: World, hanh: Holder) -> None:
    browser = await hanh.ask()
    for typed, said in (("", "Bác gõ sáu số"), (hanh.wrong(), "không đúng"), ("ABCDE-FGHJK", "không đúng")):
        await browser.press("Tiếp tục", code=typed)
        assert (browser.heading, said in browser.notice) == (ASKED, True), typed
    assert (await kinds(world)).count("refused.code") >= 1
    await browser.press("Tiếp tục", code=hanh.code())
    assert browser.heading == "Việc hôm nay"


async def test_a_clock_thirty_seconds_off_is_right(world: World, hanh: Holder) -> None:
    for seconds in (-30, 30):
        await world.wait(minutes=3)
        browser = await hanh.ask()
        await browser.press("Tiếp tục", code=hanh.code(seconds))
        assert browser.heading == "Việc hôm nay", seconds
    browser = await hanh.ask()
    await browser.press("Tiếp tục", code=hanh.code(-90))
    assert "không đúng" in browser.notice


async def test_a_code_lets_in_once(world: World, hanh: Holder) -> None:
    first, second = await hanh.ask(), await hanh.ask()
    code = hanh.code()
    await first.press("Tiếp tục", code=code)
    await second.press("Tiếp tục", code=code)
    assert (second.heading, "đã dùng rồi" in second.notice) == (ASKED, True)


async def test_the_same_form_twice_is_one_session(world: World, hanh: Holder) -> None:
    browser = await hanh.ask()
    held = browser.cookies()
    method, address, data = browser.filled("Tiếp tục", {"code": hanh.code()})
    await browser.send(method, address, data)
    assert browser.heading == "Việc hôm nay"
    before = len(await world.rows(console_sessions.select()))
    browser.take_cookies(held)
    await browser.send(method, address, data)
    assert browser.heading == "Việc hôm nay"
    assert len(await world.rows(console_sessions.select())) == before


async def test_one_code_at_the_same_moment_lets_in_one(office: World) -> None:
    """On both databases; the same form twice is one session, two browsers with one code are not both let in."""
    hanh = await held_in(office)
    before = {row.id for row in await office.rows(console_sessions.select())}
    first, second = await hanh.ask(), await hanh.ask()
    twin, code = Browser(office), hanh.code()
    twin.take_cookies(first.cookies())
    filled = first.filled("Tiếp tục", {"code": code})
    twin.answer = first.answer
    await asyncio.gather(first.send(*filled), twin.send(*filled), second.press("Tiếp tục", code=code))
    headings = [each.heading for each in (first, twin, second)]
    assert headings in (["Việc hôm nay", "Việc hôm nay", ASKED], [ASKED, ASKED, "Việc hôm nay"])
    assert len(await office.rows(console_sessions.select())) == len(before) + 1


async def test_who_guesses_is_stopped_even_with_the_right_code(world: World, hanh: Holder) -> None:
    browser = await hanh.ask()
    for _ in range(TRIES_OF_ONE):
        await browser.press("Tiếp tục", code=hanh.wrong())
    await browser.press("Tiếp tục", code=hanh.code())
    assert "đợi mười phút" in browser.notice


async def test_a_recovery_code_lets_in_once(world: World, hanh: Holder) -> None:
    typed = hanh.recovery[3].lower().replace("-", " ")
    first = await hanh.ask()
    await first.press("Tiếp tục", code=typed)
    assert first.heading == "Việc hôm nay"
    second = await hanh.ask()
    await second.press("Tiếp tục", code=typed)
    assert second.heading == ASKED
    await hanh.browser.open("/console/security")
    assert f"Còn {RECOVERY_CODES - 1} mã" in hanh.browser.text
    assert "factor.recovery" in await kinds(world)


async def test_after_ten_minutes_they_sign_in_anew(world: World, hanh: Holder) -> None:
    late = await hanh.ask()
    await world.wait(minutes=LASTING.total_seconds() / 60 + 1)
    await late.press("Tiếp tục", code=hanh.code())
    assert (late.heading, "quá mười phút" in late.notice) == ("Đăng nhập trang làm việc", True)


async def test_what_was_typed_comes_back_after_both_steps(world: World, hanh: Holder) -> None:
    browser = hanh.browser
    await browser.open("/console/requests/new?kind=poll")
    _, address, data = browser.filled(browser.buttons()[-1], {})
    await world.wait(hours=13)
    typed = [(name, "Chợ phiên họp hôm nào" if name == "title" else value) for name, value in data]
    await browser.send("POST", address, typed)
    assert browser.heading == "Đăng nhập trang làm việc"
    await hanh.phone.say("đăng nhập")
    await browser.press("Đăng nhập", code=re.findall(r"\b\d{6}\b", hanh.phone.last.text)[-1])
    assert browser.heading == ASKED
    await browser.press("Tiếp tục", code=hanh.code())
    assert browser.path == "/console/requests/new"
    assert "Chợ phiên họp hôm nào" in browser.answer.text


async def test_removing_needs_a_code(world: World, hanh: Holder) -> None:
    browser = await hanh.browser.open("/console/security")
    await browser.press("Bỏ mục đã chọn", code=hanh.code())
    assert "chọn một mục" in browser.notice
    await browser.press("Bỏ mục đã chọn", way="app", code=hanh.wrong())
    assert "không đúng" in browser.notice
    await browser.press("Bỏ mục đã chọn", way="app", code=hanh.code())
    assert "Đã bỏ" in browser.notice
    assert not await world.rows(console_recovery_codes.select())
    assert (await hanh.ask()).heading == "Việc hôm nay"
    assert "factor.remove" in await kinds(world)


async def test_another_app_needs_a_code_of_the_first(world: World, hanh: Holder) -> None:
    browser, old, kept = await hanh.browser.open("/console/security"), hanh.code(), hanh.recovery
    await hanh.set_up()
    assert "Bác gõ sáu số" in browser.notice
    await hanh.set_up(code=old)
    assert "Đã đặt lớp thứ hai" in browser.notice
    assert hanh.recovery == kept
    await world.wait(minutes=2)
    await (other := await hanh.ask()).press("Tiếp tục", code=hanh.code())
    assert other.heading == "Việc hôm nay"


async def test_new_recovery_codes_end_the_earlier_ones(world: World, hanh: Holder) -> None:
    browser = await hanh.browser.open("/console/security")
    method, address, data = browser.filled("Tạo mã dự phòng mới", {"code": hanh.code()})
    await browser.send(method, address, data)
    shown = recovery_on(browser)
    await browser.send(method, address, data)
    assert recovery_on(browser) == shown
    assert not set(shown) & set(hanh.recovery)
    other = await hanh.ask()
    await other.press("Tiếp tục", code=hanh.recovery[0])
    assert other.heading == ASKED
    await other.press("Tiếp tục", code=shown[0])
    assert other.heading == "Việc hôm nay"


async def test_setting_up_with_a_wrong_code_keeps_the_secret(world: World) -> None:
    browser = await signed_in(world, await world.joined("Chị Hạnh", role="coordinator"))
    await browser.open("/console/security")
    secret = secret_on(browser)
    right = pyotp.TOTP(secret).at(world.now)
    for typed, said in (("12", "sáu chữ số"), (f"{(int(right) + 1) % 1_000_000:06}", "chưa khớp")):
        await browser.press("Đặt xong", new_code=typed)
        assert said in browser.notice
        assert secret_on(browser) == secret
    method, address, data = browser.filled("Đặt xong", {"new_code": right})
    await browser.send(method, address, data)
    shown = recovery_on(browser)
    await browser.send(method, address, data)
    assert recovery_on(browser) == shown


async def test_the_database_holds_neither_secret_nor_codes(world: World, hanh: Holder) -> None:
    await (await hanh.ask()).press("Tiếp tục", code=(code := hanh.code()))
    data = b"".join(path.read_bytes() for path in world.parts.settings.data_dir.glob("n.db*"))
    assert [word for word in (hanh.secret, code, *hanh.recovery) if word.encode() in data] == []
    assert [word for word in hanh.recovery if word.replace("-", "").encode() in data] == []
    person = await id_of(world, "Chị Hạnh")
    assert [row for row in await world.rows(console_forms.select()) if person in row.place] == []


async def test_older_rows_without_a_secret_still_open(world: World) -> None:
    await world.joined("Chị Hạnh", role="coordinator")
    id, sealer = await id_of(world, "Chị Hạnh"), world.parts.sealer
    sealed = sealer.seal_person(id, ("Chị Hạnh", "tag", "", "", ""))
    assert (details_of(sealer, id, sealed).name, details_of(sealer, id, sealed).totp_secret) == ("Chị Hạnh", "")
    [row] = await world.rows(select(people.c.sealed).where(people.c.id == id))
    assert (len(row.sealed) - 28) % 128 == 0


async def test_who_withdraws_leaves_no_second_factor(world: World, hanh: Holder) -> None:
    await hanh.phone.say("riêng tư")
    id = await id_of(world, "Chị Hạnh")
    await hanh.phone.tap(next(label for label in hanh.phone.labels() if "Rút" in label or "rút" in label))
    await hanh.phone.tap(hanh.phone.labels()[0])
    [row] = await world.rows(select(people.c.sealed).where(people.c.id == id))
    assert details_of(world.parts.sealer, id, row.sealed).totp_secret == ""
    assert not await world.rows(console_recovery_codes.select())


async def test_who_is_disabled_leaves_no_way_in(world: World, hanh: Holder) -> None:
    member = await id_of(world, "Chị Hạnh")
    async with world.parts.database.writing() as connection:
        await depart(connection, member)
    assert not await world.rows(console_recovery_codes.select())
    assert not await world.rows(console_sessions.select())


async def an(world: World) -> Holder:
    phone = await world.joined("Cô An", "T20", "admin")
    return Holder(world, phone, await signed_in(world, phone))


async def test_an_office_requires_it_and_the_others_set_it_up(world: World, hanh: Holder) -> None:
    minh = await world.joined("Anh Minh", role="coordinator")
    browser = await signed_in(world, minh)
    admin = await an(world)
    await admin.browser.open("/console/settings")
    await admin.browser.press("Yêu cầu lớp thứ hai")
    assert "cho mình" in admin.browser.notice
    await admin.browser.open("/console/security")
    await admin.set_up()
    await admin.browser.open("/console/settings")
    await admin.browser.press("Yêu cầu lớp thứ hai")
    assert "ai cũng cần lớp thứ hai" in admin.browser.notice
    # who has one stays signed in
    assert (await hanh.browser.open("/console")).heading == "Việc hôm nay"
    assert (await browser.open("/console")).heading == "Đăng nhập trang làm việc"
    other = Holder(world, minh, browser)
    other.browser = await other.ask()
    assert other.browser.heading == NEEDED
    assert (await other.browser.open("/console/reports")).heading == "Đăng nhập trang làm việc"
    await other.browser.open("/console/factor")
    await other.set_up()
    assert (other.browser.heading, len(other.recovery)) == ("Mã dự phòng", RECOVERY_CODES)
    await other.browser.follow("Đã chép")
    assert other.browser.heading == "Việc hôm nay"
    await world.wait(minutes=2)
    await other.browser.open("/console/security")
    await other.browser.press("Bỏ mục đã chọn", way="app", code=other.code())
    assert "đặt cách khác trước" in other.browser.notice
    await admin.browser.press("Thôi yêu cầu")
    assert "Không còn yêu cầu" in admin.browser.notice


async def test_an_admin_of_a_commune_requires_nothing(world: World) -> None:
    browser = await signed_in(world, await world.joined("Cô Bình", "X06040", "admin"))
    await browser.open("/console/settings")
    assert "Yêu cầu lớp thứ hai" not in browser.buttons()
    _, address, data = browser.filled("Kiểm tra các ứng dụng", {})
    await browser.send("POST", address, [*(each for each in data if each[0] != "do"), ("do", "require")])
    assert "đơn vị trên cùng" in browser.notice


async def test_a_link_of_the_server_asks_it_too_unless_forgotten(world: World, hanh: Holder) -> None:
    id = await id_of(world, "Chị Hạnh")
    for is_forgotten, heading in ((False, ASKED), (True, "Việc hôm nay")):
        async with world.committer.transaction() as work:
            office = Actor.office(work.tree.by_code["T20"])
            made = make_link(office, id, work.now, new_id)
            factor = await second_factor_of(work.connection, work.sealer, id)
            await apply(work, [*made, *(forget(office, id, factor) if is_forgotten else [])])
        [link] = [change.token for change in made if isinstance(change, MakeConsoleLink)]
        browser = await Browser(world).open(f"/console/enter/{link}")
        await browser.press("Vào trang làm việc")
        assert browser.heading == heading
    assert not await world.rows(console_recovery_codes.select())
    assert (await kinds(world)).count("factor.forget") == 1
