"""What is known of Zalo's Bot Platform, and what is only believed.

Marks as in docs/channels.md: [2] two independent sources, [1] one, [M] measured live, [?] not documented.
"""

from __future__ import annotations

from nhipcau.bot.messaging.channel import AnswerLost, AppDown, ChannelError, Gone, Refused, TokenBad, TooMany
from nhipcau.bot.messaging.delivery_windows import Plan

API = "https://bot-api.zaloplatforms.com"
#: [2] Characters of a text and of a caption; the unit is not documented, UTF-16 units are the safe one.
TEXT = CAPTION = 2000
#: The address of a document of ours in a text, its name in front: there are no documents [2]. The longest has a name
#: of sixty letters with marks, each nine characters in an address.
ADDRESS = 800
#: [2] The free plan: people and messages a month. What happens to the 51st person or message 3,001 is not documented.
PLAN = Plan(50, 3000)
#: [1] Messages a second; limits are not published, only that 429 exists.
RATE = 5.0
#: [M] Polls faster than about one a second were answered with events consumed long ago.
BETWEEN_POLLS = 1.0
#: [2] Seconds a poll may wait, and how much longer our own patience must be.
LONG_POLL, POLL_SLACK = 30, 10.0
#: [?] Seconds to wait after 429: no `retry_after` is documented.
TOO_MANY = 10.0
#: [?] Words of a description that mean "this person can't be reached": no code is documented for it, and 403 is not it.
GONE_CODES = frozenset({400, 403, 404})
GONE_WORDS = ("blocked", "chat not found", "user not found", "chat_id not found", "not interacted")
#: [2] What a post carries to show that it is Zalo's.
SECRET_HEADER = "x-bot-api-secret-token"


def error_of(code: int, description: str) -> ChannelError:
    """What `ok: false` means for one message, by `error_code` (the HTTP status cannot be relied on [M])."""
    if code in GONE_CODES and any(word in description.lower() for word in GONE_WORDS):
        return Gone()
    match code:
        case 401:
            return TokenBad()
        case 408:
            return AnswerLost()
        case 429:
            return TooMany(TOO_MANY)
        case 403:
            # documented as "internal server error", not as "forbidden"
            return AppDown()
        case _ if code >= 500 or code == 0:
            return AppDown()
    return Refused()
