"""Random identifiers. None are counted up, so none reveals an order or a number."""

from __future__ import annotations

import secrets

#: Without 0/O, 1/I/L and U, since people read codes aloud and copy them from paper.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
#: Letters of an invite's code: 49 bits, so that guessing at any speed a server answers finds none in a century.
CODE_LENGTH = 10
#: Codes of earlier versions had eight letters, and stay good until they expire.
CODE_LENGTHS = (8, CODE_LENGTH)
_WEIGHTS = (1, 7, 11, 13, 17, 19)


def _check(body: str) -> str:
    """The check character: a sum with weights coprime to the alphabet's size, so one wrong letter is always found."""
    total = sum(weight * ALPHABET.index(c) for weight, c in zip(_WEIGHTS, body, strict=True))
    return ALPHABET[total % len(ALPHABET)]


def receipt_code(prefix: str = "PA") -> str:
    """PA- (for an issue VD-) and 7 characters, the last a check character."""
    body = "".join(secrets.choice(ALPHABET) for _ in _WEIGHTS)
    return f"{prefix}-{body}{_check(body)}"


def _letters(count: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(count))


def new_id(kind: str) -> str:
    """A fresh identifier: code (receipt), issue, data_request (an entry of the register), request, section, reply, id
    (128 bits), nonce (of a draft), invite, token (of a link, 192 bits), digits (six, typed from one screen into
    another)."""
    match kind:
        case "code":
            return receipt_code()
        case "issue":
            return receipt_code("VD")
        case "data_request":
            return receipt_code("YC")
        case "request" | "section" | "reply":
            return _letters(8).lower()
        case "id":
            return secrets.token_hex(16)
        case "nonce":
            return _letters(6)
        case "invite":
            return _letters(CODE_LENGTH)
        case "token":
            return secrets.token_urlsafe(24)
        case "digits":
            return f"{secrets.randbelow(1_000_000):06}"
    raise ValueError(kind)
