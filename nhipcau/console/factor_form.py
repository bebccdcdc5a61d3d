"""A form in which somebody shows their second factor, or sets one up: when they sign in, and on the page Bảo mật.

The same form sent twice does the same once: a code is kept with the form that used it, recovery codes are made of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from nhipcau.actions import second_factor as actions
from nhipcau.actions.decision import Actor
from nhipcau.console import passkeys
from nhipcau.console.visit import Console
from nhipcau.model.people import Person
from nhipcau.model.second_factor import Passkey, SecondFactor
from nhipcau.operations.commit import apply
from nhipcau.operations.operation_context import OperationContext
from nhipcau.privacy import one_time_codes
from nhipcau.storage import console_sessions, second_factors
from nhipcau.storage.audit import AuditContext, record_audit, record_refusals

#: Keys of what is said where it was not right.
EMPTY, WRONG, USED = "console.factor.empty", "console.factor.wrong", "console.factor.used"


def seed_of(console: Console, token: str) -> bytes:
    """A secret of the form with this token: the challenge of its passkey, and its recovery codes, are made of it."""
    return bytes.fromhex(console.sign(f"factor|{token}"))


def challenge_of(console: Console, token: str) -> bytes:
    return hashlib.sha256(seed_of(console, token)).digest()


@dataclass
class FactorForm:
    console: Console
    work: OperationContext
    person: Person
    factor: SecondFactor
    form: FormData
    #: Its hidden token.
    token: str
    #: The address it came from.
    origin: str

    def value(self, name: str) -> str:
        found = self.form.get(name)
        return found.strip() if isinstance(found, str) else ""

    # ------------------------------------------------------------------ showing it

    async def problem(self) -> str:
        """ "" where the second factor was shown, else the key of what is said."""
        tries, whose = self.console.tries, (self.origin, self.person.id)
        if not tries.may_try(*whose):
            return "console.factor.wait"
        answer, code = self.value("passkey"), one_time_codes.plain(self.value("code"))
        if not answer and not code:
            return EMPTY
        if answer:
            found = await self._by_passkey(answer)
        elif one_time_codes.is_code(code):
            found = await self._by_app(self.factor.secret, code)
        else:
            found = await self._by_recovery_code(code)
        if found == WRONG:
            tries.note_wrong(*whose)
            record_refusals(AuditContext(self.work.connection, self.work.sealer, self.work.today), codes=1)
        return found

    async def _by_app(self, secret: str, code: str) -> str:
        step = one_time_codes.matching_step(secret, code, self.work.now) if secret else None
        if step is None:
            return WRONG

        async def is_right() -> bool:
            return True

        return await self._once(f"app|{step}", is_right)

    async def _by_recovery_code(self, code: str) -> str:
        async def is_right() -> bool:
            at, id = self.work, self.person.id
            spent = await second_factors.spend_recovery_code(at.connection, at.sealer, id, code)
            if spent:
                record_audit(AuditContext(at.connection, at.sealer, at.today), "factor.recovery", id)
            return spent

        return await self._once(f"recovery|{code}", is_right)

    async def _by_passkey(self, answer: str) -> str:
        site, passkey = passkeys.site_of(self.console.parts.settings.url), passkeys.chosen(self.factor, answer)
        if site is None or passkey is None:
            return WRONG

        async def is_right() -> bool:
            challenge = challenge_of(self.console, self.token)
            uses = await run_in_threadpool(passkeys.read_use, site, answer, challenge, passkey)
            if uses is not None:
                await second_factors.note_passkey_use(self.work.connection, passkey.id, uses)
            return uses is not None

        return await self._once(f"passkey|{answer}", is_right)

    async def _once(self, what: str, is_right: Callable[[], Awaitable[bool]]) -> str:
        """What was shown is used up, but for this very form sent again."""
        digest = console_sessions.digest_of(self.console.sign(f"used|{self.person.id}|{what}"))
        place = hashlib.sha256(self.token.encode()).hexdigest()
        earlier = await console_sessions.claim_form(self.work.connection, digest, self.work.today)
        if earlier is not None:
            return "" if earlier == place else USED
        right = await is_right()
        await console_sessions.settle_form(self.work.connection, digest, place if right else "")
        return "" if right else WRONG

    # ------------------------------------------------------------------ setting it up

    async def set_app(self) -> tuple[str, tuple[str, ...]]:
        """Set up the app whose secret and first code the form has. What was not right, and new recovery codes."""
        secret, code = self.value("secret"), one_time_codes.plain(self.value("new_code"))
        if not one_time_codes.is_secret(secret) or not one_time_codes.is_code(code):
            return "console.factor.six", ()
        if one_time_codes.matching_step(secret, code, self.work.now) is None:
            return "console.factor.no_match", ()
        if self.factor.secret != secret and (problem := await self._shown()):
            return problem, ()
        if problem := await self._by_app(secret, code):
            return problem, ()
        codes = await self._new_codes()
        await apply(self.work, actions.set_app(Actor.of(self.person), secret, codes))
        return "", codes

    async def add_passkey(self, device: str) -> tuple[str, tuple[str, ...]]:
        """The same for a passkey that the browser has made."""
        site, answer = passkeys.site_of(self.console.parts.settings.url), self.value("made")
        challenge = challenge_of(self.console, self.token)
        found = await run_in_threadpool(passkeys.read_made, site, answer, challenge) if site and answer else None
        if found is None:
            return "console.factor.not_made", ()
        credential, public_key, uses = found
        is_there = credential in {each.credential for each in self.factor.passkeys}
        if not is_there and (problem := await self._shown()):
            return problem, ()
        codes = await self._new_codes()
        if not is_there:
            made = Passkey(self.console.new_id("id"), credential, public_key, uses, device, self.work.today)
            await apply(self.work, actions.add_passkey(Actor.of(self.person), made, codes))
        return "", codes

    async def renew_codes(self) -> tuple[str, ...]:
        codes = self._codes()
        await apply(self.work, actions.renew_codes(Actor.of(self.person), codes))
        return codes

    async def _shown(self) -> str:
        """Who has a second factor shows it before another is added."""
        return await self.problem() if self.factor.is_set else ""

    def _codes(self) -> tuple[str, ...]:
        return one_time_codes.recovery_codes(seed_of(self.console, self.token))

    async def _new_codes(self) -> tuple[str, ...]:
        """Where none are left, or this form has made them already; else the earlier ones stay."""
        codes, at = self._codes(), self.work
        is_ours = await second_factors.is_recovery_code(at.connection, at.sealer, self.person.id, codes[0])
        return codes if is_ours or not self.factor.recovery_codes else ()
