"""The handler of each command and button, and the roles that may use it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nhipcau.actions.permissions import ALL, COORDINATORS, NETWORKERS, OFFICE_ROLES, READERS, REPORTERS, Roles, may
from nhipcau.bot.forms.draft import BACK, CANCEL, SKIP, Draft, Input
from nhipcau.bot.language.command_words import Command
from nhipcau.bot.messaging.button import Button, unpack
from nhipcau.handlers import buttons
from nhipcau.handlers.buttons import KeptAct, PagedList
from nhipcau.handlers.form_router import ask_again, step_draft
from nhipcau.handlers.insight import period_review, rising_words, trends
from nhipcau.handlers.lessons import read_lesson
from nhipcau.handlers.membership import console_link, join, link_app, my_data, network
from nhipcau.handlers.reports import (
    file_report,
    issues,
    my_reports,
    offered_words,
    report_inbox,
    report_topic,
    reporter_reply,
    search_reports,
    similar_reports,
    strands,
    urgent_report,
)
from nhipcau.handlers.requests import (
    answer_request,
    ask_back,
    compose_request,
    notices,
    on_behalf,
    progress_board,
    recurring_requests,
)
from nhipcau.handlers.screens import menu, menu_group, refuse_right, refused_right, unfinished, why_no_right
from nhipcau.handlers.situation import Decision, DecisionResult, Handled, Situation, reply, settle
from nhipcau.model.conversation import AwaitsDraftChoice, DraftKind

#: Commands that select a choice of the open question.
WAYS_OUT = {Command.CANCEL: CANCEL, Command.BACK: BACK, Command.SKIP: SKIP}


# ------------------------------------------------------------------ buttons


def press(situation: Situation, button: Button | None) -> Decision[DecisionResult]:
    """Handle a pressed button, or typed words that mean one. None: a button of an earlier version."""
    if button is None:
        return (yield from old_button(situation))
    handler, roles = BUTTONS[type(button)]
    if not may(situation.me, roles):
        return refuse_right(situation, roles)
    handled = handler(situation, button)
    if handled is None:
        return (yield from old_button(situation))
    return (yield from settle(handled))


def press_data(situation: Situation, data: str) -> Decision[DecisionResult]:
    """Handle a button given as its packed data."""
    return (yield from press(situation, unpack(data)))


def old_button(situation: Situation) -> Decision[DecisionResult]:
    """Say that the button is outdated, and display what is open now."""
    return (yield from ask_again(situation, situation.texts("wrong.old")))


def _answer_form(situation: Situation, pressed: buttons.AnswerForm) -> Decision[DecisionResult] | None:
    draft = situation.conversation.with_nonce(pressed.nonce)
    if draft is None or pressed.step != draft.step:
        return None
    situation.conversation.focus = draft.form
    return step_draft(situation, draft, Input(key=pressed.key, ref=situation.event.ref))


def _run_command(situation: Situation, pressed: buttons.RunCommand) -> Decision[DecisionResult]:
    return run_command(situation, pressed.command)


def _continue(situation: Situation, pressed: buttons.ContinueDraft) -> Decision[DecisionResult] | None:
    # buttons below a push don't know the draft: then it is the latest
    conversation = situation.conversation
    draft = conversation.with_nonce(pressed.nonce) if pressed.nonce else conversation.latest
    if draft is None:
        return None
    conversation.focus = draft.form
    return ask_again(situation, "")


def _drop(situation: Situation, pressed: buttons.DropDraft) -> Handled | None:
    """ "Bỏ": delete the draft, and go on with what waited for this choice."""
    conversation, waiting = situation.conversation, situation.waiting
    draft = conversation.with_nonce(pressed.nonce)
    if draft is None:
        return None
    conversation.drop(draft)
    if isinstance(waiting, AwaitsDraftChoice) and waiting.command:
        return run_command(situation, Command(waiting.command))
    if conversation.kept:
        return reply(offered_words.offer(situation, conversation.kept))
    return reply(menu(situation, situation.texts("form.cancelled")))


def _offer_kept(situation: Situation, pressed: buttons.OfferKept) -> DecisionResult | None:
    """What to do with the kept words."""
    conversation = situation.conversation
    if conversation.kept is None or pressed.nonce != conversation.kept.nonce:
        return None
    if pressed.act in {KeptAct.YES, KeptAct.BOTH} and conversation.report is not None:
        return ask_about_draft(situation)
    if pressed.act is KeptAct.SHOW:
        return reply(offered_words.offer(situation, conversation.kept))
    return offered_words.answer_offer(situation, conversation.kept, pressed.act)


def _report_again(situation: Situation, pressed: buttons.ReportAgain) -> DecisionResult:
    if situation.conversation.report is not None:
        return ask_about_draft(situation, Command.REPORT)
    return file_report.report_again(situation, pressed)


def _consented(situation: Situation, _: buttons.Consent | buttons.ShowInvitation) -> Decision[DecisionResult]:
    """A consent button on an old message: this person has joined already."""
    return ask_again(situation, situation.texts("join.already"))


def _show_page(situation: Situation, pressed: buttons.ShowPage) -> Decision[DecisionResult] | DecisionResult:
    handler, roles = _LISTS[pressed.list]
    if not may(situation.me, roles):
        return refuse_right(situation, roles)
    return handler(situation, pressed.start)


_LISTS: Mapping[PagedList, tuple[Callable[[Situation, int], Decision[DecisionResult]], Roles]] = {
    PagedList.MY_REPORTS: (my_reports.list_my_reports, ALL),
    PagedList.ISSUES: (issues.list_issues, READERS),
    PagedList.NOTICES: (notices.list_notices, ALL),
    PagedList.RULES: (recurring_requests.list_rules, COORDINATORS),
    PagedList.NETWORK: (network.list_members, NETWORKERS),
    PagedList.SYNTHESES: (period_review.list_signed, READERS),
    PagedList.PROGRESS: (progress_board.show_progress, READERS),
    PagedList.RESULTS: (progress_board.show_results, READERS),
    PagedList.LESSONS: (read_lesson.list_lessons, ALL),
}

#: Handlers return None for an outdated button.
BUTTONS: Mapping[type[Button], tuple[Callable[[Situation, Any], Handled | None], Roles]] = {
    buttons.RunCommand: (_run_command, ALL),
    buttons.ShowMenuGroup: (menu_group, ALL),
    buttons.ContinueDraft: (_continue, ALL),
    buttons.DropDraft: (_drop, ALL),
    buttons.AnswerForm: (_answer_form, ALL),
    buttons.ShowPage: (_show_page, ALL),
    buttons.MyData: (my_data.press_my_data, ALL),
    buttons.ChooseLanguage: (my_data.choose_language, ALL),
    buttons.ChooseAddress: (my_data.choose_address, ALL),
    buttons.Consent: (_consented, ALL),
    buttons.ShowInvitation: (_consented, ALL),
    buttons.GiveName: (join.press_name, ALL),
    buttons.LinkApp: (link_app.link_app, ALL),
    buttons.CloseElsewhere: (link_app.close_elsewhere, ALL),
    buttons.ChooseChannel: (link_app.choose_channel, ALL),
    buttons.OfferKept: (_offer_kept, ALL),
    buttons.SayPlace: (file_report.say_place, ALL),
    buttons.UrgentWords: (urgent_report.press, REPORTERS),
    buttons.ReportAgain: (_report_again, ALL),
    buttons.MyReport: (my_reports.press_my_report, ALL),
    buttons.ReplyToOffice: (reporter_reply.reply_to_office, ALL),
    buttons.SayIfSettled: (reporter_reply.say_if_settled, ALL),
    buttons.ManageReport: (report_inbox.manage_report, COORDINATORS),
    buttons.ShowReportActs: (report_inbox.show_acts, COORDINATORS),
    buttons.ShowSimilar: (similar_reports.show_similar, COORDINATORS),
    buttons.SetTopic: (report_topic.set_topic, COORDINATORS),
    buttons.MergeReports: (issues.merge_reports, COORDINATORS),
    buttons.ManageIssue: (issues.manage_issue, READERS),
    buttons.ManageStrands: (strands.manage_strands, COORDINATORS),
    buttons.AnswerRequest: (answer_request.press_answer, ALL),
    buttons.AskedRequest: (answer_request.press_request, ALL),
    buttons.NewRequest: (compose_request.press_new, COORDINATORS),
    buttons.ComposeRequest: (compose_request.press_when, COORDINATORS),
    buttons.ManageRequest: (progress_board.manage_request, READERS),
    buttons.ManageAnswer: (ask_back.manage_answer, COORDINATORS),
    buttons.ReplyAboutAnswer: (ask_back.reply_about_answer, ALL),
    buttons.ShowBoardPage: (progress_board.show_board_page, READERS),
    buttons.ShowNotice: (notices.show_notice, ALL),
    buttons.ManageRule: (recurring_requests.manage_rule, COORDINATORS),
    buttons.ReportOnBehalf: (on_behalf.report_on_behalf, COORDINATORS),
    buttons.ChooseUnitOnBehalf: (on_behalf.choose_unit, COORDINATORS),
    buttons.AnswerOnBehalf: (on_behalf.answer_on_behalf, COORDINATORS),
    buttons.ManageMember: (network.manage_member, NETWORKERS),
    buttons.ShowPeriod: (period_review.show_period, READERS),
    buttons.ShowSynthesis: (period_review.show_synthesis, READERS),
    buttons.ShowWord: (rising_words.show_word, COORDINATORS),
    buttons.ManageSignal: (trends.manage_signal, READERS),
    buttons.ShowTrendPicture: (trends.show_picture, READERS),
    buttons.ReadLesson: (read_lesson.read_lesson, ALL),
    buttons.AnswerLesson: (read_lesson.answer_lesson, ALL),
}


# ------------------------------------------------------------------ commands


def run_command(situation: Situation, command: Command, argument: str = "") -> Decision[DecisionResult]:
    """Run a command. If a draft is open, ask first whether to go on with it or drop it for the command."""
    conversation = situation.conversation
    if command is Command.START:
        return (yield from join.start(situation, argument))
    if command in BESIDE_A_DRAFT:
        return (yield from settle(BESIDE_A_DRAFT[command](situation)))
    if command is Command.MENU:
        conversation.focus = ""
        return reply(menu(situation))
    if command not in COMMANDS:
        # "hủy", "lùi" or "bỏ qua", which have no buttons
        return (yield from old_button(situation))
    handler, roles = COMMANDS[command]
    if not may(situation.me, roles):
        result = yield from ask_again(situation, situation.texts(why_no_right(situation.me, roles)))
        result.changes.append(refused_right(situation.me))
        return result
    if conversation.draft is not None or _draft_of_command(situation, command) is not None:
        return ask_about_draft(situation, command)
    situation.argument = argument
    return (yield from settle(handler(situation)))


def ask_about_draft(situation: Situation, command: Command | None = None) -> DecisionResult:
    """Ask whether to go on with the draft or drop it; the command (None: the kept words) waits for the answer."""
    conversation = situation.conversation
    draft = conversation.draft or _draft_of_command(situation, command) or conversation.latest
    assert draft is not None
    conversation.focus = draft.form
    conversation.pending = AwaitsDraftChoice(command or "")
    return reply(unfinished(situation, draft))


#: Commands that begin a form; an existing draft of it comes first.
_FORMS = {
    Command.REPORT: DraftKind.REPORT,
    Command.ON_BEHALF: DraftKind.REPORT,
    Command.PRACTICE: DraftKind.REPORT,
    Command.POLL: DraftKind.COMPOSE_POLL,
    Command.RAPID: DraftKind.COMPOSE_RAPID,
    Command.DUTIES: DraftKind.COMPOSE_DUTY,
    Command.NOTICE: DraftKind.COMPOSE_NOTICE,
}


def _draft_of_command(situation: Situation, command: Command | None) -> Draft | None:
    kind = _FORMS.get(command) if command else None
    return situation.conversation.find(kind) if kind else None


def _report(situation: Situation) -> DecisionResult:
    return reply(file_report.start(situation))


def _practise(situation: Situation) -> DecisionResult:
    return reply(file_report.start(situation, practice=True))


def _help(situation: Situation) -> Decision[DecisionResult]:
    """Help above what is open."""
    return (yield from ask_again(situation, situation.texts(f"help.{situation.me.acting_role}")))


def _person(situation: Situation) -> Decision[DecisionResult]:
    return (yield from ask_again(situation, (yield from my_data.person_text(situation))))


COMMANDS: dict[Command, tuple[Callable[[Situation], Handled], Roles]] = {
    Command.REPORT: (_report, REPORTERS),
    Command.TASKS: (answer_request.list_tasks, ALL),
    Command.MY_REPORTS: (my_reports.list_my_reports, REPORTERS),
    Command.INBOX: (report_inbox.open_report_inbox, COORDINATORS),
    Command.ON_BEHALF: (on_behalf.start_on_behalf, COORDINATORS),
    Command.POLL: (compose_request.open_polls, COORDINATORS),
    Command.RAPID: (compose_request.open_rapid_requests, COORDINATORS),
    Command.PROGRESS: (progress_board.show_progress, READERS),
    Command.RESULTS: (progress_board.show_results, READERS),
    Command.NETWORK: (network.list_members, NETWORKERS),
    Command.INVITE: (network.make_invite_link, NETWORKERS),
    Command.DUTIES: (recurring_requests.list_rules, COORDINATORS),
    Command.NOTICE: (notices.show_sent_notices, COORDINATORS),
    Command.INFORMATION: (notices.list_notices, ALL),
    Command.PRACTICE: (_practise, REPORTERS),
    Command.ISSUES: (issues.list_issues, READERS),
    Command.REVIEW: (period_review.open_review, READERS),
    Command.TRENDS: (trends.open_trends, READERS),
    Command.LOG_IN: (console_link.send_link, OFFICE_ROLES),
    Command.SEARCH: (search_reports.open_search, COORDINATORS),
}

#: Commands that leave an open draft as it is.
BESIDE_A_DRAFT: dict[Command, Callable[[Situation], Handled]] = {
    Command.STOP: my_data.offer_to_stop,
    Command.WITHDRAW_CONSENT: my_data.ask_to_withdraw,
    Command.DELETE_DATA: my_data.ask_to_leave,
    Command.MY_DATA: my_data.show_my_data,
    Command.LANGUAGE: my_data.show_languages,
    Command.ADDRESS: my_data.show_addresses,
    Command.LINK_APP: link_app.show_apps,
    Command.LESSONS: read_lesson.open_lessons,
    Command.HELP: _help,
    Command.PERSON: _person,
}
