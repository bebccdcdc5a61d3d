"""A coordinator asks: a poll of one question, or a rapid request; whom, until when, a preview, then send."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from nhipcau.bot.builtin import builtin_form
from nhipcau.bot.conversation import answer
from nhipcau.bot.drafts import SUMMARY, Draft, End, Found, Said, Walk
from nhipcau.bot.forms import Form, Option, Question, QuestionKind
from nhipcau.bot.messages import Choice, Message
from nhipcau.bot.questions import Misread
from nhipcau.bot.request_files import LONGEST_CHOICE, MOST_CHOICES, why_no_choice
from nhipcau.bot.showing import begin, show
from nhipcau.bot.texts import Texts, texts
from nhipcau.bot.units import Unit
from nhipcau.bot.vietnamese import fold, nfc
from nhipcau.handlers import pushing
from nhipcau.handlers.reporting import places_found, screen_text
from nhipcau.handlers.screens import closing, is_coordinator, menu, short_title
from nhipcau.handlers.situation import Deciding, Outcome, Situation, load, reply
from nhipcau.model.loads import Audience, CountAudience, CountReach, Reached, Request, RequestsOf
from nhipcau.model.writes import OpenRequest
from nhipcau.privacy.suppression import K

#: Above this many people a typed number confirms, and there is a minute to take it back.
MANY = 50
UNDO = timedelta(seconds=60)
#: Running ones offered for stopping; all of them stand under "tiến độ".
_LISTED = 6
_OWN = "own"
_SETS = {"yesno": "yesno", "agree": "choice", "scale": "scale", "text": "text"}
_HOURS = {"1d": 24, "3d": 72, "7d": 168, "2h": 2, "6h": 6, "24h": 24, "48h": 48}


def polls(situation: Situation, _: str) -> Deciding[Outcome]:
    """`/thamdo`: make one, or stop one that runs."""
    return (yield from _entry(situation, "poll"))


def rapid(situation: Situation, _: str) -> Deciding[Outcome]:
    return (yield from _entry(situation, "rapid"))


def _entry(situation: Situation, kind: str) -> Deciding[Outcome]:
    say = situation.texts
    running = yield from load(RequestsOf(situation.me.unit.path, (kind,), ("open", "scheduled")))
    if not running:
        return reply(_begin(situation, kind))
    choices = [Choice(say(f"compose.new_{kind}"), f"t:new:{kind}")]
    choices += [Choice(say("compose.stop", title=short_title(r.title)), f"b:{r.id}:stop") for r in running[:_LISTED]]
    return reply(Message(say("compose.running", n=len(running)), tuple(choices)))


def _begin(situation: Situation, kind: str) -> Message:
    name = f"compose_{kind}"
    draft = Draft(form=name, nonce=situation.new_id("nonce"))
    situation.talk.drafts[name] = draft
    situation.talk.focus = name
    return begin(walk(situation, draft), draft)


def walk(situation: Situation, draft: Draft) -> Walk:
    say, tree, person = situation.texts, situation.office.tree, situation.me
    below = tree.below(person.unit)

    def options(question: Question, draft: Draft) -> list[Option]:
        if question.source == "answer_sets":
            typed = [Option(_OWN, " / ".join(draft.extra["labels"]))] if draft.extra.get("labels") else []
            return [*typed, *(Option(key, say(f"compose.set.{key}")) for key in _SETS)]
        if question.source == "audience_units":
            near = [u for u in below if u.id == person.unit.id or u.parent_id == person.unit.id]
            return [Option(u.code, u.name) for u in near]
        return list(question.options)

    def search(question: Question, text: str) -> Found:
        if question.source == "answer_sets":
            labels = _own_labels(situation, text)
            if labels:
                draft.extra["labels"] = labels
            return Found((Option(_OWN, " / ".join(labels)),)) if labels else Found()
        return places_found(tree.search(text, below), say)

    def keep(text: str) -> tuple[str, str]:
        return screen_text(situation, text)

    return Walk(
        form=builtin_form(draft.form, say.language),
        texts=say,
        options=options,
        screen=keep,
        summary=lambda draft: _preview(situation, draft),
        search=search,
        today=situation.today,
    )


def _own_labels(situation: Situation, text: str) -> list[str]:
    """ "Có / Không / Chưa rõ" as one answer set, masked like all words; nothing where it can't be one."""
    try:
        masked, _ = screen_text(situation, nfc(text))
    except Misread:
        return []
    labels = [label.strip() for label in re.split(r"[/;|\n]", masked) if label.strip()]
    seen: set[str] = set()
    for label in labels:
        if len(label) > LONGEST_CHOICE or why_no_choice(label, seen):
            return []
        seen.add(fold(label))
    return labels if 2 <= len(labels) <= MOST_CHOICES else []


