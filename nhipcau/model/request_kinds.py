"""What the kinds of requests differ in; everything else about asking, answering and counting is the same for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RequestKind:
    """One kind of request."""

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


REQUEST_KINDS: Mapping[str, RequestKind] = {
    #: Answers carry a tag or nothing; counts after closing.
    "poll": RequestKind(reminders=(0.5,)),
    #: The others are official: their answers carry the unit.
    "rapid": RequestKind(reminders=(0.5, 0.9), nothing="form.nothing", more=True),
    #: One period of a rule, due at its end.
    "duty": RequestKind(reminders=(0.5, 0.9), nothing="form.nothing_new", one_a_unit=True, more=True),
    #: Official information; its answer says that it was read, or passed on to so many.
    "notice": RequestKind(told=False),
}
KINDS = tuple(REQUEST_KINDS)
#: What runs and ends; official information only goes out.
ASKED = tuple(kind for kind in KINDS if REQUEST_KINDS[kind].told)
#: Answered in the name of a unit.
BY_UNIT = tuple(kind for kind in ASKED if kind != "poll")
