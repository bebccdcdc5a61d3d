"""People are addressed as they chose, in every sentence; and nothing of the machine is said to them (rule C39)."""

from __future__ import annotations

import re

import pytest

from nhipcau.bot.language.catalogue import LANGUAGES, addresses, catalogue, texts

#: Not said to people; the office's files and the state of a channel are read by who runs the machine.
_MACHINE = re.compile(
    r"niêm phong|phiên bản|thẻ phiên|hệ thống|mã hóa|ký tự|cơ sở dữ liệu"
    r"|(?<!không )(?<!đánh )dấu(?! hiệu| /| phẩy| chấm| mật| \*)",
    re.I,
)
_OF_THE_OFFICE = ("cli.", "file.", "status.", "doctor.", "zalo.", "settings.", "setting.", "fault.", "law.")


@pytest.mark.parametrize("tag", addresses("vi"))
def test_every_sentence_uses_the_chosen_form_of_address(tag: str) -> None:
    t, usual = texts(tag), re.compile(r"\bbác\b(?! sĩ)", re.IGNORECASE)
    said = {key: t(key) for key in catalogue("vi") if not key.startswith("address.")}
    if tag == "vi":
        assert sum(bool(usual.search(line)) for line in said.values()) > 200
    else:
        assert [key for key, line in said.items() if usual.search(line)] == []
    assert t.tag == tag
    assert t.language == "vi"


def test_a_sentence_begins_with_a_capital_in_every_form() -> None:
    begun = {tag: texts(tag)("rights.stop") for tag in addresses("vi")}
    assert begun["vi-x-chi"] == "Chị muốn tạm nghỉ hay rời hẳn?"
    assert begun["vi-x-dc"] == "Đồng chí muốn tạm nghỉ hay rời hẳn?"
    assert all(line[0].isupper() for line in begun.values())


@pytest.mark.parametrize("tag", [tag for language in LANGUAGES for tag in addresses(language)])
def test_a_tag_fits_into_what_is_stored_of_a_person(tag: str) -> None:
    assert len(tag) <= 8
    assert texts(tag).tag == tag


@pytest.mark.parametrize("tag", ["vi-x-", "vi-x-ong", "xx-x-chi", "xx"])
def test_an_unknown_tag_is_the_usual_one(tag: str) -> None:
    assert texts(tag).tag == "vi"


def test_nothing_of_the_machine_is_said_to_people() -> None:
    said = {key: line for key, line in catalogue("vi").items() if not key.startswith(_OF_THE_OFFICE)}
    assert {key: line for key, line in said.items() if _MACHINE.search(line)} == {}
