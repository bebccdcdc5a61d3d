"""What the kinds of requests differ in; everything else about asking, answering and counting is the same for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class RequestKind(StrEnum):
    """Of what kind a request is."""

    POLL = "poll"
    """Answers are counted, never shown by unit: they carry a tag or nothing."""
    RAPID = "rapid"
    """An urgent question to units; like all kinds but polls it is official: answers carry the unit."""
    DUTY = "duty"
    """One period of a periodic report, due at its end."""
    NOTICE = "notice"
    """Official information; its answer says that it was read, or passed on to so many."""


@dataclass(frozen=True, slots=True)
class RequestTraits:
    """What holds for one kind of request."""

    #: Shares of the time allowed at which those who have not answered are reminded.
    reminders: tuple[float, ...] = ()
    #: The choice that answers all of it in one tap (a key of the catalogue); "": none.
    nothing: str = ""
    #: The first answer of a unit settles it for everybody there.
    one_a_unit: bool = False
    #: "Bổ sung": one more answer may follow.
    more: bool = False
    #: Its end is told: results and summaries.
    told: bool = True


REQUEST_TRAITS: Mapping[RequestKind, RequestTraits] = {
    RequestKind.POLL: RequestTraits(reminders=(0.5,)),
    RequestKind.RAPID: RequestTraits(reminders=(0.5, 0.9), nothing="form.nothing", more=True),
    RequestKind.DUTY: RequestTraits(reminders=(0.5, 0.9), nothing="form.nothing_new", one_a_unit=True, more=True),
    RequestKind.NOTICE: RequestTraits(told=False),
}
KINDS = tuple(REQUEST_TRAITS)
#: What runs and ends; official information only goes out.
ASKED = tuple(kind for kind in KINDS if REQUEST_TRAITS[kind].told)
#: Answered in the name of a unit.
BY_UNIT = tuple(kind for kind in ASKED if kind is not RequestKind.POLL)
