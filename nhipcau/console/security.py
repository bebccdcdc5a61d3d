"""Bảo mật: everybody sets up, changes and removes their own second factor."""

from __future__ import annotations

from starlette.responses import Response

from nhipcau.actions import second_factor as actions
from nhipcau.actions.decision import Refusal
from nhipcau.actions.permissions import OFFICE_ROLES
from nhipcau.console.factor_form import FactorForm
from nhipcau.console.factor_page import facts_of
from nhipcau.console.forms import TOKEN
from nhipcau.console.pages import render
from nhipcau.console.routes import Page
from nhipcau.console.sign_in import device_of
from nhipcau.console.visit import ROOT, Act, Visit
from nhipcau.privacy.one_time_codes import in_halves
from nhipcau.storage.second_factors import is_required, second_factor_of

PATH = f"{ROOT}/security"


async def show(visit: Visit) -> Response:
    connection = visit.at.connection
    factor = await second_factor_of(connection, visit.at.sealer, visit.person.id)
    token = visit.console.form_token(visit.session.id)
    facts = await facts_of(visit.console, visit.person, factor, token, visit.value("secret"))
    return await render(visit, "security.html", is_required=await is_required(connection), **facts)


async def _form(visit: Visit) -> FactorForm:
    work = visit.context
    factor = await second_factor_of(work.connection, work.sealer, visit.person.id)
    origin = visit.request.client.host if visit.request.client else ""
    return FactorForm(visit.console, work, visit.person, factor, visit.typed, visit.value(TOKEN), origin)


async def _settled(visit: Visit, problem: str, codes: tuple[str, ...], done: str) -> Response:
    """The page again with what was not right; new recovery codes, once; or what was done."""
    if problem:
        visit.problem = visit.t(problem)
        return await show(visit)
    if codes:
        return await render(visit, "security_codes.html", codes=[in_halves(code) for code in codes])
    return visit.go(PATH, done)


async def set_app(visit: Visit) -> Response:
    return await _settled(visit, *await (await _form(visit)).set_app(), "factor_set")


async def add_passkey(visit: Visit) -> Response:
    return await _settled(visit, *await (await _form(visit)).add_passkey(device_of(visit.request)), "factor_set")


async def renew_codes(visit: Visit) -> Response:
    shown = await _form(visit)
    problem = await shown.problem() if shown.factor.is_set else "console.security.none"
    return await _settled(visit, problem, () if problem else await shown.renew_codes(), "")


async def remove(visit: Visit) -> Response:
    shown = await _form(visit)
    required = await is_required(visit.context.connection)
    decided = actions.remove(visit.actor, shown.factor, visit.value("way"), is_required=required)
    if isinstance(decided, Refusal):
        visit.refuse(decided)
        return await show(visit)
    problem = await shown.problem()
    if not problem:
        await visit.apply(decided)
    return await _settled(visit, problem, (), "factor_removed")


PAGES = (
    Page(
        "/security",
        OFFICE_ROLES,
        show,
        {"app": Act(set_app), "add": Act(add_passkey), "remove": Act(remove), "codes": Act(renew_codes)},
    ),
)