def step(situation: Situation, draft: Draft, said: Said) -> Deciding[Outcome]:
    path = walk(situation, draft)
    done = answer(path, draft, said)
    if done.end is End.CANCELLED:
        _forget(situation, draft)
        return reply(menu(situation, situation.texts("form.cancelled")))
    if draft.at != SUMMARY:
        return reply(done.message)
    people = yield from load(CountAudience(_audience(situation, draft)))
    draft.extra["people"] = people
    least = K if draft.form == "compose_poll" else 1
    if people < least:
        draft.at = "unit"
        draft.mending = []
        draft.answers.pop("unit", None)
        draft.trail = [id for id in draft.trail if id != "unit"]
        key = "compose.too_few" if draft.form == "compose_poll" else "compose.nobody"
        return reply(show(path, draft, situation.texts(key, n=people, k=K)))
    if done.end is End.SENT:
        return _send_or_confirm(situation, draft, people)
    draft.extra["reach"] = reach_lines((yield from load(CountReach(_audience(situation, draft)))), situation.texts)
    return reply(show(path, draft))


def _forget(situation: Situation, draft: Draft) -> None:
    situation.talk.drafts.pop(draft.form, None)
    situation.talk.focus = ""


def _unit(situation: Situation, draft: Draft) -> Unit:
    unit = situation.office.tree.by_code.get(str(draft.answers.get("unit")))
    return unit if unit is not None and situation.me.unit.holds(unit) else situation.me.unit


def _audience(situation: Situation, draft: Draft) -> Audience:
    roles = {"both": ("collaborator", "coordinator"), "coordinator": ("coordinator",)}
    chosen = roles.get(str(draft.answers.get("roles")), ("collaborator",))
    return Audience((_unit(situation, draft).path,), chosen)


def _form(situation: Situation, draft: Draft, id: str) -> Form:
    """The request's own form, as a file would have given it."""
    answers = draft.answers
    text = str(answers["question"])
    if draft.form == "compose_rapid":
        return Form(id, str(answers["title"]), (Question("q1", QuestionKind.TEXT, text),))
    chosen = str(answers["options"])
    if chosen == _OWN:
        kind, labels = QuestionKind.CHOICE, list(draft.extra["labels"])
    else:
        kind = QuestionKind(_SETS[chosen])
        labels = texts(situation.office.language)("compose.agree_labels").split("|") if chosen == "agree" else []
    options = tuple(Option(str(n), label) for n, label in enumerate(labels, start=1))
    return Form(id, _title(text), (Question("q1", kind, text, options),))


def _title(text: str) -> str:
    return text if len(text) <= 60 else text[:57].rsplit(" ", 1)[0] + "…"


def _request(situation: Situation, draft: Draft, id: str, opens: datetime, people: int) -> Request:
    kind = draft.form.removeprefix("compose_")
    closes = opens + timedelta(hours=_HOURS[str(draft.answers["close"])])
    form = _form(situation, draft, id)
    urgent = kind == "rapid"
    return Request(id, kind, situation.me.unit, form.title, "", form, False, urgent, "scheduled", opens, closes, people)


def _preview(situation: Situation, draft: Draft) -> str:
    say, people = situation.texts, int(draft.extra.get("people", 0))
    request = _request(situation, draft, "0", _opens_at(situation, draft, people), people)
    shown = pushing.ask(request, situation.office.zone, say)
    lines = [say("compose.preview"), "———", shown.text, *(f"[{c.label}]" for c in shown.choices), "———"]
    lines.append(say("compose.people", n=people, unit=_unit(situation, draft).name))
    lines += draft.extra.get("reach", [])
    if _is_held(situation, draft):
        lines.append(say("compose.held", time=_opening(situation)))
    return "\n".join(lines)


def reach_lines(reached: Reached, say: Texts) -> list[str]:
    """What apps with a window or a plan mean for this sending; nothing where none of them is used."""
    lines = []
    if reached.free or reached.paid:
        lines.append(say("reach.window", free=reached.free, paid=reached.paid, price=number(reached.price)))
    if reached.other_door:
        lines.append(say("reach.other_door", n=reached.other_door))
    if reached.unreached:
        lines.append(say("reach.unreached", n=reached.unreached))
    for channel, sent, most in reached.plans:
        more = dict(reached.by_channel)[channel]
        key = "reach.plan_over" if sent + more > most else "reach.plan"
        name = say(f"channel.{channel}")
        lines.append(say(key, channel=name, sent=number(sent), most=number(most), n=number(more)))
    return lines


