"""Hostile texts: every reader of free words is quick at the longest text that is read, and one too long is refused.

Where reading takes long enough to be measured, a text four times as long must take about four times as long: sixteen
times is the work of a reader that grows with the square. Only the processor's time of this thread counts, and one quick
try is enough: a busy machine fails nobody.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import count

import pytest

from nhipcau.bot.forms.answer_matching import LONGEST, InvalidAnswer
from nhipcau.bot.forms.conditions import InvalidCondition
from nhipcau.bot.forms.kinds import read_answer
from nhipcau.bot.forms.model import Option, Question, QuestionKind
from nhipcau.bot.language.natural_answers import done_or_not
from nhipcau.bot.messaging.events import LONGEST_DETAIL, LONGEST_TEXT, Event, EventKind, File, bounded, clean
from nhipcau.bot.recurrence.rules import InvalidRule
from tests.support.hostile import FILLINGS, LABELS, TODAY, readers
from tests.support.places import province
from tests.support.world import World

pytestmark = pytest.mark.slow

#: Seconds a reader may take (20 ms on an idle machine); below the second nothing is told of how it grows.
_LONG, _SHORT = 0.15, 0.006
#: Time of a text four times as long, to that of the shorter one.
_LINEAR = 10
_TRIES = 4
_OPTIONS = [Option(str(n), label) for n, label in enumerate(LABELS)]


def _answer(kind: QuestionKind, text: str) -> None:
    read_answer(Question("q", kind, "…"), text, _OPTIONS, TODAY)


_READERS: dict[str, Callable[[str], object]] = {
    **readers(),
    **{f"answer: {kind.value}": partial(_answer, kind) for kind in QuestionKind},
    "done or not": partial(done_or_not, "Bác đã tới chưa?"),
    "places": lambda text: province().search(text),
    "an event": lambda text: bounded(Event("web", "1", "a", EventKind.TEXT, text=text, data=text, name=text)),
}
#: What a reader raises for words that are none of its kind.
_REFUSED = (InvalidAnswer, InvalidCondition, InvalidRule, OverflowError)
_numbers = count()


def _seconds(read: Callable[[str], object], filling: str, length: int) -> float:
    # never the same text twice: some readers remember what they have read
    text = clean(filling * (length // len(filling)) + f"q{next(_numbers)}")[-LONGEST_TEXT:]
    begun = time.thread_time()
    with suppress(*_REFUSED):
        read(text)
    return time.thread_time() - begun


def _is_too_slow(read: Callable[[str], object], filling: str) -> bool:
    """Whether it was in every one of some tries."""
    for _ in range(_TRIES):
        whole = _seconds(read, filling, LONGEST_TEXT - 10)
        if whole < _SHORT or (whole < _LONG and whole < _LINEAR * _seconds(read, filling, LONGEST_TEXT // 4)):
            return False
    return True


@pytest.mark.parametrize("name", _READERS)
def test_a_reader_is_quick_with_every_hostile_text(name: str) -> None:
    """R36"""
    with suppress(*_REFUSED):
        _READERS[name]("đường hỏng")
    assert [filling for filling in FILLINGS if _is_too_slow(_READERS[name], filling)] == []


def test_the_readers_that_are_called_first_are_among_them() -> None:
    """What the router calls for every stranger is found by its signature, as a new reader is."""
    found = {name.rsplit(".", 1)[1] for name in readers()}
    assert found >= {"read_command", "untelex", "danger_in", "is_code", "screen", "match_label", "yes_or_no", "fold"}


def test_more_marks_than_a_letter_has_are_left_out() -> None:
    assert len(clean("a" + "\u0301\u0316" * LONGEST_TEXT)) < 20
    assert clean("e\u0302\u0323") == "ệ"


def test_an_event_carries_no_more_than_is_read() -> None:
    long = "đường hỏng " * 5000
    file = File("handle", title=long)
    event = Event("web", "1", "a", EventKind.FILE, text=long, data=long, ref=long, name=long, file=file, album=long)
    read = bounded(event)
    assert (len(read.text), read.cut_from) == (LONGEST_TEXT, len(long.strip()))
    details = (read.data, read.ref, read.name, read.album, read.file.title if read.file else long)
    assert max(map(len, details)) <= LONGEST_DETAIL
    assert (read.file and read.file.handle, read.id, read.address) == ("handle", "1", "a")


def test_words_typed_letter_by_letter_count_as_they_are_shown() -> None:
    """A device that sends each diacritic as a character of its own may write as much as any other."""
    typed = "e\u0302\u0323" * LONGEST_TEXT
    read = bounded(Event("web", "1", "a", EventKind.TEXT, text=typed))
    assert (read.text, read.cut_from) == ("ệ" * LONGEST_TEXT, 0)


@pytest.mark.parametrize("spaces", [1, LONGEST_TEXT, 3 * LONGEST_TEXT, 10 * LONGEST_TEXT])
def test_spaces_around_words_push_none_out(spaces: int) -> None:
    words = "đường hỏng " * ((LONGEST_TEXT - 1) // 11) + "xa"
    read = bounded(Event("web", "1", "a", EventKind.TEXT, text=" " * spaces + words + "\n" * spaces))
    assert (read.text.strip(), read.cut_from) == (words, 0)
    read = bounded(Event("web", "1", "a", EventKind.TEXT, text=" " * spaces + words * 2))
    assert (read.text, read.cut_from) == ((words * 2)[:LONGEST_TEXT], len(words * 2))


async def test_too_long_words_are_refused_and_the_question_stays_open(world: World) -> None:
    lan = await world.joined("Lan")
    await lan.say("đường vào bản lầy lội hai tháng nay")
    await lan.tap("Gửi thành phản ánh")
    asked = lan.last
    await lan.say("đường hỏng " * LONGEST_TEXT)
    assert lan.last.text.startswith(f"Câu này dài {11 * LONGEST_TEXT - 1} chữ cái, tối đa {LONGEST}.")
    assert [choice.label for choice in lan.last.choices] == [choice.label for choice in asked.choices]
    await lan.tap("Hủy")


async def test_more_words_than_an_answer_may_have_are_not_masked_first(world: World) -> None:
    lan = await world.joined("Lan")
    await lan.say("0912345678 " * 300)
    assert lan.last.text.startswith(f"Câu này dài 3299 chữ cái, tối đa {LONGEST}.")


async def test_a_stranger_s_words_that_are_too_long_are_not_read(world: World) -> None:
    code = await world.invite()
    stranger = world.phone("lạ")
    await stranger.say(f"/start {code} " + "x" * LONGEST_TEXT)
    refused = stranger.last
    await stranger.say("xin chào")
    assert stranger.last.text == refused.text
    await stranger.say(f"/start {code}")
    invited = stranger.last
    await stranger.say("x" * LONGEST_TEXT + " Đồng ý")
    assert invited.text in stranger.last.text


async def test_danger_in_words_that_are_too_long_brings_the_numbers(world: World) -> None:
    """R34: whatever the length, help comes first."""
    lan = await world.joined("Lan")
    await lan.say("cứu với, nhà sập có người bị kẹt " + "đường hỏng " * LONGEST_TEXT)
    assert "112" in lan.last.text
    assert "chữ cái, tối đa" in lan.last.text
