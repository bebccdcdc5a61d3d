"""Limits of Zalo's Official Account API, and how sure each is.

As in docs/reference/channels.md: [2] two independent sources, [1] one source, [?] not documented.
"""

from __future__ import annotations

from datetime import timedelta

from nhipcau.bot.messaging.channel import ChannelError, Gone, NoQuota, OutsideWindow, Refused, TokenBad, TooMany
from nhipcau.bot.messaging.delivery_windows import Window

API, AUTH = "https://openapi.zalo.me", "https://oauth.zaloapp.com"
#: [2] Characters of a text.
TEXT = 2000
#: [1] Buttons of one message: five were seen; no documented maximum was found.
BUTTONS = 5
#: [2] Messages are possible for 7 days, free for 48 hours; then about 55 đ each, depending on the package.
WINDOW = Window(timedelta(days=7), timedelta(hours=48), 55)
#: [2] 4,000 calls a minute an app, all kinds of calls together; we stay at 50 a second, three quarters of it.
RATE = 50.0
#: [?] Seconds to wait after error -32: we do not rely on the headers that give the time.
TOO_MANY_WAIT = 5.0
#: [1] Bytes of a picture to upload, and how long its id is valid.
PICTURE, UPLOAD_LIFE = 1_000_000, timedelta(days=7)
#: [2] Length of the text beside a document: its message holds nothing else. Uploads may be PDF, DOC and DOCX of at most
#: 5 MB [2] (see privacy/document_check.py), 5,000 files a month [1].
BESIDE = 0
#: [2] A refresh token is valid for three months, and can be used once.
REFRESH_LIFE = timedelta(days=90)
#: [2] An access token's seconds, where the answer does not say.
ACCESS_LIFE = 90_000.0
#: [2] The header with the signature of a post; with "mac=" before it, or without [?].
SIGNATURE_HEADER = "x-zevent-signature"
#: [2] Prefixes of events that are no act of a person: by the office's own staff, and receipts of our messages.
NOT_INPUT = ("oa_", "user_received_message", "user_seen_message", "anonymous_")
#: [2] Errors of the token: -216 invalid, -220 expired; -124 comes from other endpoints.
TOKEN_CODES = frozenset({-216, -220, -124})


#: [2] Out of quota for this receiver only, not for the account.
OF_ONE_PERSON = frozenset({-218})


class NotAllowed(TokenBad):
    """The account may not send: it is unverified or deleted, or a permission or the package is missing."""

    reason = "not_allowed"


class NoMoney(NoQuota):
    """No Zalo Cloud account, or no credit on it: free messages are still sent."""

    reason = "no_money"


_ERRORS: dict[int, type[ChannelError]] = {
    -204: NotAllowed,
    -205: NotAllowed,
    -221: NotAllowed,
    -223: NotAllowed,
    -224: NotAllowed,
    -211: NoQuota,
    -218: NoQuota,
    -311: NoQuota,
    -320: NoMoney,
    -321: NoMoney,
    # not following, blocking us, locked, or long inactive: unreachable until they write
    -213: Gone,
    -217: Gone,
    -244: Gone,
    -222: Gone,
    -227: Gone,
    -230: OutsideWindow,
    -232: OutsideWindow,
    -305: OutsideWindow,
}


def chat_of(oa_id: str) -> str | None:
    """[1] The URL that opens the account's chat; Zalo's links can't contain a code."""
    return f"https://zalo.me/{oa_id}" if oa_id else None


def error_of(code: int) -> ChannelError:
    """The error for a negative `error` code; unknown codes count as a refusal of this message."""
    if code == -32:
        return TooMany(TOO_MANY_WAIT)
    if code in TOKEN_CODES:
        return TokenBad()
    return _ERRORS.get(code, Refused)()
