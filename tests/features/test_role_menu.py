"""The menu: one step away, and every word of a role in two taps."""

from __future__ import annotations

import pytest

from nhipcau.actions.permissions import ALL
from nhipcau.bot.language.catalogue import LANGUAGES, texts
from nhipcau.bot.language.command_words import Command
from nhipcau.bot.messaging.button import unpack
from nhipcau.handlers.buttons import RunCommand, ShowMenuGroup
from nhipcau.handlers.commands import BESIDE_A_DRAFT, COMMANDS
from nhipcau.model.people import Role
from nhipcau.model.role_words import words_of
from tests.support.world import Phone, World

#: "đăng nhập" waits for its console; consent and data are withdrawn on the screen of "riêng tư", and the form of
#: address is chosen on that of languages.
NOT_IN_THE_MENU = {Command.WITHDRAW_CONSENT, Command.DELETE_DATA, Command.ADDRESS}
ROLES = ["collaborator", "coordinator", "leader", "admin"]


def _open_to(role: str) -> set[Command]:
    roles = {**{command: who for command, (_, who) in COMMANDS.items()}, **dict.fromkeys(BESIDE_A_DRAFT, ALL)}
    return {command for command, who in roles.items() if role in who} - NOT_IN_THE_MENU


def _commands(phone: Phone) -> set[Command]:
    buttons = [unpack(choice.data) for choice in phone.last.choices]
    return {button.command for button in buttons if isinstance(button, RunCommand)} - {Command.MENU}


@pytest.mark.parametrize("role", ROLES)
async def test_every_word_of_a_role_is_two_taps_away(world: World, role: str) -> None:
    phone = await world.joined("Lý Văn Tình", role=role)
    await phone.say("menu")
    assert len(phone.last.choices) <= 5
    found = _commands(phone)
    for data in [choice.data for choice in phone.last.choices if isinstance(unpack(choice.data), ShowMenuGroup)]:
        await phone.press(data)
        assert len(phone.last.choices) <= 9
        found |= _commands(phone)
    assert found == _open_to(role)


@pytest.mark.parametrize("role", ROLES)
def test_no_word_stands_in_two_places_of_a_menu(role: str) -> None:
    words = words_of(role).all
    assert len(words) == len(set(words))


async def test_a_group_of_the_menu_leaves_the_draft_as_it_is(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan")
    await lan.say("báo cáo")
    await lan.say("cầu treo hỏng ván")
    await lan.say("menu")
    await lan.tap("Mục khác…")
    assert lan.last.text == "Mục khác: bác chọn một việc, hoặc nhắn chữ của việc ấy."
    assert "Làm tiếp báo cáo" in lan.labels()
    await lan.tap("Liên kết")
    await lan.say("menu")
    await lan.tap("Làm tiếp báo cáo")
    assert "Lùi" in lan.labels()


async def test_a_group_of_an_earlier_role_is_an_old_button(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan")
    await lan.press(ShowMenuGroup(next(iter(words_of(Role.COORDINATOR).groups))))
    assert lan.last.text.startswith("Nút này")
    assert "Báo cáo" in lan.labels()


@pytest.mark.parametrize("typed", ["menu", "MENU", "/menu", "Theo dõi", "theo doi", "2"])
async def test_the_menu_and_its_groups_are_typed_too(world: World, typed: str) -> None:
    khoi = await world.joined("Lương Văn Khôi", role="coordinator")
    await khoi.say(typed)
    expected = "Hỏi và gửi" if typed == "2" else "Theo dõi"
    assert khoi.last.text.startswith(f"{expected}: ") or "Theo dõi…" in khoi.labels()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("role", ROLES)
def test_labels_of_one_page_are_short_and_told_apart(role: str, language: str) -> None:
    t, words = texts(language), words_of(role)
    first = [*(t(f"menu.{command}") for command in words.first), *(t(f"menu.groups.{group}") for group in words.groups)]
    pages = [first, *([t(f"menu.{command}") for command in commands] for commands in words.groups.values())]
    for labels in pages:
        assert [label for label in labels if len(label) > 20] == []
        beginnings = [" ".join(label.split()[:2]).casefold() for label in labels]
        assert len(set(beginnings)) == len(labels)
