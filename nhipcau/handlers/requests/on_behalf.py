"""`/nhapho`: a coordinator types in what came by phone or on paper: a report, or a unit's answer. Marked so."""

from __future__ import annotations

from nhipcau.bot.forms.draft import Draft, FormContext, FormEnd, Input
from nhipcau.bot.forms.engine import answer
from nhipcau.bot.forms.question_screen import begin
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.bot.units.tree import Unit
from nhipcau.handlers.reports import file_report
from nhipcau.handlers.requests import answer_request, request_messages
from nhipcau.handlers.screens import closing, menu, page_of, short_title
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.model.changes import RecordOfficial
from nhipcau.model.queries import Board, FindRequest, RequestsOf
from nhipcau.model.request_kinds import BY_UNIT
from nhipcau.model.requests import Request, RequestState

_LISTED = 6
#: Requests that take answers, some of them late.
_STATES = (RequestState.OPEN, RequestState.CLOSED)
#: Units on one screen: an app bears a hundred buttons, and a typed name is looked for among those shown.
_MOST_UNITS = 90
#: What its drafts are called: "behalf:REQUEST:UNIT".
FORM = "behalf"


def start(situation: Situation, _: str) -> Decision[DecisionResult]:
    """A report at once where no unit's answer is waited for; else which of them."""
    waiting = yield from _waiting(situation)
    if not waiting:
        return reply(file_report.start(situation, on_behalf=True))
    t = situation.texts
    choices = [Choice(t("behalf.report"), "a:report")]
    choices += [Choice(short_title(request.title), f"a:{request.id}:which") for request in waiting[:_LISTED]]
    return reply(Message(t("behalf.which"), tuple(choices)))


def _waiting(situation: Situation) -> Decision[list[Request]]:
    """Open requests and duties that units of this coordinator's scope were asked."""
    asked = yield from load(RequestsOf(situation.me.unit.path, BY_UNIT, _STATES, asked=True))
    # after its end an answer is late; until the next one nobody minds
    recent = [r for r in asked if r.state == "open" or situation.now - r.closes_at < answer_request.LATE_TERM]
    return sorted(recent, key=lambda request: (request.state != "open", request.closes_at))


def pressed(situation: Situation, rest: str) -> Decision[DecisionResult]:
    """`report`, `ID:which[:PLACE]`, or `ID:UNIT`."""
    t = situation.texts
    if situation.me.role != "coordinator":
        return reply(menu(situation, t("menu.not_yours")))
    if rest == "report":
        if file_report.REPORT in situation.talk.drafts:
            situation.talk.focus = file_report.REPORT
            draft = situation.talk.drafts[file_report.REPORT]
            return reply(begin(file_report.walk(situation, draft), draft))
        return reply(file_report.start(situation, on_behalf=True))
    id, verb, start = [*rest.split(":"), "", ""][:3]
    request = next((r for r in (yield from _waiting(situation)) if r.id == id), None)
    if request is None:
        return reply(menu(situation, t("board.gone")))
    units = [row.unit for row in (yield from load(Board(id))) if situation.me.unit.holds(row.unit)]
    if verb == "which" and len(units) > 1:
        shown, following = page_of(units, start, _MOST_UNITS)
        choices = [Choice(unit.name, f"a:{id}:{unit.code}") for unit in shown]
        choices += [Choice(t("form.more"), f"a:{id}:which:{following}", way=True)] if following else []
        return reply(Message(t("behalf.unit", title=request.title), tuple(choices)))
    unit = units[0] if verb == "which" else next((u for u in units if u.code == verb), None)
    if unit is None:
        return reply(menu(situation, t("board.gone")))
    name = f"{FORM}:{id}:{unit.code}"
    draft = situation.talk.begin(Draft(form=name, nonce=situation.new_id("nonce")))
    return reply(begin(_walk(situation, request, unit.name), draft))


def walk_of(situation: Situation, draft: Draft) -> Decision[FormContext | None]:
    found = yield from _about(situation, draft)
    return _walk(situation, found[0], found[1].name) if found else None


def _about(situation: Situation, draft: Draft) -> Decision[tuple[Request, Unit] | None]:
    """What is answered and for which unit; None where it is not waited for any more, or not this coordinator's."""
    _, id, code = draft.form.split(":")
    request = next((r for r in (yield from _waiting(situation)) if r.id == id), None)
    unit = situation.office.tree.by_code.get(code)
    return (request, unit) if request and unit and situation.me.unit.holds(unit) else None


def _walk(situation: Situation, request: Request, unit: str) -> FormContext:
    t = situation.texts
    head = t("behalf.head", title=request.title, unit=unit)
    return FormContext(
        form=request_messages.walkable(request.form, request.kind, t),
        texts=t,
        screen=lambda text: file_report.screen_text(situation, text),
        nothing=t(request.traits.nothing),
        head=head,
        today=situation.today,
    )


def step(situation: Situation, draft: Draft, said: Input) -> Decision[DecisionResult]:
    t = situation.texts
    found = yield from _about(situation, draft)
    if found is None:
        return _left(situation, draft, t("board.gone"))
    request, unit = found
    done = answer(_walk(situation, request, unit.name), draft, said)
    if done.end is FormEnd.OPEN:
        return reply(done.message)
    if done.end is FormEnd.CANCELLED:
        return _left(situation, draft, t("form.cancelled"))
    # looked at once more, and held: its end and this answer must not pass each other
    held = yield from load(FindRequest(request.id, situation.me, situation.contact.id))
    if held is None or held.state not in _STATES:
        return _left(situation, draft, t("board.gone"))
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
    situation.talk.drop(draft.form)
    return reply(closing(situation, t("behalf.done", unit=unit.name)), changes=[write])


def _left(situation: Situation, draft: Draft, words: str) -> DecisionResult:
    situation.talk.drop(draft.form)
    return reply(menu(situation, words))
