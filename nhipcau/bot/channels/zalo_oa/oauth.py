"""The consent of an Official Account's administrator (OAuth with PKCE, S256)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import string
import time
from pathlib import Path
from urllib.parse import parse_qs, urlencode

from nhipcau.bot.channels.zalo_oa.platform_limits import AUTH
from nhipcau.bot.channels.zalo_oa.tokens import Tokens

#: The path to which Zalo sends the administrator back; it has to be entered at developers.zalo.me as a callback.
BACK = "/hooks/zalo-oa/connect"
_FILE = "zalo-oa-consent.json"
#: Seconds a consent may take once begun; the code itself is valid for ten minutes.
_LIFE = 3600.0
#: [2] Letters and digits of a verifier.
_VERIFIER = 43


class NoConsent(Exception):
    """The answer belongs to no consent begun here, or came too late."""


def begin(folder: Path, app_id: str, back_to: str, auth: str = AUTH) -> str:
    """The URL at which the account's administrator consents. The verifier and state are stored in `folder`."""
    letters = string.ascii_letters + string.digits
    verifier = "".join(secrets.choice(letters) for _ in range(_VERIFIER))
    state = secrets.token_urlsafe(16)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / _FILE
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump({"verifier": verifier, "state": state, "made_at": time.time()}, file)
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    asked = {"app_id": app_id, "redirect_uri": back_to, "code_challenge": challenge, "state": state}
    return f"{auth}/v4/oa/permission?{urlencode(asked)}"


async def complete(folder: Path, answer: str, tokens: Tokens) -> None:
    """Exchange the answer that came back for a pair of tokens, and close `tokens`. Raises NoConsent, a ChannelError."""
    try:
        await tokens.connect(*_code_and_verifier(folder, answer))
    finally:
        await tokens.close()
    (folder / _FILE).unlink(missing_ok=True)


def _code_and_verifier(folder: Path, answer: str) -> tuple[str, str]:
    """From the URL the administrator was sent back to, or its query alone. Raises NoConsent."""
    try:
        begun = json.loads((folder / _FILE).read_text())
        verifier, state, made_at = str(begun["verifier"]), str(begun["state"]), float(begun["made_at"])
    except (OSError, ValueError, TypeError, KeyError):
        raise NoConsent from None
    query = answer.partition("?")[2] or answer
    try:
        given = {key: values[0] for key, values in parse_qs(query.partition("#")[0]).items()}
    except ValueError:
        raise NoConsent from None
    is_ours = hmac.compare_digest(state.encode(), given.get("state", "").encode("utf-8", "replace"))
    if not is_ours or not given.get("code") or time.time() - made_at > _LIFE:
        raise NoConsent
    return given["code"], verifier
