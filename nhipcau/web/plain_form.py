"""`/c/CODE/form`: the web chat without a script, a plain form with one question a page.

What stands on the page waits on the server until the next act confirms it, so loading the page again shows the same.
"""

from __future__ import annotations

import secrets
from functools import partial

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from nhipcau.bot.messaging.events import EventKind
from nhipcau.bot.messaging.messages import Message
from nhipcau.web.addresses import origin_of
from nhipcau.web.chat_acts import ChatActs
from nhipcau.web.chat_requests import Refusal
from nhipcau.web.chat_shell import Words, form_page, weight

#: Fields of the page's forms, and keys one page may confirm, each a field `got`.
_FIELDS = ("act", "id", "got", "ref", "data", "text", "file")
_MOST_KEYS = 60
_DOCUMENTS = (".pdf", ".doc", ".docx", ".docm")


class PlainForm:
    def __init__(self, acts: ChatActs) -> None:
        self._acts = acts

    async def page(self, request: Request) -> Response:
        """What waits, with the newest question's choices. Somebody without a session goes to the code's own page."""
        if not self._acts.has_session(request):
            return RedirectResponse(f"/c/{request.path_params['code']}", status_code=303)
        return await self._draw(request)

    async def act(self, request: Request) -> Response:
        """One act, and then the page again. Where it is refused, the page with the reason and what was typed."""
        address = await self._acts.session(request) if self._acts.has_session(request) else ""
        here = f"/c/{request.path_params['code']}"
        async with self._acts.form(request, address, EventKind.PHOTO, _FIELDS, _MOST_KEYS) as form:
            act = _field(form, "act")
            if act == "start":
                return await self._acts.join(request, RedirectResponse(f"{here}/form", status_code=303))
            address = await self._acts.session(request)
            if act == "leave":
                return await self._acts.leave(request, RedirectResponse(here, status_code=303))
            done = RedirectResponse(f"{here}/form", status_code=303)
            try:
                do = partial(self._do, address, act, form, origin_of(request))
                return await self._acts.renewing(request, done, do)
            except Refusal as refusal:
                return await self._draw(request, refusal, _field(form, "text"))

    async def _do(self, address: str, act: str, form: FormData, origin: str) -> None:
        """Confirm what stood on the page, then say, press or send."""
        id, text, data = _field(form, "id"), _field(form, "text").strip(), _field(form, "data")
        await self._acts.fetch(address, [key for key in form.getlist("got") if isinstance(key, str)])
        upload = form.get("file")
        if act == "open":
            await self._acts.reopen(address, id)
        elif text or data:
            await self._acts.say(address, id, text=text, data=data, ref=_field(form, "ref"), origin=origin)
        if upload is not None and not isinstance(upload, str) and upload.filename:
            kind = EventKind.FILE if upload.filename.lower().endswith(_DOCUMENTS) else EventKind.PHOTO
            await self._acts.take_file(address, f"{id}-file", kind, upload)

    async def _draw(self, request: Request, refusal: Refusal | None = None, typed: str = "") -> Response:
        code = request.path_params["code"]
        entry = await self._acts.entry(request)
        found = await self._acts.fetch(await self._acts.session(request), ())
        newest = found[-1][1] if found else Message("")
        body = form_page(
            Words(self._acts.backend),
            code=code,
            unit=entry.unit,
            messages=[self._shown(code, message) for _, message in found],
            got=[key for key, _ in found][-_MOST_KEYS:],
            choices=[{"label": c.label, "data": c.data, "weight": weight(c, newest)} for c in newest.choices],
            id=secrets.token_hex(12),
            sentence=refusal.sentence if refusal else "",
            typed=typed,
        )
        return HTMLResponse(body, status_code=refusal.status if refusal else 200)

    def _shown(self, code: str, message: Message) -> dict[str, str]:
        file = self._acts.backend.file_address(message)
        photo = self._acts.picture_url(code, message)
        return {"text": message.text, "photo": photo, "file": file, "file_name": message.file_name}


def _field(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""
