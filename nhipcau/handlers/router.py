"""The one pure decision: what a person did, and what follows from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from nhipcau.bot.forms.answers import match_option
from nhipcau.bot.forms.draft import BACK, CANCEL, SKIP, Input
from nhipcau.bot.forms.engine import taker
from nhipcau.bot.language.command_words import WITH_PERIOD, is_greeting, read_command
from nhipcau.bot.language.vietnamese import nfc, read_number, word_key
from nhipcau.bot.messaging.events import EventKind
from nhipcau.bot.messaging.messages import Choice
from nhipcau.handlers.form_router import ask_again, step_draft, walk_of
from nhipcau.handlers.insight import period_review, trends
from nhipcau.handlers.lessons import read_lesson
from nhipcau.handlers.membership import join, link_app, my_data, network
from nhipcau.handlers.reports import file_report, issues, my_reports, report_inbox, reporter_reply
from nhipcau.handlers.requests import (
    answer_request,
    compose_request,
    notices,
    on_behalf,
    progress_board,
    recurring_requests,
)
from nhipcau.handlers.requests.request_messages import asks
from nhipcau.handlers.screens import closing, is_reporter, menu, unfinished
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.model.people import PUSH_WITHOUT_REQUEST, Person
from nhipcau.model.queries import FindInvite, FindRequest
from nhipcau.model.requests import Request

#: A draft this long untouched (seconds) is not what new words are about: first "Tiếp tục / Bỏ".
STALE = 6 * 3600

Handler = Callable[[Situation, str], Decision[DecisionResult]]


def decide(situation: Situation) -> Decision[DecisionResult]:
    """What follows from this event. Changes `situation.talk` in place; everything else is in the outcome."""
    if situation.event.kind is EventKind.IGNORED:
        return DecisionResult()
    if situation.person is None:
        outcome = yield from join.outside(situation)
    elif situation.event.kind is EventKind.BLOCKED:
        outcome = join.blocked(situation)
    else:
        outcome = yield from _inside(situation)
    _remember(situation, outcome)
    return outcome


def _remember(situation: Situation, outcome: DecisionResult) -> None:
    """Keep what can be typed next: the choices of a last message that is no question of a form or request."""
    if not outcome.messages:
        return
    choices = outcome.messages[-1].choices
    is_question = any(c.data.startswith(("q:", "s:")) or asks(c.data) for c in choices)
    situation.talk.shown = [] if is_question else [[c.label, c.data] for c in choices]
    draft = situation.talk.draft
    if draft is not None:
        draft.saved = situation.now.timestamp()


def _inside(situation: Situation) -> Decision[DecisionResult]:
    event, talk = situation.event, situation.talk
    if event.kind is not EventKind.OPENED:
        situation.waiting, talk.pending = talk.pending, {}
    match event.kind:
        case EventKind.TAP:
            return (yield from press(situation, event.data))
        case EventKind.TEXT:
            return (yield from _typed(situation, event.text))
        case EventKind.PHOTO:
            return (yield from _photo(situation))
        case EventKind.FILE:
            return (yield from _file(situation))
        case EventKind.VOICE:
            return (yield from _voice(situation))
        case EventKind.OPENED:
            return (yield from ask_again(situation, ""))
        case _:
            key = event.text if event.text.startswith("wrong.") else "wrong.other"
            return (yield from ask_again(situation, situation.texts(key)))


def _voice(situation: Situation) -> Decision[DecisionResult]:
    """A voice note is never kept; where nothing is open it opens a report."""
    talk, t = situation.talk, situation.texts
    if situation.waiting.get("kind") == "reply":
        return reporter_reply.again(situation, t("wrong.voice"))
    if talk.draft is None and file_report.REPORT in talk.drafts:
        talk.focus = file_report.REPORT
    if talk.draft is not None or not may(situation.me, "reporters"):
        return (yield from ask_again(situation, t("wrong.voice")))
    return reply(file_report.start(situation, preface=t("wrong.voice")))


# ------------------------------------------------------------------ taps


def press(situation: Situation, data: str) -> Decision[DecisionResult]:
    """A pressed choice, or typed words that mean one."""
    kind, _, rest = data.removeprefix("s:").partition(":") if data.startswith("s:r:") else data.partition(":")
    if kind in {"q", "s"}:
        return (yield from _press_question(situation, rest))
    handler = _TAPS.get(kind)
    if handler is None:
        return (yield from _old(situation))
    return (yield from handler(situation, rest))


def _press_question(situation: Situation, rest: str) -> Decision[DecisionResult]:
    nonce, _, tail = rest.partition(":")
    step, _, key = tail.partition(":")
    talk = situation.talk
    name = next((name for name, draft in talk.drafts.items() if draft.nonce == nonce), None)
    if name is None or step != str(talk.drafts[name].step):
        return (yield from _old(situation))
    talk.focus = name
    return (yield from step_draft(situation, talk.drafts[name], Input(key=key, ref=situation.event.ref)))


def _old(situation: Situation) -> Decision[DecisionResult]:
    """An old button answers nothing: it says so and shows what is open now."""
    return (yield from ask_again(situation, situation.texts("wrong.old")))


# ------------------------------------------------------------------ words


def _typed(situation: Situation, text: str) -> Decision[DecisionResult]:
    """Commands first; then what stands last in the chat: a pushed question, or our last screen; then what is open."""
    command, argument = read_command(text)
    if command:
        return (yield from _command(situation, command, argument))
    if text.startswith("/"):
        return (yield from ask_again(situation, situation.texts("wrong.command")))
    if situation.contact.shown_request:
        outcome = yield from _typed_below_push(situation, text)
        if outcome is not None:
            return outcome
    shown = situation.talk.shown
    if not situation.contact.shown_request and shown:
        naming = situation.waiting.get("kind") in {"name", "successor"}
        index = match_option(text, [label for label, _ in shown], numbers=True, exact=naming)
        index = _yes_or_no(text, shown) if index is None else index
        if index is not None:
            return (yield from press(situation, shown[index][1]))
    return (yield from _awaited(situation, text))


def _awaited(situation: Situation, text: str) -> Decision[DecisionResult]:
    """What our last message waits for, or else free words."""
    waiting = situation.waiting
    match waiting.get("kind"):
        case "name":
            return join.answer_name(situation, text, "")
        case "add":
            return (yield from my_reports.add(situation, text))
        case "confirm":
            return compose_request.confirm_typed(situation, text)
        case "reply":
            return (yield from reporter_reply.words(situation, waiting["code"], waiting["verb"], text))
        case "successor":
            return (yield from network.named(situation, waiting["id"], text))
        case "period":
            outcome = yield from period_review.typed(situation, text)
            if outcome is not None:
                return outcome
    return (yield from _free(situation, text, ""))


def _typed_below_push(situation: Situation, text: str) -> Decision[DecisionResult | None]:
    """What words mean where a pushed message stands last: its answer; a bare number never means an older screen."""
    t = situation.texts
    if word_key(text) == word_key(t("menu.tieptuc")):
        return (yield from _continue(situation, ""))
    pushed = yield from _pushed(situation)
    if pushed is not None and answer_request.takes(situation, pushed, text):
        return (yield from answer_request.typed(situation, pushed, text))
    if pushed is not None and answer_request.is_way_back(situation, pushed, text):
        return (yield from _continue(situation, ""))
    choices = situation.contact.shown_choices
    index = match_option(text, [label for label, _ in choices], numbers=True, exact=True)
    if index is not None:
        return (yield from press(situation, choices[index][1]))
    if (outcome := (yield from reporter_reply.typed(situation, choices, text))) is not None:
        return outcome
    why = answer_request.refusal(situation, pushed) if pushed is not None else ""
    is_choice = pushed is not None and answer_request.is_choice_of(situation, pushed, text)
    if pushed is not None and is_choice and not why and pushed.is_answered:
        # the words of a choice, and the question is answered: no report
        return (yield from answer_request.pressed(situation, f"{pushed.id}:open"))
    if read_number(text, 99) is None and not (why and is_choice):
        return None
    if why and situation.talk.draft is None:
        # as where its button is pressed
        return reply(closing(situation, why))
    if pushed is None or why or pushed.is_answered:
        return (yield from ask_again(situation, why))
    return reply(answer_request.repeat(situation, pushed))


def _pushed(situation: Situation) -> Decision[Request | None]:
    """The request whose question stands last in this chat."""
    id = situation.contact.shown_request
    if not id or id.startswith(PUSH_WITHOUT_REQUEST):
        return None
    return (yield from load(FindRequest(id, situation.me, situation.contact.id)))


def _yes_or_no(text: str, shown: list[list[str]]) -> int | None:
    """ "Có" and "không" to "Bác chắc chứ?": its two choices do and leave."""
    if len(shown) != 2 or not shown[0][1].endswith(("!", ":delete")):
        return None
    index = match_option(text, ("Có", "Không", "Yes", "No", "Chắc", "Thôi"), numbers=False)
    return None if index is None else index % 2


def _photo(situation: Situation) -> Decision[DecisionResult]:
    name = situation.event.file.handle if situation.event.file else ""
    if not name:
        return (yield from ask_again(situation, situation.texts("wrong.no_photo")))
    pushed = yield from _pushed(situation)
    if pushed is not None and answer_request.takes_photo(situation, pushed):
        return answer_request.photographed(situation, pushed, Input(text=nfc(situation.event.text), photo=name))
    return (yield from _free(situation, situation.event.text, name))


def _file(situation: Situation) -> Decision[DecisionResult]:
    """A document: for the open draft, where its form takes one; nothing else is done with it."""
    file, draft = situation.event.file, situation.talk.draft
    path = None if draft is None else (yield from walk_of(situation, draft))
    if file is not None and draft is not None and path is not None:
        said = Input(text=nfc(situation.event.text), file=file.handle, title=file.title)
        if taker(path, said) is not None:
            return (yield from step_draft(situation, draft, said))
    return (yield from ask_again(situation, situation.texts("wrong.no_file_here")))


def _free(situation: Situation, text: str, photo: str) -> Decision[DecisionResult]:
    """Words or a picture that are no command and press nothing: the open question's answer, or a report offered."""
    talk = situation.talk
    draft = talk.draft
    if draft is not None:
        stale = situation.now.timestamp() - draft.saved > STALE
        if not stale and situation.waiting.get("kind") != "detour":
            return (yield from step_draft(situation, draft, Input(text=nfc(text), photo=photo)))
    if not photo and is_greeting(text):
        return reply(menu(situation, situation.texts("menu.hello", name=join.given_name(situation.me.name))))
    if not may(situation.me, "reporters"):
        return reply(menu(situation, situation.texts("menu.not_yours")))
    if not photo and join.is_code(text) and (yield from load(FindInvite(join.clean_code(text)))) is not None:
        # somebody's code, and nothing to report
        return (yield from join.start(situation, text))
    why, notice = file_report.keep(situation, text, photo)
    if why:
        return reply(menu(situation, why))
    if talk.drafts:
        return _detour(situation)
    return reply(file_report.offer(situation, notice))


