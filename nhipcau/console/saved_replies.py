"""Câu trả lời mẫu: the replies of one's own unit to edit, and those of units above to use."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response

from nhipcau.actions import replies as actions
from nhipcau.actions.decision import Refusal
from nhipcau.actions.permissions import COORDINATORS
from nhipcau.console.own_words import MAX_ANSWER_CHARS, read_words
from nhipcau.console.pages import render
from nhipcau.console.routes import Page
from nhipcau.console.visit import ROOT, Act, Visit
from nhipcau.model.changes import Change
from nhipcau.model.office_queries import SavedReplies
from nhipcau.model.saved_replies import ReplyField, SavedReply


async def show(visit: Visit) -> Response:
    known, own = await _known(visit), visit.person.unit.id
    return await render(
        visit,
        "saved_replies.html",
        here="reports",
        own=[reply for reply in known if reply.unit.id == own],
        of_above=[reply for reply in known if reply.unit.id != own],
        fields=", ".join(f"{{{visit.t(f'reply.field.{field}')}}}" for field in ReplyField),
        longest_title=actions.MAX_TITLE_CHARS,
        longest=MAX_ANSWER_CHARS,
    )


async def _known(visit: Visit) -> Sequence[SavedReply]:
    return await visit.ask(SavedReplies(visit.scope))


async def add(visit: Visit) -> Response:
    written = _written(visit)
    if written is None:
        return await show(visit)
    decided = actions.add(visit.actor, await _known(visit), *written, visit.console.new_id)
    return await _settle(visit, decided, "reply_saved")


async def change(visit: Visit) -> Response:
    written = _written(visit)
    if written is None:
        return await show(visit)
    id, seen = visit.value("reply"), visit.value("seen").replace("\r\n", "\n")
    return await _settle(visit, actions.change(visit.actor, await _known(visit), id, seen, *written), "reply_saved")


async def delete(visit: Visit) -> Response:
    if not visit.value("for_good"):
        visit.problem = visit.t("reply.for_good_needed")
        return await show(visit)
    return await _settle(visit, actions.delete(visit.actor, await _known(visit), visit.value("reply")), "reply_deleted")


def _written(visit: Visit) -> tuple[str, str] | None:
    title = read_words(visit, "title", actions.MAX_TITLE_CHARS)
    words = None if title is None else read_words(visit, "words", MAX_ANSWER_CHARS)
    return None if title is None or words is None else (" ".join(title.split()), words)


async def _settle(visit: Visit, decided: list[Change] | Refusal, done: str) -> Response:
    if isinstance(decided, Refusal):
        visit.refuse(decided)
        return await show(visit)
    await visit.apply(decided)
    return visit.go(f"{ROOT}/replies", done)


PAGES = (Page("/replies", COORDINATORS, show, {"add": Act(add), "change": Act(change), "delete": Act(delete)}),)
