"""`/tiendo` and `/ketqua`: progress and results of requests; remind, prolong, close, stop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from nhipcau.actions import requests as actions
from nhipcau.actions.decision import Refusal
from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.command_words import Command
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.bot.units.tree import Tree, Unit
from nhipcau.handlers.buttons import (
    BoardAct,
    ManageAnswer,
    ManageRequest,
    PagedList,
    RunCommand,
    ShowBoardPage,
    ShowPage,
    choice,
)
from nhipcau.handlers.requests import request_messages
from nhipcau.handlers.requests.board_text import (
    answers_on,
    board_digest,
    board_pages,
    groups_of,
    result_pages,
    silent_units,
)
from nhipcau.handlers.requests.edit_notice import begin_words
from nhipcau.handlers.requests.result_pictures import board_picture, compare_picture, result_picture
from nhipcau.handlers.screens import command_choice, is_coordinator, menu, paged_list, short_title
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.insight.group_results import group_result
from nhipcau.insight.poll_comparison import compare, compare_text
from nhipcau.insight.poll_results import poll_result
from nhipcau.model.changes import Change
from nhipcau.model.conversation import DraftKind
from nhipcau.model.counts import BoardFacts, BoardRow
from nhipcau.model.people import Person
from nhipcau.model.queries import Answers, Board, PollGroups, PollTally, RequestsOf, Responsible
from nhipcau.model.request_kinds import ASKED, BY_UNIT, KINDS, RequestKind
from nhipcau.model.requests import Request, RequestState

_ALL = tuple(RequestState)
_PAGE_SIZE = 6
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
    request = yield from _find(situation, pressed.request, official=act in {BoardAct.RESULT, BoardAct.SHOW})
    if request is None:
        return reply(menu(situation, t("board.gone")))
    if act is BoardAct.RESULT:
        return (yield from _result(situation, request))
    if act is BoardAct.PICTURE:
        return (yield from _picture(situation, request))
    if act is BoardAct.GROUPS:
        return (yield from _by_cluster(situation, request))
    if act is BoardAct.SHOW or not is_coordinator(situation.me):
        return (yield from _board(situation, request))
    if act is BoardAct.DECIDE and request.state == "closed" and request.traits.has_result:
        return reply(begin_words(situation, DraftKind.DECISION, request))
    if refused := actions.refuse_ended(request):
        return reply(menu(situation, refused.words(t)))
    return (yield from _act(situation, request, act))


def _find(situation: Situation, id: str, *, official: bool = False) -> Decision[Request | None]:
    """A request of the actor's scope; `official`: also one that only asked units of it."""
    mine = yield from load(RequestsOf(situation.scope, KINDS, _ALL))
    found = next((r for r in mine if r.id == id), None)
    if found is None and official:
        asked = yield from load(
            RequestsOf(situation.scope, BY_UNIT, (RequestState.OPEN, RequestState.CLOSED), asked=True)
        )
        found = next((r for r in asked if r.id == id), None)
    return found


def show_board_page(situation: Situation, pressed: ShowBoardPage) -> Decision[DecisionResult]:
    """A further page of a board or of the answers; the first one where there is no such page any more."""
    request = yield from _find(situation, pressed.request, official=True)
    if request is None:
        return reply(menu(situation, situation.texts("board.gone")))
    if pressed.result:
        return (yield from _result(situation, request, page=pressed.page))
    return (yield from _board(situation, request, page=pressed.page))


def _picture(situation: Situation, request: Request) -> Decision[DecisionResult]:
    """A picture of the result once it is closed, else of its progress."""
    t = situation.texts
    if request.state == "closed":
        return (yield from _result(situation, request, picture=True))
    t, tree = situation.texts, situation.office.tree
    facts = yield from load_facts(situation, request)
    text = board_pages(request, facts, tree, situation.now, t)[0]
    back = choice(t("menu.tiendo"), ManageRequest(request.id))
    rows = [_summed(group.unit, group.rows) for group in groups_of(facts.rows, tree)]
    return reply(Message(text, (back,), draw=board_picture(request, rows, text, t)))


