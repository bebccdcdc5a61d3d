"""What the console asks about requests; `queries.py` has what decisions of the chat ask too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from nhipcau.bot.units.tree import Unit
from nhipcau.model.counts import ListedRequest
from nhipcau.model.queries import AreaQuery, OfficeQuery
from nhipcau.model.question_bank import BankQuestion
from nhipcau.model.request_kinds import RequestKind
from nhipcau.model.requests import Audience, Request, RequestState
from nhipcau.model.sendings import HeldSending


@dataclass(frozen=True, slots=True)
class RequestList(OfficeQuery[Sequence[ListedRequest]]):
    """Requests made by units of this scope, and official ones that asked people of it; newest first. `after`: opening
    and id of the last one seen."""

    kinds: tuple[RequestKind, ...]
    states: tuple[RequestState, ...]
    most: int
    after: tuple[datetime, str] | None = None


@dataclass(frozen=True, slots=True)
class RequestIn(OfficeQuery[Request | None]):
    """One request, under the same conditions as `RequestList`."""

    id: str


@dataclass(frozen=True, slots=True)
class AudienceOf(OfficeQuery[Audience | None]):
    """Whom a request of a unit of this scope is for."""

    id: str


@dataclass(frozen=True, slots=True)
class HeldSendings(OfficeQuery[Sequence[HeldSending]]):
    """What units of this scope have sent from the console and still waits, the next due first; then what was refused.
    `id`: only of this request."""

    id: str = ""


@dataclass(frozen=True, slots=True)
class ClustersIn(OfficeQuery[Mapping[str, Sequence[Unit]]]):
    """Name of each cluster → its communes and agencies in this scope, as clusters are now."""


@dataclass(frozen=True, slots=True)
class QuestionBank(AreaQuery[Sequence[BankQuestion]]):
    """Questions that this unit and those above it keep; its own first."""

    unit: Unit


@dataclass(frozen=True, slots=True)
class CountUnasked(OfficeQuery[Mapping[str, int]]):
    """Why people of the audience would not be asked now → how many: `invited`, `paused`, `unreachable`."""

    audience: Audience
