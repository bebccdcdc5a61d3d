"""`/tiendo` and `/ketqua`: who has answered, what came out; remind, prolong, close, stop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from nhipcau.bot.conversation import Draft as _Draft
from nhipcau.bot.conversation import Walk, one_line
from nhipcau.bot.messages import Choice, Message
from nhipcau.bot.results import poll_result
from nhipcau.bot.texts import Texts
from nhipcau.handlers import pushing
from nhipcau.handlers.screens import is_coordinator, menu
from nhipcau.handlers.situation import Deciding, Outcome, Situation, load, reply
from nhipcau.model.loads import Answers, Board, BoardRow, Request, RequestsOf
from nhipcau.model.writes import EndRequest, ProlongRequest, RemindNow

_KINDS = ("poll", "rapid")
_LISTED = 6
_LONGER = timedelta(minutes=30)


def progress(situation: Situation, _: str) -> Deciding[Outcome]:
    say = situation.texts
    running = yield from load(RequestsOf(situation.me.unit.path, _KINDS, ("open", "scheduled")))
    if not running:
        return reply(menu(situation, say("board.none")))
    if len(running) == 1:
        return (yield from _board(situation, running[0]))
    choices = tuple(Choice(r.title[:60], f"b:{r.id}:show") for r in running[:_LISTED])
    return reply(Message(say("board.which"), choices))


def results(situation: Situation, _: str) -> Deciding[Outcome]:
    say = situation.texts
    ended = yield from load(RequestsOf(situation.me.unit.path, _KINDS, ("closed",)))
    if not ended:
        return reply(menu(situation, say("board.no_results")))
    if len(ended) == 1:
        return (yield from _result(situation, ended[0]))
    choices = tuple(Choice(r.title[:60], f"b:{r.id}:result") for r in ended[:_LISTED])
    return reply(Message(say("board.which"), choices))


def pressed(situation: Situation, rest: str) -> Deciding[Outcome]:
    """`ID:show|result|remind|longer|close|close!|stop|stop!`, within the person's scope."""
    id, _, verb = rest.partition(":")
    say, person = situation.texts, situation.me
    mine = yield from load(RequestsOf(person.unit.path, _KINDS, ("scheduled", "open", "closed", "stopped")))
    request = next((r for r in mine if r.id == id), None)
    if request is None:
        return reply(menu(situation, say("board.gone")))
    if verb == "result":
        return (yield from _result(situation, request))
    if verb == "show" or not is_coordinator(person):
        return (yield from _board(situation, request))
    if request.state not in {"open", "scheduled"}:
        return reply(menu(situation, say(f"board.is_{request.state}", title=request.title)))
    return (yield from _act(situation, request, verb))


def _act(situation: Situation, request: Request, verb: str) -> Deciding[Outcome]:
    say, actor = situation.texts, situation.me.id
    if verb in {"close", "stop"}:
        yes = Choice(say(f"board.{verb}"), f"b:{request.id}:{verb}!")
        back = Choice(say("mine.keep"), f"b:{request.id}:show")
        return reply(Message(say(f"board.sure_{verb}", title=request.title), (yes, back)))
    if verb in {"close!", "stop!"}:
        stop = verb == "stop!"
        key = "board.stopped" if stop else "board.closing"
        after = [] if stop else [Choice(say("menu.ketqua"), f"b:{request.id}:result")]
        after.append(Choice(say("menu.menu"), "c:menu", beside=bool(after)))
        return reply(Message(say(key, title=request.title), tuple(after)), writes=[EndRequest(request.id, stop, actor)])
    if verb == "longer":
        until = request.closes_at + _LONGER
        said = say("board.longer_done", until=pushing.moment(until, situation.office.zone, say))
        return (yield from _board(situation, request, said, [ProlongRequest(request.id, until, actor)]))
    if verb == "remind":
        return (yield from _board(situation, request, say("board.reminded"), [RemindNow(request.id, actor)]))
    return (yield from _board(situation, request))


