"""Words that always work, names and codes: as people type them, with marks, quotes, emoji and spaces."""

from __future__ import annotations

import pytest

from nhipcau.bot.language.command_words import Command, read_command
from nhipcau.handlers.membership.join import clean_name
from tests.support.people import details
from tests.support.world import Phone, World

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    "typed",
    [
        *("dừng", "“dừng”", '"dừng"', "dừng 🙏", "dừng lại", "dung lai!", "hủy đăng ký", "huy dang ky", "unsubscribe"),
        *("(dừng)", "DỪNG!!!", "dừng ạ 🙏🙏", "«dừng»"),
    ],
)
async def test_the_pause_question_comes_from_every_state(typed: str, world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan")
    for before in ("báo cáo", "đường hỏng", "trợ giúp", "riêng tư"):
        await lan.say(before)
        await lan.say(typed)
        assert lan.last.text.startswith("Bác muốn tạm nghỉ hay rời hẳn?"), before


def test_quotes_and_emoji_do_not_hide_a_word() -> None:
    assert read_command('"gặp người"')[0] is Command.PERSON
    assert read_command("👉 trợ giúp 👈")[0] is Command.HELP
    assert read_command("👍") == (None, "")
    assert read_command("dừng xe trước chợ")[0] is None


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        *(("Học", "Học"), ("Mời", "Mời"), ("Đồng ý", ""), ("0912000111", ""), ("\u3164", ""), ("\u200b", "")),
        *(("Nguyễn Văn Thử 0912000111", "Nguyễn Văn Thử"), ("tôi là Nguyễn Văn Thử", "Nguyễn Văn Thử")),
        *(
            ("đường ở thôn tôi hỏng nặng lắm rồi", ""),
            ("vâng", ""),
            ("ok", ""),
            ("cảm ơn", ""),
            ("Sùng A Dế", "Sùng A Dế"),
        ),
        *(("Tên tôi là Hoàng Thị Lan.", "Hoàng Thị Lan"), ("Lan", "Lan"), ("Không", ""), ("Sùng A Dế", "Sùng A Dế")),
    ],
)
def test_a_name_is_a_name(typed: str, name: str) -> None:
    assert clean_name(typed) == name


async def at_the_name(world: World) -> Phone:
    phone = world.phone("lan")
    await phone.say(f"tham gia {await world.invite()}")
    await phone.say("Đồng ý")
    assert phone.last.text == "Tên để đơn vị liên hệ?"
    return phone


@pytest.mark.parametrize("typed", ["Học", "Mời"])
async def test_given_names_that_are_words_join(typed: str, world: World) -> None:
    phone = await at_the_name(world)
    await phone.say(typed)
    assert "Đã tham gia" in phone.last.text
    assert [person.name for person in (await details(world)).values()] == [typed]


async def test_consent_said_twice_is_no_name(world: World) -> None:
    phone = await at_the_name(world)
    await phone.say("Đồng ý")
    assert "Tên để đơn vị liên hệ?" in phone.last.text


@pytest.mark.parametrize("how", ["{0} {1}", "{0}{1}.", "tham gia {0} {1}", "Tham gia: {0}{1}", "({0}{1})"])
async def test_a_code_is_read_as_people_type_it(how: str, world: World) -> None:
    code = await world.invite()
    phone = world.phone("lan")
    spaced = how.format(code[:4], code[4:])
    if not any(c.isdecimal() for c in code):
        spaced = how.format(code, "")
    await phone.say(spaced)
    assert phone.labels()[0] == "Đồng ý", spaced


async def test_a_link_pasted_into_the_chat_joins(world: World) -> None:
    code = await world.invite()
    phone = world.phone("lan")
    await phone.say(f"https://nhipcau.example/c/{code}")
    assert phone.labels()[0] == "Đồng ý"
