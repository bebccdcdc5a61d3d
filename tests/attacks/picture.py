"""A small picture that differs from every other."""

from __future__ import annotations

import io

from PIL import Image


def small_picture(number: int) -> bytes:
    """A PNG of one colour, by number."""
    out = io.BytesIO()
    Image.new("RGB", (24, 18), (number * 8 % 256, 90, 200)).save(out, "PNG")
    return out.getvalue()
