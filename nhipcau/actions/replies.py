"""Saved replies of one's own unit: add, change, delete; and filling their fields for one report."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

from nhipcau.actions.decision import Actor, NewId, Refusal
from nhipcau.bot.language.catalogue import LANGUAGES, Texts, texts
from nhipcau.bot.language.vietnamese import fold
from nhipcau.model.changes import Change
from nhipcau.model.office_changes import AddReply, ChangeReply, DeleteReply
from nhipcau.model.reports import Report
from nhipcau.model.saved_replies import ReplyField, SavedReply

#: Saved replies of one unit, and letters of a title.
MAX_REPLIES, MAX_TITLE_CHARS = 40, 60
_BRACES = re.compile(r"\{([^{}\n]{0,60})\}")


def add(actor: Actor, known: Sequence[SavedReply], title: str, words: str, new_id: NewId) -> list[Change] | Refusal:
    """`known`: all that the actor's unit is offered."""
    own = [reply for reply in known if reply.unit.id == actor.unit.id]
    if len(own) >= MAX_REPLIES:
        return Refusal("reply.full", {"n": MAX_REPLIES})
    if refused := _refuse(own, title, words):
        return refused
    return [AddReply(SavedReply(new_id("reply"), actor.unit, title, words), actor.id)]


def change(
    actor: Actor, known: Sequence[SavedReply], id: str, seen: str, title: str, words: str
) -> list[Change] | Refusal:
    """`seen`: its words as whoever changes them saw them."""
    own = [reply for reply in known if reply.unit.id == actor.unit.id]
    now = next((reply for reply in own if reply.id == id), None)
    if now is None:
        return Refusal("reply.gone")
    if now.words != seen:
        return Refusal("reply.changed", {"words": now.words})
    if refused := _refuse([reply for reply in own if reply.id != id], title, words):
        return refused
    changed = replace(now, title=title, words=words)
    return [ChangeReply(changed, now, actor.id)] if changed != now else []


def delete(actor: Actor, known: Sequence[SavedReply], id: str) -> list[Change] | Refusal:
    now = next((reply for reply in known if reply.id == id and reply.unit.id == actor.unit.id), None)
    return [DeleteReply(now, actor.id)] if now else Refusal("reply.gone")


def _refuse(others: Sequence[SavedReply], title: str, words: str) -> Refusal | None:
    if any(fold(reply.title) == fold(title) for reply in others):
        return Refusal("reply.same", {"title": title})
    return refuse_fields(words)


def refuse_fields(words: str) -> Refusal | None:
    """Why the fields of these words can't be filled; None: they can."""
    unknown = next((name for name in _BRACES.findall(words) if fold(name) not in _names()), None)
    return None if unknown is None else Refusal("reply.unknown_field", {"field": f"{{{unknown}}}"})


def fill(actor: Actor, report: Report, words: str, t: Texts) -> str:
    """The words as the reporter of this report will read them. Fields that are unknown stay as they are."""
    values = {
        ReplyField.CODE: report.code,
        ReplyField.TOPIC: t(f"topic.{report.topic}") if report.topic else t("reply.no_topic"),
        ReplyField.AREA: report.area.name,
        ReplyField.UNIT: actor.unit.name,
        ReplyField.DAY: f"{report.day:%d/%m/%Y}",
    }

    def put(found: re.Match[str]) -> str:
        field = _names().get(fold(found[1]))
        return values[field] if field else found[0]

    return _BRACES.sub(put, words)


@cache
def _names() -> Mapping[str, ReplyField]:
    """Name of a field in any language, without diacritics → the field."""
    return {fold(texts(language)(f"reply.field.{field}")): field for language in LANGUAGES for field in ReplyField}
