"""Rendering: one environment of templates, what every page shows around its own part, days and numbers in words."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from nhipcau.actions.permissions import COORDINATORS, NETWORKERS, READERS, Roles, may
from nhipcau.bot.language.catalogue import Texts
from nhipcau.console.visit import ROOT, Console, Visit
from nhipcau.model.people import Role
from nhipcau.model.report_title import title_of

#: Nothing of a third party, no script in a page; forms go to ourselves.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'self'"
)
_STATIC = f"{ROOT}/static"
STATIC_PATH = f"{_STATIC}/{{name:path}}"
_TYPES = {
    "css": "text/css",
    "js": "text/javascript",
    "woff2": "font/woff2",
    "txt": "text/plain",
    "svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A page of the way around; its label is `console.nav.NAME`."""

    name: str
    path: str
    roles: Roles


ADMINS: Roles = frozenset({Role.ADMIN})
#: The way around, in the order of a day's work.
PLACES = (
    Place("today", "", READERS | NETWORKERS),
    Place("reports", "/reports", COORDINATORS),
    Place("issues", "/issues", READERS),
    Place("requests", "/requests", READERS),
    Place("network", "/network", NETWORKERS),
    Place("insight", "/insight", READERS),
    Place("syntheses", "/syntheses", READERS),
    Place("audit", "/audit", ADMINS),
    Place("settings", "/settings", ADMINS),
)


@cache
def _environment() -> Any:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    def load(name: str) -> str:
        if name in _ADDED:
            return _ADDED[name]
        return files("nhipcau.console").joinpath("templates", name).read_text(encoding="utf-8")

    made = Environment(
        autoescape=True, loader=FunctionLoader(load), trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    made.filters["day"] = _day
    made.globals["title_of"] = title_of
    return made


#: Templates of pages that are not ours: of tests.
_ADDED: dict[str, str] = {}


def add_templates(added: Mapping[str, str]) -> None:
    """Name → source of templates that lie in no file."""
    _ADDED.update(added)


def _day(moment: date) -> str:
    """31/12/2026; of a moment its hour too. Moments are given in the office's zone."""
    return f"{moment:%H:%M %d/%m/%Y}" if isinstance(moment, datetime) else f"{moment:%d/%m/%Y}"


async def render(visit: Visit, template: str, *, status: int = 200, here: str = "", **facts: Any) -> Response:
    """A page of somebody who is signed in. `here`: the name of its place; `facts`: what its template names."""
    t = visit.t
    done = visit.request.cookies.get("nc-done", "")
    around = {
        "person": visit.person,
        "places": [place for place in PLACES if may(visit.person, place.roles)],
        "here": here,
        "problem": visit.problem,
        "done": t(f"console.done.{done}") if done and not visit.problem and t.has(f"console.done.{done}") else "",
        "token": visit.console.form_token(visit.session.id),
        "visit": visit,
    }
    response = await _html(t, template, status, {**around, **facts})
    if done:
        response.delete_cookie("nc-done", path=ROOT, httponly=True, samesite="lax")
    return response


async def fragment(visit: Visit, template: str, **facts: Any) -> str:
    """A part of a page by itself."""
    shared = {"t": visit.t, "root": ROOT, "visit": visit}
    return str(_environment().get_template(template).render({**shared, **facts}))


async def render_outside(console: Console, t: Texts, template: str, *, status: int = 200, **facts: Any) -> Response:
    """A page of somebody who is not signed in."""
    return await _html(t, template, status, {"token": console.form_token(""), "problem": "", **facts})


async def _html(t: Texts, template: str, status: int, facts: Mapping[str, Any]) -> Response:
    shared = {"t": t, "root": ROOT, "static": f"{_STATIC}/{version()}", "language": t.language}
    body = _environment().get_template(template).render({**shared, **facts})
    return HTMLResponse(body, status_code=status, headers={"Content-Security-Policy": POLICY})


# ------------------------------------------------------------------ files


@cache
def _static_files() -> Mapping[str, bytes]:
    folder = files("nhipcau.console").joinpath("static")
    return {each.name: each.read_bytes() for each in folder.iterdir() if re.fullmatch(r"[a-z0-9_.]+", each.name)}


@cache
def version() -> str:
    """Changes with every file of the console."""
    digest = hashlib.sha256()
    for name, data in sorted(_static_files().items()):
        digest.update(name.encode() + data)
    return digest.hexdigest()[:12]


async def static(request: Request) -> Response:
    """`/console/static/VERSION/NAME` may be kept for good."""
    stamp, _, name = request.path_params["name"].rpartition("/")
    data = (await run_in_threadpool(_static_files)).get(name)
    kind = _TYPES.get(name.rpartition(".")[2])
    if data is None or kind is None or "/" in stamp:
        return PlainTextResponse("not found\n", status_code=404)
    kept = "max-age=31536000, immutable" if stamp == version() else "max-age=300"
    return Response(data, media_type=kind, headers={"Cache-Control": kept})
