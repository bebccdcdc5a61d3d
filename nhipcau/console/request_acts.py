"""What coordinators do about a request: undo, remind, prolong, close, stop, correct, tell what was decided."""

from __future__ import annotations

import json
import secrets
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from starlette.datastructures import FormData
from starlette.responses import Response

from nhipcau.actions import requests as actions
from nhipcau.actions.decision import Refusal
from nhipcau.actions.opening import refuse_moment
from nhipcau.actions.permissions import COORDINATORS, may
from nhipcau.bot.language.vietnamese import fold
from nhipcau.console import request_attachment, request_form, sign_in
from nhipcau.console.visit import ROOT, Act, NotHere, Show, Visit
from nhipcau.model.changes import Change
from nhipcau.model.queries import RulesOf
from nhipcau.model.request_kinds import KINDS
from nhipcau.model.request_queries import HeldSendings, RequestIn
from nhipcau.model.requests import Request
from nhipcau.office.request_file import LONGEST, parse_moment
from nhipcau.storage import console_sessions, held_acts

#: The word that is typed before something is stopped for good.
STOP_WORD = "dung"
_LONGEST_WORDS = 1500

Deed = Callable[[Visit, Request], Awaitable[list[Change] | Refusal]]


def acts(show: Show) -> Mapping[str, Act]:
    """The buttons of the page; `show` shows it again with what was wrong."""

    def act(name: str, deed: Deed) -> Act:
        async def run(visit: Visit) -> Response:
            request = await _own(visit)
            decided = await deed(visit, request)
            if isinstance(decided, Refusal):
                visit.refuse(decided)
                return await show(visit)
            await visit.apply(decided)
            return visit.go(f"{ROOT}/requests/{request.id}", f"request_{name}")

        return Act(run)

    deeds: Mapping[str, Deed] = {
        "remind": _remind,
        "prolong": _prolong,
        "close": _close,
        "stop": _stop,
        "correct": _correct,
        "decide": _decide,
    }

    async def refuse(visit: Visit) -> Response:
        visit.problem = visit.t("console.requests.no_such_act")
        return await show(visit)

    return {
        "": Act(refuse, writes=False),
        **{name: act(name, deed) for name, deed in deeds.items()},
        "undo": Act(undo),
        "end-rule": Act(end_rule),
    }


def wrong_fields(visit: Visit) -> Mapping[str, str]:
    """The fault beside the field of the act that was refused."""
    return defaultdict(str, {visit.value("do"): visit.problem} if visit.problem else {})


async def _own(visit: Visit) -> Request:
    """The request of this page, which a coordinator of its unit or of one above may change. Raises NotHere."""
    request = await visit.ask(RequestIn(visit.scope, visit.request.path_params["id"]))
    if request is None or not may(visit.person, COORDINATORS) or not visit.scope.holds(request.unit):
        raise NotHere
    return request


async def _remind(visit: Visit, request: Request) -> list[Change] | Refusal:
    return actions.remind(visit.actor, request, visit.now.astimezone(visit.office.zone))


async def _prolong(visit: Visit, request: Request) -> list[Change] | Refusal:
    until = _moment(visit, "until")
    if until is None:
        return Refusal("console.requests.no_moment")
    if until <= request.closes_at:
        return Refusal("console.requests.earlier")
    if refused := refuse_moment(until, visit.now):
        return Refusal(f"wrong.{refused.why}", {"days": LONGEST.days})
    return actions.prolong(visit.actor, request, until)


def _moment(visit: Visit, name: str) -> datetime | None:
    return parse_moment(visit.value(name), visit.office.zone)


async def _close(visit: Visit, request: Request) -> list[Change] | Refusal:
    return actions.close(visit.actor, request)


async def _stop(visit: Visit, request: Request) -> list[Change] | Refusal:
    if fold(visit.value("word")) != STOP_WORD:
        return actions.refuse_ended(request) or Refusal("console.requests.type_stop")
    return actions.stop(visit.actor, request)


async def _correct(visit: Visit, request: Request) -> list[Change] | Refusal:
    words = visit.value("words")
    return _refuse_words(words) or actions.correct_notice(visit.actor, request, words)


async def _decide(visit: Visit, request: Request) -> list[Change] | Refusal:
    words = visit.value("words")
    return _refuse_words(words) or actions.tell_decision(visit.actor, request, words)


def _refuse_words(words: str) -> Refusal | None:
    if not words:
        return Refusal("console.requests.no_words")
    return Refusal("console.requests.long_words", {"most": _LONGEST_WORDS}) if len(words) > _LONGEST_WORDS else None


async def undo(visit: Visit) -> Response:
    """Take it back within its minute: nothing has gone out, and the form opens again with what was written."""
    id = visit.request.path_params["id"]
    held = [each for each in await visit.ask(HeldSendings(visit.scope, id)) if not each.refused]
    if not held or not may(visit.person, COORDINATORS):
        return visit.go(f"{ROOT}/requests/{id}", "too_late")
    if await held_acts.take_back(visit.context.connection, held[0].act, visit.now) is None:
        return visit.go(f"{ROOT}/requests/{id}", "too_late")
    sending = held[0].sending
    return await _form_again(visit, request_form.form_of(sending, request_attachment.sign(visit, sending.attachment)))


async def _form_again(visit: Visit, typed: FormData) -> Response:
    """The composer with this filled in, by the way of what was typed before a session ended."""
    fields = [[name, value] for name, value in typed.multi_items()]
    path, token = f"{ROOT}/requests/new", secrets.token_urlsafe(24)
    content = json.dumps({"path": path, "fields": fields}, ensure_ascii=False)
    sealer = visit.console.parts.sealer
    await console_sessions.keep_draft(visit.context.connection, sealer, token, visit.today, content)
    response = visit.go(path, "undone")
    response.set_cookie(sign_in.KEPT, token, max_age=24 * 3600, path=ROOT, httponly=True, samesite="lax")
    return response


async def end_rule(visit: Visit) -> Response:
    id = visit.request.path_params["id"]
    rule = next((rule for rule in await visit.ask(RulesOf(visit.scope, KINDS)) if rule.id == id), None)
    if rule is None or not may(visit.person, COORDINATORS):
        raise NotHere
    await visit.apply(list(actions.end_rule(visit.actor, rule)))
    return visit.go(f"{ROOT}/requests?kind={rule.kind}", "request_rule_ended")
