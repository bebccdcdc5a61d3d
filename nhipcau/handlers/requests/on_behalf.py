"""`/nhapho`: a coordinator enters a report or a unit's answer received by phone or on paper. It is labelled so."""

from __future__ import annotations

from nhipcau.bot.forms.draft import Draft, FormContext, FormEnd, Input
from nhipcau.bot.forms.engine import answer, begin
from nhipcau.bot.messaging.messages import Message
from nhipcau.bot.units.tree import Unit
from nhipcau.handlers.buttons import AnswerOnBehalf, ChooseUnitOnBehalf, ReportOnBehalf, choice, pack_answer
from nhipcau.handlers.reports import file_report, report_form
from nhipcau.handlers.requests import answer_request, request_messages
from nhipcau.handlers.screens import closing, menu, paged_list, short_title
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.model.changes import Audit
from nhipcau.model.conversation import DraftKind, DraftName, name_of
from nhipcau.model.queries import Board, FindRequest, RequestsOf
from nhipcau.model.request_changes import RecordOfficial
from nhipcau.model.request_kinds import BY_UNIT
from nhipcau.model.requests import Request, RequestState

_PAGE_SIZE = 6
#: States in which answers are taken; late ones once closed.
_STATES = (RequestState.OPEN, RequestState.CLOSED)
#: As many units as possible, as a typed name is matched with those displayed; apps take up to a hundred buttons.
_UNITS_PER_PAGE = 90


def start_on_behalf(situation: Situation) -> Decision[DecisionResult]:
    """Ask what to enter; if no unit's answer is awaited, begin a report."""
    waiting = yield from _waiting(situation)
    if not waiting:
        return reply(file_report.start(situation, on_behalf=True))
    t = situation.texts
    choices = [choice(t("behalf.report"), ReportOnBehalf())]
    choices += [choice(short_title(request.title), ChooseUnitOnBehalf(request.id)) for request in waiting[:_PAGE_SIZE]]
    return reply(Message(t("behalf.which"), tuple(choices)))


def _waiting(situation: Situation) -> Decision[list[Request]]:
    """Requests to units of this coordinator's scope that still take answers."""
    asked = yield from load(RequestsOf(situation.scope, BY_UNIT, _STATES, asked=True))
    # closed requests take late answers for LATE_TERM
    recent = [r for r in asked if r.state == "open" or situation.now - r.closes_at < answer_request.LATE_TERM]
    return sorted(recent, key=lambda request: (request.state != "open", request.closes_at))


def report_on_behalf(situation: Situation, _: ReportOnBehalf) -> DecisionResult:
    """Begin a report received by phone or on paper, or continue the draft."""
    draft = situation.conversation.report
    if draft is None:
        return reply(file_report.start(situation, on_behalf=True))
    situation.conversation.focus = draft.form
    return reply(begin(report_form.context(situation, draft), draft))


def choose_unit(situation: Situation, pressed: ChooseUnitOnBehalf) -> Decision[DecisionResult]:
    """Ask for which unit; if only one was asked, begin its answer."""
    t = situation.texts
    request, units = yield from _asked(situation, pressed.request)
    if request is None or not units:
        return reply(menu(situation, t("board.gone")))
    if len(units) == 1:
        return _begin(situation, request, units[0])
    _, choices = paged_list(
        units,
        pressed.start,
        _UNITS_PER_PAGE,
        lambda unit: choice(unit.name, AnswerOnBehalf(request.id, unit.code)),
        lambda start: ChooseUnitOnBehalf(request.id, start),
        t,
    )
    return reply(Message(t("behalf.unit", title=request.title), tuple(choices)))


def answer_on_behalf(situation: Situation, pressed: AnswerOnBehalf) -> Decision[DecisionResult]:
    request, units = yield from _asked(situation, pressed.request)
    unit = next((unit for unit in units if unit.code == pressed.unit), None)
    if request is None or unit is None:
        return reply(menu(situation, situation.texts("board.gone")))
    return _begin(situation, request, unit)


def _asked(situation: Situation, id: str) -> Decision[tuple[Request | None, list[Unit]]]:
    """The request, if it still takes answers, and the units of this coordinator's scope that were asked."""
    request = next((r for r in (yield from _waiting(situation)) if r.id == id), None)
    if request is None:
        return None, []
    rows = yield from load(Board(situation.scope, request))
    return request, [row.unit for row in rows if situation.scope.holds(row.unit)]


def _begin(situation: Situation, request: Request, unit: Unit) -> DecisionResult:
    name = DraftName(DraftKind.ON_BEHALF, request.id, unit.code)
    draft = situation.conversation.begin(name, situation.new_id("nonce"))
    return reply(begin(_context(situation, request, unit.name), draft))


def find_context(situation: Situation, draft: Draft) -> Decision[FormContext | None]:
    found = yield from _about(situation, draft)
    return _context(situation, found[0], found[1].name) if found else None


def _about(situation: Situation, draft: Draft) -> Decision[tuple[Request, Unit] | None]:
    """Request and unit of the draft; None if it takes no answers any more or is outside the scope."""
    name = name_of(draft)
    request = next((r for r in (yield from _waiting(situation)) if r.id == name.request), None)
    unit = situation.office.tree.by_code.get(name.unit)
    return (request, unit) if request and unit and situation.me.unit.holds(unit) else None


def _context(situation: Situation, request: Request, unit: str) -> FormContext:
    t = situation.texts
    head = t("behalf.head", title=request.title, unit=unit)
    return FormContext(
        form=request_messages.answerable_form(request.form, request.kind, t),
        texts=t,
        pack=pack_answer,
        screen=lambda text: report_form.screen_text(situation, text),
        caution=lambda text: report_form.caution_about(situation, text),
        nothing=t(request.traits.nothing),
        head=head,
        today=situation.today,
    )


def step_on_behalf(situation: Situation, draft: Draft, user_input: Input) -> Decision[DecisionResult]:
    t = situation.texts
    found = yield from _about(situation, draft)
    if found is None:
        return _drop(situation, draft, t("board.gone"))
    request, unit = found
    done = answer(_context(situation, request, unit.name), draft, user_input)
    if done.end is FormEnd.OPEN:
        return reply(done.message)
    if done.end is FormEnd.CANCELLED:
        return _drop(situation, draft, t("form.cancelled"))
    # load it again with a lock, so that it is not closed between this check and the answer
    locked = yield from load(FindRequest(request.id, situation.me, situation.contact.id))
    if locked is None or locked.state not in _STATES:
        return _drop(situation, draft, t("board.gone"))
    nothing = done.end is FormEnd.NOTHING
    write = RecordOfficial(
        id=situation.new_id("id"),
        request_id=request.id,
        person_id=situation.me.id,
        unit_id=unit.id,
        version=request.version,
        answers={} if nothing else {key: value for key, value in draft.answers.items() if value is not None},
        nothing=nothing,
        late=request.state == "closed" or situation.now > request.closes_at,
        band="",
        on_behalf=True,
    )
    situation.conversation.drop(draft)
    return reply(
        closing(situation, t("behalf.done", unit=unit.name)),
        changes=[write, Audit("answer.on_behalf", situation.me.id)],
    )


def _drop(situation: Situation, draft: Draft, words: str) -> DecisionResult:
    situation.conversation.drop(draft)
    return reply(menu(situation, words))
