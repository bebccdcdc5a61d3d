"""Joining: invitation, consent, name; and returning after a pause."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from nhipcau.bot.forms.answer_matching import exact_label, match_option
from nhipcau.bot.language.catalogue import texts
from nhipcau.bot.language.command_words import Command, is_greeting, read_command
from nhipcau.bot.language.label_matching import readings
from nhipcau.bot.language.natural_answers import yes_or_no
from nhipcau.bot.language.vietnamese import nfc
from nhipcau.bot.messaging.button import unpack
from nhipcau.bot.messaging.events import Event, EventKind
from nhipcau.bot.messaging.messages import Message
from nhipcau.handlers.buttons import Consent, ConsentAct, GiveName, ShowInvitation, choice
from nhipcau.handlers.membership import my_data
from nhipcau.handlers.screens import app_menu, menu, menu_choices, unit_name
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.model.changes import ChangePerson, CloseContact, ForgetContact, Join, KeepInvitation, LinkContact
from nhipcau.model.conversation import AwaitsName
from nhipcau.model.people import Invite, Person, PersonState
from nhipcau.model.queries import FindConversation, FindInvite
from nhipcau.privacy.identifiers import ALPHABET, CODE_LENGTHS

#: Version of the text a person agreed to; change it with `join.notice`.
CONSENT_VERSION = "2026-11"
_MAX_NAME_CHARS = 80


def decide_before_consent(situation: Situation) -> Decision[DecisionResult]:
    """Somebody who has not consented; of them only the event's id and one pending invitation are stored."""
    event, t = situation.event, situation.texts
    if event.kind is EventKind.BLOCKED:
        return DecisionResult(changes=[ForgetContact(situation.contact.id)])
    if event.kind in {EventKind.RETURNED, EventKind.EDITED}:
        return DecisionResult()
    command, code = _read_command(event)
    if command is Command.START and code:
        return (yield from _with_code(situation, code))
    if not situation.contact.invite_code:
        return reply(Message(t("join.no_code")), changes=[ForgetContact(situation.contact.id)])
    answer = read_consent(situation, event)
    if answer is ConsentAct.YES:
        return (yield from _consent(situation))
    if answer is ConsentAct.NO or command in {Command.CANCEL, Command.STOP}:
        # the button holds the code, as nothing of somebody who declined is stored
        again = choice(t("join.again"), ShowInvitation(situation.contact.invite_code))
        return reply(Message(t("join.declined"), (again,)), changes=[ForgetContact(situation.contact.id)])
    invite = yield from load(FindInvite(situation.contact.invite_code))
    if invite is None or not invite.good:
        return _refuse(situation, invite)
    more = answer is ConsentAct.MORE or command in {Command.HELP, Command.MY_DATA}
    preface = t("join.details", days=situation.office.follow_up_days) if more else ""
    if command is Command.PERSON:
        preface = yield from my_data.coordinators_text(situation, invite.unit)
    if not preface and not answer and event.kind is not EventKind.OPENED and command is not Command.START:
        preface = t("join.please_choose")
    return reply(_notice(situation, invite, preface))


def _read_command(event: Event) -> tuple[Command | None, str]:
    """A command and its argument. A code alone, typed or in a button, counts as "tham gia" with it."""
    pressed = unpack(event.data) if event.kind is EventKind.TAP else None
    if isinstance(pressed, ShowInvitation):
        return Command.START, pressed.code
    if event.kind is not EventKind.TEXT:
        return None, ""
    command, code = read_command(event.text)
    return (Command.START, event.text) if command is None and is_code(event.text) else (command, code)


def code_tried(event: Event) -> bool:
    """Whether somebody who has not joined tries a code with this event."""
    command, code = _read_command(event)
    return command is Command.START and bool(code)


def find_code(situation: Situation, code: str) -> Decision[Invite | None]:
    """The invite of a code as people type it. Notes one that is none, and looks nothing up after too many of them."""
    invite = (yield from load(FindInvite(clean_code(code)))) if situation.may_try_codes else None
    situation.wrong_code = invite is None
    return invite


def _with_code(situation: Situation, code: str) -> Decision[DecisionResult]:
    invite = yield from find_code(situation, code)
    if invite is None or not invite.good or _is_paused(invite):
        return _refuse(situation, invite)
    if invite.adds and invite.person is not None:
        return (yield from _link_contact(situation, invite.code, invite.person))
    return reply(_notice(situation, invite), changes=[KeepInvitation(situation.contact.id, invite.code, situation.now)])