def _detour(situation: Situation, command: str = "") -> DecisionResult:
    """Something new with a half-written draft: the draft is kept, and what is new waits behind the choice."""
    talk = situation.talk
    draft = talk.draft or talk.drafts.get(_FORMS.get(command, "")) or talk.latest
    assert draft is not None
    talk.focus = draft.form
    talk.pending = {"kind": "detour", "command": command}
    return reply(unfinished(situation, draft))


# ------------------------------------------------------------------ commands


def _command(situation: Situation, command: str, argument: str = "") -> Decision[DecisionResult]:
    talk = situation.talk
    if command in _INSIDE:
        return (yield from _way_out(situation, command))
    if command == "start":
        return (yield from join.start(situation, argument))
    if command in _ASIDE:
        return (yield from _ASIDE[command](situation, ""))
    if command in {"trogiup", "gapnguoi"}:
        text = yield from (my_data.help_text(situation) if command == "trogiup" else my_data.person_text(situation))
        outcome = yield from ask_again(situation, text)
        return _with_lessons(situation, outcome) if command == "trogiup" else outcome
    if command == "menu":
        talk.focus = ""
        return reply(menu(situation))
    if not may(situation.me, _COMMANDS[command][1]):
        return (yield from ask_again(situation, situation.texts("menu.not_yours")))
    if talk.draft is not None or _FORMS.get(command) in talk.drafts:
        return _detour(situation, command)
    return (yield from _run(situation, command, argument if command in WITH_PERIOD else ""))


