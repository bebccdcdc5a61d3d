"""Words that tell of danger to life (rule R34): the numbers to call first, then a report by one tap."""

from __future__ import annotations

from nhipcau.bot.language.topic_guess import guess
from nhipcau.bot.messaging.messages import Message
from nhipcau.bot.units.tree import Unit
from nhipcau.handlers.buttons import MyReport, MyReportAct, UrgentAct, UrgentWords, choice
from nhipcau.handlers.reports import file_report, offered_words
from nhipcau.handlers.reports.report_form import recorded
from nhipcau.handlers.screens import closing, unit_name
from nhipcau.handlers.situation import DecisionResult, Situation, reply
from nhipcau.model.changes import AlertCoordinators, FileReport
from nhipcau.model.conversation import KeptWords

#: The topic where no word tells of one.
_UNKNOWN_TOPIC = "KH"


def ask(situation: Situation, kept_words: KeptWords, *, is_answer: bool, notice: str = "") -> Message:
    """The numbers to call, the words, and what can be done with them. `is_answer`: something else waits for words."""
    t = situation.texts
    lines = [t("danger.numbers"), notice or (f'"{kept_words.text}"' if kept_words.text else "")]
    lines.append(t("danger.ask", area=unit_name(_area(situation).name)))
    acts = [UrgentAct.SEND, UrgentAct.MORE, UrgentAct.ANSWER if is_answer else UrgentAct.DROP]
    # only sending stands out
    choices = tuple(
        choice(t(f"danger.{act}"), UrgentWords(act, kept_words.nonce), way=act is not UrgentAct.SEND) for act in acts
    )
    return Message("\n".join(line for line in lines if line), choices)


def numbers(situation: Situation, why: str = "") -> Message:
    """The numbers to call, and why the words were not taken."""
    return closing(situation, "\n".join(line for line in (situation.texts("danger.numbers"), why) if line))


def _area(situation: Situation) -> Unit:
    """The reporter's own commune; the whole province for somebody of none."""
    return situation.office.tree.near(situation.me.unit)[0]


def press(situation: Situation, pressed: UrgentWords) -> DecisionResult | None:
    kept_words = situation.conversation.kept
    if kept_words is None or pressed.nonce != kept_words.nonce:
        return None
    match pressed.act:
        case UrgentAct.SEND:
            if file_report.are_too_many(situation, urgent=True):
                return reply(numbers(situation, file_report.say_too_many(situation, urgent=True)))
            return _send(situation, kept_words)
        case UrgentAct.MORE:
            return _tell_more(situation, kept_words)
        case UrgentAct.DROP:
            forget(situation, kept_words)
            return reply(closing(situation, situation.texts("report.not_offered")))
        case UrgentAct.ANSWER:
            # the router gives the words to what they answer; here nothing waits for them any more
            return None


def forget(situation: Situation, kept_words: KeptWords) -> None:
    """These words are dealt with; what was sent before them still waits."""
    situation.conversation.kept = kept_words.earlier(situation.new_id("nonce"))


def _send(situation: Situation, kept_words: KeptWords) -> DecisionResult:
    """ "Gửi khẩn ngay": a report of these words alone. Mood and spread are left out, as nobody said them."""
    t, area = situation.texts, _area(situation)
    forget(situation, kept_words)
    code, topic = situation.new_id("code"), next(iter(guess(kept_words.text)), _UNKNOWN_TOPIC)
    values = {
        "day": situation.today,
        "topic": topic,
        "area_id": area.id,
        "mood": "",
        "spread": 0,
        "urgency": "khan",
        "text": kept_words.text,
        "state": "new",
    }
    receipt = closing(
        situation,
        t("danger.done", code=code, area=unit_name(area.name), recorded=recorded(situation, topic, area)),
        choice(t("danger.more"), MyReport(code, MyReportAct.ADD)),
    )
    filed = FileReport(code, situation.me.tag_secret, values, kept_words.photos)
    return reply(receipt, changes=[filed, AlertCoordinators(area, topic, code, kept_words.text)])


def _tell_more(situation: Situation, kept_words: KeptWords) -> DecisionResult:
    """ "Kể thêm": an urgent report with all its questions; the one being written, if there is one."""
    forget(situation, kept_words)
    draft = situation.conversation.report
    if draft is None or draft.is_practice:
        return reply(offered_words.start_with(situation, kept_words, urgency="khan"))
    return reply(offered_words.add_to_draft(situation, draft, kept_words, urgency="khan"))
