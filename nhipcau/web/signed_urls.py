"""Addresses of files of ours, signed and good for a while: whoever has one may fetch that one file, nothing else."""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from starlette.responses import Response

#: A mark only this installation can make.
Sign = Callable[[str], str]

_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Robots-Tag": "noindex"}


def until(seconds: int) -> int:
    """The moment (seconds since 1970) at which an address made now ends."""
    return int(time.time()) + seconds


def is_over(moment: str) -> bool:
    """Whether an address of this moment, signed and so a number, has ended."""
    return int(moment) < time.time()


def is_signed(sign: Sign, words: str, mark: str) -> bool:
    """Whether we have made this mark over these words."""
    return hmac.compare_digest(sign(words).encode(), mark.encode("utf-8", "replace"))


async def answer(path: Path, kind: str, more: Mapping[str, str] | None = None) -> Response:
    """The file's bytes, to be kept by nobody between us and who asked. Raises OSError where it is not there."""
    data = await asyncio.to_thread(path.read_bytes)
    return Response(data, media_type=kind, headers={**_HEADERS, **(more or {})})
