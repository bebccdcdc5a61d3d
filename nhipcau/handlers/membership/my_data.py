"""What a person may always do: pause, leave, see and delete what is kept, change the language, reach a human."""

from __future__ import annotations

from nhipcau.bot.language.catalogue import LANGUAGES, texts
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.bot.units.tree import Unit
from nhipcau.handlers.screens import channel_name, closing, menu, unit_name
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.model.changes import ChangePerson, DeletePerson
from nhipcau.model.queries import MyReports, PersonalData, UnitCoordinators


def stop(situation: Situation, _: str) -> Decision[DecisionResult]:
    """`/dung`."""
    t = situation.texts
    choices = tuple(Choice(t(f"rights.{key}"), f"d:{key}") for key in ("pause", "leave", "stay"))
    return reply(Message(t("rights.stop"), choices))
    yield


def leave(situation: Situation, _: str) -> Decision[DecisionResult]:
    """Says what goes and what stays, and asks once more."""
    t = situation.texts
    choices = (Choice(t("rights.delete"), "d:delete"), Choice(t("rights.stay"), "d:stay"))
    return reply(Message(t("rights.sure"), choices))
    yield


def pressed(situation: Situation, key: str) -> Decision[DecisionResult]:
    t, person = situation.texts, situation.me
    if key == "pause":
        resume = Choice(t("rights.resume"), "c:start")
        return reply(
            closing(situation, t("rights.paused"), resume), writes=[ChangePerson(person.id, {"state": "paused"})]
        )
    if key == "leave":
        return (yield from leave(situation, ""))
    if key == "delete":
        situation.talk.drafts, situation.talk.focus, situation.talk.kept = {}, "", {}
        return reply(Message(t("rights.deleted")), writes=[DeletePerson(person.id)])
    if key == "download":
        return (yield from _copy(situation))
    if key in LANGUAGES:
        situation.texts = texts(key)
        return reply(
            menu(situation, situation.texts("rights.language_set")),
            writes=[ChangePerson(person.id, {"language": key})],
        )
    return reply(menu(situation, t("rights.staying")))


def kept(situation: Situation, _: str) -> Decision[DecisionResult]:
    """`/riengtu`: everything held about the asker, in this chat."""
    t = situation.texts
    lines = [t("rights.kept"), *(yield from _held(situation))]
    choices = (
        Choice(t("rights.download"), "d:download"),
        Choice(t("rights.leave"), "d:leave"),
        Choice(t("doors.add"), "l:add"),
        Choice(t("menu.menu"), "c:menu"),
    )
    return reply(Message("\n".join(lines), choices))


def _copy(situation: Situation) -> Decision[DecisionResult]:
    """A copy to keep, as a message: a file of ours would lie on a disk, and not every app takes one."""
    t = situation.texts
    lines = [t("rights.copy", day=f"{situation.today:%d/%m/%Y}"), *(yield from _held(situation))]
    for report in (yield from load(MyReports(situation.me.mark))):
        state = t("practice.mark") if report.practice else t("state." + report.state)
        where = report.area.name
        lines += ["", f"{report.code} · {report.day:%d/%m/%Y} · {t('topic.' + report.topic)} · {where} · {state}"]
        lines += [text for text in (report.text, report.proposal) if text]
    return reply(closing(situation, "\n".join(lines)))


def _held(situation: Situation) -> Decision[list[str]]:
    """Line by line what is kept, and what is not."""
    t, lines = situation.texts, []
    held = yield from load(PersonalData(situation.me.id))
    spoken = {"role": "role.{}", "state": "person.{}"}
    for key, value in held.items():
        if value not in ("", None, 0):
            words = t(spoken[key].format(value)) if key in spoken else value
            if key == "language":
                words = texts(str(value))("language.name")
            if key == "channels":
                words = ", ".join(channel_name(name, t) for name in str(value).split(", "))
            lines.append(f"• {t('held.' + key)}: {words}")
    return [*lines, t("rights.not_kept", days=situation.office.follow_up_days)]


def languages(situation: Situation, _: str) -> Decision[DecisionResult]:
    keep = Choice(situation.texts("form.keep"), "d:keep", way=True)
    choices = (*(Choice(texts(each)("language.name"), f"d:{each}") for each in LANGUAGES), keep)
    return reply(Message(situation.texts("rights.language"), choices))
    yield


def help_text(situation: Situation) -> Decision[str]:
    return situation.texts(f"help.{situation.me.role}")
    yield


def person_text(situation: Situation) -> Decision[str]:
    """How to reach a person of one's own unit."""
    return (yield from person_of(situation, situation.me.unit))


def person_of(situation: Situation, unit: Unit) -> Decision[str]:
    names = yield from load(UnitCoordinators(unit.path))
    t = situation.texts
    if not names:
        return t("rights.nobody", unit=unit_name(unit.name))
    return t("rights.person", names=", ".join(names), unit=unit_name(unit.name))
