"""A field report: from one sentence to a receipt."""

from __future__ import annotations

from typing import Any

from nhipcau.bot.builtin import builtin_form
from nhipcau.bot.conversation import SUMMARY, Draft, End, Said, Step, Walk, answer, begin, one_line, show
from nhipcau.bot.forms import Option, Question
from nhipcau.bot.messages import Choice, Message
from nhipcau.bot.questions import Misread
from nhipcau.bot.topics import TOPICS, guess
from nhipcau.handlers.screens import closing, menu
from nhipcau.handlers.situation import Deciding, Outcome, Situation, load, reply
from nhipcau.model.loads import AreaReaders
from nhipcau.model.writes import FileReport, RingCoordinators
from nhipcau.privacy.screening import has_secrecy_mark, screen

REPORT = "report"
#: Fewer collaborators than this in an area: a reader may guess who wrote, and the summary says so.
FEW = 5


def screen_text(situation: Situation, text: str) -> tuple[str, str]:
    """The masked text and one sentence about what was masked (or ""). Raises Misread for a secrecy mark."""
    if has_secrecy_mark(text):
        raise Misread("secret")
    screened = screen(text)
    if not screened.found:
        return screened.text, ""
    say = situation.texts
    counts: dict[str, int] = {}
    for found in screened.found:
        counts[found.kind] = counts.get(found.kind, 0) + 1
    parts = [f"{n} {say('mask.' + kind)}" for kind, n in counts.items()]
    what = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {say('mask.and')} {parts[-1]}"
    return screened.text, say("mask.done", what=what, text=screened.text)


def walk(situation: Situation) -> Walk:
    say, tree = situation.texts, situation.office.tree

    def options(question: Question, draft: Draft) -> list[Option]:
        if question.source == "topics":
            guessed = guess(str(draft.answers.get("content") or ""))
            codes = [*guessed, *(code for code in TOPICS if code not in guessed)]
            return [Option(code, say(f"topic.{code}")) for code in codes]
        if question.source == "areas":
            return [Option(u.code, u.name) for u in tree.near(situation.me.unit)]
        return list(question.options)

    def search(question: Question, text: str) -> list[str]:
        return [u.code for u in tree.search(text, tree.areas)] if question.source == "areas" else []

    return Walk(
        form=builtin_form(REPORT, say.language),
        texts=say,
        options=options,
        screen=lambda text: screen_text(situation, text),
        summary=lambda draft: _summary(situation, draft),
        search=search,
        today=situation.today,
    )


def _summary(situation: Situation, draft: Draft) -> str:
    say = situation.texts
    path = walk_lines(situation)
    lines = [say("form.check"), "• " + " – ".join(one_line(path, draft, id) for id in _LEVELS)]
    lines.append(f'• "{draft.answers["content"]}"')
    extras = [id for id in ("proposal", "groups", "source", "photos") if draft.answers.get(id)]
    lines += [f"• {say(f'report.{id}.line')}: {one_line(path, draft, id)}" for id in extras]
    if draft.answers.get("urgency") == "khan":
        lines.append(say("report.emergency"))
    if draft.extra.get("few"):
        lines.append(say("report.few"))
    return "\n".join(lines)


_LEVELS = ("topic", "area", "spread", "mood", "urgency")


def walk_lines(situation: Situation) -> Walk:
    """The walk without its summary, for putting answers into words."""
    full = walk(situation)
    return Walk(form=full.form, texts=full.texts, options=full.options)


def new_draft(situation: Situation, answers: dict[str, Any] | None = None, **extra: Any) -> Draft:
    draft = Draft(form=REPORT, nonce=situation.new_id("nonce"), answers=dict(answers or {}), extra=extra)
    situation.talk.drafts[REPORT] = draft
    situation.talk.focus = REPORT
    return draft


def start(situation: Situation, answers: dict[str, Any] | None = None, *, on_behalf: bool = False) -> Message:
    """Ask for the one sentence. `answers`: what is kept from the report before."""
    draft = new_draft(situation, answers, on_behalf=on_behalf)
    preface = situation.texts("report.on_behalf") if on_behalf else ""
    return begin(walk(situation), draft, preface)


