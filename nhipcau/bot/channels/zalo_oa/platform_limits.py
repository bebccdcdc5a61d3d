"""What is known of Zalo's Official Account API, and what is only believed.

Marks as in docs/channels.md: [2] two independent sources, [1] one, [?] not documented.
"""

from __future__ import annotations

from datetime import timedelta

from nhipcau.bot.messaging.channel import ChannelError, Gone, NoQuota, OutsideWindow, Refused, TokenBad, TooMany
from nhipcau.bot.messaging.delivery_windows import Window

API, AUTH = "https://openapi.zalo.me", "https://oauth.zaloapp.com"
#: [2] Characters of a text.
TEXT = 2000
#: [1] Buttons of one message: five were seen, a documented maximum was not found.
BUTTONS = 5
#: [2] 7 days are the hard gate, 48 hours the border of price; about 55 đ, depending on the package.
WINDOW = Window(timedelta(days=7), timedelta(hours=48), 55)
#: [2] 4,000 calls a minute an app, all kinds of calls together.
RATE = 50.0
#: [?] Seconds to wait after -32: the headers that tell are not relied on.
TOO_MANY = 5.0
#: [1] Bytes of an uploaded picture, and how long an upload may be used.
PICTURE, UPLOAD_LIFE = 1_000_000, timedelta(days=7)
#: [2] Words beside a document: its message holds nothing else. What may be uploaded is PDF, DOC and DOCX, 5 MB at most
#: [2] (privacy/document_check.py keeps below), 5,000 files a month [1].
BESIDE = 0
#: [2] A refresh token lives three months from its making, and is used once.
REFRESH_LIFE = timedelta(days=90)
#: [2] An access token's seconds, where the answer does not say.
ACCESS_LIFE = 90_000.0
#: [2] What carries the signature of a post; with "mac=" before it, or without [?].
SIGNATURE_HEADER = "x-zevent-signature"
#: [2] Posts that are nothing a person did: of the office's own staff, and what became of our messages.
NOT_INPUT = ("oa_", "user_received_message", "user_seen_message", "anonymous_")
#: [2] The token is no longer good: -216 invalid, -220 expired; SDKs meet both, and -124 elsewhere.
TOKEN_CODES = frozenset({-216, -220, -124})


#: [2] Out of quota for this receiver: says nothing of the account.
OF_ONE_PERSON = frozenset({-218})


class NotAllowed(TokenBad):
    """The account itself may not send: not verified, a permission or the package is missing, removed."""

    reason = "not_allowed"


class NoMoney(NoQuota):
    """No Zalo Cloud account, or nothing on it: what is free still goes."""

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
    # not following, refusing, locked or long away: until they write
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
    """[1] The address that opens the account's chat; none of Zalo's carries a code."""
    return f"https://zalo.me/{oa_id}" if oa_id else None


def error_of(code: int) -> ChannelError:
    """What a negative `error` means for one message; unknown ones are this message's own fault."""
    if code == -32:
        return TooMany(TOO_MANY)
    if code in TOKEN_CODES:
        return TokenBad()
    return _ERRORS.get(code, Refused)()
