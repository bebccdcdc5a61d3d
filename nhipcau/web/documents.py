"""`/d/…`: our documents at signed URLs, for the web chat and for apps that can't send documents.

A URL works for a week for anybody who has it; the shown name is signed too. Browsers always download the document
instead of showing it inside our pages.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from nhipcau.bot.language.vietnamese import fold
from nhipcau.bot.messaging.document_types import MEDIA_TYPES
from nhipcau.web.signed_urls import Sign, answer, is_over, is_signed, until

#: The purpose of the signature.
DOCUMENT = "document"
#: Seconds a URL works.
LIFE = 7 * 24 * 3600
_NAME = re.compile(r"[0-9a-f]{16}\.(pdf|doc|docx)")


def document_address(base: str, sign: Sign, name: str, shown: str) -> str:
    """The URL of this document, which works for a week; "" for an invalid name."""
    if not _NAME.fullmatch(name) or not shown or "/" in shown:
        return ""
    end = until(LIFE)
    return f"{base}/d/{end}/{sign(_signed(end, name, shown))}/{name}/{quote(shown, safe='')}"


def _signed(end: int | str, name: str, shown: str) -> str:
    return f"{end}|{name}|{shown}"


def document_routes(folder: Path, sign: Sign, sentence: Callable[[str], str]) -> list[BaseRoute]:
    """`sentence`: a sentence of the office's language by its key."""

    async def document(request: Request) -> Response:
        end, signature, name, shown = (request.path_params[key] for key in ("until", "signature", "name", "shown"))
        found = _NAME.fullmatch(name)
        if not found or not is_signed(sign, _signed(end, name, shown), signature):
            return _gone(404)
        if is_over(end):
            return _gone(410)
        try:
            return await answer(folder / name, MEDIA_TYPES[found[1]], _download_headers(shown))
        except OSError:
            return _gone(410)

    def _gone(status: int) -> Response:
        # read by a person
        return PlainTextResponse(sentence("web.link_over") + "\n", status_code=status)

    return [Route("/d/{until}/{signature}/{name}/{shown}", document, methods=["GET"])]


def _download_headers(shown: str) -> dict[str, str]:
    """Headers that name the download (RFC 6266), in ASCII for old browsers, with diacritics for the others; and
    forbid to show it inside a page."""
    plain = re.sub(r"[^ -~]|[\"\\%;]", "", fold(shown)) or "document"
    return {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(shown, safe='')}",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    }
