"""Places by the names people use: today's, and those of before July 2025, which recur. Never one where two fit."""

from __future__ import annotations

import csv
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhipcau.bot.language.vietnamese import fold
from nhipcau.bot.units.place_names import former_names
from nhipcau.bot.units.tree import Tree, Unit
from nhipcau.cli.runner import WrongUse, find_unit
from nhipcau.office.provinces import provinces
from nhipcau.office.roster import open_roster, read_roster
from tests.support.places import province
from tests.support.world import World


def names(text: str, tree: Tree | None = None) -> list[str]:
    tree = tree or province()
    return [place.unit.name for place in tree.search(text, tree.areas)]


_HOANG_VAN_THU = ["Xã Hoàng Văn Thụ", "Xã Bình Gia", "Phường Kỳ Lừa"]
_LOC_BINH = [
    *("Xã Lộc Bình", "Xã Na Dương", "Xã Mẫu Sơn", "Xã Khuất Xá", "Xã Thống Nhất", "Xã Lợi Bác", "Xã Xuân Dương")
]
_CHI_LANG_DISTRICT = ["Xã Bằng Mạc", "Xã Chiến Thắng", "Xã Nhân Lý", "Xã Vạn Linh", "Xã Quan Sơn"]
_CHI_LANG = ["Xã Chi Lăng", "Xã Thất Khê", "Phường Lương Văn Tri"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Hoàng Văn Thụ", _HOANG_VAN_THU),
        ("hoang van thu", _HOANG_VAN_THU),
        ("hoàng văn", _HOANG_VAN_THU),
        ("xã Hoàng Văn Thụ", ["Xã Hoàng Văn Thụ", "Xã Bình Gia"]),
        ("phường Hoàng Văn Thụ", ["Phường Kỳ Lừa"]),
        ("Hoàng Văn Thụ, huyện Bình Gia", ["Xã Bình Gia"]),
        ("Hoàng Văn Thụ (Văn Lãng)", ["Xã Hoàng Văn Thụ"]),
        ("xã Hoàng Văn Thụ huyện Bình Gia", ["Xã Bình Gia"]),
        ("Chi Lăng", _CHI_LANG),
        ("phường Chi Lăng", ["Phường Lương Văn Tri"]),
        ("Vĩnh Trại", ["Phường Đông Kinh"]),
        ("p. vinh trai", ["Phường Đông Kinh"]),
        ("thị trấn Cao Lộc", ["Phường Kỳ Lừa"]),
        ("tt Cao Lộc", ["Phường Kỳ Lừa"]),
        ("Cao Lộc", ["Xã Cao Lộc", "Phường Kỳ Lừa"]),
        ("xã Cao Lộc", ["Xã Cao Lộc"]),
        ("Tân Thanh", ["Xã Hoàng Văn Thụ"]),
        ("tan thanh", ["Xã Tân Thành", "Xã Nhất Hòa", "Xã Tân Đoàn", "Xã Hoàng Văn Thụ"]),
        # one commune of today is called so, and a district was: the commune first, then where else it may be
        ("Lộc Bình", _LOC_BINH),
        ("huyện Lộc Bình", _LOC_BINH),
        ("xã Lộc Bình", ["Xã Lộc Bình"]),
        ("huyện Chi Lăng", ["Xã Chi Lăng", *_CHI_LANG_DISTRICT]),
        ("tp Lạng Sơn", ["Phường Đông Kinh", "Phường Lương Văn Tri", "Phường Tam Thanh", "Phường Kỳ Lừa"]),
        ("tỉnh Lạng Sơn", ["Tỉnh Lạng Sơn"]),
        ("Quan Sơn", ["Xã Quan Sơn"]),
        ("Kì Lừa", ["Phường Kỳ Lừa"]),
        ("dạ ở xã Đồng Đăng ạ", ["Xã Đồng Đăng"]),
        ("UBND xã Đồng Đăng", ["Xã Đồng Đăng"]),
        ("ddoongf ddawng", ["Xã Đồng Đăng"]),
        ("dong dag", ["Xã Đồng Đăng"]),
        ("Hà Nội", []),
        ("x", []),
        ("?", []),
    ],
)  # fmt: skip
def test_a_typed_name_finds_every_place_it_can_mean(typed: str, meant: list[str]) -> None:
    assert names(typed) == meant


def _former_rows(code: str) -> list[dict[str, str]]:
    with files("nhipcau.bot.units").joinpath("former_names.csv").open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["province_code"] == code]


