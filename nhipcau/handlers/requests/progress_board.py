"""`/tiendo` and `/ketqua`: progress and results of requests; remind, prolong, close, stop."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from nhipcau.actions import requests as actions
from nhipcau.actions.decision import Refusal
from nhipcau.bot.forms.draft import Draft as _Draft
from nhipcau.bot.forms.draft import FormContext
from nhipcau.bot.forms.question_options import one_line
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.command_words import Command
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.handlers.buttons import BoardAct, ManageRequest, PagedList, RunCommand, ShowPage, choice
from nhipcau.handlers.requests import request_messages
from nhipcau.handlers.requests.edit_notice import begin_words
from nhipcau.handlers.requests.result_pictures import board_picture, compare_picture, result_picture
from nhipcau.handlers.screens import command_choice, is_coordinator, menu, paged_list, short_title
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.insight.poll_comparison import compare, compare_text
from nhipcau.insight.poll_results import poll_result
from nhipcau.model.changes import Change
from nhipcau.model.conversation import DraftKind
from nhipcau.model.counts import BoardRow
from nhipcau.model.people import Person
from nhipcau.model.queries import Answers, Board, PollTally, RequestsOf
from nhipcau.model.request_kinds import ASKED, BY_UNIT, KINDS, RequestKind
from nhipcau.model.requests import Request, RequestState

_ALL = tuple(RequestState)
_PAGE_SIZE = 6
#: Units named on a board.
_MAX_UNITS = 8
_PROLONG_BY = timedelta(minutes=30)


def show_progress(situation: Situation, start: int = 0) -> Decision[DecisionResult]:
    """`/tiendo`: list running requests, made by or addressed to units of the scope; the board if there is only one."""
    t, scope = situation.texts, situation.scope
    own = yield from load(RequestsOf(scope, ASKED, (RequestState.OPEN, RequestState.SCHEDULED)))
    asked = yield from load(RequestsOf(scope, BY_UNIT, (RequestState.OPEN,), asked=True))
    running = list({request.id: request for request in (*own, *asked)}.values())
    if not running:
        return reply(menu(situation, t("board.none")))
    if len(running) == 1:
        return (yield from _board(situation, running[0]))
    return reply(_list(situation, running, BoardAct.SHOW, start))


def show_results(situation: Situation, start: int = 0) -> Decision[DecisionResult]:
    """`/ketqua`: list closed polls and official requests, the latter also while open or made by another unit."""
    t, scope = situation.texts, situation.scope
    ended = yield from load(RequestsOf(scope, ASKED, (RequestState.CLOSED,)))
    official = yield from load(RequestsOf(scope, BY_UNIT, (RequestState.OPEN, RequestState.CLOSED), asked=True))
    found = {r.id: r for r in (*ended, *official)}
    ordered = sorted(found.values(), key=lambda r: (r.opens_at, r.id), reverse=True)
    if not ordered:
        return reply(menu(situation, t("board.no_results")))
    if len(ordered) == 1:
        return (yield from _result(situation, ordered[0]))
    return reply(_list(situation, ordered, BoardAct.RESULT, start))


def _list(situation: Situation, found: Sequence[Request], act: BoardAct, start: int) -> Message:
    titles = Counter(r.title for r in found)

    def label(request: Request) -> str:
        if titles[request.title] == 1:
            return short_title(request.title, 60)
        ends = request.closes_at.astimezone(situation.office.zone)
        return f"{short_title(request.title)} ({ends:%d/%m %H:%M})"

    paged_list_kind = PagedList.PROGRESS if act is BoardAct.SHOW else PagedList.RESULTS
    _, choices = paged_list(
        found,
        start,
        _PAGE_SIZE,
        lambda request: choice(label(request), ManageRequest(request.id, act)),
        lambda start: ShowPage(paged_list_kind, start),
        situation.texts,
    )
    return Message(situation.texts("board.which"), tuple(choices))


def manage_request(situation: Situation, pressed: ManageRequest) -> Decision[DecisionResult]:
    """Display a request of the actor's scope, or do something about it."""
    t, act = situation.texts, pressed.act
    mine = yield from load(RequestsOf(situation.scope, KINDS, _ALL))
    request = next((r for r in mine if r.id == pressed.request), None)
    if request is None and act in {BoardAct.RESULT, BoardAct.SHOW}:
        official = yield from load(
            RequestsOf(situation.scope, BY_UNIT, (RequestState.OPEN, RequestState.CLOSED), asked=True)
        )
        request = next((r for r in official if r.id == pressed.request), None)
    if request is None:
        return reply(menu(situation, t("board.gone")))
    if act is BoardAct.RESULT:
        return (yield from _result(situation, request))
    if act is BoardAct.PICTURE:
        return (yield from _picture(situation, request))
    if act is BoardAct.SHOW or not is_coordinator(situation.me):
        return (yield from _board(situation, request))
    if act is BoardAct.DECIDE and request.state == "closed" and request.traits.has_result:
        return reply(begin_words(situation, DraftKind.DECISION, request))
    if refused := actions.refuse_ended(request):
        return reply(menu(situation, refused.words(t)))
    return (yield from _act(situation, request, act))


