"""Codes of an authenticator app (TOTP, RFC 6238), and recovery codes for when it is lost."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import datetime

from nhipcau.privacy.identifiers import ALPHABET

#: Seconds a code of an app is shown.
STEP_SECONDS = 30
#: How many recovery codes are made at once, and letters of each: 49 bits.
RECOVERY_CODES, RECOVERY_LETTERS = 10, 10
_SECRET = re.compile(r"[A-Z2-7]{32}")
_CODE = re.compile(r"[0-9]{6}")


def new_secret() -> str:
    """160 random bits in base32."""
    import pyotp

    return pyotp.random_base32()


def is_secret(text: str) -> bool:
    return _SECRET.fullmatch(text) is not None


def is_code(text: str) -> bool:
    return _CODE.fullmatch(text) is not None


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The step of time whose code this is: the present one, the one before or the one after, as clocks differ; None:
    none of them."""
    import pyotp

    codes, present = pyotp.TOTP(secret, interval=STEP_SECONDS), int(now.timestamp()) // STEP_SECONDS
    near = (present, present - 1, present + 1)
    return next((step for step in near if hmac.compare_digest(codes.generate_otp(step), code)), None)


def address(secret: str, name: str, issuer: str) -> str:
    """What the square code says that an app reads."""
    import pyotp

    return pyotp.TOTP(secret, interval=STEP_SECONDS).provisioning_uri(name=name, issuer_name=issuer)


def recovery_codes(seed: bytes) -> tuple[str, ...]:
    """Ten codes; the same of the same seed, which must be secret."""
    return tuple(_letters(hmac.digest(seed, f"recovery|{n}".encode(), hashlib.sha256)) for n in range(RECOVERY_CODES))


def _letters(digest: bytes) -> str:
    number, found = int.from_bytes(digest), ""
    for _ in range(RECOVERY_LETTERS):
        number, place = divmod(number, len(ALPHABET))
        found += ALPHABET[place]
    return found


def in_halves(code: str) -> str:
    """ABCDE-FGHJK, as it is read and copied."""
    return f"{code[: RECOVERY_LETTERS // 2]}-{code[RECOVERY_LETTERS // 2 :]}"


def plain(typed: str) -> str:
    """A code of either kind as it was typed, without spaces and dashes."""
    return re.sub(r"[\s–-]", "", typed).upper()
