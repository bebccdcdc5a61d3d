"""A device at the web chat over real HTTP: keeps its cookie, confirms what it read, taps by label."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPMessage
from http.cookies import Morsel, SimpleCookie
from typing import Any

JSON = {"Content-Type": "application/json"}
_BOUNDARY = "----a-picture-and-its-id"
#: Seconds for one exchange; a question for news that finds nothing would take longer, and fails the test.
_PATIENCE = 15


@dataclass(frozen=True)
class Answer:
    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def error(self) -> str:
        """The sentence of a refusal."""
        return str(json.loads(self.body)["error"])

    @property
    def cookie(self) -> Morsel[str] | None:
        """The session's cookie, where this answer sets one."""
        return SimpleCookie(self.headers.get("Set-Cookie", "")).get("nc")


def ask(
    port: int, method: str, path: str, body: bytes | Iterator[bytes] | None = None, headers: Mapping[str, str] = JSON
) -> Answer:
    """One request on a connection of its own. An iterator as body travels in chunks, without a length."""
    connection = HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
    try:
        chunked = body is not None and not isinstance(body, bytes)
        connection.request(method, path, body, dict(headers), encode_chunked=chunked)
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()


def ask_to_send(port: int, path: str, length: int, headers: Mapping[str, str]) -> Answer:
    """Announce a body of this length and read what is said to that; the body itself never comes."""
    connection = HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
    try:
        connection.putrequest("POST", path)
        for name, value in {**headers, "Content-Length": str(length)}.items():
            connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()


def with_picture(data: bytes, id: str, name: str = "IMG_0001.jpg") -> tuple[bytes, dict[str, str]]:
    """The body and the headers of a form that sends a picture (or a document of this name), as a browser would."""
    start = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="id"\r\n\r\n{id}\r\n--{_BOUNDARY}\r\n'
    start += 'Content-Disposition: form-data; name="file"; filename="' + name
    start += '"\r\nContent-Type: image/jpeg\r\n\r\n'
    body = start.encode() + data + f"\r\n--{_BOUNDARY}--\r\n".encode()
    return body, {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}


class Visitor:
    """One device that opened one link."""

    def __init__(self, port: int, code: str) -> None:
        self.port = port
        self.code = code
        self.door = f"/c/{code}"
        #: The session; empty before "Bắt đầu".
        self.token = ""
        #: What stands on the screen, oldest first.
        self.shown: list[dict[str, Any]] = []
        self._ids = itertools.count(1)

    @property
    def cookies(self) -> dict[str, str]:
        return {"Cookie": f"nc={self.token}"} if self.token else {}

    def next_id(self) -> str:
        return f"visitor-{next(self._ids)}"

    def post(self, what: str, **body: Any) -> Answer:
        return self.post_raw(what, json.dumps(body).encode())

    def post_raw(self, what: str, body: bytes | Iterator[bytes], headers: Mapping[str, str] = JSON) -> Answer:
        return ask(self.port, "POST", f"{self.door}/{what}", body, {**self.cookies, **headers})

    def get(self, path: str = "") -> Answer:
        return ask(self.port, "GET", self.door + path, headers=self.cookies)

    # ------------------------------------------------------------------ what a person does

    def start(self) -> Answer:
        answer = self.post("start")
        assert answer.status == 204, answer
        assert answer.cookie is not None
        self.token = answer.cookie.value
        return answer

    def say(self, text: str, id: str = "") -> None:
        answer = self.post("send", id=id or self.next_id(), text=text)
        assert answer.status == 204, answer

    def tap(self, label: str) -> None:
        """Press the choice of exactly this label on the newest message that has one."""
        for message in reversed(self.shown):
            for choice in message["choices"]:
                if choice["label"] == label:
                    answer = self.post("send", id=self.next_id(), data=choice["data"], ref=message["key"])
                    assert answer.status == 204, answer
                    return
        raise AssertionError(f"no choice {label!r} in {self.shown}")

    def send_picture(self, data: bytes, id: str = "") -> Answer:
        body, headers = with_picture(data, id or self.next_id())
        return self.post_raw("photo", body, headers)

    def send_file(self, data: bytes, name: str, id: str = "") -> Answer:
        body, headers = with_picture(data, id or self.next_id(), name)
        return self.post_raw("file", body, headers)

    def waiting(self, *got: str) -> list[dict[str, Any]]:
        """What is handed out, those of `got` being confirmed; something must be there."""
        answer = self.post("messages", got=got)
        assert answer.status == 200, answer
        found: list[dict[str, Any]] = json.loads(answer.body)["messages"]
        return found

    def read(self) -> str:
        """Draw what is new, confirming what was drawn before, as the page does; the newest text."""
        self.shown += self.waiting(*(message["key"] for message in self.shown[-20:]))
        return str(self.shown[-1]["text"])

    def join(self) -> None:
        """By a unit's link, without a name."""
        self.start()
        assert "đồng ý tham gia chứ?" in self.read()
        self.tap("Đồng ý")
        self.read()
        self.tap("Để sau")
        assert "Đã tham gia" in self.read()