def number(value: int) -> str:
    """12345 as Vietnamese writes it: 12.345."""
    return f"{value:,}".replace(",", ".")


def _is_held(situation: Situation, draft: Draft) -> bool:
    return draft.form == "compose_poll" and situation.office.quiet.holds(situation.local)


def _opens_at(situation: Situation, draft: Draft, people: int) -> datetime:
    """Now, after the minute to take it back, or when the quiet hours end."""
    if _is_held(situation, draft) and not draft.extra.get("now"):
        return situation.office.quiet.next_open(situation.local)
    return situation.now + (UNDO if people > MANY else timedelta())


def _opening(situation: Situation) -> str:
    return f"{situation.office.quiet.next_open(situation.local):%H:%M}"


def _send_or_confirm(situation: Situation, draft: Draft, people: int) -> Outcome:
    """ "Gửi": held in quiet hours unless they say now; a large audience is confirmed by typing its number."""
    say = situation.texts
    if _is_held(situation, draft) and "now" not in draft.extra:
        time = _opening(situation)
        choices = (
            Choice(say("compose.at", time=time), f"t:later:{draft.nonce}"),
            Choice(say("compose.now"), f"t:now:{draft.nonce}"),
        )
        return reply(Message(say("compose.held", time=time), choices))
    if people > MANY:
        return reply(_ask_number(situation, draft, people))
    return _send(situation, draft, people)


def pressed(situation: Situation, rest: str) -> Deciding[Outcome]:
    verb, _, what = rest.partition(":")
    if verb == "new" and what in {"poll", "rapid"} and is_coordinator(situation.me):
        kept = situation.talk.drafts.get(f"compose_{what}")
        if kept is not None:
            situation.talk.focus = kept.form
            return reply(show(walk(situation, kept), kept))
        return reply(_begin(situation, what))
    draft = next((d for d in situation.talk.drafts.values() if d.nonce == what), None)
    if verb == "back" and draft is not None and draft.at == SUMMARY:
        situation.talk.focus = draft.form
        return reply(show(walk(situation, draft), draft))
    if verb not in {"now", "later"} or not is_coordinator(situation.me) or draft is None or draft.at != SUMMARY:
        return reply(menu(situation, situation.texts("wrong.old")))
    draft.extra["now"] = verb == "now"
    people = yield from load(CountAudience(_audience(situation, draft)))
    return _send_or_confirm(situation, draft, people)


def _ask_number(situation: Situation, draft: Draft, people: int) -> Message:
    situation.talk.pending = {"kind": "confirm", "nonce": draft.nonce}
    back = Choice(situation.texts("form.back"), f"t:back:{draft.nonce}")
    return Message(situation.texts("compose.confirm", n=people), (back,))


def confirm_typed(situation: Situation, text: str) -> Outcome:
    """The number of people, typed, sends; anything else keeps the draft."""
    nonce = situation.waiting.get("nonce")
    draft = next((d for d in situation.talk.drafts.values() if d.nonce == nonce), None)
    if draft is None or draft.at != SUMMARY or not is_coordinator(situation.me):
        return reply(menu(situation, situation.texts("wrong.old")))
    people = int(draft.extra.get("people", 0))
    if text.strip().replace(".", "") == str(people):
        return _send(situation, draft, people)
    return reply(_ask_number(situation, draft, people))


def _send(situation: Situation, draft: Draft, people: int) -> Outcome:
    say = situation.texts
    id = situation.new_id("request")
    opens = _opens_at(situation, draft, people)
    request = _request(situation, draft, id, opens, people)
    write: Any = OpenRequest(
        id=id,
        kind=request.kind,
        unit_id=request.unit.id,
        title=request.title,
        intro="",
        form=request.form.to_json(),
        audience=_audience(situation, draft),
        sealed=False,
        urgent=request.urgent or bool(draft.extra.get("now")),
        opens_at=opens,
        closes_at=request.closes_at,
        asked_by=situation.me.id,
    )
    held = opens > situation.now + UNDO
    _forget(situation, draft)
    key = "compose.waiting" if held else "compose.sent"
    until = pushing.moment(request.closes_at, situation.office.zone, say)
    choices = [Choice(say("menu.tiendo"), f"b:{id}:show")]
    if opens > situation.now:
        choices.append(Choice(say("compose.undo"), f"b:{id}:undo", beside=True))
    said = say(key, n=people, until=until, time=f"{opens.astimezone(situation.office.zone):%H:%M}")
    return reply(closing(situation, said, *choices), writes=[write])
