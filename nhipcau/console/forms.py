"""Reading a form: who may send one, how large it may be, and by what two of them are the same."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import Request

#: The hidden field of every form.
TOKEN = "token"
#: The field that says which act of a page is meant: the name of its buttons.
DO = "do"
#: Bytes of a form of somebody who is not signed in, of one who is, and of one with files.
FEW_BYTES, MOST_BYTES, MOST_BYTES_WITH_FILES = 64_000, 256_000, 12_000_000
#: Fields of one form.
_FIELDS = 2_000
#: Forms with files that are read at once.
_FILES_AT_ONCE = asyncio.Semaphore(2)


class _InMemory(MultiPartParser):
    # a roster must not lie readable in a temporary folder
    spool_max_size = 2 * MOST_BYTES_WITH_FILES


def check_origin(request: Request) -> None:
    """Only our own page may post here. Raises HTTPException."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin, host = request.headers.get("origin", ""), request.headers.get("host", "")
    if site not in {"same-origin", "none"} or (origin and origin.partition("://")[2] != host):
        raise HTTPException(403, "another site's page can't write here")


async def read_form(request: Request, most: int) -> FormData:
    """What was filled in, of `most` bytes at most. Raises HTTPException for a body that is too long or no form."""
    length = request.headers.get("content-length", "")
    if not (length.isascii() and length.isdecimal()):
        raise HTTPException(411, "content-length is missing")
    if int(length) > most:
        raise HTTPException(413, "too large")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if kind == "application/x-www-form-urlencoded" and int(length) <= MOST_BYTES:
            return await FormParser(request.headers, request.stream(), max_fields=_FIELDS).parse()
        if kind == "multipart/form-data":
            async with _FILES_AT_ONCE if int(length) > MOST_BYTES else nullcontext():
                parser = _InMemory(request.headers, request.stream(), max_files=4, max_fields=_FIELDS)
                parser.max_part_size = MOST_BYTES
                return await parser.parse()
    except (MultiPartException, KeyError, ValueError) as error:
        raise HTTPException(400, "not a form") from error
    raise HTTPException(415, "a form only")


@asynccontextmanager
async def form_closed(form: FormData) -> AsyncIterator[None]:
    """Deletes the temporary files of a form at the end."""
    try:
        yield
    finally:
        await form.close()


def form_digest(form: FormData) -> bytes:
    """Of everything that was filled in, its token included: the same form sent twice has the same."""
    filled = [(name, value if isinstance(value, str) else value.filename) for name, value in form.multi_items()]
    return hashlib.sha256(json.dumps(filled, ensure_ascii=False).encode()).digest()


def typed_values(form: FormData) -> dict[str, list[list[str]]]:
    """What was typed, without what belongs to the form itself, as it is kept while somebody signs in again."""
    return {"fields": [[name, value] for name, value in form.multi_items() if isinstance(value, str) and name != TOKEN]}