def _with_lessons(situation: Situation, outcome: DecisionResult) -> DecisionResult:
    """Help with nothing open also leads to the lessons, last of its choices; other roles' menus are long already."""
    is_menu = any(choice.data == "c:trogiup" for choice in outcome.messages[-1].choices)
    if situation.me.role == "collaborator" and is_menu:
        last = outcome.messages[-1]
        more = Choice(situation.texts("lesson.label"), "c:baihoc")
        outcome.messages[-1] = replace(last, choices=(*last.choices, more))
    return outcome


#: Words that mean a choice of the open question.
_INSIDE = {"huy": CANCEL, "lui": BACK, "boqua": SKIP}
#: Commands that begin a form: a half-written one of that form comes first.
_FORMS = {
    "baocao": file_report.REPORT,
    "nhapho": file_report.REPORT,
    "thamdo": "compose_poll",
    "baocaonhanh": "compose_rapid",
    "dinhky": "compose_duty",
    "thongbao": "compose_notice",
    "tapviet": file_report.REPORT,
}


def _way_out(situation: Situation, command: str) -> Decision[DecisionResult]:
    """ "Hủy", "lùi", "bỏ qua" for whatever stands last, or is open."""
    talk, waiting = situation.talk, situation.waiting
    if waiting.get("kind") == "name":
        return join.answer_name(situation, "", "n:later")
    if waiting.get("kind") == "add":
        return (yield from my_reports.pressed(situation, f"{waiting['code']}:show"))
    if waiting.get("kind") == "reply":
        return (yield from press(situation, reporter_reply.leave(situation)))
    if waiting.get("kind") == "successor":
        return (yield from network.pressed(situation, f"{waiting['id']}:show"))
    if not situation.contact.shown_request and _is_aside(talk.shown):
        # "Bác chắc chứ?": the last of its choices stays
        return (yield from press(situation, talk.shown[-1][1]))
    pushed = yield from _pushed(situation)
    if situation.contact.shown_request:
        if pushed is not None and command == "boqua" and answer_request.may_skip(situation, pushed):
            return (yield from answer_request.pressed(situation, f"{pushed.id}:{pushed.form.questions[0].id}:{SKIP}"))
        # it was said below a pushed question: it must not end what is half-written above it
        return (yield from ask_again(situation, ""))
    if talk.draft is not None and waiting.get("kind") != "detour":
        return (yield from step_draft(situation, talk.draft, Input(key=_INSIDE[command])))
    return _nothing_to_leave(situation)


