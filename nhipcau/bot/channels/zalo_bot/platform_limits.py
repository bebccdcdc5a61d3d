"""Limits of Zalo's Bot Platform, and how sure each is.

As in docs/reference/channels.md: [2] two independent sources, [1] one source, [M] measured live, [?] not documented.
"""

from __future__ import annotations

from nhipcau.bot.messaging.channel import AnswerLost, AppDown, ChannelError, Gone, Refused, TokenBad, TooMany
from nhipcau.bot.messaging.delivery_windows import Plan

API = "https://bot-api.zaloplatforms.com"
#: [2] Characters of a text and of a caption; the unit is not documented, and UTF-16 units are the safe choice.
TEXT = CAPTION = 2000
#: Characters to reserve for a document's name and URL, since a text has to carry them: there are no documents [2]. The
#: longest name has sixty letters with diacritics, each nine characters in a URL.
ADDRESS = 800
#: [2] The free plan: people and messages a month. What happens to the 51st person or message 3,001 is not documented.
PLAN = Plan(50, 3000)
#: [1] Messages a second; limits are not published, only that 429 exists.
RATE = 5.0
#: [M] Polls faster than about one a second were answered with events consumed long ago.
BETWEEN_POLLS = 1.0
#: [2] Seconds a poll may wait, and how much longer we must wait for its answer.
LONG_POLL, POLL_SLACK = 30, 10.0
#: [?] Seconds to wait after 429: no `retry_after` is documented.
TOO_MANY_WAIT = 10.0
#: [?] Words in the description of errors with these codes that mean "this person can't be reached": no code of its own
#: is documented.
GONE_CODES = frozenset({400, 403, 404})
GONE_WORDS = ("blocked", "chat not found", "user not found", "chat_id not found", "not interacted")
#: [2] The header with which a post proves to be Zalo's.
SECRET_HEADER = "x-bot-api-secret-token"


def error_of(code: int, description: str) -> ChannelError:
    """The error for `ok: false`, by `error_code` (the HTTP status is not reliable [M])."""
    if code in GONE_CODES and any(word in description.lower() for word in GONE_WORDS):
        return Gone()
    match code:
        case 401:
            return TokenBad()
        case 408:
            return AnswerLost()
        case 429:
            return TooMany(TOO_MANY_WAIT)
        case 403:
            # documented as "internal server error", not as "forbidden"
            return AppDown()
        case _ if code >= 500 or code == 0:
            return AppDown()
    return Refused()
