"""Choices that leave their buttons: kept in the queue, marked for Telegram within what a button carries."""

from __future__ import annotations

import pytest

from nhipcau.bot.channels.telegram.keyboard import callback_data, data_of
from nhipcau.bot.channels.telegram.traits import TELEGRAM
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.bot.messaging.render import DATA_BYTES, render


@pytest.mark.parametrize("number", range(8))
def test_every_trait_of_a_choice_is_read_back(number: int) -> None:
    choice = Choice("Đường", "q:1", beside=bool(number & 1), way=bool(number & 2), stays=bool(number & 4))
    message = Message("Chọn nhiều", (choice,))
    assert Message.from_json(message.to_json()) == message


def test_a_message_queued_under_the_old_names_is_read() -> None:
    old = '{"t":"Mời","c":[["Có","a"],["Lùi","b",3],["Đường","c",4]],"e":"7","p":"a.jpg","f":"b.pdf","fn":"B.pdf",'
    old += '"n":1,"k":"k:1","d":"{}"}'
    assert Message.from_json(old) == Message(
        "Mời",
        (Choice("Có", "a"), Choice("Lùi", "b", beside=True, way=True), Choice("Đường", "c", stays=True)),
        edit="7",
        photo="a.jpg",
        number_answers=True,
        draw="{}",
        keeps="k:1",
        file="b.pdf",
        file_name="B.pdf",
    )
    assert Message.from_json('{"t":"Mời"}') == Message("Mời")


def test_a_mark_of_telegram_fits_into_its_button() -> None:
    longest = Choice("Đường", "x" * (DATA_BYTES - 1), stays=True)
    [message] = render(Message("Chọn", (longest,)), TELEGRAM.limits)
    assert len(callback_data(message.choices[0]).encode()) == DATA_BYTES
    assert data_of(callback_data(longest)) == (longest.data, True)
    assert data_of(callback_data(Choice("Có", "a:1"))) == ("a:1", False)
    with pytest.raises(ValueError, match="at most 64 bytes"):
        render(Message("Chọn", (Choice("Đường", "x" * DATA_BYTES, stays=True),)), TELEGRAM.limits)