def _nothing_to_leave(situation: Situation) -> DecisionResult:
    """What was asked for beside a draft is let go, the draft stays; so are words that waited for "Có" or "Không"."""
    talk = situation.talk
    if situation.waiting.get("kind") == "detour":
        return reply(menu(situation, situation.texts("form.kept")))
    if talk.drafts:
        return _detour(situation)
    key = "report.not_offered" if talk.kept else "menu.nothing_open"
    talk.kept = {}
    return reply(menu(situation, situation.texts(key)))


def _is_aside(shown: list[list[str]]) -> bool:
    """Whether our last screen asks to pause, leave, delete, close or stop."""
    return any(data.startswith("d:") or data.endswith("!") for _, data in shown)


def _run(situation: Situation, command: str, argument: str) -> Decision[DecisionResult]:
    return (yield from _COMMANDS[command][0](situation, argument))


def may(person: Person, roles: str) -> bool:
    """Whether this role has a command: "all", "reporters" (collaborators and coordinators), or a list."""
    if roles == "all":
        return True
    if roles == "reporters":
        return is_reporter(person)
    return person.role in roles.split()


def _tap_command(situation: Situation, rest: str) -> Decision[DecisionResult]:
    name, _, nonce = rest.partition(":")
    if name == "tieptuc":
        return (yield from _continue(situation, nonce))
    if name == "bo":
        return (yield from _drop(situation, nonce))
    if name in _COMMANDS or name in _ASIDE or name in {"menu", "trogiup", "gapnguoi", "start"}:
        return (yield from _command(situation, name))
    return (yield from _old(situation))


def _continue(situation: Situation, nonce: str) -> Decision[DecisionResult]:
    talk = situation.talk
    # a push offers the way back to the report before it can know its draft
    draft = next((d for d in talk.drafts.values() if d.nonce == nonce), None) if nonce else talk.latest
    if draft is None:
        return (yield from _old(situation))
    talk.focus = draft.form
    return (yield from ask_again(situation, ""))


