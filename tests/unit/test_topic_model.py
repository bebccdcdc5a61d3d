"""Topics learned from what coordinators set: says nothing while it is not sure, and is right where it is."""

from __future__ import annotations

import itertools
import random
import time
from pathlib import Path

import pytest

from nhipcau.insight.topic_model import TopicModel
from nhipcau.operations.topic_suggestions import Trial, trial

pytestmark = pytest.mark.slow

_DATA = Path(__file__).parents[1] / "support/data"
#: An office that files canals under roads; by the phrases they are farming or water.
_CANALS = [
    f"{what} {where} {how}"
    for where, what, how in itertools.product(
        ("thôn Nà Pài", "Bản Mới", "khối 3", "Pò Hà"),
        ("kênh mương", "mương nội đồng", "kênh dẫn nước"),
        ("vỡ bờ, ruộng khô", "tắc lâu ngày", "lở, không có nước cấy"),
    )
]


def labelled() -> list[tuple[str, str]]:
    """Our sentences with their topics, shuffled."""
    lines = [line for path in sorted(_DATA.glob("*by_topic*.tsv")) for line in path.read_text("utf-8").splitlines()]
    rows = [(text, topic) for topic, _, text in (line.partition("\t") for line in lines)]
    random.Random(1).shuffle(rows)
    return rows


def test_one_that_learned_nothing_suggests_nothing() -> None:
    calm = TopicModel()
    assert {calm.suggest(text) for text, _ in labelled()[:100]} == {""}


def test_what_it_suggests_is_right_and_it_suggests_more_with_time() -> None:
    rows = labelled()
    model, shares = TopicModel(), []
    for text, topic in rows[:50]:
        model.learn(text, topic)
    for more in ([], rows[50:330]):
        for text, topic in more:
            model.learn(text, topic)
        found = [(model.suggest(text), topic) for text, topic in rows[330:]]
        sure = [suggested == topic for suggested, topic in found if suggested]
        assert sum(sure) / len(sure) >= 0.9
        shares.append(len(sure) / len(found))
    assert shares[0] >= 0.1
    assert shares[1] >= 0.4


def test_what_this_office_calls_something_is_learned() -> None:
    model, heard = TopicModel(), "kênh mương Bản Chu lở, nhờ xã cho xem"
    random.Random(1).shuffle(_CANALS)
    for text in _CANALS[:5]:
        model.learn(text, "GT")
    assert model.suggest("trường học dột mái, học sinh bị ướt") == ""
    for text in _CANALS[5:]:
        model.learn(text, "GT")
    assert model.suggest("mương nội đồng khối 3 tắc, ruộng khô") == "GT"
    assert model.suggest(heard) in ("", "GT")


def test_each_is_asked_about_before_it_is_learned() -> None:
    tried = trial(labelled())
    assert tried.learned == 497
    assert tried.right / tried.suggested >= 0.9
    assert trial([]) == Trial(0, 0, 0)
    assert trial(labelled()[:1]) == Trial(1, 0, 0)


def test_hostile_words_are_read_in_time() -> None:
    model = TopicModel()
    started = time.process_time()
    for text in ("| a:1e9 b:nan 1:0 |x", "a" * 100_000, "từ " * 50_000, "\n1:0 |\n\n", "", "👍 ||| ::: \0"):
        model.learn(text, "GT")
        assert model.suggest(text) in ("", "GT")
    assert time.process_time() - started < 2
