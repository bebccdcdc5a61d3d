"""Control characters in what people paste: they keep words apart, and are not kept themselves."""

from __future__ import annotations

#: Control characters stand between words (what Word pastes for a new line or page): the ends of lines among them become
#: one, the others a space.
_CONTROLS = {
    **{code: " " for code in (*range(0x20), *range(0x7F, 0xA0)) if code != ord("\n")},
    **{ord(c): "\n" for c in "\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"},
}


def keep_apart(text: str) -> str:
    """The text without control characters but newlines, its words as far apart as they were."""
    return text.replace("\r\n", "\n").translate(_CONTROLS)
