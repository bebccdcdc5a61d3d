"""Changes of who signs in at the console: links, and second factors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from nhipcau.model.second_factor import Passkey


@dataclass(frozen=True, slots=True)
class MakeConsoleLink:
    """A one-time link to the console, in place of an earlier one of this person."""

    person_id: str
    #: The end of its address.
    token: str
    #: Six digits that open it too; "": none.
    code: str
    until: datetime
    #: Who made it, for the audit.
    actor: str


@dataclass(frozen=True, slots=True)
class KeepRecoveryCodes:
    """In place of earlier ones; none: there are none any more."""

    person_id: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AddPasskey:
    person_id: str
    passkey: Passkey


@dataclass(frozen=True, slots=True)
class DropPasskeys:
    """These passkeys of a person, by their ids."""

    person_id: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RequireSecondFactor:
    """Whether everybody needs one. Where they do, sessions of those without one end."""

    required: bool


ConsoleChange = AddPasskey | DropPasskeys | KeepRecoveryCodes | MakeConsoleLink | RequireSecondFactor