def _picture(situation: Situation, request: Request) -> Decision[DecisionResult]:
    """A picture of the result once it is closed, else of its progress."""
    t = situation.texts
    if request.state == "closed":
        return (yield from _result(situation, request, picture=True))
    rows = yield from load(Board(situation.scope, request))
    text = board_text(request, rows, situation.now, t)
    back = choice(t("menu.tiendo"), ManageRequest(request.id))
    return reply(Message(text, (back,), draw=board_picture(request, rows, text, t)))


def _act(situation: Situation, request: Request, act: BoardAct) -> Decision[DecisionResult]:
    t = situation.texts
    if act is BoardAct.CORRECT and request.kind == "notice":
        return reply(begin_words(situation, DraftKind.CORRECTION, request))
    if act is BoardAct.UNDO:
        # undo while it is not sent; later it is an ordinary stop, to be confirmed
        act = BoardAct.STOP_SURE if request.state == "scheduled" else BoardAct.STOP
    if act in {BoardAct.CLOSE, BoardAct.STOP}:
        sure = BoardAct.CLOSE_SURE if act is BoardAct.CLOSE else BoardAct.STOP_SURE
        yes = choice(t(f"board.{act}"), ManageRequest(request.id, sure))
        back = choice(t("mine.keep"), ManageRequest(request.id))
        return reply(Message(_text_for_kind(t, request, f"sure_{act}"), (yes, back)))
    if act in {BoardAct.CLOSE_SURE, BoardAct.STOP_SURE}:
        return _end_request(situation, request, stop=act is BoardAct.STOP_SURE)
    if act is BoardAct.LONGER:
        until = request.closes_at + _PROLONG_BY
        sentence = t("board.longer_done", until=request_messages.moment(until, situation.office.zone, t))
        return (yield from _board_after(situation, request, actions.prolong(situation.actor, request, until), sentence))
    if act is BoardAct.REMIND:
        decided = actions.remind(situation.actor, request, situation.local)
        return (yield from _board_after(situation, request, decided, t("board.reminded")))
    return (yield from _board(situation, request))


def _board_after(
    situation: Situation, request: Request, decided: list[Change] | Refusal, sentence: str
) -> Decision[DecisionResult]:
    """The board below a sentence about what was done, or why it was not."""
    if isinstance(decided, Refusal):
        return (yield from _board(situation, request, decided.words(situation.texts)))
    return (yield from _board(situation, request, sentence, decided))


def _end_request(situation: Situation, request: Request, *, stop: bool) -> DecisionResult:
    t = situation.texts
    decided = (actions.stop if stop else actions.close)(situation.actor, request)
    if isinstance(decided, Refusal):
        return reply(menu(situation, decided.words(t)))
    after = [] if stop else [choice(t("menu.ketqua"), ManageRequest(request.id, BoardAct.RESULT))]
    after.append(command_choice(Command.MENU, t, beside=bool(after)))
    return reply(Message(_text_for_kind(t, request, "stopped" if stop else "closing"), tuple(after)), changes=decided)


def _text_for_kind(t: Texts, request: Request, key: str) -> str:
    """The text of the request's kind, or if it has none the general one."""
    own = f"{request.kind}.{key}"
    return t(own if t.has(own) else f"board.{key}", title=request.title)


def _board(
    situation: Situation, request: Request, preface: str = "", changes: Sequence[Change] = ()
) -> Decision[DecisionResult]:
    rows = yield from load(Board(situation.scope, request))
    board = board_message(request, rows, situation.now, situation.me, situation.texts)
    text = "\n".join(line for line in (preface, board.text) if line)
    return reply(replace(board, text=text), changes=changes)


