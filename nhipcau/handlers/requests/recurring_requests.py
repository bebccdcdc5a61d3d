"""`/dinhky`: what is asked again and again; lay one down, see when it comes, end it."""

from __future__ import annotations

from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.bot.recurrence.rules import parse_rule, rule_phrase
from nhipcau.handlers.requests import compose_request, request_messages
from nhipcau.handlers.requests.due_times import times
from nhipcau.handlers.screens import is_coordinator, menu, page_of, short_title
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.model.changes import EndRule
from nhipcau.model.queries import CountAudience, RulesOf
from nhipcau.model.request_kinds import KINDS
from nhipcau.model.requests import RecurringRequest

_LISTED = 6


def listing(situation: Situation, start: str) -> Decision[DecisionResult]:
    """Every rule of one's own units; where there is none, a new one."""
    t = situation.texts
    rules = yield from load(RulesOf(situation.me.unit.path, KINDS))
    if not rules:
        return reply(compose_request.begin_new(situation, "duty"))
    shown, following = page_of(rules, start, _LISTED)
    choices = [Choice(t("duty.new"), "t:new:duty")]
    choices += [Choice(short_title(rule.title), f"u:{rule.id}:show") for rule in shown]
    if following:
        choices.append(Choice(t("form.more"), f"u:{following}:page", way=True))
    return reply(Message(t("duty.some", n=len(rules)), tuple(choices)))


def pressed(situation: Situation, rest: str) -> Decision[DecisionResult]:
    """`ID:show|end|end!`, within the person's scope."""
    id, _, verb = rest.partition(":")
    t = situation.texts
    if not is_coordinator(situation.me):
        return reply(menu(situation, t("menu.not_yours")))
    if verb == "page":
        return (yield from listing(situation, id))
    rules = yield from load(RulesOf(situation.me.unit.path, KINDS))
    rule = next((rule for rule in rules if rule.id == id), None)
    if rule is None:
        return reply(menu(situation, t("duty.gone")))
    if verb == "end":
        yes = Choice(t("duty.end"), f"u:{id}:end!")
        return reply(Message(t("duty.sure", title=rule.title), (yes, Choice(t("mine.keep"), f"u:{id}:show"))))
    if verb == "end!":
        return reply(menu(situation, t("duty.ended", title=rule.title)), changes=[EndRule(id, situation.me.id)])
    people = yield from load(CountAudience(rule.audience))
    return reply(_show(situation, rule, people))


def _show(situation: Situation, rule: RecurringRequest, people: int) -> Message:
    t, office = situation.texts, situation.office
    dues = times(rule.rule, rule.working_days, situation.now, office)
    dates = "; ".join(request_messages.moment(due.due, office.zone, t) for due in dues)
    lines = [
        f"{rule.title} – {t('kind.' + rule.kind)}",
        rule_phrase(parse_rule(rule.rule), t),
        t("duty.first", dates=dates),
        t("compose.people", n=people, unit=rule.unit.name),
    ]
    return Message("\n".join(lines), (Choice(t("duty.end"), f"u:{rule.id}:end"), Choice(t("menu.dinhky"), "c:dinhky")))
