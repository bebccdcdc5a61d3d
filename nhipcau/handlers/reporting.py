"""A field report: from one sentence to a receipt."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from nhipcau.bot.builtin import builtin_form
from nhipcau.bot.conversation import answer
from nhipcau.bot.drafts import SUMMARY, Draft, End, Found, Said, Step, Walk
from nhipcau.bot.forms import Option, Question
from nhipcau.bot.messages import Choice, Message
from nhipcau.bot.places import Place
from nhipcau.bot.questions import LONGEST, Misread, check_words
from nhipcau.bot.showing import begin, one_line, show
from nhipcau.bot.texts import Texts
from nhipcau.bot.topics import TOPICS, guess
from nhipcau.bot.units import Unit
from nhipcau.bot.vietnamese import nfc
from nhipcau.handlers import practising, supporting
from nhipcau.handlers.screens import closing, is_coordinator, menu
from nhipcau.handlers.situation import Deciding, Outcome, Situation, load, reply
from nhipcau.model.loads import AreaReaders
from nhipcau.model.writes import FileReport, RingCoordinators
from nhipcau.privacy.screening import has_secrecy_mark, screen

REPORT = "report"
#: Pictures of one report: with its words they are three bubbles to whoever reads it.
MOST_PHOTOS = 2
#: Fewer collaborators than this in an area: a reader may guess who wrote, and the summary says so.
FEW = 5


def refuse_secrets(text: str) -> tuple[str, str]:
    """The text as it is: the office's own words. Raises Misread for a secrecy mark."""
    if has_secrecy_mark(text):
        raise Misread("secret")
    return text, ""


def screen_text(situation: Situation, text: str) -> tuple[str, str]:
    """The masked text and one sentence about what was masked (or ""). Raises Misread for a secrecy mark, and for more
    words than any answer may have: screening takes its time."""
    refuse_secrets(text)
    if len(text) > LONGEST:
        raise Misread("long", length=len(text), most=LONGEST)
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


def _areas(units: Sequence[Unit]) -> list[Option]:
    return [_option(unit.code, unit.name) for unit in units]


def places_found(places: Sequence[Place], say: Texts) -> Found:
    """As choices that say why they are offered: "Phường Đông Kinh (Vĩnh Trại cũ)"."""
    named = [(p.unit.code, say("form.was", name=p.unit.name, was=p.was) if p.was else p.unit.name) for p in places]
    return Found(tuple(_option(code, label) for code, label in named), all(place.is_sure for place in places))


#: A province has a hundred areas, and each is offered at every report, as are all topics.
_option = lru_cache(maxsize=2048)(Option)


def walk(situation: Situation, draft: Draft | None = None) -> Walk:
    """How to walk a report. `draft`: the one walked, where it may be one written to practise."""
    say, tree = situation.texts, situation.office.tree

    def options(question: Question, draft: Draft) -> list[Option]:
        if question.source == "topics":
            guessed = guess(str(draft.answers.get("content") or ""))
            codes = [*guessed, *(code for code in TOPICS if code not in guessed)]
            return [_option(code, say(f"topic.{code}")) for code in codes]
        if question.source == "areas":
            return _areas(tree.near(situation.me.unit))
        return list(question.options)

    def search(question: Question, text: str) -> Found:
        return places_found(tree.search(text, tree.areas), say) if question.source == "areas" else Found()

    return Walk(
        form=builtin_form(REPORT, say.language),
        texts=say,
        options=options,
        screen=lambda text: screen_text(situation, text),
        summary=lambda draft: _summary(situation, draft),
        search=search,
        offers=lambda draft: supporting.offers(situation, draft),
        today=situation.today,
        banner=say("practice.head") if draft is not None and draft.is_practice else "",
    )


def _summary(situation: Situation, draft: Draft) -> str:
    say = situation.texts
    path = walk_lines(situation)
    lines = [say("report.emergency")] if draft.answers.get("urgency") == "khan" else []
    lines += [say("form.check"), "• " + " – ".join(one_line(path, draft, id) for id in _LEVELS)]
    lines.append(f'• "{draft.answers["content"]}"')
    extras = [id for id in ("proposal", "groups", "source", "photos") if draft.answers.get(id)]
    lines += [f"• {say(f'report.{id}.line')}: {one_line(path, draft, id)}" for id in extras]
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
    return situation.talk.begin(draft)


def start(
    situation: Situation,
    answers: dict[str, Any] | None = None,
    *,
    on_behalf: bool = False,
    practice: bool = False,
    preface: str = "",
) -> Message:
    """Ask for the one sentence. `answers`: what is kept from the report before."""
    draft = new_draft(situation, answers, on_behalf=on_behalf, practice=practice)
    if on_behalf:
        preface = situation.texts("report.on_behalf")
    return begin(walk(situation, draft), draft, preface)


