"""One person of the network: a new card, a successor, or removing them."""

from __future__ import annotations

from starlette.responses import Response

from nhipcau.actions import network
from nhipcau.actions.decision import Refusal
from nhipcau.actions.permissions import NETWORKERS, may_be_replaced, may_change_member
from nhipcau.bot.language.vietnamese import fold
from nhipcau.console.pages import render
from nhipcau.console.qr import square
from nhipcau.console.routes import Page
from nhipcau.console.visit import ROOT, Act, NotHere, Visit
from nhipcau.handlers.membership.join import clean_name
from nhipcau.model.network_queries import CardOf, MemberIn
from nhipcau.model.people import Member, PersonState


async def show(visit: Visit) -> Response:
    return await _page(visit, await _member(visit))


async def _member(visit: Visit) -> Member:
    member = await visit.ask(MemberIn(visit.scope, visit.request.path_params["person"]))
    if member is None:
        raise NotHere
    return member


def _name(visit: Visit, member: Member) -> str:
    is_gone = member.state is PersonState.LEFT
    return member.name or visit.t("network.name_destroyed" if is_gone else "network.unnamed")


def _again(member: Member) -> str:
    """What is typed once more before they are removed or replaced."""
    return member.name or member.unit.code


async def _page(visit: Visit, member: Member, wrong: str = "") -> Response:
    """`wrong`: the field at fault."""
    t, person = visit.t, visit.person
    is_theirs = may_change_member(person, member)
    may_join = is_theirs and member.state is not PersonState.LEFT
    card = await visit.ask(CardOf(visit.scope, member.id)) if may_join else None
    links = {name: link for name, link in visit.office.links(card.code).items() if link} if card else {}
    return await render(
        visit,
        "person.html",
        here="network",
        member=member,
        name=_name(visit, member),
        again=_again(member),
        wrong=wrong,
        is_theirs=is_theirs,
        may_have_card=may_join,
        may_be_replaced=may_join and may_be_replaced(person, member),
        may_be_removed=is_theirs and member.id != person.id,
        card=card,
        last_day=card.expires_at.astimezone(visit.at.zone).date() if card else None,
        links=[(t(f"channel.{name}") if t.has(f"channel.{name}") else name, link) for name, link in links.items()],
        squares={link: square(link) for link in links.values()},
        days=network.CARD_DAYS,
        channels=[t(f"channel.{name}") if t.has(f"channel.{name}") else name for name in member.channels],
    )


async def make_card(visit: Visit) -> Response:
    member = await _member(visit)
    decided = network.make_card(visit.actor, member, visit.now, visit.console.new_id)
    if isinstance(decided, Refusal):
        visit.refuse(decided)
        return await _page(visit, member)
    await visit.apply(decided[1])
    return visit.go(f"{ROOT}/network/people/{member.id}", "card")


async def hand_over(visit: Visit) -> Response:
    member = await _member(visit)
    successor = clean_name(visit.value("successor"))
    if not successor:
        visit.problem = visit.t("join.bad_name")
        return await _page(visit, member, "successor")
    if not _is_confirmed(visit, member):
        return await _page(visit, member, "replaced")
    decided = network.hand_over(visit.actor, member, successor, visit.now, visit.console.new_id)
    if isinstance(decided, Refusal):
        visit.refuse(decided)
        return await _page(visit, member)
    card, changes = decided
    await visit.apply(changes)
    return visit.go(f"{ROOT}/network/people/{card.person_id}", "handed_over")


async def remove(visit: Visit) -> Response:
    member = await _member(visit)
    if not _is_confirmed(visit, member):
        return await _page(visit, member, "removed")
    decided = network.remove(visit.actor, member)
    if isinstance(decided, Refusal):
        visit.refuse(decided)
        return await _page(visit, member)
    await visit.apply(decided)
    return visit.go(f"{ROOT}/network?unit={member.unit.code}", "removed")


def _is_confirmed(visit: Visit, member: Member) -> bool:
    """Whether what can't be undone was meant: the name is typed once more (rule K11)."""
    if fold(visit.value("again")) == fold(_again(member)):
        return True
    visit.problem = visit.t("console.person.again_wrong", name=_again(member))
    return False


PAGES = (
    Page(
        "/network/people/{person}",
        NETWORKERS,
        show,
        {"card": Act(make_card), "hand_over": Act(hand_over), "remove": Act(remove)},
    ),
)
