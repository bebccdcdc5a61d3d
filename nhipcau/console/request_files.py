"""Files of one request: its answers, its publication sheet, the picture of its result."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from nhipcau.actions.permissions import COORDINATORS, READERS
from nhipcau.bot.channels.registry import channels_on
from nhipcau.bot.messaging.messages import Message
from nhipcau.console.downloads import attachment, download, record_export
from nhipcau.console.routes import Page
from nhipcau.console.visit import NotHere, Visit
from nhipcau.handlers.requests.result_pictures import compare_picture, result_picture
from nhipcau.insight.picture_cache import ChartPictureCache
from nhipcau.insight.poll_comparison import compare
from nhipcau.model.queries import Answers, PollGroups, PollTally
from nhipcau.model.request_queries import RequestIn
from nhipcau.model.requests import Request, RequestState
from nhipcau.office.export_tables import answer_table
from nhipcau.operations.publication import published
from nhipcau.storage.answers import poll_answers_of

_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


async def _found(visit: Visit) -> Request:
    request = await visit.ask(RequestIn(visit.scope, visit.request.path_params["id"]))
    if request is None:
        raise NotHere
    return request


async def _closed_poll(visit: Visit) -> Request:
    request = await _found(visit)
    if not request.is_poll or request.state is not RequestState.CLOSED:
        raise NotHere
    return request


async def answers(visit: Visit) -> Response:
    """The answers as the export gives them: official ones any time, those of a poll once it has closed."""
    request = await _found(visit)
    if request.is_poll:
        request = await _closed_poll(visit)
        given: Any = await poll_answers_of(visit.at.connection, visit.scope, request.id)
        tallies = {request.id: await visit.ask(PollTally(visit.scope, request))}
        groups = {request.id: await visit.ask(PollGroups(visit.scope, request))}
    else:
        given, tallies, groups = await visit.ask(Answers(visit.scope, request.id)), {}, {}
    table = answer_table([request], {request.id: given}, visit.t, tallies, groups)
    await record_export(visit, "export.answers", len(table.rows))
    return await download("answers", table, visit.request.url.path.rpartition(".")[2], visit.t)


async def publication(visit: Visit) -> Response:
    """The publication sheet as DOCX."""
    from nhipcau.insight.publication import publication_sheet
    from nhipcau.insight.publication_file import write_sheet

    request = await _closed_poll(visit)
    t, zone = visit.t, visit.office.zone
    apps = [t(f"channel.{app.name}") for app in channels_on(visit.console.parts.settings)]
    found = await published(visit.at.connection, visit.office.tree, request, apps)
    await record_export(visit, "export.publication")
    data = await run_in_threadpool(lambda: write_sheet(publication_sheet(found, zone, t)))
    return attachment(data, f"publication-{request.id}.docx", _DOCX)


async def picture(visit: Visit) -> Response:
    """The chart of the result that the chat sends; of a poll that repeats another, both."""
    request, cache = await _closed_poll(visit), visit.console.picture_cache
    if cache is None:
        raise NotHere
    tally = await visit.ask(PollTally(visit.scope, request))
    spec = result_picture(request, tally, visit.t)
    earlier = await visit.ask(RequestIn(visit.scope, request.repeats)) if request.repeats else None
    if earlier is not None and earlier.state is RequestState.CLOSED:
        before = await visit.ask(PollTally(visit.scope, earlier))
        withheld = (earlier.withheld, request.withheld)
        spec = compare_picture(request, compare(earlier.form, before, request.form, tally, visit.t, withheld), visit.t)
    return _Drawn(cache, spec, visit.console.parts.settings.photos)


@dataclass
class _Drawn(Response):
    """A chart that is drawn after the transaction has ended: that takes long the first time."""

    cache: ChartPictureCache
    spec: str
    folder: Path

    def __post_init__(self) -> None:
        super().__init__()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        drawn = await self.cache.with_picture(Message("", draw=self.spec))
        if drawn.photo:
            await FileResponse(self.folder / drawn.photo, media_type="image/jpeg")(scope, receive, send)
        else:
            await PlainTextResponse("not drawn\n", status_code=503)(scope, receive, send)


PAGES = (
    Page("/requests/{id}/answers.csv", COORDINATORS, answers),
    Page("/requests/{id}/answers.xlsx", COORDINATORS, answers),
    Page("/requests/{id}/publication.docx", READERS, publication),
    Page("/requests/{id}/picture.jpg", READERS, picture),
)
