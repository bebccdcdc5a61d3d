"""What a report is called: its first words and its day, with the code beside."""

from __future__ import annotations

from datetime import date

#: Characters of a title in a sentence.
_MOST = 40


def title_of(text: str, most: int = _MOST) -> str:
    """The first words of a report, at most this many characters, cut at a word and never inside a mask."""
    words = " ".join(text.split())
    if len(words) <= most:
        return words
    # the sign of what is left out takes the place of the last character
    cut = words[:most].rsplit(" ", 1)[0] if " " in words[:most] else words[: most - 1]
    opened = cut.rfind("[")
    if opened > cut.rfind("]"):
        cut = cut[:opened]
    return cut.rstrip(" ,.;:–-") + "…"


def named(text: str, day: date, code: str) -> str:
    """How sentences call a report: "đường liên thôn hỏng…" (23/11, PA-7K3FQ2M)."""
    return f'"{title_of(text)}" ({day:%d/%m}, {code})'