def offer(situation: Situation, text: str, photo: str = "", *, voice: bool = False) -> Outcome:
    """Free words or a picture with nothing open: offered as a report, lost in no case."""
    say = situation.texts
    if voice:
        return reply(begin(walk(situation), new_draft(situation), say("wrong.voice")))
    try:
        masked, notice = screen_text(situation, text) if text else ("", "")
    except Misread:
        return reply(menu(situation, say("wrong.secret")))
    situation.talk.pending = {"kind": "offer", "text": masked, "photo": photo}
    quoted = notice or (f'"{masked}"' if masked else say("report.photo_in"))
    choices = (Choice(say("form.yes"), "z:yes"), Choice(say("form.no"), "z:no"))
    return reply(Message(quoted + "\n" + say("report.offer" if masked else "report.offer_photo"), choices))


def answer_offer(situation: Situation, key: str) -> Outcome:
    """ "Có": the words kept are the report's first answer."""
    kept, situation.talk.pending = situation.talk.pending, {}
    if key != "yes" or kept.get("kind") != "offer":
        return reply(menu(situation, situation.texts("report.not_offered")))
    answers: dict[str, Any] = {}
    if kept.get("text"):
        answers["content"] = kept["text"]
    if kept.get("photo"):
        answers["photos"] = [kept["photo"]]
    draft = new_draft(situation, answers)
    if "content" in answers:
        draft.trail = ["content"]
    return reply(begin(walk(situation), draft))


def more(situation: Situation, data: str) -> Outcome:
    """ "Báo thêm việc khác": keeps topic and area (m:GT:X06040)."""
    _, topic, area = [*data.split(":"), "", ""][:3]
    kept = {}
    if topic in TOPICS and area in situation.office.tree.by_code:
        kept = {"topic": topic, "area": area}
    return reply(start(situation, kept))


def step(situation: Situation, draft: Draft, said: Said) -> Deciding[Outcome]:
    """One act inside a report."""
    path = walk(situation)
    done = answer(path, draft, said)
    if done.end is End.CANCELLED:
        situation.talk.drafts.pop(REPORT, None)
        situation.talk.focus = ""
        return reply(menu(situation, situation.texts("form.cancelled")))
    if done.end is End.SENT:
        return _file(situation, draft)
    yield from _note_few(situation, draft)
    return reply(_shown_again(path, draft, done))


def _note_few(situation: Situation, draft: Draft) -> Deciding[None]:
    """Before the summary: do few collaborators serve in the chosen area?"""
    if draft.at != SUMMARY or draft.extra.get("few_of") == draft.answers.get("area"):
        return
    area = situation.office.tree.by_code[draft.answers["area"]]
    readers = yield from load(AreaReaders(area.path))
    draft.extra["few"] = readers < FEW
    draft.extra["few_of"] = area.code
    draft.extra["again"] = True


def _shown_again(path: Walk, draft: Draft, done: Step) -> Message | None:
    """The summary once more where a fact for it was loaded only now."""
    if not draft.extra.pop("again", False) or done.message is None:
        return done.message
    first = path.texts("form.check")
    preface = done.message.text.split(first)[0].strip()
    return show(path, draft, preface)


def _file(situation: Situation, draft: Draft) -> Outcome:
    say, talk, answers = situation.texts, situation.talk, draft.answers
    area = situation.office.tree.by_code[answers["area"]]
    code = situation.new_id("code")
    values = {
        "day": situation.today,
        "topic": answers["topic"],
        "area_id": area.id,
        "mood": answers["mood"],
        "spread": int(answers["spread"]),
        "urgency": answers["urgency"],
        "groups": ",".join(answers.get("groups") or []),
        "source": "nhap_ho" if draft.extra.get("on_behalf") else answers.get("source") or "",
        "text": answers["content"],
        "proposal": answers.get("proposal") or "",
        "state": "new",
    }
    writes: list[Any] = [FileReport(code, situation.me.id, values, tuple(answers.get("photos") or ()))]
    if answers["urgency"] == "khan":
        ring = Message(
            say("report.ring", topic=say(f"topic.{answers['topic']}"), area=area.name, code=code),
            (Choice(say("report.open"), f"i:{code}:show"),),
        )
        writes.append(RingCoordinators(area.path, ring))
    talk.drafts.pop(REPORT, None)
    talk.focus = ""
    receipt = closing(
        situation,
        say("report.done", code=code),
        Choice(say("report.more"), f"m:{answers['topic']}:{area.code}"),
        Choice(say("menu.cuatoi"), "c:cuatoi", beside=True),
    )
    return reply(receipt, writes=writes)
