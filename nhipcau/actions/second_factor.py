"""The second factor at the console: everybody's own, and whether the office asks it of all.

That it was shown before one is changed is checked by whoever calls: it needs the clock and what was used before.
"""

from __future__ import annotations

from collections.abc import Sequence

from nhipcau.actions.decision import Actor, Refusal
from nhipcau.model.changes import Audit, Change, ChangePerson
from nhipcau.model.console_changes import AddPasskey, DropPasskeys, KeepRecoveryCodes, RequireSecondFactor
from nhipcau.model.second_factor import Passkey, SecondFactor


def set_app(actor: Actor, secret: str, codes: Sequence[str]) -> list[Change]:
    """An authenticator app, in place of an earlier one. `codes`: new recovery codes; none: the earlier ones stay."""
    return [ChangePerson(actor.id, {"totp_secret": secret}), *_codes(actor, codes), Audit("factor.set", actor.id)]


def add_passkey(actor: Actor, made: Passkey, codes: Sequence[str]) -> list[Change]:
    return [AddPasskey(actor.id, made), *_codes(actor, codes), Audit("factor.set", actor.id)]


def _codes(actor: Actor, codes: Sequence[str]) -> list[Change]:
    return [KeepRecoveryCodes(actor.id, tuple(codes))] if codes else []


def renew_codes(actor: Actor, codes: Sequence[str]) -> list[Change]:
    return [KeepRecoveryCodes(actor.id, tuple(codes)), Audit("factor.codes", actor.id)]


def remove(actor: Actor, factor: SecondFactor, way: str, *, is_required: bool) -> list[Change] | Refusal:
    """One's app ("app") or the passkey of this id; with the last one the recovery codes go too."""
    if way not in factor.ways:
        return Refusal("console.security.choose")
    is_last = factor.ways == (way,)
    if is_last and is_required:
        return Refusal("console.security.last")
    gone: Change = ChangePerson(actor.id, {"totp_secret": ""}) if way == "app" else DropPasskeys(actor.id, (way,))
    codes: list[Change] = [KeepRecoveryCodes(actor.id, ())] if is_last else []
    return [gone, *codes, Audit("factor.remove", actor.id)]


def forget(actor: Actor, person_id: str, factor: SecondFactor) -> list[Change]:
    """All of somebody who has lost it, by the office."""
    ids = tuple(each.id for each in factor.passkeys)
    return [
        ChangePerson(person_id, {"totp_secret": ""}),
        DropPasskeys(person_id, ids),
        KeepRecoveryCodes(person_id, ()),
        Audit("factor.forget", actor.id),
    ]


def require(actor: Actor, own: SecondFactor, *, required: bool) -> list[Change] | Refusal:
    """Ask it of everybody, or no longer. Who asks has set up their own."""
    if actor.unit.parent_id is not None:
        return Refusal("console.security.root_only")
    if required and not own.is_set:
        return Refusal("console.security.own_first")
    return [RequireSecondFactor(required), Audit("factor.require" if required else "factor.release", actor.id)]
