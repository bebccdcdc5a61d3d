"""Hostile texts: reading one takes time that grows with its length, not with its square, and one too long is refused.

A text four times as long takes about four times as long to read, sixteen times where the time grows with its square.
Only the relation counts, of the processor's time that this thread took, and a reader that is once seen to be linear is:
a busy machine fails nobody.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from itertools import count

import pytest

from nhipcau.bot.forms.answer_matching import LONGEST, InvalidAnswer, match_option
from nhipcau.bot.forms.kinds import read_answer
from nhipcau.bot.forms.model import Option, Question, QuestionKind
from nhipcau.bot.language.command_words import is_greeting, read_command
from nhipcau.bot.language.date_time_phrases import read_deadline, read_length, read_moment
from nhipcau.bot.language.label_matching import readings
from nhipcau.bot.language.periods import read_period
from nhipcau.bot.language.quantities import read_quantity
from nhipcau.bot.language.similarity import similarity
from nhipcau.bot.language.telex import untelex
from nhipcau.bot.language.topic_guess import guess
from nhipcau.bot.language.vietnamese import fold, nfc, read_date, read_number
from nhipcau.bot.messaging.events import LONGEST_TEXT, clean
from nhipcau.bot.recurrence.phrases import read_words
from nhipcau.handlers.membership.join import clean_name, is_code
from nhipcau.privacy.screening import has_classification, screen
from tests.support.places import province
from tests.support.world import World

pytestmark = pytest.mark.slow

#: Time of a text four times as long, to that of the shorter one.
_LINEAR = 10
_TODAY = date(2026, 11, 23)
_LABELS = ("Đồng tình", "Không đồng tình", "Khẩn, trong ngày", "Có")
_OPTIONS = [Option(str(n), label) for n, label in enumerate(_LABELS)]

_FILLINGS = (
    *("f1", "w", "uw", "oo", "dd", "a", "A", "Đ", "o", "9", "(", "[", ".", ",", ";", ":", "-", "*", "@", "#", "/", "|"),
    *(
        "\n",
        "\n- ",
        "\u0301\u0316",
        "a\u0301\u0316",
        "\u200d",
        "🙂",
        "<a ",
        "://",
        "www.",
        "a@",
        "a.",
        "a-",
        "a,",
        "1/",
    ),
    *(
        "a ",
        "1 ",
        "o ",
        ". ",
        ", ",
        "- ",
        "| ",
        "k ",
        "bt ",
        "0912 ",
        "không ",
        "một ",
        "hai ba ",
        "dạ ",
        "ạ ",
        "chọn ",
    ),
    *("ông ", "xã ", "Nguyễn Văn ", "anh Hùng ", "tháng ", "ngày 1 ", "12 tháng 1 ", "thôn a, ", "so nha 1/", "số 1 "),
    *("zalo a", "a cong ", "a at ", "biển ", "MẬT ", "gọi"),
)


def _answer(kind: QuestionKind) -> Callable[[str], None]:
    def read(text: str) -> None:
        with suppress(InvalidAnswer):
            read_answer(Question("q", kind, "…"), text, _OPTIONS, _TODAY)

    return read


_READERS: dict[str, Callable[[str], object]] = {
    "normal form": nfc,
    "folding": fold,
    "keys": untelex,
    "commands": read_command,
    "greetings": is_greeting,
    "labels": lambda text: match_option(text, _LABELS, numbers=True),
    "exact labels": lambda text: match_option(text, _LABELS, numbers=True, exact=True),
    "readings": lambda text: list(readings(text)),
    "codes": is_code,
    "names": clean_name,
    "places": lambda text: province().search(text),
    "quantities": read_quantity,
    "dates": lambda text: read_date(text, _TODAY),
    "deadlines": lambda text: read_deadline(text, datetime(2026, 11, 23, 8, tzinfo=UTC)),
    "lengths": read_length,
    "moments": lambda text: read_moment(text, datetime(2026, 11, 23, 8, tzinfo=UTC)),
    "periods": lambda text: read_period(text, _TODAY),
    "rules": read_words,
    "places in a list": lambda text: read_number(text, 9),
    "topics": guess,
    "similarity": lambda text: similarity(text, text + " x"),
    "secrecy": has_classification,
    **{
        f"answer: {kind.value}": _answer(kind) for kind in (QuestionKind.TEXT, QuestionKind.SEVERAL, QuestionKind.SCALE)
    },
}
_numbers = count()


def _seconds(read: Callable[[str], object], filling: str, length: int) -> float:
    # never the same text twice: some readers remember what they have read
    text = clean(filling * (length // len(filling)) + f"q{next(_numbers)}")
    begun = time.thread_time()
    with suppress(OverflowError):
        read(text)
    return time.thread_time() - begun


def _grows_too_fast(read: Callable[[str], object], filling: str, most: int) -> bool:
    """Whether it did in every one of many tries."""
    tries = (_seconds(read, filling, most) > _LINEAR * _seconds(read, filling, most // 4) for _ in range(5))
    return all(tries)


@pytest.mark.parametrize("name", _READERS)
def test_reading_a_hostile_text_takes_time_with_its_length(name: str) -> None:
    assert [f for f in _FILLINGS if _grows_too_fast(_READERS[name], f, LONGEST_TEXT - 100)] == []


def test_screening_a_hostile_text_takes_time_with_its_length() -> None:
    assert [f for f in _FILLINGS if _grows_too_fast(screen, f, LONGEST)] == []


def test_what_is_too_long_is_not_composed() -> None:
    marks = "\u0301\u0316" * LONGEST_TEXT
    assert clean(marks) == marks
    assert clean("e\u0302\u0323") == "ệ"


async def test_too_long_words_are_refused_and_the_question_stays_open(world: World) -> None:
    lan = await world.joined("Lan")
    await lan.say("đường vào bản lầy lội hai tháng nay")
    await lan.tap("Gửi thành phản ánh")
    asked = lan.last
    await lan.say("đường hỏng " * LONGEST_TEXT)
    assert lan.last.text.startswith(f"Câu này dài {11 * LONGEST_TEXT} chữ cái, tối đa {LONGEST}.")
    assert [choice.label for choice in lan.last.choices] == [choice.label for choice in asked.choices]
    await lan.tap("Hủy")


async def test_more_words_than_an_answer_may_have_are_not_masked_first(world: World) -> None:
    lan = await world.joined("Lan")
    await lan.say("0912345678 " * 300)
    assert lan.last.text.startswith(f"Câu này dài 3299 chữ cái, tối đa {LONGEST}.")


async def test_a_stranger_s_words_that_are_too_long_are_not_read(world: World) -> None:
    code = await world.invite()
    stranger = world.phone("lạ")
    await stranger.say(f"/start {code} " + " " * LONGEST_TEXT)
    refused = stranger.last
    await stranger.say("xin chào")
    assert stranger.last.text == refused.text
    await stranger.say(f"/start {code}")
    invited = stranger.last
    await stranger.say(" " * LONGEST_TEXT + "Đồng ý")
    assert invited.text in stranger.last.text
