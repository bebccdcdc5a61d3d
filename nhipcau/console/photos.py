"""Pictures of reports, for whoever may read the report."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from nhipcau.actions.permissions import COORDINATORS
from nhipcau.console.routes import Page
from nhipcau.console.visit import NotHere, Visit
from nhipcau.storage.reports import picture_in


async def show(visit: Visit) -> Response:
    name = visit.request.path_params["name"]
    # only names that stand in the database are ever opened
    if not await picture_in(visit.at.connection, visit.scope, name):
        raise NotHere
    file = visit.console.parts.settings.photos / name
    if not file.is_file():
        raise NotHere
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(await run_in_threadpool(file.read_bytes), media_type="image/jpeg", headers=headers)


PAGES = (Page("/photo/{name}", COORDINATORS, show),)
