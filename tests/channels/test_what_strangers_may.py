"""A stranger at the web chat over real HTTP: hostile words stop nobody, wrong codes are counted by internet address."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.hostile import FILLINGS
from tests.support.web_client import ask
from tests.support.web_office import WebOffice, open_web_office

pytestmark = pytest.mark.slow

#: Wrong codes that one internet address may try at once.
_OF_AN_ORIGIN = 60


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebOffice]:
    with open_web_office(tmp_path_factory.mktemp("office")) as opened:
        yield opened


def test_hostile_words_keep_nobody_else_waiting(office: WebOffice) -> None:
    """Each of them once held everybody for seconds; a phone that works beside them is answered all the same."""
    # more messages than these of one stranger are not read
    strangers, phone = [office.started() for _ in range(3)], office.joined()
    longest = 0.0
    with ThreadPoolExecutor(1) as beside:
        for number, filling in enumerate(FILLINGS):
            text = filling * (5000 // len(filling))
            sent = beside.submit(strangers[number % 3].say, text)
            begun = time.monotonic()
            assert ask(office.port, "GET", "/healthz").status == 200
            longest = max(longest, time.monotonic() - begun)
            sent.result()
    # a bound for a busy machine: it was 8.3 seconds for one of them
    assert longest < 2
    phone.say("của tôi")
    assert phone.read()


def test_too_many_wrong_codes_of_one_address_are_not_looked_up(office: WebOffice) -> None:
    """R36: reading a page tells whether a code is good, so pages count too; who is in goes on."""
    phone = office.joined()
    wrong = [f"/c/WRONG{number:05}".replace("0", "X") for number in range(2 * _OF_AN_ORIGIN)]
    pages = [ask(office.port, "GET", path) for path in wrong]
    assert {page.status for page in pages[:_OF_AN_ORIGIN]} == {404}
    refused = next(page for page in pages[_OF_AN_ORIGIN:] if page.status == 429)
    assert "Từ đây đã thử nhiều mã không đúng hoặc đã hết hạn" in refused.text
    # somebody else behind the same address comes in once the guessing pauses
    time.sleep(2)
    assert ask(office.port, "GET", f"/c/{office.code}").status == 200
    phone.say("của tôi")
    assert phone.read()
