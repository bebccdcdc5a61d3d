"""Texts about one person: accused (rule R06), or told something sensitive of and easy to guess (rule R35)."""

from __future__ import annotations

from pathlib import Path

import pytest

from nhipcau.bot.language.person_check import accuses_person, generalised, identifies_person
from nhipcau.bot.language.vietnamese import fold

_LINES = (Path(__file__).parents[1] / "support/data/about_a_person.tsv").read_text(encoding="utf-8").splitlines()
_CASES = [tuple(line.split("\t")) for line in _LINES]


@pytest.mark.parametrize(("expected", "text"), _CASES)
def test_a_text_about_one_person_is_told_from_others(expected: str, text: str) -> None:
    found = "accused" if accuses_person(text) else "identified" if identifies_person(text) else "none"
    assert found == expected


@pytest.mark.parametrize("text", [text for expected, text in _CASES if expected == "identified"])
def test_what_is_made_general_identifies_nobody(text: str) -> None:
    general = generalised(text)
    assert not identifies_person(general)
    assert generalised(general) == general
    assert not any(word.isdigit() for word in general.split())


@pytest.mark.parametrize("text", [text for expected, text in _CASES if expected != "none"])
def test_it_is_noticed_without_diacritics(text: str) -> None:
    typed = fold(text).replace("[ho ten]", "[HỌ TÊN]")
    assert accuses_person(typed) or identifies_person(typed)


def test_the_matter_stays_when_a_text_is_made_general() -> None:
    assert generalised("Cụ bà 82 tuổi ở thôn Nà Sla bị ung thư") == "Cụ bà cao tuổi ở một thôn bị ung thư"
    assert generalised("Đường vào chợ hỏng") == "Đường vào chợ hỏng"
