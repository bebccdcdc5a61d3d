"""Syntheses that are kept in the database: drafted, checked, then signed, with the sentences people wrote for them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from nhipcau.bot.units.tree import Unit
from nhipcau.model.synthesis import Layout


class SynthesisState(StrEnum):
    """How far a synthesis is on its way to the unit above."""

    DRAFT = "draft"
    """Sentences are written; "DỰ THẢO" stands on each page."""
    CHECKED = "checked"
    """Every figure held and nothing waited for a person; it waits for a signature."""
    SIGNED = "signed"
    """The unit's document: nothing in it changes, and the units above read it."""


class SynthesisAct(StrEnum):
    """What was done to a synthesis; the audit calls it `synthesis.NAME`."""

    DRAFT = "draft"
    WRITE = "write"
    REFRESH = "refresh"
    CHECK = "check"
    SIGN = "sign"
    TAKE_BACK = "take_back"
    DELETE = "delete"


#: Acts for which the figures are counted anew.
COUNTING = frozenset({SynthesisAct.DRAFT, SynthesisAct.REFRESH})


@dataclass(frozen=True, slots=True)
class KeptSynthesis:
    """There is one of a unit, a period, a layout and chosen topics."""

    #: Random.
    id: str
    unit: Unit
    #: As in `Period.text`.
    period: str
    layout: Layout
    #: In which the document is written.
    language: str
    state: SynthesisState
    #: Counts its changes; whoever changes it says which one they saw.
    revision: int
    #: Place (`insight/synthesis/own_words.py`) → what people wrote there.
    words: Mapping[str, str]
    #: The last change.
    changed: date
    signed: date | None = None
    #: Codes of the topics it is about, in order; none: all, and only these go up.
    topics: tuple[str, ...] = ()
    #: The document as it is now: a name in the folder of documents.
    file: str = ""
    #: Figures and lines as they were counted last, without anybody's sentences (`insight/synthesis/stored.py`); "" in
    #: lists.
    body: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class WhoSigns:
    """Who else could sign, as far as somebody who wants to has to know."""

    #: They have drafted it themselves.
    is_own: bool
    #: The unit has a leader who has joined.
    has_leader: bool
    #: It has somebody else of their role who has joined.
    has_other: bool


def digest_of(words: str) -> str:
    """Says whether a sentence is still as it was displayed."""
    return hashlib.sha256(words.encode()).hexdigest()[:8]
