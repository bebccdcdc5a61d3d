"""What is called alike: measured on invented pairs, many of them hard, and true of any two texts."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhipcau.bot.language.similarity import ALIKE, most_similar, similarity
from nhipcau.bot.language.syllables import syllables

PAIRS = Path(__file__).parent.parent / "data" / "similar_pairs.tsv"


def pairs(label: str) -> list[tuple[str, str]]:
    rows = [line.split("\t") for line in PAIRS.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return [(row[3], row[4]) for row in rows if row[2] == label]


def test_the_bound_finds_four_of_five_and_three_of_four_are_right() -> None:
    """The figures of docs/insight.md."""
    same, others = pairs("same"), pairs("other")
    assert len(same) >= 300
    assert len(others) >= 400
    right = sum(similarity(*pair) >= ALIKE for pair in same)
    wrong = sum(similarity(*pair) >= ALIKE for pair in others)
    assert right / len(same) >= 0.80
    assert right / (right + wrong) >= 0.78


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("dduwowngf hỏng r", "Đường hỏng rồi"),
        ("đg ko đi dc", "đường không đi được"),
        ("nvh thôn dột", "Nhà văn hóa thôn dột"),
        ("ddieejn yeeus, tối om", "điện yếu tối om"),
    ],
)
def test_spellings_of_the_same_read_the_same(typed: str, meant: str) -> None:
    assert syllables(typed) == syllables(meant)


def test_the_same_trouble_at_another_place_is_not_alike() -> None:
    here = "đường liên thôn Nà Pai hỏng, nhiều ổ gà"
    assert similarity(here, "duong lien thon na pai hong, nhieu o ga") >= ALIKE
    assert similarity(here, "đường liên thôn Khuổi Lào hỏng, nhiều ổ gà") < similarity(here, here) - 0.2


_SAYINGS = st.lists(
    st.sampled_from(
        ["đường ", "hỏng ", "nước ", "ko ", "Nà Pai ", "khen ", "ddieejn ", "12 ", "[SĐT] ", ", ", "khối 3 "]
    )
    | st.text("aăâdđeêghiklmnoôơpqrstuưvxyáàảãạ ,.!019[]", max_size=6),
    max_size=10,
).map("".join)


@given(_SAYINGS, _SAYINGS)
def test_it_is_symmetric_bounded_and_blind_to_marks(one: str, other: str) -> None:
    score = similarity(one, other)
    assert 0 <= score <= 1 + 1e-9
    assert similarity(other, one) == pytest.approx(score)
    assert similarity(unicodedata.normalize("NFD", one), other) == pytest.approx(score)
    assert similarity(one.upper(), other) == pytest.approx(score)


@given(_SAYINGS)
def test_a_text_is_like_itself(text: str) -> None:
    assert similarity(text, text) in (0.0, pytest.approx(1.0))


@given(st.lists(_SAYINGS, max_size=8))
def test_at_most_three_are_suggested_most_alike_first(texts: list[str]) -> None:
    among = [(str(n), text) for n, text in enumerate(texts)]
    found = most_similar("đường hỏng nhiều ổ gà", among)
    scores = [similarity("đường hỏng nhiều ổ gà", texts[int(key)]) for key in found]
    assert len(found) <= 3
    assert scores == sorted(scores, reverse=True)
    assert all(score >= ALIKE for score in scores)