def _refuse(situation: Situation, invite: Invite | None) -> DecisionResult:
    """Say why this code opens nothing, and how to get another."""
    key = "join.used" if invite is not None and invite.used else _no_code(situation)
    if invite is not None and invite.good:
        key = "join.paused_by_office"
    return reply(Message(situation.texts(key)), changes=[ForgetContact(situation.contact.id)])


def _is_paused(invite: Invite) -> bool:
    """The office has its person as paused, which nobody ends by joining."""
    return invite.person is not None and invite.person.is_paused_by_office


def _no_code(situation: Situation) -> str:
    return "join.refused" if situation.may_try_codes else "join.wait"


def _link_contact(situation: Situation, code: str, person: Person) -> Decision[DecisionResult]:
    """Link this contact to the person who made the code; their conversation continues here."""
    situation.person, situation.texts = person, texts(person.language)
    situation.conversation = yield from load(FindConversation(person.id))
    sentence = situation.texts("doors.joined", name=given_name(person.name)).replace("  ", " ")
    return reply(menu(situation, sentence), changes=[LinkContact(situation.contact.id, code, person.id)])


def is_code(text: str) -> bool:
    """Whether a whole message can be an invite's code, typed without "tham gia"."""
    code, in_one = clean_code(text), len(text.split()) == 1
    # two words of a sentence are no code without a digit
    likely = text.isascii() and (in_one or any(c.isdecimal() for c in code))
    return likely and len(code) in CODE_LENGTHS and set(code) <= set(ALPHABET)


def clean_code(code: str) -> str:
    """A code as people type it: in any case, with spaces and marks in it or around it."""
    return "".join(c for c in code if c.isascii() and c.isalnum()).upper()[:40]


def _notice(situation: Situation, invite: Invite, preface: str = "") -> Message:
    t = situation.texts
    lines = [preface] if preface else []
    # whose it is: the commune's, also for who joins in one of its cells
    runs_it = situation.office.tree.commune_of(invite.unit)
    lines.append(t("join.notice", unit=unit_name(runs_it.name)))
    return Message("\n".join(lines), tuple(choice(t(f"join.{act}"), Consent(act)) for act in ConsentAct))


def read_consent(situation: Situation, event: Event) -> ConsentAct | None:
    """The consent choice; only its own label counts as consent, never "ừ"."""
    if event.kind is EventKind.TAP:
        pressed = unpack(event.data)
        return pressed.act if isinstance(pressed, Consent) else None
    if event.kind is not EventKind.TEXT:
        return None
    acts = tuple(ConsentAct)
    labels = [situation.texts(f"join.{act}") for act in acts]
    # the button has the same label in every language; its translation counts as well
    labels.append(situation.texts("join.also"))
    # "dạ tôi đồng ý ạ" is explicit; "ừ" and "vâng" are not
    matches = (match_option(reading, labels, numbers=False, exact=True) for reading in readings(nfc(event.text)))
    index = next((n for n in matches if n is not None), None)
    if index is None:
        index = match_option(event.text, labels[: len(acts)], numbers=True, exact=True)
    return None if index is None else acts[index] if index < len(acts) else ConsentAct.YES


def _consent(situation: Situation) -> Decision[DecisionResult]:
    contact = situation.contact
    invite = yield from load(FindInvite(contact.invite_code))
    if invite is None or not invite.good or _is_paused(invite):
        return _refuse(situation, invite)
    card = invite.person
    join = Join(
        contact_id=contact.id,
        invite_code=invite.code,
        person_id=card.id if card else situation.new_id("id"),
        # a new secret hides earlier reports: else whoever made the card could use it to see who wrote what
        tag_secret=situation.new_id("id"),
        is_new=card is None,
        again=card is not None and card.consented_on is not None,
        unit_id=card.unit.id if card else invite.unit.id,
        role=card.role if card else invite.role,
        name=card.name if card else "",
        consent_version=CONSENT_VERSION,
        at=situation.now,
    )
    person = card or Person(
        join.person_id, join.tag_secret, "", invite.unit, invite.role, PersonState.CONSENTED, situation.office.language
    )
    situation.person = replace(person, tag_secret=join.tag_secret)
    if card:
        return reply(joined(situation, person), changes=[join])
    return reply(ask_name(situation), changes=[join])


