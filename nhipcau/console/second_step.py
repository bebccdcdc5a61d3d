"""`/console/factor`: after the link or the digits, the second factor; or setting one up where the office asks it."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from nhipcau.bot.language.catalogue import texts
from nhipcau.console import sign_in
from nhipcau.console.cookies import HALF, drop_cookie
from nhipcau.console.factor_form import FactorForm
from nhipcau.console.factor_page import facts_of
from nhipcau.console.forms import DO, FEW_BYTES, TOKEN, check_origin, read_form
from nhipcau.console.half_signed_in import FACTOR, HalfSignedIn, read_half
from nhipcau.console.pages import render_outside
from nhipcau.console.visit import Console
from nhipcau.handlers.situation import Office
from nhipcau.model.people import Person
from nhipcau.model.second_factor import SecondFactor
from nhipcau.privacy.one_time_codes import in_halves
from nhipcau.storage import console_sessions
from nhipcau.storage.database import Connection
from nhipcau.storage.second_factors import second_factor_of

_NOTHING = FormData()


def routes(console: Console) -> list[BaseRoute]:
    step = _SecondStep(console)
    return [Route(FACTOR, step.show, methods=["GET"]), Route(FACTOR, step.answer, methods=["POST"])]


@dataclass(frozen=True)
class _SecondStep:
    console: Console

    async def show(self, request: Request) -> Response:
        half, following = read_half(self.console, request), request.query_params.get("next", "")
        async with self.console.reading() as (at, office):
            if half is None and await sign_in.who(self.console, at.connection, office, request) is not None:
                # they went back to this page
                return RedirectResponse(await sign_in.where_to(self.console, request, following), status_code=303)
            person = await self._person(half, at.connection, office) if half else None
            factor = await second_factor_of(at.connection, at.sealer, person.id) if person else None
        if half is None or person is None or factor is None:
            return await self._over(request, following)
        return await self._page(half, person, factor, following)

    async def answer(self, request: Request) -> Response:
        check_origin(request)
        form = await read_form(request, FEW_BYTES)
        half, following = read_half(self.console, request), str(form.get("next", ""))
        token = str(form.get(TOKEN, ""))
        shown_in = self.console.session_of_token(token)
        if shown_in is None or (half is not None and shown_in != half.in_token):
            return await sign_in.forbidden(self.console, request)
        if half is None:
            return await self._over(request, following)
        problem, session = "", self.console.token_of(half.nonce)
        codes: tuple[str, ...] = ()
        async with self.console.committer.transaction() as work:
            person = await self._person(half, work.connection, work.office)
            if person is not None:
                factor = await second_factor_of(work.connection, work.sealer, person.id)
                origin = request.client.host if request.client else ""
                shown = FactorForm(self.console, work, person, factor, form, token, origin)
                problem, codes = await self._act(shown, request)
                if not problem:
                    await sign_in.begin_session(self.console, work, person.id, request, session)
        if person is None:
            return await self._over(request, following)
        if problem:
            return await self._page(half, person, factor, following, problem, form)
        where = await sign_in.where_to(self.console, request, following)
        response = await self._codes(person, codes, where) if codes else RedirectResponse(where, status_code=303)
        sign_in.give_session(self.console, response, session)
        drop_cookie(self.console, response, HALF)
        return response

    async def _act(self, shown: FactorForm, request: Request) -> tuple[str, tuple[str, ...]]:
        match shown.value(DO):
            case "app":
                return await shown.set_app()
            case "add":
                return await shown.add_passkey(sign_in.device_of(request))
        return (await shown.problem() if shown.factor.is_set else "console.factor.empty"), ()

    async def _person(self, half: HalfSignedIn, connection: Connection, office: Office) -> Person | None:
        sealer = self.console.parts.sealer
        return await console_sessions.office_person(connection, sealer, office.tree, half.person_id)

    async def _page(
        self,
        half: HalfSignedIn,
        person: Person,
        factor: SecondFactor,
        following: str,
        problem: str = "",
        typed: FormData = _NOTHING,
    ) -> Response:
        t = texts(person.language)
        token = self.console.form_token(half.in_token)
        secret = str(typed.get("secret", ""))
        facts = await facts_of(self.console, person, factor, token, secret)
        said = t(problem) if problem else ""
        name = "factor.html" if factor.is_set else "factor_needed.html"
        return await render_outside(self.console, t, name, problem=said, following=following, **facts)

    async def _codes(self, person: Person, codes: tuple[str, ...], where: str) -> Response:
        shown = [in_halves(code) for code in codes]
        return await render_outside(self.console, texts(person.language), "factor_codes.html", codes=shown, where=where)

    async def _over(self, request: Request, following: str) -> Response:
        return await sign_in.ask_to_sign_in(self.console, request, problem="console.factor.over", following=following)
