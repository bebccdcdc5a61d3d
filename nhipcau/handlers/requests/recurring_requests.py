"""`/dinhky`: list rules, display their next dates, end them."""

from __future__ import annotations

from nhipcau.actions import requests as actions
from nhipcau.bot.language.command_words import Command
from nhipcau.bot.messaging.messages import Message
from nhipcau.bot.recurrence.rules import parse_rule, rule_phrase
from nhipcau.handlers.buttons import ManageRule, NewRequest, PagedList, RuleAct, RunCommand, ShowPage, choice
from nhipcau.handlers.requests import compose_request, request_messages
from nhipcau.handlers.requests.due_times import next_dues
from nhipcau.handlers.screens import menu, paged_list, short_title
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.model.queries import CountAudience, RulesOf
from nhipcau.model.request_kinds import KINDS
from nhipcau.model.requests import RecurringRequest

_PAGE_SIZE = 6


def list_rules(situation: Situation, start: int = 0) -> Decision[DecisionResult]:
    """List the rules of the scope; if there are none, begin one."""
    t = situation.texts
    rules = yield from load(RulesOf(situation.scope, KINDS))
    if not rules:
        return reply(compose_request.begin_new(situation, "duty"))
    _, choices = paged_list(
        rules,
        start,
        _PAGE_SIZE,
        lambda rule: choice(short_title(rule.title), ManageRule(rule.id)),
        lambda start: ShowPage(PagedList.RULES, start),
        t,
    )
    new = choice(t("duty.new"), NewRequest("duty"))
    return reply(Message(t("duty.some", n=len(rules)), (new, *choices)))


def manage_rule(situation: Situation, pressed: ManageRule) -> Decision[DecisionResult]:
    """Display or end a rule of the scope."""
    t, id = situation.texts, pressed.rule
    rules = yield from load(RulesOf(situation.scope, KINDS))
    rule = next((rule for rule in rules if rule.id == id), None)
    if rule is None:
        return reply(menu(situation, t("duty.gone")))
    if pressed.act is RuleAct.END:
        yes = choice(t("duty.end"), ManageRule(id, RuleAct.END_SURE))
        return reply(Message(t("duty.sure", title=rule.title), (yes, choice(t("mine.keep"), ManageRule(id)))))
    if pressed.act is RuleAct.END_SURE:
        return reply(
            menu(situation, t("duty.ended", title=rule.title)), changes=actions.end_rule(situation.actor, rule)
        )
    people = yield from load(CountAudience(situation.scope, rule.audience))
    return reply(_show(situation, rule, people))


def _show(situation: Situation, rule: RecurringRequest, people: int) -> Message:
    t, office = situation.texts, situation.office
    dues = next_dues(rule.rule, rule.working_days, situation.now, office)
    dates = "; ".join(request_messages.moment(due.due, office.zone, t) for due in dues)
    lines = [
        f"{rule.title} – {t('kind.' + rule.kind)}",
        rule_phrase(parse_rule(rule.rule), t),
        *compose_request.each_line(situation, rule.unit, rule),
        t("duty.first", dates=dates),
        t("compose.people", n=people, unit=rule.unit.name),
    ]
    return Message(
        "\n".join(lines),
        (choice(t("duty.end"), ManageRule(rule.id, RuleAct.END)), choice(t("menu.dinhky"), RunCommand(Command.DUTIES))),
    )