def load_facts(situation: Situation, request: Request) -> Decision[BoardFacts]:
    """What a board shows this reader."""
    scope, tree = situation.scope, situation.office.tree
    rows = yield from load(Board(scope, request))
    if request.kind not in BY_UNIT:
        return BoardFacts(rows)
    answers = yield from load(Answers(scope, request.id))
    silent = silent_units(rows, tree)
    responsible = (yield from load(Responsible(scope, silent))) if silent else {}
    return BoardFacts(rows, answers, responsible)


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
    if act is BoardAct.MORE:
        return reply(_seldom(situation, request))
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
    situation: Situation, request: Request, preface: str = "", changes: Sequence[Change] = (), page: int = 0
) -> Decision[DecisionResult]:
    facts = yield from load_facts(situation, request)
    now, t = situation.now, situation.texts
    board = board_message(request, facts, situation.office.tree, now, situation.me, t, page)
    text = "\n".join(line for line in (preface, board.text) if line)
    return reply(replace(board, text=text), changes=changes)


def board_message(
    request: Request, facts: BoardFacts, tree: Tree, now: datetime, reader: Person, t: Texts, page: int = 0
) -> Message:
    """The board with what its reader may do. While the request is open its first page is registered for live updates
    (`keeps`)."""
    pages = board_pages(request, facts, tree, now, t)
    page = page if page < len(pages) else 0
    following = page + 1 < len(pages)
    more = [choice(t("form.more"), ShowBoardPage(request.id, page + 1), way=True)] if following else []
    if page:
        return Message(pages[page], (*more, choice(t("board.again"), ManageRequest(request.id))))
    is_own = reader.unit.holds(request.unit)
    choices = board_choices(request, facts, t) if is_coordinator(reader) and is_own else []
    if not is_own:
        choices.append(choice(t("board.again"), ManageRequest(request.id)))
    if request.state == "closed" and request.traits.has_result:
        choices.append(choice(t("menu.ketqua"), ManageRequest(request.id, BoardAct.RESULT)))
    keeps = f"board:{request.id}:{board_digest(request, facts)}" if request.state == "open" else ""
    return Message(pages[0], (*choices[:1], *more, *choices[1:]), keeps=keeps)


def board_choices(request: Request, facts: BoardFacts, t: Texts) -> list[Choice]:
    """What its coordinator can do, the next step first; what is seldom done stands behind one choice."""

    def act(label: str, act: BoardAct, *, beside: bool = False) -> Choice:
        return choice(t(label), ManageRequest(request.id, act), beside=beside)

    again = act("board.again", BoardAct.SHOW)
    if request.state not in {"open", "scheduled"}:
        return []
    if request.kind == "notice":
        return [act("notice.correct", BoardAct.CORRECT), act("notice.stop", BoardAct.STOP, beside=True), again]
    if request.kind in BY_UNIT and request.state == "open":
        is_waiting = any(row.asked > row.answered for row in facts.rows)
        remind = [act("board.remind", BoardAct.REMIND)] if is_waiting else []
        return [*remind, act("board.answers", BoardAct.RESULT), act("board.more", BoardAct.MORE), again]
    picture = [act("board.picture", BoardAct.PICTURE, beside=True)] if request.state == "open" else []
    return [act("board.close", BoardAct.CLOSE), act("board.stop", BoardAct.STOP, beside=True), again, *picture]


def _seldom(situation: Situation, request: Request) -> Message:
    """What is seldom done about an official request."""
    t = situation.texts
    acts = (
        ("board.longer", BoardAct.LONGER),
        ("board.close", BoardAct.CLOSE),
        ("board.stop", BoardAct.STOP),
        ("board.picture", BoardAct.PICTURE),
    )
    choices = [choice(t(label), ManageRequest(request.id, act)) for label, act in acts]
    back = choice(t("form.back"), ManageRequest(request.id), way=True)
    return Message(t("board.more_ask", title=request.title), (*choices, back))


def _summed(unit: Unit, rows: Sequence[BoardRow]) -> BoardRow:
    """The people of several rows as one row of this unit."""
    names = ("asked", "reached", "started", "answered", "nothing", "late", "undeliverable")
    return BoardRow(unit=unit, **{name: sum(getattr(row, name) for row in rows) for name in names})


