"""Signed URLs of our files, which work until a given moment: whoever has one may fetch that one file, nothing else."""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from starlette.responses import Response

#: Makes a signature that only this installation can make.
Sign = Callable[[str], str]

_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Robots-Tag": "noindex"}


def until(seconds: int) -> int:
    """When a URL made now ends (seconds since 1970)."""
    return int(time.time()) + seconds


def is_over(moment: str) -> bool:
    """Whether this moment has passed. It comes from a signed URL, so it is a number."""
    return int(moment) < time.time()


def is_signed(sign: Sign, content: str, signature: str) -> bool:
    """Whether this is our signature of the content."""
    return hmac.compare_digest(sign(content).encode(), signature.encode("utf-8", "replace"))


async def answer(path: Path, kind: str, more: Mapping[str, str] | None = None) -> Response:
    """The file, not to be cached by anybody. Raises OSError where it is missing."""
    data = await asyncio.to_thread(path.read_bytes)
    return Response(data, media_type=kind, headers={**_HEADERS, **(more or {})})