@given(st.sampled_from(_former_rows("20")), st.sampled_from(["as it is", "bare", "folded", "upper"]))
def test_every_former_name_finds_its_true_successors(row: dict[str, str], way: str) -> None:
    name = row["commune"] or row["district"]
    short = name.split(" ", 2 if name.startswith(("Thị", "Thành")) else 1)[-1]
    typed = {"as it is": name, "bare": short, "folded": fold(name), "upper": name.upper()}[way]
    found = {place.unit.code for place in province().search(typed)}
    expected = {f"X{code}" for code in row["codes"].split()}
    if row["commune"] or way != "bare":
        assert expected <= found
    else:
        # a district's bare name means its communes where no two communes are called so
        assert found & expected


@pytest.mark.slow
def test_every_former_name_of_the_country_finds_its_true_successors() -> None:
    for place in provinces():
        tree = province(place.name)
        for row in _former_rows(place.code):
            found = {p.unit.code for p in tree.search(row["commune"] or row["district"])}
            assert {f"X{code}" for code in row["codes"].split()} <= found, row


def test_a_former_name_says_what_it_is_now() -> None:
    (place,) = province().search("Vĩnh Trại")
    assert (place.unit.name, place.former_name) == ("Phường Đông Kinh", "Vĩnh Trại")
    assert [place.former_name for place in province().search("Hoàng Văn Thụ")] == ["", "Hoàng Văn Thụ", "Hoàng Văn Thụ"]


def test_a_tree_of_another_root_has_no_former_names() -> None:
    assert former_names("CTY") == ()
    assert [u.name for u in Tree([Unit(1, "CTY", "Công ty", "cơ quan", "/CTY/")]).find("cong ty")] == ["Công ty"]


def test_commands_take_a_former_name_and_refuse_one_that_is_several(capsys: pytest.CaptureFixture[str]) -> None:
    assert find_unit(province(), "Vĩnh Trại").code == "X05977"
    assert "Phường Đông Kinh (X05977)" in capsys.readouterr().err
    # the full name of today is what an office writes, whatever else was called so
    assert find_unit(province(), "Xã Hoàng Văn Thụ").name == "Xã Hoàng Văn Thụ"
    with pytest.raises(WrongUse, match=r"X06172 \(Xã Hoàng Văn Thụ\), X06112 \(Xã Bình Gia\), X06187"):
        find_unit(province(), "Hoàng Văn Thụ")
    with pytest.raises(WrongUse, match="không có đơn vị này"):
        find_unit(province(), "Hoàng Văn")


def test_a_roster_notes_a_former_name_and_lists_several_candidates(tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    file.write_text("Họ và tên,Đơn vị\nHoàng Thị Lan,Vĩnh Trại\nVi Văn Sơn,Xã Hoàng Văn Thụ\n", encoding="utf-8")
    roster = read_roster(open_roster(file), province())
    assert [person.unit_code for person in roster.people] == ["X05977", "X06172"]
    assert [str(note) for note in roster.notes] == ["dòng 2: 'Vĩnh Trại' nay là Phường Đông Kinh (X05977)."]
    file.write_text("Họ và tên,Đơn vị\nHoàng Thị Lan,Chi Lăng\n", encoding="utf-8")
    (fault,) = read_roster(open_roster(file), province()).faults
    assert "X06463 Xã Chi Lăng, X06040 Xã Thất Khê, X05983 Phường Lương Văn Tri" in str(fault)


async def test_the_chat_asks_which_place_and_says_what_it_is_called_now(world: World) -> None:
    lan = await world.joined("Hoàng Thị Lan", "X06184")
    await lan.say("báo cáo")
    await lan.say("cầu treo hỏng ván")
    await lan.tap("Giao thông, hạ tầng")
    # of this office's eight units two lie where the district was
    await lan.say("huyện Tràng Định")
    assert lan.last.text.startswith("Có mấy nơi giống tên đó")
    assert lan.labels()[:2] == ["Xã Đoàn Kết", "Xã Thất Khê"]
    # the same name again says nothing new: another sentence, the same places
    await lan.say("huyện Tràng Định")
    assert lan.last.text.startswith("Tôi chưa rõ bác chọn Xã Đoàn Kết hay Xã Thất Khê.")
    await lan.say("Vĩnh Trại")
    assert lan.last.text.startswith("Nơi đó nay là Phường Đông Kinh (Vĩnh Trại cũ).\nViệc này lan rộng tới đâu?")
    await lan.say("lùi")
    # two of the three that were called so are not in this office's tree: the third is no matter of course
    await lan.say("chi lăng")
    assert lan.last.text.startswith("Có mấy nơi giống tên đó")
    assert lan.labels()[:2] == ["Giữ như cũ", "Xã Thất Khê (Chi Lăng cũ)"]
    await lan.say("phường Chi Lăng")
    assert lan.last.text.startswith("Tôi chưa hiểu")
    await lan.say("Chi Lăng, huyện Tràng Định")
    assert lan.last.text.startswith("Nơi đó nay là Xã Thất Khê (Chi Lăng cũ).")
