"""`/dinhky`: what is asked again and again; lay one down, see when it comes, end it."""

from __future__ import annotations

from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.bot.recurrence.rules import parse_rule
from nhipcau.bot.recurrence.rules import say as say_rule
from nhipcau.handlers.requests import compose_request, request_messages
from nhipcau.handlers.requests.due_times import times
from nhipcau.handlers.screens import is_coordinator, menu, page_of, short_title
from nhipcau.handlers.situation import Deciding, Outcome, Situation, load, reply
from nhipcau.model.changes import EndRule
from nhipcau.model.queries import CountAudience, RulesOf
from nhipcau.model.records import Rule
from nhipcau.model.request_kinds import KINDS

_LISTED = 6


def listing(situation: Situation, start: str) -> Deciding[Outcome]:
    """Every rule of one's own units; where there is none, a new one."""
    say = situation.texts
    rules = yield from load(RulesOf(situation.me.unit.path, KINDS))
    if not rules:
        return reply(compose_request.begin_new(situation, "duty"))
    shown, following = page_of(rules, start, _LISTED)
    choices = [Choice(say("duty.new"), "t:new:duty")]
    choices += [Choice(short_title(rule.title), f"u:{rule.id}:show") for rule in shown]
    if following:
        choices.append(Choice(say("form.more"), f"u:{following}:page", way=True))
    return reply(Message(say("duty.some", n=len(rules)), tuple(choices)))


def pressed(situation: Situation, rest: str) -> Deciding[Outcome]:
    """`ID:show|end|end!`, within the person's scope."""
    id, _, verb = rest.partition(":")
    say = situation.texts
    if not is_coordinator(situation.me):
        return reply(menu(situation, say("menu.not_yours")))
    if verb == "page":
        return (yield from listing(situation, id))
    rules = yield from load(RulesOf(situation.me.unit.path, KINDS))
    rule = next((rule for rule in rules if rule.id == id), None)
    if rule is None:
        return reply(menu(situation, say("duty.gone")))
    if verb == "end":
        yes = Choice(say("duty.end"), f"u:{id}:end!")
        return reply(Message(say("duty.sure", title=rule.title), (yes, Choice(say("mine.keep"), f"u:{id}:show"))))
    if verb == "end!":
        return reply(menu(situation, say("duty.ended", title=rule.title)), writes=[EndRule(id, situation.me.id)])
    people = yield from load(CountAudience(rule.audience))
    return reply(_show(situation, rule, people))


def _show(situation: Situation, rule: Rule, people: int) -> Message:
    say, office = situation.texts, situation.office
    dues = times(rule.rule, rule.working_days, situation.now, office)
    dates = "; ".join(request_messages.moment(due.due, office.zone, say) for due in dues)
    lines = [
        f"{rule.title} – {say('kind.' + rule.kind)}",
        say_rule(parse_rule(rule.rule), say),
        say("duty.first", dates=dates),
        say("compose.people", n=people, unit=rule.unit.name),
    ]
    return Message(
        "\n".join(lines), (Choice(say("duty.end"), f"u:{rule.id}:end"), Choice(say("menu.dinhky"), "c:dinhky"))
    )
