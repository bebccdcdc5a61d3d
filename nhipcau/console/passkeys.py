"""Passkeys by the library `webauthn`, loaded when one is used: what a browser is asked, and what it answers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from nhipcau.model.second_factor import Passkey, SecondFactor

#: Letters of what a browser answers, at most.
_LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Site:
    """Whose keys a browser looks for."""

    name: str
    origin: str


def site_of(url: str) -> Site | None:
    """The site of our public address; None where browsers know no passkeys: at an address that is a number."""
    parts = urlsplit(url)
    name = (parts.hostname or "").rstrip(".")
    try:
        ip_address(name)
    except ValueError:
        return Site(name, f"{parts.scheme}://{parts.netloc}")
    return None


def options_to_make(site: Site, person_id: str, called: str, factor: SecondFactor, challenge: bytes) -> str:
    """JSON for `navigator.credentials.create`."""
    from webauthn import generate_registration_options, options_to_json
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialDescriptor,
        ResidentKeyRequirement,
    )

    made = generate_registration_options(
        rp_id=site.name,
        rp_name="Nhịp Cầu",
        user_id=person_id.encode(),
        user_name=called,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(resident_key=ResidentKeyRequirement.DISCOURAGED),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=each.credential) for each in factor.passkeys],
    )
    return options_to_json(made)


def options_to_use(site: Site, factor: SecondFactor, challenge: bytes) -> str:
    """JSON for `navigator.credentials.get`."""
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    allowed = [PublicKeyCredentialDescriptor(id=each.credential) for each in factor.passkeys]
    return options_to_json(
        generate_authentication_options(rp_id=site.name, challenge=challenge, allow_credentials=allowed)
    )


def read_made(site: Site, answer: str, challenge: bytes) -> tuple[bytes, bytes, int] | None:
    """Of a new passkey: its credential, its public key, its uses; None where the answer is not right."""
    from webauthn import verify_registration_response

    try:
        found = verify_registration_response(
            credential=answer[:_LONGEST],
            expected_challenge=challenge,
            expected_rp_id=site.name,
            expected_origin=site.origin,
        )
    except Exception:
        # whatever bytes that somebody made up lead the library to
        return None
    return found.credential_id, found.credential_public_key, found.sign_count


def chosen(factor: SecondFactor, answer: str) -> Passkey | None:
    """The passkey that this answer names."""
    from webauthn.helpers import base64url_to_bytes

    try:
        credential = base64url_to_bytes(json.loads(answer[:_LONGEST])["id"])
    except (ValueError, TypeError, KeyError):
        return None
    return next((each for each in factor.passkeys if each.credential == credential), None)


def read_use(site: Site, answer: str, challenge: bytes, passkey: Passkey) -> int | None:
    """How often the passkey has now been used; None where the answer is not right."""
    from webauthn import verify_authentication_response

    try:
        found = verify_authentication_response(
            credential=answer[:_LONGEST],
            expected_challenge=challenge,
            expected_rp_id=site.name,
            expected_origin=site.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.uses,
        )
    except Exception:
        # as above
        return None
    return found.new_sign_count
