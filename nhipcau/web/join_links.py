"""Links of invitations inside a message: found, so that they can be copied, and drawn as QR codes."""

from __future__ import annotations

import io
import re
from collections.abc import Collection

from nhipcau.bot.messaging.channel import Channel
from nhipcau.privacy.identifiers import CODE_LENGTH, CODE_LENGTHS

_LINK = re.compile(r"https?://\S+")
_PLACE = "0" * CODE_LENGTH
_CODE = f"(?:{'|'.join(f'[A-Za-z0-9]{{{length}}}' for length in CODE_LENGTHS)})"


def links_in(text: str, channels: Collection[Channel]) -> list[str]:
    """The links of this text that join with a code, whatever the app."""
    return [link for link in _LINK.findall(text) if is_join_link(link, channels)]


def is_join_link(link: str, channels: Collection[Channel]) -> bool:
    """Whether one of our channels makes such links."""
    made = (channel.link(_PLACE) for channel in channels)
    return any(re.fullmatch(re.escape(each).replace(_PLACE, _CODE), link) for each in made if each)


def qr_code(link: str) -> bytes:
    """A picture of this link for another phone's camera, as SVG."""
    import segno

    out = io.BytesIO()
    segno.make(link, error="m").save(out, kind="svg", scale=8, border=4, light="#ffffff", xmldecl=False)
    return out.getvalue()
