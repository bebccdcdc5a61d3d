"""Words that tell of danger to life, in every spelling; and words that only look like them."""

from __future__ import annotations

from pathlib import Path

import pytest

from nhipcau.bot.language.danger import Danger, danger_in

_LINES = (Path(__file__).parents[1] / "support/data/danger.tsv").read_text(encoding="utf-8").splitlines()
_CASES = [tuple(line.split("\t")) for line in _LINES]
#: As people type: written apart from the lists of words.
_OTHERS = (Path(__file__).parents[1] / "support/data/danger_unseen.tsv").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(("expected", "text"), _CASES)
def test_danger_is_told_from_what_only_sounds_so(expected: str, text: str) -> None:
    assert (danger_in(text) is not Danger.NONE) is (expected == "yes")


@pytest.mark.parametrize("text", [text for expected, text in _CASES if expected == "yes"])
def test_danger_is_noticed_in_capitals_and_among_other_words(text: str) -> None:
    assert danger_in(text.upper())
    assert danger_in(f"Dạ thưa các bác, {text} ạ!!!")


def test_cries_for_help_are_noticed_and_everyday_reports_are_not() -> None:
    found: dict[str, list[bool]] = {"yes": [], "no": []}
    for line in _OTHERS:
        expected, text = line.split("\t")
        found[expected].append(danger_in(text) is not Danger.NONE)
    assert sum(found["yes"]) / len(found["yes"]) >= 0.97
    assert sum(found["no"]) / len(found["no"]) <= 0.02


@pytest.mark.parametrize("text", ["cứuuuu", "kíu em vs nc lên nhà r", "nước tràn ào ào vào bếp", "lua bung len roi"])
def test_danger_is_noticed_in_other_words_and_spellings(text: str) -> None:
    assert danger_in(text)


@pytest.mark.parametrize("text", ["No", "ban", "lo lam", "sap xong", "bong dien hong", "trau bo bi lo mom long mong"])
def test_short_answers_and_lookalikes_tell_of_no_danger(text: str) -> None:
    assert not danger_in(text)
