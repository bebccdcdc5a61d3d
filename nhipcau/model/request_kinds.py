"""The kinds of requests and how they differ; asking, answering and counting are otherwise the same for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class RequestKind(StrEnum):
    """Kind of a request. All kinds but polls are official: their answers carry the unit."""

    POLL = "poll"
    """Answers are counted, never shown by unit; each carries a tag or nothing."""
    RAPID = "rapid"
    """An urgent question to units."""
    DUTY = "duty"
    """One period of a periodic report, due at its end."""
    NOTICE = "notice"
    """Official information; its answer says that it was read, or to how many it was passed on."""


@dataclass(frozen=True, slots=True)
class RequestTraits:
    #: When those who have not answered are reminded, as shares of the time allowed.
    reminders: tuple[float, ...] = ()
    #: When it is told that nobody of a unit has answered, as shares of the time allowed: first to those responsible for
    #: the unit, then to the unit above.
    escalations: tuple[float, ...] = ()
    #: Catalogue key of the choice that answers the whole form in one tap ("không có gì"); "": none.
    nothing: str = ""
    #: The first answer of a unit counts for everybody there.
    one_a_unit: bool = False
    #: "Bổ sung": a person may add further answers.
    more: bool = False
    #: When it ends, a result or summary is sent.
    has_result: bool = True


REQUEST_TRAITS: Mapping[RequestKind, RequestTraits] = {
    RequestKind.POLL: RequestTraits(reminders=(0.5,)),
    RequestKind.RAPID: RequestTraits(reminders=(0.5, 0.9), escalations=(0.5, 0.75), nothing="form.nothing", more=True),
    RequestKind.DUTY: RequestTraits(reminders=(0.5, 0.9), nothing="form.nothing_new", one_a_unit=True, more=True),
    RequestKind.NOTICE: RequestTraits(has_result=False),
}
KINDS = tuple(REQUEST_TRAITS)
#: Kinds that run for a time and have a result.
ASKED = tuple(kind for kind in KINDS if REQUEST_TRAITS[kind].has_result)
#: Kinds answered on behalf of a unit.
BY_UNIT = tuple(kind for kind in ASKED if kind is not RequestKind.POLL)
