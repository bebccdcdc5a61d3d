"""Texts about one person: accused (rule R06), or told something sensitive of and easy to guess (rule R35)."""

from __future__ import annotations

from pathlib import Path

import pytest

from nhipcau.bot.language.person_check import accuses_person, generalised, identifies_person
from nhipcau.bot.language.vietnamese import fold

_LINES = (Path(__file__).parents[1] / "support/data/about_a_person.tsv").read_text(encoding="utf-8").splitlines()
_CASES = [tuple(line.split("\t")) for line in _LINES]
#: As people type: written apart from the lists of words.
_OTHERS = (
    (Path(__file__).parents[1] / "support/data/about_a_person_unseen.tsv").read_text(encoding="utf-8").splitlines()
)


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


def test_a_relative_is_made_general_too() -> None:
    assert generalised("Mẹ tôi 65 tuổi bị suy thận") == "Một người cao tuổi bị suy thận"
    assert generalised("Con trai ông chủ tịch xã bị HIV") == "Một người bị HIV"


def test_most_texts_about_one_person_are_noticed_and_no_others() -> None:
    found: dict[str, list[bool]] = {"accused": [], "identified": [], "none": []}
    for line in _OTHERS:
        expected, text = line.split("\t")
        noticed = {"accused": accuses_person(text), "identified": identifies_person(text)}
        found[expected].append(noticed.get(expected, any(noticed.values())))
    assert sum(found["accused"]) / len(found["accused"]) >= 0.96
    assert sum(found["identified"]) / len(found["identified"]) >= 0.91
    assert sum(found["none"]) / len(found["none"]) <= 0.01
