"""What a coordinator sends from the console, while it waits for its minute to be over."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from nhipcau.bot.units.tree import Unit
from nhipcau.model.request_kinds import RequestKind
from nhipcau.model.requests import Attachment


@dataclass(frozen=True, slots=True)
class Sending:
    """A request in the shape of its file, who asks it, and when it is to open."""

    #: Of the request, or of the rule where it is asked again and again.
    id: str
    kind: RequestKind
    described: Mapping[str, Any]
    #: Code of the unit that asks, and id of the coordinator.
    unit: str
    asked_by: str
    #: Local time as "2026-12-01 17:00"; "": now.
    opens: str = ""
    #: "Now" was chosen knowingly in quiet hours.
    passes_quiet: bool = False
    attachment: Attachment = field(default_factory=Attachment)

    @property
    def title(self) -> str:
        return str(self.described.get("title") or self.described.get("text") or "")

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @staticmethod
    def from_json(line: str) -> Sending:
        given = json.loads(line)
        given |= {"kind": RequestKind(given["kind"]), "attachment": Attachment(**given["attachment"])}
        return Sending(**given)


@dataclass(frozen=True, slots=True)
class HeldSending:
    """A sending that waits, or that was refused when its minute was over."""

    #: Of the act that is held.
    act: str
    sending: Sending
    unit: Unit
    due_at: datetime
    #: Why it was not sent, in words; "": it still waits.
    refused: str = ""