def board_message(request: Request, rows: Sequence[BoardRow], now: datetime, reader: Person, t: Texts) -> Message:
    """The board with what its reader may do. While the request is open it is registered for live updates (`keeps`)."""
    is_own = reader.unit.holds(request.unit)
    choices = board_choices(request, t) if is_coordinator(reader) and is_own else []
    if not is_own:
        choices.append(choice(t("board.again"), ManageRequest(request.id)))
    if request.state == "closed" and request.traits.has_result:
        choices.append(choice(t("menu.ketqua"), ManageRequest(request.id, BoardAct.RESULT)))
    keeps = f"board:{request.id}:{board_digest(request, rows)}" if request.state == "open" else ""
    return Message(board_text(request, rows, now, t), tuple(choices), keeps=keeps)


def board_choices(request: Request, t: Texts) -> list[Choice]:
    choices: list[Choice] = []
    if request.state not in {"open", "scheduled"}:
        return choices
    if request.kind in BY_UNIT and request.state == "open":
        choices.append(choice(t("board.remind"), ManageRequest(request.id, BoardAct.REMIND)))
        choices.append(choice(t("board.longer"), ManageRequest(request.id, BoardAct.LONGER), beside=True))
        choices.append(choice(t("board.answers"), ManageRequest(request.id, BoardAct.RESULT)))
    if request.kind == "notice":
        choices.append(choice(t("notice.correct"), ManageRequest(request.id, BoardAct.CORRECT)))
        choices.append(choice(t("notice.stop"), ManageRequest(request.id, BoardAct.STOP), beside=True))
    else:
        choices.append(choice(t("board.close"), ManageRequest(request.id, BoardAct.CLOSE)))
        choices.append(choice(t("board.stop"), ManageRequest(request.id, BoardAct.STOP), beside=True))
    choices.append(choice(t("board.again"), ManageRequest(request.id)))
    if request.state == "open" and request.kind != "notice":
        choices.append(choice(t("board.picture"), ManageRequest(request.id, BoardAct.PICTURE), beside=True))
    return choices


def board_digest(request: Request, rows: Sequence[BoardRow]) -> str:
    """A digest of the board without the time left, eight letters; the board is edited when it changes."""
    displayed = [
        (r.unit.code, r.asked, r.reached, r.started, r.answered, r.nothing, r.late, r.reasons, r.settled, r.spread)
        for r in rows
    ]
    return hashlib.sha256(repr((request.state, displayed)).encode()).hexdigest()[:8]


def board_text(request: Request, rows: Sequence[BoardRow], now: datetime, t: Texts) -> str:
    """Counts of people, reasons for failed delivery, and the units missing."""
    total = {name: sum(getattr(r, name) for r in rows) for name in _SUMMED}
    open_now = request.state == "open"
    head = t("board.state_" + request.state)
    if open_now:
        head = t("time.left", left=request_messages.time_left(request.closes_at, now, t))
    lines = [f"{request.title} – {head}"]
    nothing = " " + t("board.nothing", n=total["nothing"]) if request.kind in BY_UNIT else ""
    if request.traits.one_a_unit:
        settled = sum(row.settled for row in rows)
        lines.append(t("duty.units", n=settled, of=len(rows), nothing=nothing))
    key = {"notice": "notice.counts", "duty": "duty.counts"}.get(request.kind, "board.counts")
    waiting = total["asked"] - total["answered"] - total["started"] - total["undeliverable"]
    if request.kind == "notice":
        # who is still answering to how many they passed it on has read it
        total["answered"] += total["started"]
    lines.append(t(key, nothing=nothing, **{k: total[k] for k in ("asked", "reached", "answered")}))
    if not request.traits.one_a_unit:
        key = "notice.rest" if request.kind == "notice" else "board.rest"
        lines.append(t(key, started=total["started"], waiting=waiting, dead=total["undeliverable"]))
    if total["late"]:
        lines.append(t("board.late", n=total["late"]))
    if spread := sum(row.spread for row in rows):
        lines.append(t("notice.spread_to", n=spread))
    reasons = Counter({reason: n for row in rows for reason, n in row.reasons})
    lines += [f"• {t('reason.' + reason)}: {n}" for reason, n in reasons.most_common(3)]
    return "\n".join([*lines, *_unit_lines(request, rows, t)])


#: Fields of a board row that count people.
_SUMMED = ("asked", "reached", "started", "answered", "nothing", "late", "undeliverable")


