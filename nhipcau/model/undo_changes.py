"""Changes that undo what the office has just done, as long as nobody has acted since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RevertReport:
    """Put the columns of a report back, delete the notes written with them, and the issue opened with them."""

    code: str
    #: Column → its value before, and as it was left; a day as 2026-12-31, "" for none.
    before: Mapping[str, str]
    after: Mapping[str, str]
    #: Ids of the notes.
    notes: tuple[str, ...]
    #: Code of the issue that was opened with it; "": none.
    opened: str
    actor: str


@dataclass(frozen=True, slots=True)
class RevertIssue:
    """Put an issue back, and those of its reports that are still as they were left."""

    code: str
    #: `state`, `answer` and `answered` (a day, or "") of the issue; "PA-…": state, `confirmed`
    #: and `due` of that report.
    before: Mapping[str, str]
    #: `state` it was left in; `kind` and `words` of the note each report got.
    after: Mapping[str, str]
    actor: str
