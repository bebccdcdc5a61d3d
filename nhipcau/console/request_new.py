"""Composing a request: the form, what recipients will see in each app, how many they are, and sending it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from starlette.datastructures import FormData
from starlette.responses import Response

from nhipcau.actions import question_bank
from nhipcau.actions.decision import UNDO_TIME, Refusal
from nhipcau.actions.permissions import COORDINATORS
from nhipcau.actions.question_advice import MANY_QUESTIONS, advise
from nhipcau.bot.forms.kinds import KINDS as QUESTIONS
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.faults import Fault
from nhipcau.bot.messaging.channel import Limits
from nhipcau.bot.messaging.messages import Message
from nhipcau.bot.messaging.render import render as render_message
from nhipcau.bot.units.tree import Unit
from nhipcau.console import request_attachment, request_form
from nhipcau.console.forms import TOKEN
from nhipcau.console.pages import render
from nhipcau.console.request_form import MOST_QUESTIONS, Faults, Written
from nhipcau.console.routes import Page
from nhipcau.console.visit import ROOT, Act, NotHere, Visit
from nhipcau.handlers.requests import request_messages
from nhipcau.handlers.requests.compose_request import MANY_PEOPLE, first_dates, outline_lines
from nhipcau.handlers.requests.written_request import check_question, units_of
from nhipcau.handlers.screens import channel_name
from nhipcau.model.queries import AskedBefore, OutlineReach
from nhipcau.model.question_bank import BankQuestion
from nhipcau.model.request_kinds import KINDS, RequestKind
from nhipcau.model.request_queries import AudienceOf, ClustersIn, CountUnasked, QuestionBank, RequestIn, RequestList
from nhipcau.model.requests import Request, RequestState, UnitGroup
from nhipcau.model.sendings import Sending
from nhipcau.operations import trials
from nhipcau.operations.written_requests import Plan, plan
from nhipcau.privacy.screening import screen
from nhipcau.storage import sendings

#: Earlier requests offered for copying.
_EARLIER = 5
#: An app that is not switched on in this process is shown as one that takes anything.
_ANY = Limits(text=4000, caption=1000)


@dataclass
class Preview:
    """What stands below the form once it was looked at."""

    plan: Plan
    #: Lines about how it reaches people: by app, who is not reached and why, windows, prices, limits.
    apps: Sequence[str] = ()
    reach: Sequence[str] = ()
    advice: Sequence[str] = ()
    #: Name of the app → the messages as it shows them.
    messages: dict[str, list[Message]] = field(default_factory=dict)


async def show(visit: Visit) -> Response:
    """The form: empty, of an earlier request, or as it was typed."""
    if visit.request.cookies.get("nc-done") == "undone":
        # what was taken back is here by the way of what was left half-written: that sentence is not meant
        visit.problem = ""
    if not visit.typed:
        await _copy(visit)
    return await _page(visit, Faults())


async def _copy(visit: Visit) -> None:
    """Fill in what an earlier request asked."""
    id = visit.query.get("copy") or visit.query.get("again")
    if not id:
        return
    request = await visit.ask(RequestIn(visit.scope, id))
    if request is None or not visit.scope.holds(request.unit):
        raise NotHere
    is_again = "again" in visit.query and request.is_poll and request.state is RequestState.CLOSED
    audience = await visit.ask(AudienceOf(visit.scope, id))
    visit.typed = request_form.form_of(
        request_form.described_of(request, audience, visit.office.tree, await _clusters(visit), again=is_again)
    )


async def _page(
    visit: Visit,
    faults: Faults,
    preview: Preview | None = None,
    written: Written | None = None,
    *,
    done: str = "",
) -> Response:
    kind = request_form.kind_of(visit)
    if faults.above or faults.by_field:
        visit.problem = " ".join(faults.above) or visit.t("console.requests.look_below")
    above: dict[str, Any] = {"done": visit.t(done)} if done else {}
    return await render(
        visit,
        "request_new.html",
        here="requests",
        kind=kind,
        kinds=KINDS,
        questions=request_form.questions_in(visit),
        most_questions=MOST_QUESTIONS,
        question_kinds=_askable(kind),
        lengths=request_form.LENGTHS.get(kind, ()),
        roles=request_form.ROLES,
        whom=await _places(visit),
        bank=[] if kind is RequestKind.NOTICE else await _bank(visit, kind),
        earlier=[] if visit.typed else await _earlier(visit, kind),
        groups=_groups(visit),
        wrong=faults.by_field,
        preview=preview,
        seen=written.digest() if written and preview else "",
        attached=written.attached if written else visit.value("attached"),
        attachment=request_attachment.read(visit, written.attached if written else visit.value("attached")),
        many=MANY_PEOPLE,
        **above,
    )


def _askable(kind: RequestKind) -> list[str]:
    """The kinds of question that this kind of request may ask."""
    is_poll = kind is RequestKind.POLL
    return [str(each) for each in request_form.QUESTION_KINDS if not (is_poll and QUESTIONS[each].why_not_in_polls)]


async def _earlier(visit: Visit, kind: RequestKind) -> Sequence[Request]:
    """The last ones of this kind that can be copied."""
    rows = await visit.ask(RequestList(visit.scope, (kind,), tuple(RequestState), _EARLIER))
    return [row.request for row in rows if visit.scope.holds(row.request.unit)]


async def _clusters(visit: Visit) -> Mapping[str, Sequence[Unit]]:
    return await visit.ask(ClustersIn(visit.scope))


async def _places(visit: Visit) -> list[tuple[str, str]]:
    """Value and label of the own unit, the clusters in it, and the units directly below it; others are typed."""
    own, tree = visit.person.unit, visit.office.tree
    labels = [
        (f"{request_form.CLUSTER}{name}", visit.t("console.requests.cluster", name=name, n=len(units)))
        for name, units in (await _clusters(visit)).items()
        if len(units) > 1
    ]
    below = [(unit.code, unit.name) for unit in tree.below(own) if unit.parent_id == own.id]
    return [(own.code, own.name), *labels, *below]


def _groups(visit: Visit) -> list[str]:
    """The groups of units there are several of in the own unit: a choice between them means something."""
    own, tree = visit.person.unit, visit.office.tree
    found = [group for group in UnitGroup if any(own.holds(unit) for unit in units_of(tree, group))]
    return [str(group) for group in found] if len(found) > 1 else []


# ------------------------------------------------------------------ acts that only show


async def look(visit: Visit) -> Response:
    """The page with its preview."""
    faults = Faults()
    written = await _written(visit, faults)
    return await _look(visit, written, faults)


async def _look(visit: Visit, written: Written, faults: Faults) -> Response:
    planned = await _planned(visit, written, "0", faults)
    preview = await _preview(visit, planned) if planned else None
    return await _page(visit, faults, preview, written)


async def add_question(visit: Visit) -> Response:
    number = min(MOST_QUESTIONS, request_form.questions_in(visit) + 1)
    others = [(name, value) for name, value in visit.typed.multi_items() if name != "questions"]
    visit.typed = FormData([*others, ("questions", str(number))])
    return await _page(visit, Faults())


async def drop_question(visit: Visit, number: int) -> Response:
    """Without this question: those behind it move up."""
    written = request_form.read(visit, await _clusters(visit))
    questions = list(written.described.get("questions", ()))
    if len(questions) > 1 and number <= len(questions):
        del questions[number - 1]
    return await _with_questions(visit, written, questions)


async def _with_questions(visit: Visit, written: Written, questions: Sequence[Mapping[str, Any]]) -> Response:
    described = {**written.described, "questions": questions}
    sending = Sending("", written.kind, described, "", "", written.opens)
    visit.typed = request_form.form_of(sending, written.attached)
    return await _page(visit, Faults())


# ------------------------------------------------------------------ the question bank


async def _bank(visit: Visit, kind: RequestKind) -> Sequence[BankQuestion]:
    """Questions of the bank that this kind of request may ask."""
    askable = _askable(kind)
    return [each for each in await visit.ask(QuestionBank(visit.person.unit)) if each.described["kind"] in askable]


async def insert_question(visit: Visit) -> Response:
    """The chosen question of the bank behind the others, or in place of a last one that is empty."""
    written = request_form.read(visit, await _clusters(visit))
    questions = list(written.described.get("questions", ()))
    if questions and not questions[-1]["text"] and not questions[-1].get("choices"):
        questions.pop()
    found = [each.described for each in await _bank(visit, written.kind) if each.id == visit.value("bank")]
    return await _with_questions(visit, written, [*questions, *found][:MOST_QUESTIONS])


async def keep_question(visit: Visit, number: int) -> Response:
    """Keep a question of the form in the bank of the own unit; the form stays as it is."""
    written, faults = request_form.read(visit, await _clusters(visit)), Faults()
    asked = written.described.get("questions", ())
    if number > len(asked):
        raise NotHere
    try:
        check_question(asked[number - 1], visit.now, visit.office.zone, visit.t)
    except Fault as wrong:
        faults.add(wrong, visit.t, first=number)
        return await _page(visit, faults)
    bank = await visit.ask(QuestionBank(visit.person.unit))
    decided = question_bank.keep(visit.actor, asked[number - 1], bank, visit.console.new_id("request"))
    if isinstance(decided, Refusal):
        visit.refuse(decided)
        return await _page(visit, faults)
    await visit.apply(decided)
    return await _page(visit, faults, done="console.questions.kept")


# ------------------------------------------------------------------ sending


async def send(visit: Visit) -> Response:
    """Hold it for its minute. Whatever was not previewed like this is previewed first."""
    faults = Faults()
    written = await _written(visit, faults)
    id = visit.console.new_id("request")
    planned = await _planned(visit, written, id, faults)
    if planned is None:
        return await _page(visit, faults)
    if visit.value("seen") != written.digest():
        visit.problem = visit.t("console.requests.look_first")
        return await _page(visit, faults, await _preview(visit, planned), written)
    typed = visit.value("number").replace(".", "").replace(" ", "")
    if planned.people > MANY_PEOPLE and typed != str(planned.people):
        faults.by_field["number"] = visit.t("console.requests.wrong_number", n=planned.people)
        return await _page(visit, faults, await _preview(visit, planned), written)
    act = visit.console.new_id("id")
    await sendings.hold(visit.context.connection, act, planned.sending, visit.now + UNDO_TIME)
    visit.context.after.wake_clock = True
    return visit.go(f"{ROOT}/requests/{id}", "held")


async def try_out(visit: Visit) -> Response:
    """Send it to whoever composes it, as it stands, and show the page as it was. Pressed twice it is sent once."""
    faults = Faults()
    written = await _written(visit, faults)
    id = hashlib.sha256(f"{visit.value(TOKEN)} {written.digest()}".encode()).hexdigest()[:16]
    planned = await _planned(visit, written, id, faults)
    if planned is None:
        return await _page(visit, faults)
    refused = await trials.try_out(visit.context, planned.request(), visit.person)
    if refused:
        visit.refuse(refused)
    return await _page(
        visit, faults, await _preview(visit, planned), written, done="" if refused else "console.requests.tried"
    )


async def _written(visit: Visit, faults: Faults) -> Written:
    """What was filled in, with the file that was chosen kept."""
    written = request_form.read(visit, await _clusters(visit))
    try:
        return replace(written, attached=await request_attachment.keep(visit))
    except Fault as wrong:
        faults.by_field["file"] = wrong.say(visit.t)
        return written


async def _planned(visit: Visit, written: Written, id: str, faults: Faults) -> Plan | None:
    attachment = request_attachment.read(visit, written.attached)
    asking = (visit.person.unit.code, visit.person.id)
    sending = Sending(id, written.kind, written.described, *asking, written.opens, written.passes_quiet, attachment)
    try:
        planned = await plan(visit.at, visit.office, visit.actor, sending, undo=UNDO_TIME)
    except Fault as wrong:
        faults.add(wrong, visit.t)
        return None
    return None if faults.by_field else planned


async def _preview(visit: Visit, planned: Plan) -> Preview:
    t, office = visit.t, visit.office
    budget = 0 if planned.opening.urgent else office.push_budget
    outline = await visit.ask(OutlineReach(visit.scope, planned.audience, budget))
    unasked = await visit.ask(CountUnasked(visit.scope, planned.audience))
    request = planned.request()
    reach = [t(f"console.requests.unasked.{why}", n=number) for why, number in sorted(unasked.items())]
    reach += outline_lines(outline, t, budget)
    if planned.repetition:
        reach.append(first_dates(office, visit.now, planned.repetition, t))
    else:
        reach += _moments(visit, planned)
    message = request_messages.ask(request, office.zone, t)
    return Preview(
        planned,
        apps=[t("console.requests.app", app=_name(app, t), n=number) for app, number in outline.apps],
        reach=reach,
        advice=await _advice(visit, planned),
        messages={_name(app, t): render_message(message, _limits(visit, app)) for app, _ in outline.apps},
    )


def _name(app: str, t: Texts) -> str:
    """The app's name at the beginning of a line."""
    name = channel_name(app, t)
    return name[:1].upper() + name[1:]