def _drop(situation: Situation, nonce: str) -> Decision[DecisionResult]:
    """ "Bỏ": that draft goes; what waited behind it comes."""
    talk = situation.talk
    draft = next((d for d in talk.drafts.values() if d.nonce == nonce), None)
    if draft is None:
        return (yield from _old(situation))
    talk.drop(draft.form)
    command = situation.waiting.get("command")
    if command:
        return (yield from _command(situation, command))
    if talk.kept:
        return reply(file_report.offer(situation))
    return reply(menu(situation, situation.texts("form.cancelled")))


def _report(situation: Situation, _: str) -> Decision[DecisionResult]:
    return reply(file_report.start(situation))
    yield


def _practise(situation: Situation, _: str) -> Decision[DecisionResult]:
    return reply(file_report.start(situation, practice=True))
    yield


def _offer_answer(situation: Situation, rest: str) -> Decision[DecisionResult]:
    """`yes|no|show:NONCE` of words that wait."""
    key, _, nonce = rest.partition(":")
    if nonce != situation.talk.kept.get("nonce"):
        return (yield from _old(situation))
    if key == "yes" and file_report.REPORT in situation.talk.drafts:
        return _detour(situation)
    if key == "show":
        return reply(file_report.offer(situation))
    return file_report.answer_offer(situation, key)


def _more_report(situation: Situation, rest: str) -> Decision[DecisionResult]:
    if file_report.REPORT in situation.talk.drafts:
        return _detour(situation, "baocao")
    return file_report.more(situation, rest)
    yield


def _name(situation: Situation, key: str) -> Decision[DecisionResult]:
    if situation.me.name:
        return (yield from _old(situation))
    return join.answer_name(situation, "", f"n:{key}")


def _console(situation: Situation, _: str) -> Decision[DecisionResult]:
    """The console is not there yet; the word is its own already, and no report."""
    return reply(menu(situation, situation.texts("menu.no_console")))
    yield


def _consented(situation: Situation, key: str) -> Decision[DecisionResult]:
    """ "Đồng ý" pressed again on an old message: already joined."""
    return (yield from ask_again(situation, situation.texts("join.already")))


_COMMANDS: dict[str, tuple[Handler, str]] = {
    "baocao": (_report, "reporters"),
    "viec": (answer_request.tasks, "all"),
    "cuatoi": (my_reports.listing, "reporters"),
    "hopthu": (report_inbox.opened, "coordinator"),
    "nhapho": (on_behalf.start, "coordinator"),
    "thamdo": (compose_request.polls, "coordinator"),
    "baocaonhanh": (compose_request.rapid, "coordinator"),
    "tiendo": (progress_board.progress, "coordinator leader"),
    "ketqua": (progress_board.results, "coordinator leader"),
    "mangluoi": (network.listing, "coordinator admin"),
    "moi": (network.invite, "coordinator admin"),
    "dinhky": (recurring_requests.listing, "coordinator"),
    "thongbao": (notices.sent, "coordinator"),
    "thongtin": (notices.listing, "all"),
    "tapviet": (_practise, "reporters"),
    "vande": (issues.listing, "coordinator leader"),
    "tonghop": (period_review.opened, "coordinator leader"),
    "xuhuong": (trends.opened, "coordinator leader"),
    "dangnhap": (_console, "coordinator"),
}

#: Screens that stand beside a half-written draft.
_ASIDE: dict[str, Handler] = {
    "dung": my_data.stop,
    "rutdongy": my_data.leave,
    "xoadulieu": my_data.leave,
    "riengtu": my_data.kept,
    "ngonngu": my_data.languages,
    "lienket": link_app.doors,
    "baihoc": read_lesson.opened,
}

_TAPS: dict[str, Handler] = {
    "c": _tap_command,
    "r": answer_request.pressed,
    "z": _offer_answer,
    "m": _more_report,
    "n": _name,
    "j": _consented,
    "i": report_inbox.pressed,
    "y": my_reports.pressed,
    "b": progress_board.pressed,
    "t": compose_request.pressed,
    "k": network.pressed,
    "d": my_data.pressed,
    "l": link_app.pressed,
    "u": recurring_requests.pressed,
    "o": notices.pressed,
    "a": on_behalf.pressed,
    "hoc": read_lesson.pressed,
    "h": reporter_reply.pressed,
    "v": issues.pressed,
    "e": period_review.pressed,
}
