"""Changes a decision may ask for about kept syntheses."""

from __future__ import annotations

from dataclasses import dataclass

from nhipcau.model.kept_syntheses import KeptSynthesis, SynthesisAct


@dataclass(frozen=True, slots=True)
class KeepSynthesis:
    """Write a synthesis as it is now. `seen`: the revision it was decided upon, 0 for a new one; another one in the
    database: it is decided again. Its body and file are made in between (`operations/kept_syntheses.py`)."""

    synthesis: KeptSynthesis
    seen: int
    act: SynthesisAct
    actor: str


@dataclass(frozen=True, slots=True)
class DropSynthesis:
    """Delete a draft. `seen`: as above."""

    id: str
    seen: int
    actor: str