def _limits(visit: Visit, app: str) -> Limits:
    channel = visit.console.channels.get(app)
    return channel.limits if channel else _ANY


def _moments(visit: Visit, planned: Plan) -> list[str]:
    """When it opens, where that is not at once, and when it closes."""
    t, zone, opening = visit.t, visit.office.zone, planned.opening
    until = request_messages.moment(opening.closes_at, zone, t)
    lines = [] if planned.sending.kind is RequestKind.NOTICE else [t("console.requests.closes", time=until)]
    time = request_messages.moment(opening.opens_at, zone, t)
    if planned.sending.opens:
        return [t("compose.later_held" if opening.held else "compose.later", time=time), *lines]
    return [t("compose.held", time=time), *lines] if opening.held else lines


async def _advice(visit: Visit, planned: Plan) -> list[str]:
    t, form = visit.t, planned.content.form
    asked = [] if planned.sending.kind is RequestKind.NOTICE else advise(form)
    lines = []
    for hint in asked:
        words = t(f"console.requests.advice.{hint.advice}", n=len(form.questions), few=MANY_QUESTIONS)
        lines.append(t("console.requests.of_question", n=hint.question, words=words) if hint.question else words)
    texts = [planned.content.title, planned.content.intro, *(question.text for question in form.questions)]
    if any(screen(text, visit.office.tree.known_places).found for text in texts if text):
        lines.append(t("console.requests.advice.data"))
    if planned.sending.kind is RequestKind.POLL and not planned.repetition:
        again = AskedBefore(visit.scope, planned.audience, form, planned.opening.opens_at, planned.repeats)
        lines += [t("compose.asked_before")] if await visit.ask(again) else []
    return lines


_ACTS = {
    "preview": Act(look, writes=False),
    "more": Act(add_question, writes=False),
    "send": Act(send),
    "try": Act(try_out),
    "insert": Act(insert_question, writes=False),
    **{f"keep-{n}": Act(partial(keep_question, number=n)) for n in range(1, MOST_QUESTIONS + 1)},
    **{f"drop-{n}": Act(partial(drop_question, number=n), writes=False) for n in range(1, MOST_QUESTIONS + 1)},
}
PAGES = (Page("/requests/new", COORDINATORS, show, _ACTS, takes_files=True),)
