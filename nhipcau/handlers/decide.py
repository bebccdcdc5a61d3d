"""The one pure decision: what a person did, and what follows from it."""

from __future__ import annotations

from collections.abc import Callable

from nhipcau.bot.conversation import BACK, CANCEL, SKIP, Draft, Said, Walk, show
from nhipcau.bot.events import Kind
from nhipcau.bot.messages import Choice, Message
from nhipcau.bot.questions import Misread, match_option
from nhipcau.bot.vietnamese import fold, nfc
from nhipcau.bot.words import read_command
from nhipcau.handlers import answering, boards, composing, inbox, joining, mine, network, reporting, rights
from nhipcau.handlers.screens import is_coordinator, menu
from nhipcau.handlers.situation import Deciding, Outcome, Situation, load, reply
from nhipcau.model.loads import FindRequest
from nhipcau.model.people import Person

#: A draft this long untouched (seconds) is not what new words are about: first "Tiếp tục / Bỏ".
STALE = 6 * 3600

Handler = Callable[[Situation, str], Deciding[Outcome]]


def decide(situation: Situation) -> Deciding[Outcome]:
    """What follows from this event. Changes `situation.talk` in place; everything else is in the outcome."""
    if situation.event.kind is Kind.IGNORED:
        return Outcome()
    if situation.person is None:
        outcome = yield from joining.outside(situation)
    elif situation.event.kind is Kind.BLOCKED:
        outcome = joining.blocked(situation)
    else:
        outcome = yield from _inside(situation)
    _remember(situation, outcome)
    return outcome


def _remember(situation: Situation, outcome: Outcome) -> None:
    """Keep what can be typed next: the choices of a last message that is not a draft's question."""
    if not outcome.messages:
        return
    choices = outcome.messages[-1].choices
    is_question = any(c.data.startswith(("q:", "s:")) for c in choices)
    situation.talk.shown = [] if is_question else [[c.label, c.data] for c in choices]
    draft = situation.talk.draft
    if draft is not None:
        draft.saved = situation.now.timestamp()


def _inside(situation: Situation) -> Deciding[Outcome]:
    event, talk = situation.event, situation.talk
    match event.kind:
        case Kind.TAP:
            return (yield from press(situation, event.data))
        case Kind.TEXT:
            return (yield from _typed(situation, event.text))
        case Kind.PHOTO:
            return (yield from _photo(situation))
        case Kind.VOICE:
            if talk.draft is not None:
                return (yield from ask_again(situation, situation.texts("wrong.voice")))
            return reporting.offer(situation, "", voice=True)
        case Kind.OPENED:
            return (yield from ask_again(situation, ""))
        case _:
            key = event.text if event.text.startswith("wrong.") else "wrong.other"
            return (yield from ask_again(situation, situation.texts(key)))


# ------------------------------------------------------------------ taps


def press(situation: Situation, data: str) -> Deciding[Outcome]:
    """A pressed choice, or typed words that mean one."""
    kind, _, rest = data.removeprefix("s:").partition(":") if data.startswith("s:r:") else data.partition(":")
    if kind in {"q", "s"}:
        return (yield from _press_question(situation, rest))
    handler = _TAPS.get(kind)
    if handler is None:
        return (yield from _old(situation))
    return (yield from handler(situation, rest))


def _press_question(situation: Situation, rest: str) -> Deciding[Outcome]:
    nonce, _, tail = rest.partition(":")
    step, _, key = tail.partition(":")
    talk = situation.talk
    name = next((name for name, draft in talk.drafts.items() if draft.nonce == nonce), None)
    if name is None or step != str(talk.drafts[name].step):
        return (yield from _old(situation))
    talk.focus = name
    return (yield from step_draft(situation, talk.drafts[name], Said(key=key, ref=situation.event.ref)))


def _old(situation: Situation) -> Deciding[Outcome]:
    """An old button answers nothing: it says so and shows what is open now."""
    return (yield from ask_again(situation, situation.texts("wrong.old")))


def step_draft(situation: Situation, draft: Draft, said: Said) -> Deciding[Outcome]:
    """One act inside the draft, by the handler of its form."""
    talk = situation.talk
    talk.pending = {}
    if draft.form == reporting.REPORT:
        return (yield from reporting.step(situation, draft, said))
    if draft.form.startswith("compose_"):
        return (yield from composing.step(situation, draft, said))
    return (yield from answering.step(situation, draft, said))


def ask_again(situation: Situation, preface: str) -> Deciding[Outcome]:
    """The open question once more below a sentence; the menu where nothing is open."""
    draft = situation.talk.draft
    if situation.talk.pending.get("kind") == "name":
        return reply(joining._ask_name(situation, preface))
    if draft is None:
        return reply(menu(situation, preface))
    path = yield from walk_of(situation, draft)
    if path is None:
        return reply(menu(situation, preface))
    return reply(show(path, draft, preface))


