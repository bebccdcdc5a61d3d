"""The picture or document of a notice: kept when the page is looked at, so that it needs no second upload; named in the
form by words we signed, so that nobody names a file of somebody else's."""

from __future__ import annotations

import asyncio
import hmac
import json

from starlette.datastructures import UploadFile

from nhipcau.bot.language.faults import Fault
from nhipcau.console.visit import Visit
from nhipcau.model.file_refusals import sentence_of
from nhipcau.model.requests import Attachment
from nhipcau.privacy.document_check import NotADocument, TooBig, store_document
from nhipcau.privacy.photos import NotAPicture, store_photo

_PURPOSE = "attached"


async def keep(visit: Visit) -> str:
    """The signed name of the file just chosen, else of the one chosen before; "": none. Raises Fault."""
    sent = visit.typed.get("file")
    if not isinstance(sent, UploadFile) or not sent.filename:
        is_dropped = visit.value("no_file") or read(visit, visit.value("attached")) == Attachment()
        return "" if is_dropped else visit.value("attached")
    data = await sent.read()
    attachment = await asyncio.to_thread(_store, visit, data, sent.filename)
    return sign(visit, attachment)


def sign(visit: Visit, attachment: Attachment) -> str:
    if attachment == Attachment():
        return ""
    names = json.dumps([attachment.photo, attachment.file, attachment.file_name], ensure_ascii=False)
    return f"{visit.console.sign(f'{_PURPOSE}|{names}')}.{names}"


def read(visit: Visit, signed: str) -> Attachment:
    """The file of a signed name; none where we did not sign it."""
    signature, _, names = signed.partition(".")
    if not names or not hmac.compare_digest(signature.encode(), visit.console.sign(f"{_PURPOSE}|{names}").encode()):
        return Attachment()
    return Attachment(*json.loads(names))


def _store(visit: Visit, data: bytes, name: str) -> Attachment:
    settings = visit.console.parts.settings
    try:
        return Attachment(photo=store_photo(settings.photos, data, visit.today))
    except NotAPicture:
        pass
    try:
        stored = store_document(settings.documents, data, visit.today, name)
    except TooBig:
        raise Fault("wrong.file_too_big") from None
    except NotADocument as refusal:
        raise Fault(sentence_of(refusal.reason)) from None
    return Attachment(file=stored.name, file_name=stored.shown)
