"""What everybody may do: pause, leave, see and delete their data, change the language, find a coordinator."""

from __future__ import annotations

from nhipcau.bot.forms.report_fields import added_questions
from nhipcau.bot.language.catalogue import LANGUAGES, addresses, texts
from nhipcau.bot.language.command_words import Command
from nhipcau.bot.messaging.messages import Message
from nhipcau.bot.units.tree import Unit
from nhipcau.handlers.buttons import ChooseAddress, ChooseLanguage, DataAct, LinkApp, MyData, RunCommand, choice
from nhipcau.handlers.screens import channel_name, closing, menu, unit_name
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.model.changes import ChangePerson, DeletePerson
from nhipcau.model.queries import MyReports, PersonalData, UnitCoordinators


def offer_to_stop(situation: Situation) -> DecisionResult:
    """`/dung`."""
    t = situation.texts
    choices = tuple(choice(t(f"rights.{act}"), MyData(act)) for act in (DataAct.PAUSE, DataAct.LEAVE, DataAct.STAY))
    return reply(Message(t("rights.stop"), choices))


def ask_to_leave(situation: Situation) -> DecisionResult:
    """Explain the consequences, and ask for confirmation."""
    t = situation.texts
    choices = (choice(t("rights.delete"), MyData(DataAct.DELETE)), choice(t("rights.stay"), MyData(DataAct.STAY)))
    return reply(Message(t("rights.sure"), choices))


def press_my_data(situation: Situation, pressed: MyData) -> Decision[DecisionResult]:
    t, person = situation.texts, situation.me
    if pressed.act is DataAct.PAUSE:
        resume = choice(t("rights.resume"), RunCommand(Command.START))
        return reply(
            closing(situation, t("rights.paused"), resume), changes=[ChangePerson(person.id, {"state": "paused"})]
        )
    if pressed.act is DataAct.LEAVE:
        return ask_to_leave(situation)
    if pressed.act is DataAct.DELETE:
        situation.conversation.drafts, situation.conversation.focus, situation.conversation.kept = {}, "", None
        return reply(Message(t("rights.deleted")), changes=[DeletePerson(person.id)])
    if pressed.act is DataAct.DOWNLOAD:
        return (yield from _send_copy(situation))
    return reply(menu(situation, t("rights.staying")))


def choose_language(situation: Situation, pressed: ChooseLanguage) -> DecisionResult | None:
    """Set the language; None: it doesn't exist."""
    if pressed.language not in LANGUAGES:
        return None
    situation.texts = texts(pressed.language)
    change = ChangePerson(situation.me.id, {"language": pressed.language})
    return reply(menu(situation, situation.texts("rights.language_set")), changes=[change])


def choose_address(situation: Situation, pressed: ChooseAddress) -> DecisionResult | None:
    """Set how this person is addressed; None: their language has no such form."""
    if pressed.tag not in addresses(situation.texts.language):
        return None
    situation.texts = texts(pressed.tag)
    sentence = situation.texts("address.set", word=addresses(situation.texts.language)[pressed.tag])
    return reply(menu(situation, sentence), changes=[ChangePerson(situation.me.id, {"language": pressed.tag})])


def show_addresses(situation: Situation) -> DecisionResult:
    """`/xungho`: the forms of address to choose from."""
    t = situation.texts
    forms = addresses(t.language)
    if len(forms) == 1:
        return reply(menu(situation, t("address.only_one")))
    labels = [(word[0].upper() + word[1:], tag) for tag, word in forms.items()]
    choices = (choice(label, ChooseAddress(tag), beside=n % 2 == 1) for n, (label, tag) in enumerate(labels))
    return reply(Message(t("address.ask"), tuple(choices)))


def show_my_data(situation: Situation) -> Decision[DecisionResult]:
    """`/riengtu`: display everything stored about this person."""
    t = situation.texts
    lines = [t("rights.kept"), *(yield from _data_lines(situation))]
    choices = (
        choice(t("rights.download"), MyData(DataAct.DOWNLOAD)),
        choice(t("rights.leave"), MyData(DataAct.LEAVE)),
        choice(t("doors.add"), LinkApp()),
        choice(t("menu.menu"), RunCommand(Command.MENU)),
    )
    return reply(Message("\n".join(lines), choices))


def _send_copy(situation: Situation) -> Decision[DecisionResult]:
    """Send a copy of the data as a message: a file would stay on our disk, and not every app takes files."""
    t = situation.texts
    lines = [t("rights.copy", day=f"{situation.today:%d/%m/%Y}"), *(yield from _data_lines(situation))]
    for report in (yield from load(MyReports(situation.me.tag_secret))):
        state = t("state." + report.state)
        where = report.area.name
        lines += ["", f"{report.code} · {report.day:%d/%m/%Y} · {t('topic.' + report.topic)} · {where} · {state}"]
        written = [report.added[question.id] for question in added_questions() if not question.options]
        lines += [text for text in (report.text, *written) if text]
    return reply(closing(situation, "\n".join(lines)))


def _data_lines(situation: Situation) -> Decision[list[str]]:
    """What is stored about this person, a line each, and what is not."""
    t, lines = situation.texts, []
    data = yield from load(PersonalData(situation.me.id))
    text_keys = {"role": "role.{}", "state": "person.{}"}
    for key, value in data.items():
        if value not in ("", None, 0):
            words = t(text_keys[key].format(value)) if key in text_keys else value
            if key == "language":
                words = texts(str(value))("language.name")
                if (word := addresses(t.language).get(str(value))) and str(value) != t.language:
                    words += ", " + t("address.called", word=word)
            if key == "channels":
                words = ", ".join(channel_name(name, t) for name in str(value).split(", "))
            lines.append(f"• {t('held.' + key)}: {words}")
    return [*lines, t("rights.not_kept", days=situation.office.follow_up_days)]


def show_languages(situation: Situation) -> DecisionResult:
    keep = choice(situation.texts("form.keep"), MyData(DataAct.KEEP), way=True)
    t = situation.texts
    forms = (choice(t("menu.xungho"), RunCommand(Command.ADDRESS)),) if len(addresses(t.language)) > 1 else ()
    choices = (*(choice(texts(each)("language.name"), ChooseLanguage(each)) for each in LANGUAGES), *forms, keep)
    return reply(Message(situation.texts("rights.language"), choices))


def person_text(situation: Situation) -> Decision[str]:
    """Who the coordinators of the person's own unit are."""
    return (yield from coordinators_text(situation, situation.me.unit))


def coordinators_text(situation: Situation, unit: Unit) -> Decision[str]:
    names = yield from load(UnitCoordinators(unit))
    t = situation.texts
    if not names:
        return t("rights.nobody", unit=unit_name(unit.name))
    return t("rights.person", names=", ".join(names), unit=unit_name(unit.name))
