"""The topic guessed from a report's words: how often the right one is among the three shown first."""

from __future__ import annotations

from pathlib import Path

import pytest

from nhipcau.bot.language.topic_guess import TOPICS, TopicGuesser, guess, phrases

_DATA = Path(__file__).parents[1] / "support/data"


def _rows(name: str) -> list[tuple[str, str]]:
    lines = (_DATA / name).read_text(encoding="utf-8").splitlines()
    return [(topic, text) for topic, _, text in (line.partition("\t") for line in lines)]


def _share(rows: list[tuple[str, str]]) -> float:
    return sum(topic in guess(text) for topic, text in rows) / len(rows)


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("villagers_reports_by_topic.tsv", 0.90),
        ("sample_reports_by_topic.tsv", 0.90),
        # composed after the list and never used to extend it: sentences that avoid the usual words
        ("reports_by_topic_written_after_the_list.tsv", 0.75),
    ],
)
def test_right_topic_is_among_the_first_three(name: str, least: float) -> None:
    rows = _rows(name)
    assert {topic for topic, _ in rows} == set(TOPICS)
    missed = [(topic, guess(text), text) for topic, text in rows if topic not in guess(text)]
    assert _share(rows) >= least, missed


def test_words_of_one_report_are_guessed_however_typed() -> None:
    for text in ("Mất nước ba ngày nay", "mat nuoc 3 ngay nay", "maats nuwowcs ba ngafy"):
        assert guess(text)[0] == "DN"


def test_unknown_words_guess_nothing() -> None:
    assert guess("") == guess("xyzzy 123") == []


def test_every_topic_has_many_phrases_and_none_twice() -> None:
    listed = phrases()
    assert len(listed) == len(set(listed))
    for code in TOPICS:
        assert sum(topic == code for topic, _ in listed) >= 100


def test_guess_is_learned_from_its_examples_alone() -> None:
    taught = TopicGuesser([("DN", "mất điện"), ("GT", "đường hỏng")])
    assert taught.guess("nhà tôi mat dien")[0] == "DN"
    assert taught.guess("duong thon hong")[0] == "GT"