def _unit_lines(request: Request, rows: Sequence[BoardRow], t: Texts) -> list[str]:
    """Units with the smallest share of answers first; for a duty, those without an answer."""
    if request.is_poll or len(rows) < 2:
        return []
    ordered = sorted(rows, key=lambda r: (r.answered / r.asked, r.unit.name))
    if request.traits.one_a_unit:
        missing = [row.unit.name for row in ordered if not row.settled]
        more = [t("board.more_units", n=len(missing) - _MAX_UNITS)] if missing[_MAX_UNITS:] else []
        return [t("duty.missing", units=", ".join(missing[:_MAX_UNITS])), *more] if missing else []
    lines = []
    for row in ordered[:_MAX_UNITS]:
        undeliverable = " " + t("board.unit_dead", n=row.undeliverable) if row.undeliverable else ""
        lines.append(t("board.unit", unit=row.unit.name, answered=row.answered, asked=row.asked) + undeliverable)
    if len(ordered) > _MAX_UNITS:
        lines.append(t("board.more_units", n=len(ordered) - _MAX_UNITS))
    return lines


def _result(situation: Situation, request: Request, *, picture: bool = False) -> Decision[DecisionResult]:
    """Display the result; `picture`: with a picture."""
    t, me = situation.texts, situation.me
    if request.is_poll and request.state != "closed":
        return reply(menu(situation, t("board.not_yet")))
    draw = ""
    if request.is_poll:
        text, draw = yield from _poll_result(situation, request)
    else:
        # only answers of units in the reader's scope
        answers = yield from load(Answers(situation.scope, request.id))
        text = official_result(request, answers, t, with_texts=is_coordinator(me))
    choices = [choice(t("board.picture"), ManageRequest(request.id, BoardAct.PICTURE))] if draw and not picture else []
    if request.decision:
        text += "\n" + t("words.decide", title=request.title, text=request.decision)
    choices.append(choice(t("menu.menu"), RunCommand(Command.MENU)))
    if request.state == "closed" and is_coordinator(me) and me.unit.holds(request.unit):
        choices.append(choice(t("words.decide_label"), ManageRequest(request.id, BoardAct.DECIDE)))
    return reply(Message(text, tuple(choices), draw=draw if picture else ""))


def _poll_result(situation: Situation, request: Request) -> Decision[tuple[str, str]]:
    """Text and picture of the result; a poll that repeats another is compared with it."""
    t, scope = situation.texts, situation.scope
    tally = yield from load(PollTally(scope, request))
    text = poll_result(request.title, request.form, tally, request.asked, t, texts=bool(tally.texts))
    draw = result_picture(request, tally, t)
    earlier = (yield from _earlier(situation, request)) if request.repeats else None
    if earlier is not None:
        before = yield from load(PollTally(scope, earlier))
        compared = compare(earlier.form, before, request.form, tally, t)
        text += "\n" + compare_text(request.title, compared, t)
        draw = compare_picture(request, compared, t)
    return text, draw


def _earlier(situation: Situation, request: Request) -> Decision[Request | None]:
    """The closed poll that this one repeats, if it is in the scope."""
    closed = yield from load(RequestsOf(situation.scope, (RequestKind.POLL,), (RequestState.CLOSED,)))
    return next((poll for poll in closed if poll.id == request.repeats), None)


def official_result(request: Request, answers: Sequence[dict[str, object]], t: Texts, *, with_texts: bool) -> str:
    """Official answers with their units."""
    first = [a for a in answers if not a.get("_extra")]
    nothing = sum(1 for a in first if a.get("_nothing"))
    lines = [t("result.title", title=request.title), t("result.official", n=len(first), nothing=nothing)]
    form = request_messages.answerable_form(request.form, request.kind, t)
    form_context = FormContext(form=form, texts=t)
    for found in answers if with_texts else ():
        if found.get("_nothing"):
            continue
        draft = _Draft(form="", nonce="", answers={k: v for k, v in found.items() if not k.startswith("_")})
        words = "; ".join(one_line(form_context, draft, q.id) for q in form.questions if q.id in draft.answers)
        labels = [t(f"result.{label}") for label in ("late", "extra", "on_behalf") if found.get(f"_{label}")]
        suffix = f" ({', '.join(labels)})" if labels else ""
        lines.append(f"– {found['_unit']}{suffix}: {words}")
    return "\n".join(lines)
