"""Reading a form: who may send one, how large it may be, and by what two of them are the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request

#: The hidden field of every form.
TOKEN = "token"
#: The field that says which act of a page is meant: the name of its buttons.
DO = "do"
#: Bytes of a form, and of one with files.
MOST_BYTES = 256_000
MOST_BYTES_WITH_FILES = 12_000_000


def check_origin(request: Request) -> None:
    """Only our own page may post here. Raises HTTPException."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin, host = request.headers.get("origin", ""), request.headers.get("host", "")
    if site not in {"same-origin", "none"} or (origin and origin.partition("://")[2] != host):
        raise HTTPException(403, "another site's page can't write here")


async def read_form(request: Request, *, takes_files: bool = False) -> FormData:
    """What was filled in. Raises HTTPException for a body that is too long or no form."""
    length = request.headers.get("content-length", "")
    if not (length.isascii() and length.isdecimal()):
        raise HTTPException(411, "content-length is missing")
    if int(length) > (MOST_BYTES_WITH_FILES if takes_files else MOST_BYTES):
        raise HTTPException(413, "too large")
    kind = request.headers.get("content-type", "").partition(";")[0]
    if kind not in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        raise HTTPException(415, "a form only")
    return await request.form(max_files=4, max_fields=2000, max_part_size=MOST_BYTES)


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
