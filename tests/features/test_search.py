"""Coordinators search reports in the chat; nobody searches by a person."""

from __future__ import annotations

import pytest

from nhipcau.bot.language.command_words import Command, read_command
from nhipcau.bot.language.search_words import keys_in
from nhipcau.bot.units.tree import Tree
from nhipcau.model.search import names_somebody
from tests.support.searching import lay
from tests.support.world import World

pytestmark = pytest.mark.slow

_REFUSED = "Không tìm phản ánh theo tên hay số điện thoại được."


@pytest.mark.parametrize(
    "typed",
    [
        *("0912 345 678", "sđt 0912.345.678", "cccd 020098001234", "lan@example.com", "xe 12A-123.45"),
        *(
            "Hoàng Thị Lan",
            "hoang thi lan",
            '"Hoàng Thị Lan" nước',
            "nước sạch Hoàng Thị Lan",
            "thị lan",
            "ông Nguyễn Văn Hùng",
        ),
        *("Sùng Seo Páo", "sung seo pao đường hỏng"),
    ],
)
async def test_a_search_for_a_person_is_refused(world: World, typed: str) -> None:
    """R26: a number, a name, somebody of the roster, whatever stands beside it."""
    await world.joined("Hoàng Thị Lan", unit="X06184")
    await world.card("Sùng Seo Páo", unit="X06101")
    khoi = await world.joined("Lương Văn Khôi", role="coordinator", unit="T20")
    await khoi.say(f"tìm {typed}")
    assert khoi.last.text.startswith(_REFUSED), khoi.last.text
    await khoi.say("tìm")
    await khoi.say(typed)
    assert khoi.last.text.startswith(_REFUSED), khoi.last.text


async def test_words_that_are_names_too_are_found(world: World) -> None:
    await world.joined("Hoàng Thị Lan")
    await world.card("Nguyễn Đồng Đăng")
    khoi = await world.joined("Lương Văn Khôi", role="coordinator", unit="T20")
    await lay(world, "vườn lan ở chợ Đồng Đăng héo cả")
    for typed in ("lan", "hoàng lan", "Đồng Đăng"):
        await khoi.say(f"tìm {typed}")
        assert not khoi.last.text.startswith(_REFUSED), typed
    assert "«Đồng Đăng»" in khoi.last.text


async def test_only_coordinators_search(world: World) -> None:
    await lay(world, "cầu treo hỏng", unit="X06040")
    for role, answer in (("leader", "Việc này không thuộc"), ("admin", "Việc này không thuộc")):
        phone = await world.joined(f"Người {role}", role=role)
        await phone.say("/tim cầu treo")
        assert phone.last.text.startswith(answer)
    lan = await world.joined("Hoàng Thị Lan")
    await lan.say("tìm cầu treo khác mà đi")
    assert "Gửi thành phản ánh" in lan.labels()


async def test_words_of_a_report_are_no_search(world: World) -> None:
    """A coordinator who is being asked answers, also with words that begin so."""
    khoi = await world.joined("Lương Văn Khôi", role="coordinator")
    await khoi.say("báo cáo")
    await khoi.say("tìm nước sạch rất khó")
    assert "lĩnh vực" in khoi.last.text


async def test_a_hit_opens_its_card_and_five_are_shown(world: World) -> None:
    for n in range(7):
        await lay(world, f"cầu treo số {n} hỏng, {'bà con phải đi vòng rất xa ' * 4}", unit="X06040")
    khoi = await world.joined("Lương Văn Khôi", role="coordinator")
    await khoi.say("tìm treo cau")
    assert khoi.last.text.startswith("5 phản ánh mới nhất, còn nữa.")
    assert khoi.last.text.count("«cầu treo»") == 5
    assert len(khoi.last.choices) == 6
    await khoi.press(khoi.last.choices[0].data)
    assert "Tình trạng: mới gửi" in khoi.last.text


@pytest.mark.parametrize(
    ("typed", "sought"),
    [
        ("tìm nước sạch", "nước sạch"),
        ("Tìm kiếm: nước sạch", "nước sạch"),
        ("tim nuoc sach", "nuoc sach"),
        ("/tim nước", "nước"),
        ("search water", "water"),
        ("tìm xã: Thất Khê", "xã: Thất Khê"),
        ("tìm", ""),
        ("tìm thấy trâu lạc", None),
        ("tím nước", None),
        ("tìm " + "một " * 13, None),
    ],
)
def test_what_is_read_as_a_search(typed: str, sought: str | None) -> None:
    assert read_command(typed) == ((None, "") if sought is None else (Command.SEARCH, sought))


def test_a_name_of_the_roster_is_told_from_words() -> None:
    names, places = ["Nguyễn Thanh Sơn", "Páo"], Tree([]).place_names
    for typed, expected in (
        ("nguyen thanh son", True),
        ("thanh sơn", True),
        ("núi thanh sơn đẹp", False),
        ("sơn", False),
        ("páo", False),
    ):
        phrases = [keys_in(typed)]
        assert names_somebody(phrases, names, places) is expected, typed
    assert not names_somebody([keys_in("thanh sơn")], names, ["Thanh Sơn"])
