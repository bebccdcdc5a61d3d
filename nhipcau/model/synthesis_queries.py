"""What decide may load about kept syntheses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nhipcau.model.kept_syntheses import KeptSynthesis, WhoSigns
from nhipcau.model.queries import OfficeQuery


@dataclass(frozen=True, slots=True)
class Syntheses(OfficeQuery[Sequence[KeptSynthesis]]):
    """Kept syntheses of units of the scope, without their bodies; the newest period first."""


@dataclass(frozen=True, slots=True)
class SynthesisIn(OfficeQuery[KeptSynthesis | None]):
    """One kept synthesis of a unit of the scope."""

    id: str


@dataclass(frozen=True, slots=True)
class SynthesisSigners(OfficeQuery[WhoSigns | None]):
    """Who else could sign it, for this person; None: there is none of this id in the scope."""

    id: str
    person_id: str
