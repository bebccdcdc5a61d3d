"""A practice report: the usual form, sent to nobody, stored nowhere; its receipt says what is good and what is not."""

from __future__ import annotations

import re

from nhipcau.bot.language.command_words import Command
from nhipcau.bot.language.vietnamese import fold
from nhipcau.bot.messaging.messages import Message
from nhipcau.handlers.buttons import RunCommand, choice
from nhipcau.handlers.screens import closing
from nhipcau.handlers.situation import Situation
from nhipcau.privacy.screening import MASKS

#: Least and most words: a shorter text rarely says what, where and since when; a longer one mixes several matters.
_WORDS = (6, 60)
_PLACES = (
    *("thôn", "bản", "xóm", "khối", "tổ", "xã", "phường", "chợ", "cầu", "đường", "trường", "ngõ", "dốc", "đèo"),
    *("suối", "sông", "hồ", "đập", "khe", "đồi", "ruộng", "trạm", "km", "quốc lộ", "ngã ba", "ngã tư", "cửa khẩu"),
    *("nhà văn hóa", "nhà văn hoá", "trụ sở", "ủy ban", "uỷ ban", "nghĩa trang"),
    *("village", "hamlet", "commune", "ward", "road", "bridge", "market", "school", "street", "river"),
)
_TIMES = (
    *("hôm", "sáng", "trưa", "chiều", "tối", "đêm", "giờ", "ngày", "tuần", "tháng", "mùa", "tết"),
    *("năm nay", "năm ngoái", "lâu nay", "từ lâu"),
    *("yesterday", "today", "morning", "evening", "night", "day", "days", "week", "weeks", "month", "months"),
    *("year", "years", "hours", "since", "ago"),
)
_CLOCK = re.compile(r"\d{1,2} ?(?:h|g|:|/|-) ?\d{1,2}|\d{1,2}h\b")


def receipt(situation: Situation, text: str) -> Message:
    """The receipt with its advice. `text`: the content, masked."""
    t = situation.texts
    good, better = review(text)
    lines = [t("practice.done")]
    if good:
        lines.append(t("practice.good", what=", ".join(t(f"practice.has_{key}") for key in good)))
    if better:
        lines.append(t("practice.better"))
        lines += ["• " + t(f"practice.lacks_{key}") for key in better]
    return closing(
        situation,
        "\n".join(lines),
        choice(t("practice.again"), RunCommand(Command.PRACTICE)),
        choice(t("lesson.label"), RunCommand(Command.LESSONS), beside=True),
        choice(t("menu.menu"), RunCommand(Command.MENU)),
    )


def review(text: str) -> tuple[list[str], list[str]]:
    """What is good about a text and what is missing: keys of `practice.has_…` and `practice.lacks_…`."""
    words = re.findall(r"[^\W_]+", re.sub("|".join(map(re.escape, MASKS.values())), " ", text))
    least, most = _WORDS
    found = {
        "place": _contains_any(words, _PLACES),
        "time": _contains_any(words, _TIMES) or _CLOCK.search(text) is not None,
        "nobody": not any(mask in text for mask in MASKS.values()),
    }
    good = [key for key, holds in found.items() if holds]
    better = [key for key, holds in found.items() if not holds]
    if len(words) < least:
        better.append("words")
    elif len(words) > most:
        better.append("brevity")
    return good, better


def _contains_any(words: list[str], known: tuple[str, ...]) -> bool:
    """Whether it contains one of the known words; compared without diacritics if all was typed without."""
    typed = " ".join(words).casefold()
    bare = typed == fold(typed)
    return any(f" {fold(word) if bare else word} " in f" {typed} " for word in known)
