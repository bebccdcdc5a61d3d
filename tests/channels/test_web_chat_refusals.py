"""What the web chat refuses over real HTTP: invented sessions, other sites, whatever is no message."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from nhipcau.web.chat_shell import HEADERS
from tests.support.pictures import camera_picture
from tests.support.web_client import JSON, Answer, with_picture
from tests.support.web_office import WebOffice, open_web_office

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebOffice]:
    with open_web_office(tmp_path_factory.mktemp("office")) as opened:
        yield opened


@pytest.fixture(autouse=True)
def silence(office: WebOffice) -> Iterator[None]:
    """A refusal is nothing to log: neither a traceback nor lines that fill the disk."""
    before = office.log
    yield
    assert office.log == before


def assert_refused(answer: Answer, status: int) -> None:
    assert answer.status == status, answer
    assert answer.cookie is None
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert answer.error


# ---------------------------------------------------------------------- who may not


@pytest.mark.parametrize("token", ["abc", "abc.def", "a.", ".", "." + "0" * 32, "é.é", "MINE-CHANGED"])
def test_a_session_of_ones_own_invention_is_none(office: WebOffice, token: str) -> None:
    real = office.started()
    random, _, mark = real.token.partition(".")
    invented = office.device()
    invented.token = f"{random[:-1]}{'A' if random[-1] != 'A' else 'B'}.{mark}" if token == "MINE-CHANGED" else token
    rows = office.rows()
    for what in ("send", "messages", "open"):
        assert_refused(invented.post(what, id="aaaa-1", text="chào"), 401)
    assert_refused(invented.send_picture(b"no picture"), 401)
    assert invented.get("/photo/0123456789abcdef.jpg").status == 401
    assert office.rows() == rows
    # nor does "Bắt đầu" take it over
    taken = invented.token
    invented.start()
    assert invented.token != taken


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
def test_another_sites_page_writes_nothing_here(office: WebOffice, headers: dict[str, str]) -> None:
    device = office.started()
    rows = office.rows()
    for what in ("start", "send", "messages", "open", "photo", "leave"):
        answer = device.post_raw(what, b'{"id": "aaaa-1", "text": "x"}', {**JSON, **headers})
        assert_refused(answer, 403)
    assert office.rows() == rows
    own = {"Origin": f"http://127.0.0.1:{office.port}", "Sec-Fetch-Site": "same-origin"}
    assert device.post_raw("send", b'{"id": "aaaa-1", "text": "x"}', {**JSON, **own}).status == 204


# ---------------------------------------------------------------------- what is no message


def _in_pieces() -> Iterator[bytes]:
    yield b'{"id": "aaaa-1", '
    yield b'"text": "x"}'


def _said(body: bytes) -> Callable[[], bytes]:
    return lambda: body


BROKEN: dict[str, tuple[int, Callable[[], bytes | Iterator[bytes]], dict[str, str]]] = {
    "no JSON": (400, _said(b"id=aaaa-1&text=x"), JSON),
    "nothing": (400, _said(b""), JSON),
    "no text in any encoding": (400, _said(b'{"id": "\xff\xfe"}'), JSON),
    "a list": (400, _said(b'["id", "aaaa-1"]'), JSON),
    "a number of many digits": (400, _said(b'{"id": ' + b"9" * 60_000 + b"}"), JSON),
    "nested and unclosed": (400, _said(b"[" * 60_000), JSON),
    "nested": (400, _said(b'{"got":' + b"[" * 30_000 + b"]" * 30_000 + b"}"), JSON),
    "too large": (413, _said(b'{"text": "' + b"x" * 64_000 + b'"}'), JSON),
    "a form": (415, _said(b"id=aaaa-1&text=x"), {"Content-Type": "application/x-www-form-urlencoded"}),
    "JSON called text": (415, _said(b'{"id": "aaaa-1", "text": "x"}'), {"Content-Type": "text/plain"}),
    "no type": (415, _said(b'{"id": "aaaa-1", "text": "x"}'), {}),
    "no length": (411, _in_pieces, JSON),
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("what", ["start", "send", "messages", "open"])
def test_what_is_no_object_is_refused(office: WebOffice, what: str, name: str) -> None:
    status, body, headers = BROKEN[name]
    device = office.started()
    rows = office.rows()
    assert_refused(device.post_raw(what, body(), headers), status)
    assert office.rows() == rows


@pytest.mark.parametrize(
    ("what", "status", "body"),
    [
        ("send", 400, {"text": "chào"}),
        ("send", 400, {"id": "a", "text": "chào"}),
        ("send", 400, {"id": "\ud800" * 5, "text": "chào"}),
        ("send", 400, {"id": "aaaa-1", "text": 5}),
        ("send", 400, {"id": "aaaa-1", "data": ["a"]}),
        ("send", 400, {"id": "aaaa-1", "data": "a", "ref": {}}),
        ("send", 413, {"id": "aaaa-1", "text": "x" * 8001}),
        ("send", 400, {"id": "aaaa-1", "text": "chào", "reporter": "Hoàng Thị Lan"}),
        ("start", 400, {"name": "Lan"}),
        ("open", 400, {"id": None}),
        ("open", 400, {"id": "aaaa-1", "name": "Lan"}),
        ("messages", 400, {"got": [], "who": "Lan"}),
        ("messages", 400, {"got": "abc"}),
        ("messages", 400, {"got": [["abc"]]}),
        ("messages", 400, {"got": None}),
    ],
)
def test_wrong_fields_are_refused(office: WebOffice, what: str, status: int, body: dict[str, Any]) -> None:
    device = office.started()
    answer = device.post(what, **body)
    assert_refused(answer, status)
    if status == 413:
        assert answer.error == "Tin dài quá, tối đa 2000 chữ cái. Bác rút ngắn giúp nhé."


_FORM = "multipart/form-data; boundary=x"
_FIELD = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
NO_PICTURE: dict[str, tuple[bytes, str]] = {
    "no boundary": (_FIELD, "multipart/form-data"),
    "no form": (b"no form at all", _FORM),
    "no headers": (b"--x\r\nnonsense\r\n\r\n--x--\r\n", _FORM),
    "cut off": (_FIELD[:-6], _FORM),
    "too many fields": (_FIELD * 9 + b"--x--", _FORM),
    "a field of a megabyte": (_FIELD.replace(b"1", b"1" * 1_100_000) + b"--x--", _FORM),
    "no file": (_FIELD + b"--x--", _FORM),
    "no id": (_FIELD.replace(b'"a"', b'"file"; filename="a.jpg"') + b"--x--", _FORM),
    "words": (b"id=aaaa-1&file=x", "application/x-www-form-urlencoded"),
    "JSON": (b'{"id": "aaaa-1"}', "application/json"),
}


@pytest.mark.parametrize("name", NO_PICTURE)
def test_what_is_no_form_with_a_picture_is_refused(office: WebOffice, name: str) -> None:
    body, kind = NO_PICTURE[name]
    device = office.joined()
    assert_refused(device.post_raw("photo", body, {"Content-Type": kind}), 400)


@pytest.mark.parametrize("where", ["photo", "file", "form"])
def test_a_field_nobody_knows_is_refused(office: WebOffice, where: str) -> None:
    """R02: what a program would add is not passed over."""
    body, headers = with_picture(camera_picture((64, 48)), "aaaa-1")
    extra = body[: body.index(b'name="file"')].replace(b'name="id"', b'name="reporter"')
    more = extra[: extra.rindex(b"--")] + body
    device = office.joined()
    before = office.rows()
    answer = device.post_raw(where, more, headers)
    assert answer.status == 400, answer
    assert office.rows() == before


def test_a_picture_has_to_say_its_length(office: WebOffice) -> None:
    body, headers = with_picture(b"x", "aaaa-1")
    assert_refused(office.joined().post_raw("photo", iter([body]), headers), 411)


def test_who_goes_away_in_the_middle_harms_nobody(office: WebOffice) -> None:
    device = office.started()
    for what in ("send", "photo"):
        kind = JSON["Content-Type"] if what == "send" else _FORM
        head = f"POST {device.door}/{what} HTTP/1.1\r\nHost: 127.0.0.1:{office.port}\r\nCookie: nc={device.token}\r\n"
        with socket.create_connection(("127.0.0.1", office.port)) as gone:
            gone.sendall(f"{head}Content-Type: {kind}\r\nContent-Length: 500\r\n\r\n".encode() + b"--x\r\n")
    device.say("chào")
    assert "Bác bấm giúp một dòng" in device.read()


def test_odd_letters_are_survived(office: WebOffice) -> None:
    device = office.joined()
    device.say("báo cáo")
    device.read()
    device.say("Đường\0 liên thôn \ud800hỏng \u202enặng\u2066 quá\udfff")
    assert "lĩnh vực" in device.read() or "lan rộng" in device.shown[-1]["text"]
    for id, data, ref in (("odd-1", "\0\ud800", "\udfff"), ("odd-2", "\u202e" * 200, "\0" * 200)):
        assert device.post("send", id=id, data=data, ref=ref).status == 204
        device.read()
    device.say("\0\ud800\u202e")
    device.read()
    device.say("hủy")
    assert "Đã hủy" in device.read()
    shown = "".join(message["text"] for message in device.shown)
    assert not set(shown) & set("\0\ud800\udfff\u202e\u2066")