def walk_of(situation: Situation, draft: Draft) -> Deciding[Walk | None]:
    """How to walk this draft, or None where its request is no longer there (the draft is dropped)."""
    if draft.form == reporting.REPORT:
        return reporting.walk(situation)
    if draft.form.startswith("compose_"):
        return composing.walk(situation, draft)
    path = yield from answering.walk_of(situation, draft)
    if path is None:
        situation.talk.drafts.pop(draft.form, None)
        situation.talk.focus = ""
    return path


# ------------------------------------------------------------------ words


def _typed(situation: Situation, text: str) -> Deciding[Outcome]:
    command, argument = read_command(text)
    if command:
        return (yield from _command(situation, command, argument))
    talk = situation.talk
    kind = talk.pending.get("kind")
    index = match_option(text, [label for label, _ in talk.shown], numbers=True) if talk.shown else None
    if index is not None:
        return (yield from press(situation, talk.shown[index][1]))
    if kind == "name":
        return joining.answer_name(situation, text, "")
    if kind == "add":
        return (yield from mine.add(situation, text))
    if kind == "confirm" and talk.draft is not None:
        return composing.confirm_typed(situation, talk.draft, text)
    return (yield from _free(situation, text, ""))


def _photo(situation: Situation) -> Deciding[Outcome]:
    name = situation.event.file.handle if situation.event.file else ""
    if not name:
        return (yield from ask_again(situation, situation.texts("wrong.no_photo")))
    return (yield from _free(situation, situation.event.text, name))


def _free(situation: Situation, text: str, photo: str) -> Deciding[Outcome]:
    """Words or a picture that are no command and press nothing: the open question's answer, or a report offered."""
    talk = situation.talk
    draft = talk.draft
    if draft is not None:
        if situation.now.timestamp() - draft.saved > STALE or talk.pending.get("kind") == "detour":
            return _detour(situation, {"text": reporting_text(situation, text), "photo": photo})
        return (yield from step_draft(situation, draft, Said(text=nfc(text), photo=photo)))
    shown = situation.contact.shown_request
    if shown and not photo:
        request = yield from load(FindRequest(shown, situation.me.id, situation.contact.id))
        if request is not None and answering.takes(situation, request, text):
            return (yield from answering.typed(situation, request, text))
    if talk.drafts:
        return _detour(situation, {"text": reporting_text(situation, text), "photo": photo})
    if not photo and _is_greeting(text):
        return reply(menu(situation, situation.texts("menu.hello", name=joining.given_name(situation.me.name))))
    return reporting.offer(situation, text, photo)


def reporting_text(situation: Situation, text: str) -> str:
    """New words kept while "Tiếp tục / Bỏ" is asked: masked at once, or nothing for a secrecy mark."""
    try:
        return reporting.screen_text(situation, nfc(text))[0] if text else ""
    except Misread:
        return ""


def _is_greeting(text: str) -> bool:
    words = fold(text).strip(" .!?").split()
    return len(words) <= 4 and bool({"chao", "hello", "hi", "alo", "ok", "vang", "da", "cam"} & set(words[:2]))


def _detour(situation: Situation, waiting: dict[str, str]) -> Outcome:
    """Something new with a half-written draft: it is kept, and so are the new words."""
    talk, say = situation.talk, situation.texts
    talk.pending = {"kind": "detour", **waiting}
    name = talk.focus or next(iter(talk.drafts))
    what = say(f"draft.{name.partition(':')[0]}")
    choices = (Choice(say("form.go_on"), "c:tieptuc"), Choice(say("form.drop"), "c:bo"))
    return reply(Message(say("form.unfinished", what=what), choices))


# ------------------------------------------------------------------ commands


def _command(situation: Situation, command: str, argument: str = "") -> Deciding[Outcome]:
    talk, draft = situation.talk, situation.talk.draft
    if command in _INSIDE:
        return (yield from _way_out(situation, command))
    if command == "start":
        return (yield from joining.start(situation, argument))
    if command in _ASIDE:
        return (yield from _ASIDE[command](situation, ""))
    if command in {"trogiup", "gapnguoi"}:
        text = yield from (rights.help_text(situation) if command == "trogiup" else rights.person_text(situation))
        return (yield from ask_again(situation, text))
    if command == "menu":
        talk.focus = ""
        return reply(menu(situation))
    if draft is not None:
        return _detour(situation, {"command": command})
    return (yield from _run(situation, command))


#: Words that mean a choice of the open question.
_INSIDE = {"huy": CANCEL, "lui": BACK, "boqua": SKIP}