def ask_name(situation: Situation, preface: str = "") -> Message:
    t, name = situation.texts, shown_name(situation.event.name)
    situation.conversation.pending = AwaitsName()
    choices = [choice(t("join.use_name", name=name), GiveName(use=True))] if name else []
    choices.append(choice(t("join.later"), GiveName()))
    return Message("\n".join(line for line in (preface, t("join.ask_name")) if line), tuple(choices))


def shown_name(name: str) -> str:
    """The name the app gives, short enough for a button."""
    return " ".join(nfc(name).split())[:60]


def clean_name(typed: str) -> str:
    """A person's name as typed, or "" for what can't be one."""
    words = [word for word in nfc(typed).split() if not any(c.isdecimal() for c in word)]
    name = _BEFORE_NAME.sub("", " ".join(words)).strip(" .,:;!?-–")
    is_written = any(unicodedata.name(c, "").startswith("LATIN") for c in name)
    is_sentence = len(words) > _LONGEST_NAME or bool(_OF_SENTENCES & set(name.split()))
    if not is_written or is_sentence or len(name) > _MAX_NAME_CHARS:
        return ""
    is_answer = is_greeting(name) or yes_or_no(name) is not None or exact_label(name, _CONSENT_WORDS) is not None
    return "" if is_answer else name


_LONGEST_NAME = 6
_BEFORE_NAME = re.compile(
    r"^(?:(?:dạ|thưa|tôi|em|bác|mình|cháu) )*(?:(?:tên )?(?:tôi |em |bác |cháu )?(?:là|tên là|tên) )", re.I
)
_CONSENT_WORDS = ("Đồng ý", "Đồng ý tham gia", "Xem kỹ hơn", "Không đồng ý")
#: Words that stand in sentences and, in small letters, in no name.
_OF_SENTENCES = frozenset(
    {
        *("là", "không", "gì", "ở", "bị", "được", "muốn", "hỏi", "cần", "để", "này", "rồi", "chưa", "nhé", "với"),
        *("của", "cho", "sao", "đường", "nước", "có", "sẽ", "đang", "nào", "mà", "thì", "việc"),
    }
)
#: Commands that are given names too, where a name is asked for.
_NAMES = frozenset({Command.LESSONS, Command.INVITE, Command.TASKS})


def is_name_like_a_command(text: str, command: Command | None) -> bool:
    """ "Học", "Mời": one word without a slash, which is a name where one is asked for."""
    return command in _NAMES and len(text.split()) == 1 and not text.strip().startswith("/")


def press_name(situation: Situation, pressed: GiveName) -> DecisionResult | None:
    """A button below "Tên để đơn vị liên hệ?"; None: they have a name, so the button is outdated."""
    return None if situation.me.name else answer_name(situation, pressed=pressed)


def answer_name(situation: Situation, typed: str = "", pressed: GiveName | None = None) -> DecisionResult:
    """The answer to "Tên để đơn vị liên hệ?", typed or pressed."""
    name = clean_name(typed)
    if pressed is not None:
        name = shown_name(situation.event.name) if pressed.use else ""
    elif not name:
        return reply(ask_name(situation, situation.texts("join.bad_name")))
    person = situation.me
    changes = [ChangePerson(person.id, {"name": name})] if name else []
    return reply(joined(situation, replace(person, name=name)), changes=list(changes))


def joined(situation: Situation, person: Person) -> Message:
    """ "Đã tham gia" with the menu's choices."""
    t = situation.texts
    facts = {"role": t(f"role.{person.role}"), "unit": unit_name(person.unit.name)}
    key = "join.done_named" if person.name else "join.done"
    text = t(key, name=given_name(person.name), **facts) + "\n" + t("join.next")
    return Message(text, menu_choices(person, t), app_menu=app_menu(person, t))


def given_name(name: str) -> str:
    """The last word of a name, by which Vietnamese people are addressed."""
    return name.split()[-1] if name.split() else name


def start(situation: Situation, code: str) -> Decision[DecisionResult]:
    """`/start` of somebody who has joined: ends a pause, else displays the menu."""
    person, t = situation.me, situation.texts
    if person.state in {"paused", "unreachable"}:
        situation.person = replace(person, state=PersonState.CONSENTED)
        return reply(menu(situation, t("join.back")), changes=[ChangePerson(person.id, {"state": "consented"})])
    if code:
        if (yield from find_code(situation, code)) is None:
            return reply(menu(situation, t(_no_code(situation))))
        return reply(menu(situation, t("join.already")))
    return reply(menu(situation))


def blocked(situation: Situation) -> DecisionResult:
    return DecisionResult(changes=[CloseContact(situation.contact.id)])
