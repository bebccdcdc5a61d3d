"""Official information: `/thongbao` sends it and shows what went out, `/thongtin` collects it for whoever it is for."""

from __future__ import annotations

from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.handlers.requests import compose_request, request_messages
from nhipcau.handlers.screens import menu, page_of, short_title
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.model.queries import NoticesFor, RequestsOf
from nhipcau.model.request_kinds import RequestKind
from nhipcau.model.requests import Request, RequestState

_LISTED = 6


def sent(situation: Situation, _: str) -> Decision[DecisionResult]:
    """`/thongbao`: write one, or look at what goes out (to correct or stop it)."""
    t = situation.texts
    out = yield from load(
        RequestsOf(situation.me.unit.path, (RequestKind.NOTICE,), (RequestState.OPEN, RequestState.SCHEDULED))
    )
    if not out:
        return reply(compose_request.begin_new(situation, "notice"))
    choices = [Choice(t("notice.new"), "t:new:notice")]
    choices += [Choice(short_title(request.title), f"b:{request.id}:show") for request in out[:_LISTED]]
    return reply(Message(t("notice.some", n=len(out)), tuple(choices)))


def listing(situation: Situation, start: str) -> Decision[DecisionResult]:
    """`/thongtin`: official information for me, newest first."""
    t = situation.texts
    found = yield from load(NoticesFor(situation.me))
    if not found:
        return reply(menu(situation, t("notice.none")))
    shown, following = page_of(found, start, _LISTED)
    choices = [Choice(f"{_day(situation, r)} {short_title(r.title)}", f"o:{r.id}:show") for r in shown]
    if following:
        choices.append(Choice(t("form.more"), f"o:{following}:page", way=True))
    return reply(Message(t("notice.yours", n=len(found)), tuple(choices)))


def _day(situation: Situation, request: Request) -> str:
    return f"{request.opens_at.astimezone(situation.office.zone):%d/%m}"


def pressed(situation: Situation, rest: str) -> Decision[DecisionResult]:
    """`ID:show|page`."""
    id, _, verb = rest.partition(":")
    if verb == "page":
        return (yield from listing(situation, id))
    found = yield from load(NoticesFor(situation.me))
    request = next((request for request in found if request.id == id), None)
    if request is None:
        return reply(menu(situation, situation.texts("notice.gone")))
    message = request_messages.ask(request, situation.office.zone, situation.texts)
    if request.participation.state and not request.is_answered and request.state == "open":
        return reply(message)
    # read already, or older than this person here: its words, and nothing to answer
    back = Choice(situation.texts("menu.thongtin"), "c:thongtin")
    words = "\n".join(request_messages.heading(request, situation.office.zone, situation.texts))
    return reply(Message(words, (back,), photo=message.photo, file=message.file, file_name=message.file_name))
