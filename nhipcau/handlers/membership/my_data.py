"""What everybody may do: pause, leave, see and delete their data, withdraw consent, change the language, find a
coordinator."""

from __future__ import annotations

from dataclasses import replace

from nhipcau.bot.forms.report_fields import added_questions
from nhipcau.bot.language.catalogue import LANGUAGES, Texts, addresses, texts
from nhipcau.bot.language.command_words import Command
from nhipcau.bot.messaging.messages import Message
from nhipcau.bot.units.tree import Unit
from nhipcau.handlers.buttons import ChooseAddress, ChooseLanguage, DataAct, LinkApp, MyData, RunCommand, choice
from nhipcau.handlers.membership import personal_copy
from nhipcau.handlers.screens import channel_name, closing, menu, unit_name
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.model.changes import ChangePerson, ConfirmLeaving, DeletePerson, RecordDataRequest, WithdrawConsent
from nhipcau.model.data_requests import RightKind
from nhipcau.model.queries import MyReports, OwnContacts, PersonalData, PersonalRecords, UnitCoordinators


def offer_to_stop(situation: Situation) -> DecisionResult:
    """`/dung`: pause messages, leave, or stay as it is."""
    t = situation.texts
    choices = tuple(choice(t(f"rights.{act}"), MyData(act)) for act in (DataAct.PAUSE, DataAct.LEAVE, DataAct.STAY))
    return reply(Message(t("rights.stop"), choices))


def ask_to_leave(situation: Situation) -> DecisionResult:
    """Explain the consequences, and ask for confirmation."""
    t = situation.texts
    choices = (choice(t("rights.delete"), MyData(DataAct.DELETE)), choice(t("rights.stay"), MyData(DataAct.STAY)))
    return reply(Message(t("rights.sure"), choices))


def ask_to_withdraw(situation: Situation) -> DecisionResult:
    """`rút đồng ý`: what ends with consent and what stays, and whether they are sure."""
    t = situation.texts
    text = t("rights.withdraw_sure", unit=unit_name(situation.office.tree.commune_of(situation.me.unit).name))
    sure = choice(t("rights.withdraw_yes"), MyData(DataAct.WITHDRAW_SURE))
    return reply(Message(text, (sure, choice(t("rights.stay"), MyData(DataAct.STAY)))))


def press_my_data(situation: Situation, pressed: MyData) -> Decision[DecisionResult]:
    t, person = situation.texts, situation.me
    if pressed.act is DataAct.PAUSE:
        resume = choice(t("rights.resume"), RunCommand(Command.START))
        return reply(
            closing(situation, t("rights.paused"), resume), changes=[ChangePerson(person.id, {"state": "paused"})]
        )
    if pressed.act is DataAct.LEAVE:
        return ask_to_leave(situation)
    if pressed.act is DataAct.WITHDRAW:
        return ask_to_withdraw(situation)
    if pressed.act in {DataAct.DELETE, DataAct.WITHDRAW_SURE}:
        return (yield from _leave(situation, is_deleted=pressed.act is DataAct.DELETE))
    if pressed.act is DataAct.DOWNLOAD:
        return (yield from _send_copy(situation))
    return reply(menu(situation, t("rights.staying")))


def _leave(situation: Situation, *, is_deleted: bool) -> Decision[DecisionResult]:
    """Delete everything, or withdraw consent; the receipt follows from the transaction that does it."""
    person, talk = situation.me, situation.conversation
    contact_ids = yield from load(OwnContacts(person.id))
    talk.drafts, talk.focus, talk.kept = {}, "", None
    code = situation.new_id("data_request")
    kind = RightKind.DELETE if is_deleted else RightKind.WITHDRAW
    receipt = ConfirmLeaving(code, person.id, is_deleted, situation.contact.id, tuple(contact_ids), situation.texts.tag)
    leaving = DeletePerson(person.id) if is_deleted else WithdrawConsent(person.id, situation.new_id("id"))
    return DecisionResult(changes=[leaving, RecordDataRequest(code, kind), receipt])


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
        choice(t("rights.withdraw"), MyData(DataAct.WITHDRAW)),
        choice(t("rights.delete_mine"), MyData(DataAct.LEAVE)),
        choice(t("doors.add"), LinkApp()),
        choice(t("menu.menu"), RunCommand(Command.MENU)),
    )
    return reply(Message("\n".join(lines), choices), changes=[_entered(situation, RightKind.SEE)])


def _entered(situation: Situation, kind: RightKind) -> RecordDataRequest:
    return RecordDataRequest(situation.new_id("data_request"), kind)


def _send_copy(situation: Situation) -> Decision[DecisionResult]:
    """Send every row stored about this person, and the reports that can still be found to be theirs. The file is made
    inside the message: one on our disk would outlive it."""
    t = situation.texts
    lines = [t("rights.copy_head", day=f"{situation.today:%d/%m/%Y}")]
    lines += personal_copy.copy_of((yield from load(PersonalRecords(situation.me.id))), situation.office, t)
    reports = yield from load(MyReports(situation.me.tag_secret))
    lines += ["", t("rights.own_reports")] if reports else []
    for report in reports:
        head = [report.code, f"{report.day:%d/%m/%Y}", report.area.name, t("state." + report.state)]
        lines.append(" · ".join(head))
        written = [report.added[question.id] for question in added_questions() if not question.options]
        lines += [text for text in (report.text, *written) if text]
    lines.append(t("rights.not_kept", days=situation.office.follow_up_days))
    name = t("rights.file_name", day=situation.today.isoformat())
    message = replace(closing(situation, t("rights.copy")), file_text="\n".join(lines), file_name=name)
    return reply(message, changes=[_entered(situation, RightKind.COPY)])


#: What stands on one line of the screen: keys of the catalogue's `held.`.
_LINES = (
    *(("name", "code"), ("unit", "cell"), ("role", "responsible"), ("state", "consented_on", "consent_version")),
    *(("contact",), ("channels", "last_on"), ("language",), ("asked", "answered"), ("received", "learned")),
    *(("draft", "posted"), ("acts", "requests"), ("sections",)),
)


def _data_lines(situation: Situation) -> Decision[list[str]]:
    """What is stored about this person, in about ten lines, and what is not."""
    t = situation.texts
    data = yield from load(PersonalData(situation.me.id))
    said = {key: f"{t('held.' + key)}: {_said(key, value, t)}" for key, value in data.items() if value}
    lines = [" · ".join(said[key] for key in keys if key in said) for keys in _LINES]
    return [*(f"• {line}" for line in lines if line), t("rights.not_kept", days=situation.office.follow_up_days)]


def _said(key: str, value: object, t: Texts) -> str:
    match key:
        case "role" | "state":
            return t(f"{'role' if key == 'role' else 'person'}.{value}")
        case "channels":
            return ", ".join(channel_name(name, t) for name in str(value).split(", "))
        case "language":
            return personal_copy.language_words(str(value), t)
    return str(value)


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
