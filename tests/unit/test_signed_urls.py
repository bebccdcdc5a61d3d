"""Addresses of pictures: signed, and good for as long as was said."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request

from nhipcau.web.pictures import picture_routes, public_address


def _sign(words: str) -> str:
    return f"mark of {words}".replace("|", " ")


async def test_an_address_ends_when_its_time_is_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "0123456789abcdef.jpg").write_bytes(b"jpeg")
    *_, end, mark, name = public_address("", _sign, "0123456789abcdef.jpg").split("/")
    (route,) = picture_routes(tmp_path, _sign)
    endpoint: Any = route.endpoint  # type: ignore[attr-defined]  # a Route has one

    async def status(end: str) -> int:
        path = {"until": end, "signature": mark, "name": name}
        return int((await endpoint(Request({"type": "http", "path_params": path}))).status_code)

    assert await status(end) == 200
    # a later end would need another mark
    assert await status(f"{end}0") == 404
    monkeypatch.setattr(time, "time", lambda: int(end) + 1.0)
    assert await status(end) == 404