def keep(situation: Situation, text: str, photo: str) -> tuple[str, str]:
    """Keep free words or a picture, masked, until they are decided on; more of them are added to those kept.

    Returns why nothing was kept (or ""), and a sentence about what was masked (or "").
    """
    say, kept = situation.texts, situation.talk.kept
    masked, notice = "", ""
    if text:
        try:
            masked, notice = screen_text(situation, nfc(text))
            check_words("\n".join(part for part in (kept.get("text", ""), masked) if part))
        except Misread as wrong:
            return say(f"wrong.{wrong.why}", **wrong.facts), ""
    photos = [name for name in (*kept.get("photos", "").split(","), photo) if name]
    if len(photos) > MOST_PHOTOS:
        notice = "\n".join(line for line in (notice, say("form.photos_full")) if line)
    situation.talk.kept = {
        "text": "\n".join(part for part in (kept.get("text", ""), masked) if part),
        "photos": ",".join(photos[:MOST_PHOTOS]),
        "nonce": situation.new_id("nonce"),
    }
    return "", notice


def offer(situation: Situation, notice: str = "") -> Message:
    """What is kept, and whether it shall become a report."""
    say, kept = situation.texts, situation.talk.kept
    lines = [notice or (f'"{kept["text"]}"' if kept["text"] else say("report.photo_in"))]
    lines.append(say("report.offer" if kept["text"] else "report.offer_photo"))
    choices = tuple(Choice(say(f"form.{key}"), f"z:{key}:{kept['nonce']}") for key in ("yes", "no"))
    return Message("\n".join(lines), choices)


def answer_offer(situation: Situation, key: str) -> Outcome:
    """ "Có": the words kept are the report's first answer."""
    kept, situation.talk.kept = situation.talk.kept, {}
    if key != "yes":
        return reply(menu(situation, situation.texts("report.not_offered")))
    answers: dict[str, Any] = {}
    if kept["text"]:
        answers["content"] = kept["text"]
    if kept["photos"]:
        answers["photos"] = kept["photos"].split(",")[-MOST_PHOTOS:]
    draft = new_draft(situation, answers)
    if "content" in answers:
        draft.trail = ["content"]
    return reply(begin(walk(situation), draft))


def more(situation: Situation, rest: str) -> Outcome:
    """ "Báo thêm việc khác": keeps topic and area, and whether it came by phone or paper (GT:X06040:h)."""
    topic, area, behalf = [*rest.split(":"), "", ""][:3]
    kept = {}
    if topic in TOPICS and area in situation.office.tree.by_code:
        kept = {"topic": topic, "area": area}
    on_behalf = behalf == "h" and is_coordinator(situation.me)
    return reply(start(situation, kept, on_behalf=on_behalf))


def step(situation: Situation, draft: Draft, said: Said) -> Deciding[Outcome]:
    """One act inside a report."""
    path = walk(situation, draft)
    done = answer(path, draft, said)
    if done.end is End.CANCELLED:
        situation.talk.drop(REPORT)
        return reply(menu(situation, situation.texts("form.cancelled")))
    if done.end is End.SENT:
        return _file(situation, draft)
    if done.end is End.OFFERED:
        outcome = yield from supporting.join(situation, draft, done.picked)
        return outcome or reply(show(path, draft, situation.texts("issue.ended")))
    yield from _note_few(situation, draft)
    if (yield from supporting.note_like(situation, draft)):
        draft.extra["again"] = True
    return reply(_shown_again(path, draft, done))


def _note_few(situation: Situation, draft: Draft) -> Deciding[None]:
    """Before the summary: do few collaborators serve in the chosen area?"""
    if draft.is_practice:
        return
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
    return show(path, draft, done.preface)


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
        "practice": draft.is_practice,
    }
    writes: list[Any] = [FileReport(code, situation.me.mark, values, tuple(answers.get("photos") or ()))]
    talk.drop(REPORT)
    if draft.is_practice:
        # nobody is rung, whatever the urgency
        return reply(practising.receipt(situation, code, answers["content"]), writes=writes)
    if answers["urgency"] == "khan":
        writes.append(RingCoordinators(area.path, area.name, str(answers["topic"]), code))
    key = "done_urgent" if answers["urgency"] == "khan" else "done"
    receipt = closing(
        situation,
        say("report.done_behalf" if draft.extra.get("on_behalf") else f"report.{key}", code=code),
        Choice(say("report.more"), f"m:{answers['topic']}:{area.code}{':h' if draft.extra.get('on_behalf') else ''}"),
        Choice(say("menu.cuatoi"), "c:cuatoi", beside=True),
    )
    return reply(receipt, writes=writes)
