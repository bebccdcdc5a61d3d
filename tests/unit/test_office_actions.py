"""What the office decides at the command line, as pure functions: changes, or why not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from nhipcau.actions import network
from nhipcau.actions.decision import Actor, Refusal
from nhipcau.actions.opening import Opening, OpeningRefusal, Why, plan_first
from nhipcau.bot.units.tree import Unit
from nhipcau.model.changes import Audit, ChangePerson, ReleaseContacts, RevokeCards
from nhipcau.model.people import Member, PersonState, Role
from nhipcau.model.scope import OFFICE

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
UNIT = Unit(1, "X1", "Xã Một", "xã", "/X1/", None)
LAN = Member("lan", "Lan", UNIT, Role.COLLABORATOR, PersonState.CONSENTED, ("web",), True)
ACTOR = Actor.office(UNIT)
WEEK = timedelta(days=7)


def test_who_is_disabled_loses_cards_and_contacts() -> None:
    assert network.disable(ACTOR, LAN) == [
        ChangePerson("lan", {"state": PersonState.LEFT}),
        RevokeCards("lan"),
        ReleaseContacts("lan"),
        Audit("person.disable", OFFICE),
    ]


def test_a_new_phone_lets_go_of_the_earlier_one_at_once() -> None:
    decided = network.link_anew(ACTOR, LAN, NOW, lambda kind: f"{kind}1")
    assert not isinstance(decided, Refusal)
    card, changes = decided
    assert changes == [ReleaseContacts("lan"), RevokeCards("lan"), card, Audit("person.relink", OFFICE)]
    assert (card.code, card.person_id, card.uses) == ("invite1", "lan", 1)


@pytest.mark.parametrize("act", ["link_anew", "hand_over"])
def test_who_has_left_gets_no_card_and_no_successor(act: str) -> None:
    gone, given = replace(LAN, state=PersonState.LEFT), ["Bình"] if act == "hand_over" else []
    decided = getattr(network, act)(ACTOR, gone, *given, NOW, lambda kind: kind)
    assert decided == Refusal("network.left")


def test_a_duty_opens_before_it_is_due_at_the_earliest_now() -> None:
    dues = [NOW + timedelta(hours=5), NOW + WEEK]
    assert plan_first("duty", 3, dues, timedelta(hours=2), NOW) == Opening(NOW + timedelta(hours=3), dues[0], False)
    assert plan_first("duty", 3, dues, timedelta(days=2), NOW) == Opening(NOW, dues[0], False)


def test_a_duty_asked_before_the_last_one_is_due_is_refused() -> None:
    dues = [NOW + WEEK, NOW + 2 * WEEK]
    assert plan_first("duty", 3, dues, timedelta(days=8), NOW) == OpeningRefusal(Why.LEAD_TOO_LONG)
    assert isinstance(plan_first("rapid", 3, dues, timedelta(days=8), NOW), Opening)
