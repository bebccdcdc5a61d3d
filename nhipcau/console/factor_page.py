"""What a page shows on which a second factor is asked for or set up."""

from __future__ import annotations

from typing import Any

from starlette.concurrency import run_in_threadpool

from nhipcau.console import passkeys
from nhipcau.console.factor_form import challenge_of
from nhipcau.console.qr import square
from nhipcau.console.visit import Console
from nhipcau.model.people import Person
from nhipcau.model.second_factor import SecondFactor
from nhipcau.privacy import one_time_codes


async def facts_of(
    console: Console, person: Person, factor: SecondFactor, token: str, secret: str = ""
) -> dict[str, Any]:
    """For templates of `_factor_parts.html`. `secret`: of an app that was shown before, and is shown again."""
    shown = secret if one_time_codes.is_secret(secret) else one_time_codes.new_secret()
    called = person.name or person.unit.name
    site, challenge = passkeys.site_of(console.parts.settings.url), challenge_of(console, token)
    make = use = ""
    if site is not None:
        make = await run_in_threadpool(passkeys.options_to_make, site, person.id, called, factor, challenge)
    if site is not None and factor.passkeys:
        use = await run_in_threadpool(passkeys.options_to_use, site, factor, challenge)
    return {
        "token": token,
        "factor": factor,
        "secret": shown,
        "secret_read": " ".join(shown[n : n + 4] for n in range(0, len(shown), 4)),
        "picture": square(one_time_codes.address(shown, called, "Nhịp Cầu")),
        "options_to_make": make,
        "options_to_use": use,
    }
