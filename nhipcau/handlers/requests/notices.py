"""Notices: `/thongbao` composes one and lists those open or scheduled, `/thongtin` lists those received."""

from __future__ import annotations

from nhipcau.bot.language.command_words import Command
from nhipcau.bot.messaging.messages import Message
from nhipcau.handlers.buttons import ManageRequest, NewRequest, PagedList, RunCommand, ShowNotice, ShowPage, choice
from nhipcau.handlers.requests import compose_request, request_messages
from nhipcau.handlers.screens import menu, paged_list, short_title
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.model.queries import NoticesFor, RequestsOf
from nhipcau.model.request_kinds import RequestKind
from nhipcau.model.requests import Request, RequestState

_PAGE_SIZE = 6


def show_sent_notices(situation: Situation) -> Decision[DecisionResult]:
    """`/thongbao`: compose a notice, or manage one that is open or scheduled: the first six."""
    t = situation.texts
    notices = yield from load(
        RequestsOf(situation.scope, (RequestKind.NOTICE,), (RequestState.OPEN, RequestState.SCHEDULED))
    )
    if not notices:
        return reply(compose_request.begin_new(situation, "notice"))
    choices = [choice(t("notice.new"), NewRequest("notice"))]
    choices += [choice(short_title(request.title), ManageRequest(request.id)) for request in notices[:_PAGE_SIZE]]
    return reply(Message(t("notice.some", n=len(notices)), tuple(choices)))


def list_notices(situation: Situation, start: int = 0) -> Decision[DecisionResult]:
    """`/thongtin`: notices for this person, newest first."""
    t = situation.texts
    found = yield from load(NoticesFor(situation.me))
    if not found:
        return reply(menu(situation, t("notice.none")))
    _, choices = paged_list(
        found,
        start,
        _PAGE_SIZE,
        lambda r: choice(f"{_day(situation, r)} {short_title(r.title)}", ShowNotice(r.id)),
        lambda start: ShowPage(PagedList.NOTICES, start),
        t,
    )
    return reply(Message(t("notice.yours", n=len(found)), tuple(choices)))


def _day(situation: Situation, request: Request) -> str:
    return f"{request.opens_at.astimezone(situation.office.zone):%d/%m}"


def show_notice(situation: Situation, pressed: ShowNotice) -> Decision[DecisionResult]:
    found = yield from load(NoticesFor(situation.me))
    request = next((request for request in found if request.id == pressed.request), None)
    if request is None:
        return reply(menu(situation, situation.texts("notice.gone")))
    message = request_messages.ask(request, situation.office.zone, situation.texts)
    if request.participation.state and not request.is_answered and request.state == "open":
        return reply(message)
    # confirmed already, or sent before this person joined: without the question
    back = choice(situation.texts("menu.thongtin"), RunCommand(Command.INFORMATION))
    words = "\n".join(request_messages.heading_lines(request, situation.office.zone, situation.texts))
    return reply(Message(words, (back,), photo=message.photo, file=message.file, file_name=message.file_name))
