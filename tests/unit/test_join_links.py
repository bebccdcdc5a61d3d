"""Links of invitations are told from all others, whatever app they open."""

from __future__ import annotations

import pytest

from nhipcau.bot.channels.webchat.channel import WebChat
from nhipcau.web.join_links import is_join_link, links_in, qr_code


class _App:
    """Like an app whose links can't hold a code."""

    def link(self, code: str) -> str | None:
        return "https://zalo.me/1234567"


class _Unknown:
    def link(self, code: str) -> str | None:
        return None


CHANNELS = [WebChat("https://nhipcau.example"), _App(), _Unknown()]


def test_every_link_of_an_invitation_is_found() -> None:
    text = "Mã mời: YHRQSYFK\ntrang web: https://nhipcau.example/c/YHRQSYFK\nZalo: https://zalo.me/1234567"
    assert links_in(text, CHANNELS) == ["https://nhipcau.example/c/YHRQSYFK", "https://zalo.me/1234567"]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "other",
    [
        "",
        "https://nhipcau.example/c/YHRQSYFK/form",
        "https://nhipcau.example/c/YHRQ",
        "https://nhipcau.example.evil/c/YHRQSYFK",
        "http://nhipcau.example/c/YHRQSYFK",
        "javascript:https://nhipcau.example/c/YHRQSYFK",
        "https://zalo.me/12345678",
    ],
)
def test_no_other_address_is_one(other: str) -> None:
    assert not is_join_link(other, CHANNELS)  # type: ignore[arg-type]


def test_a_code_is_drawn_as_svg() -> None:
    drawn = qr_code("https://nhipcau.example/c/YHRQSYFK")
    assert drawn.startswith(b"<svg")
    assert len(drawn) < 8_000
