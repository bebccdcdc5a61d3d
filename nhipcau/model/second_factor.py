"""The second factor of somebody who signs in at the console."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Passkey:
    """A key that a computer, a phone or a stick keeps for this site."""

    #: Random; named where it is removed.
    id: str
    #: By what its device finds it.
    credential: bytes
    #: COSE.
    public_key: bytes
    #: How often it was used, as its device counts; 0 where it does not.
    uses: int
    #: The browser and its system in two words, where it was made.
    device: str
    added: date


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """What is asked of somebody after their link or six digits."""

    #: Of their authenticator app, base32; "": none.
    secret: str = ""
    passkeys: tuple[Passkey, ...] = ()
    #: How many recovery codes are left.
    recovery_codes: int = 0

    @property
    def ways(self) -> tuple[str, ...]:
        """ "app" and the ids of passkeys."""
        return (*(("app",) if self.secret else ()), *(each.id for each in self.passkeys))

    @property
    def is_set(self) -> bool:
        return bool(self.ways)
