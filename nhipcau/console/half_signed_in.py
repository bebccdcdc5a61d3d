"""Somebody whose link or digits were good and whose second factor is not shown yet: a signed cookie, ten minutes."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from nhipcau.console.cookies import HALF, give_cookie, read_cookie
from nhipcau.console.visit import ROOT, Console

#: So long they have for it.
LASTING = timedelta(minutes=10)
FACTOR = f"{ROOT}/factor"


@dataclass(frozen=True, slots=True)
class HalfSignedIn:
    person_id: str
    #: Random; of this one signing in.
    nonce: str

    @property
    def in_token(self) -> str:
        """Stands in the token of its forms, where that of others has a session."""
        return f"half-{self.nonce}"


def give_half(console: Console, response: Response, person_id: str) -> None:
    until = int((console.now() + LASTING).timestamp())
    content = f"{person_id}.{secrets.token_hex(16)}.{until}"
    signed = f"{content}.{console.sign(f'half|{content}')}"
    give_cookie(console, response, HALF, signed, int(LASTING.total_seconds()))


def read_half(console: Console, request: Request) -> HalfSignedIn | None:
    """None where there is none of ours, or its time is over."""
    content, _, signature = read_cookie(console, request, HALF).rpartition(".")
    if not hmac.compare_digest(signature.encode(), console.sign(f"half|{content}").encode()):
        return None
    person_id, nonce, until = content.split(".")
    return HalfSignedIn(person_id, nonce) if console.now().timestamp() < int(until) else None
