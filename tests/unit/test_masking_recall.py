"""Of the personal data in a thousand sentences of the reports' form, enough is masked and little else is touched.

The rules were made with the first file at hand; the second was only ever counted.
"""

from __future__ import annotations

import pytest

from nhipcau.privacy.screening import screen
from tests.support.masking_recall import Recall, recall, sentences

#: Found at least, of each kind, in the file the rules were made with.
_LEAST = {
    **dict.fromkeys(("phone", "id", "bank", "plate", "email", "handle", "dob"), 0.99),
    **{"address": 0.9, "name": 0.95},
}


@pytest.fixture(scope="module")
def seen() -> Recall:
    return _recall("screening_sentences.jsonl")


@pytest.fixture(scope="module")
def unseen() -> Recall:
    return _recall("screening_sentences_unseen.jsonl")


def _recall(name: str) -> Recall:
    return recall(sentences(name), lambda text: [(f.start, f.end) for f in screen(text).found])


@pytest.mark.parametrize("kind", _LEAST)
def test_personal_data_is_found(seen: Recall, kind: str) -> None:
    assert seen.share(kind) >= _LEAST[kind], [line for line in seen.wrong if kind in line]


def test_what_must_stay_stays(seen: Recall) -> None:
    assert seen.hurt <= 0.01 * seen.kept, seen.wrong


def test_unseen_sentences_are_masked_nearly_as_well(unseen: Recall) -> None:
    # nothing of these sentences in the messages: who mends the rules must not learn them
    assert (unseen.numbers >= 0.98, unseen.share("name") >= 0.92, unseen.hurt <= 0.02 * unseen.kept) == (True,) * 3