def _result(
    situation: Situation, request: Request, *, picture: bool = False, page: int = 0
) -> Decision[DecisionResult]:
    """Display the result; `picture`: with a picture."""
    t, me = situation.texts, situation.me
    if request.is_poll and request.state != "closed":
        return reply(menu(situation, t("board.not_yet")))
    draw = ""
    choices: list[Choice] = []
    if request.is_poll:
        text, draw = yield from _poll_result(situation, request)
    else:
        # only answers of units in the reader's scope
        facts = yield from load_facts(situation, request)
        pages = result_pages(request, facts, situation.office.tree, t)
        page = page if page < len(pages) else 0
        text = pages[page]
        choices = _to_answers(situation, answers_on(text, request, facts, situation.office.tree, t))
        if page + 1 < len(pages):
            choices.append(choice(t("form.more"), ShowBoardPage(request.id, page + 1, result=True), way=True))
    if request.is_poll and (yield from load(PollGroups(situation.scope, request))):
        choices.append(choice(t("board.groups"), ManageRequest(request.id, BoardAct.GROUPS)))
    if draw and not picture:
        choices.append(choice(t("board.picture"), ManageRequest(request.id, BoardAct.PICTURE)))
    if request.decision:
        text += "\n" + t("words.decide", title=request.title, text=request.decision)
    choices.append(choice(t("menu.menu"), RunCommand(Command.MENU)))
    if request.state == "closed" and is_coordinator(me) and me.unit.holds(request.unit):
        choices.append(choice(t("words.decide_label"), ManageRequest(request.id, BoardAct.DECIDE)))
    return reply(Message(text, tuple(choices), draw=draw if picture else ""))


def _by_cluster(situation: Situation, request: Request) -> Decision[DecisionResult]:
    """The result by cluster of communes, as far as it may be shown."""
    t = situation.texts
    counts = yield from load(PollGroups(situation.scope, request))
    if not counts:
        return (yield from _result(situation, request))
    back = choice(t("menu.ketqua"), ManageRequest(request.id, BoardAct.RESULT))
    text = group_result(request.title, request.form, counts, t)
    return reply(Message(text, (back, command_choice(Command.MENU, t, beside=True))))


def _to_answers(situation: Situation, answers: Sequence[dict[str, object]]) -> list[Choice]:
    """A choice for each answer displayed, to read it whole and ask back."""
    if not is_coordinator(situation.me):
        return []
    names = Counter(str(answer["_unit"]) for answer in answers)
    seen: Counter[str] = Counter()
    choices = []
    for answer in answers:
        name = str(answer["_unit"])
        seen[name] += 1
        label = f"{name} ({seen[name]})" if names[name] > 1 else name
        choices.append(choice(label, ManageAnswer(str(answer["_id"]))))
    return choices


def _poll_result(situation: Situation, request: Request) -> Decision[tuple[str, str]]:
    """Text and picture of the result; a poll that repeats another is compared with it."""
    t, scope = situation.texts, situation.scope
    tally = yield from load(PollTally(scope, request))
    texts, withheld = bool(tally.texts), request.withheld
    text = poll_result(request.title, request.form, tally, request.asked, t, texts=texts, withheld=withheld)
    draw = result_picture(request, tally, t)
    earlier = (yield from _earlier(situation, request)) if request.repeats else None
    if earlier is not None:
        before = yield from load(PollTally(scope, earlier))
        compared = compare(earlier.form, before, request.form, tally, t, (earlier.withheld, withheld))
        text += "\n" + compare_text(request.title, compared, t)
        draw = compare_picture(request, compared, t)
    return text, draw


def _earlier(situation: Situation, request: Request) -> Decision[Request | None]:
    """The closed poll that this one repeats, if it is in the scope."""
    closed = yield from load(RequestsOf(situation.scope, (RequestKind.POLL,), (RequestState.CLOSED,)))
    return next((poll for poll in closed if poll.id == request.repeats), None)