def _board(
    situation: Situation, request: Request, preface: str = "", writes: Sequence[object] = ()
) -> Deciding[Outcome]:
    say = situation.texts
    rows = yield from load(Board(request.id))
    lines = [preface] if preface else []
    lines.append(board_text(request, rows, situation.now, say))
    choices = []
    if is_coordinator(situation.me) and request.state in {"open", "scheduled"}:
        if request.kind == "rapid" and request.state == "open":
            choices.append(Choice(say("board.remind"), f"b:{request.id}:remind"))
            choices.append(Choice(say("board.longer"), f"b:{request.id}:longer", beside=True))
        choices.append(Choice(say("board.close"), f"b:{request.id}:close"))
        choices.append(Choice(say("board.stop"), f"b:{request.id}:stop", beside=True))
        choices.append(Choice(say("board.again"), f"b:{request.id}:show"))
    elif request.state == "closed":
        choices.append(Choice(say("menu.ketqua"), f"b:{request.id}:result"))
    return reply(Message("\n".join(lines), tuple(choices)), writes=list(writes))


def board_text(request: Request, rows: Sequence[BoardRow], now: datetime, say: Texts) -> str:
    """Asked, reached, started, answered, not deliverable and why; then the units that are missing."""
    total = {
        name: sum(getattr(r, name) for r in rows) for name in BoardRow.__slots__ if name not in {"unit", "reasons"}
    }
    open_now = request.state == "open"
    head = say("board.state_" + request.state)
    if open_now:
        head = say("time.left", left=pushing.left(request.closes_at, now, say))
    lines = [f"{request.title} – {head}"]
    nothing = " " + say("board.nothing", n=total["nothing"]) if request.kind == "rapid" else ""
    lines.append(say("board.counts", nothing=nothing, **{k: total[k] for k in ("asked", "reached", "answered")}))
    waiting = total["asked"] - total["answered"] - total["started"] - total["undeliverable"]
    lines.append(say("board.rest", started=total["started"], waiting=waiting, dead=total["undeliverable"]))
    if total["late"]:
        lines.append(say("board.late", n=total["late"]))
    reasons = Counter({reason: n for row in rows for reason, n in row.reasons})
    lines += [f"• {say('reason.' + reason)}: {n}" for reason, n in reasons.most_common(3)]
    if request.kind == "rapid":
        missing = [r.unit.name for r in rows if r.answered == 0]
        if missing and len(rows) > 1:
            shown = ", ".join(missing[:5]) + (" …" if len(missing) > 5 else "")
            lines.append(say("board.missing", units=shown, n=len(missing)))
    return "\n".join(lines)


def _result(situation: Situation, request: Request) -> Deciding[Outcome]:
    say = situation.texts
    if request.kind == "poll" and request.state != "closed":
        return reply(menu(situation, say("board.not_yet")))
    answers = yield from load(Answers(request.id, request.kind))
    text_too = is_coordinator(situation.me)
    if request.kind == "poll":
        text = poll_result(request.title, request.form, answers, request.asked, say, texts=text_too)
    else:
        text = official_result(request, answers, say, text_too=text_too)
    return reply(Message(text, (Choice(say("menu.menu"), "c:menu"),)))


def official_result(request: Request, answers: Sequence[dict[str, object]], say: Texts, *, text_too: bool) -> str:
    """A rapid request's answers by unit; they carry the unit on purpose."""
    nothing = sum(1 for a in answers if a.get("_nothing"))
    lines = [say("result.title", title=request.title), say("result.official", n=len(answers), nothing=nothing)]
    form = pushing.walkable(request.form, "rapid", say)
    path = Walk(form=form, texts=say)
    for found in answers if text_too else ():
        if found.get("_nothing"):
            continue
        draft = _Draft(form="", nonce="", answers={k: v for k, v in found.items() if not k.startswith("_")})
        words = "; ".join(one_line(path, draft, q.id) for q in form.questions if q.id in draft.answers)
        late = f" ({say('result.late')})" if found.get("_late") else ""
        lines.append(f"– {found['_unit']}{late}: {words}")
    return "\n".join(lines)