def _way_out(situation: Situation, command: str) -> Deciding[Outcome]:
    """ "Hủy", "lùi", "bỏ qua" for whatever is open now."""
    talk, shown = situation.talk, situation.contact.shown_request
    naming = talk.pending.get("kind") == "name"
    talk.pending = {"kind": "name"} if naming else {}
    if talk.draft is not None:
        return (yield from step_draft(situation, talk.draft, Said(key=_INSIDE[command])))
    if naming:
        return joining.answer_name(situation, "", "n:later")
    if command == "boqua" and shown:
        request = yield from load(FindRequest(shown, situation.me.id, situation.contact.id))
        if request is not None and request.kind == "poll":
            return (yield from answering.pressed(situation, f"{request.id}:{request.form.questions[0].id}:{SKIP}"))
    return reply(menu(situation, situation.texts("menu.nothing_open")))


def _run(situation: Situation, command: str) -> Deciding[Outcome]:
    handler, roles = _COMMANDS[command]
    if not may(situation.me, roles):
        return reply(menu(situation, situation.texts("menu.not_yours")))
    return (yield from handler(situation, ""))


def may(person: Person, roles: str) -> bool:
    """Whether this role has a command: "all", "reporters" (collaborators and coordinators), or a list."""
    if roles == "all":
        return True
    if roles == "reporters":
        return person.role == "collaborator" or is_coordinator(person)
    return person.role in roles.split()


def _tap_command(situation: Situation, name: str) -> Deciding[Outcome]:
    if name == "tieptuc":
        return (yield from _continue(situation))
    if name == "bo":
        return (yield from _drop(situation))
    if name in _COMMANDS or name in _ASIDE or name in {"menu", "trogiup", "gapnguoi", "start"}:
        return (yield from _command(situation, name))
    return (yield from _old(situation))


def _continue(situation: Situation) -> Deciding[Outcome]:
    talk = situation.talk
    talk.pending = {}
    if talk.focus not in talk.drafts:
        talk.focus = next(iter(talk.drafts), "")
    return (yield from ask_again(situation, ""))


def _drop(situation: Situation) -> Deciding[Outcome]:
    """ "Bỏ": the draft goes; what waited behind it comes."""
    talk = situation.talk
    waiting, talk.pending = talk.pending, {}
    talk.drafts.pop(talk.focus or next(iter(talk.drafts), ""), None)
    talk.focus = ""
    command = waiting.get("command")
    if command:
        return (yield from _run(situation, command))
    if waiting.get("text") or waiting.get("photo"):
        return reporting.offer(situation, waiting.get("text", ""), waiting.get("photo", ""))
    return reply(menu(situation, situation.texts("form.cancelled")))


def _report(situation: Situation, _: str) -> Deciding[Outcome]:
    return reply(reporting.start(situation))
    yield


def _on_behalf(situation: Situation, _: str) -> Deciding[Outcome]:
    return reply(reporting.start(situation, on_behalf=True))
    yield


def _offer_answer(situation: Situation, key: str) -> Deciding[Outcome]:
    return reporting.answer_offer(situation, key)
    yield


def _more_report(situation: Situation, rest: str) -> Deciding[Outcome]:
    if situation.talk.draft is not None:
        return _detour(situation, {"command": "baocao"})
    return reporting.more(situation, f"m:{rest}")
    yield


def _name(situation: Situation, key: str) -> Deciding[Outcome]:
    if situation.talk.pending.get("kind") != "name":
        return (yield from _old(situation))
    return joining.answer_name(situation, "", f"n:{key}")


def _consented(situation: Situation, key: str) -> Deciding[Outcome]:
    """ "Đồng ý" pressed again on an old message: already joined."""
    return (yield from ask_again(situation, situation.texts("join.already")))


_COMMANDS: dict[str, tuple[Handler, str]] = {
    "baocao": (_report, "reporters"),
    "viec": (answering.tasks, "all"),
    "cuatoi": (mine.listing, "reporters"),
    "hopthu": (inbox.opened, "coordinator"),
    "nhapho": (_on_behalf, "coordinator"),
    "thamdo": (composing.polls, "coordinator"),
    "baocaonhanh": (composing.rapid, "coordinator"),
    "tiendo": (boards.progress, "coordinator leader"),
    "ketqua": (boards.results, "coordinator leader"),
    "mangluoi": (network.listing, "coordinator admin"),
    "moi": (network.invite, "coordinator admin"),
}

#: Screens that stand beside a half-written draft.
_ASIDE: dict[str, Handler] = {
    "dung": rights.stop,
    "rutdongy": rights.leave,
    "xoadulieu": rights.leave,
    "riengtu": rights.kept,
    "ngonngu": rights.languages,
}

_TAPS: dict[str, Handler] = {
    "c": _tap_command,
    "r": answering.pressed,
    "z": _offer_answer,
    "m": _more_report,
    "n": _name,
    "j": _consented,
    "i": inbox.pressed,
    "y": mine.pressed,
    "b": boards.pressed,
    "t": composing.pressed,
    "k": network.pressed,
    "d": rights.pressed,
}
