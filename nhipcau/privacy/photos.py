"""Pictures without their past: made anew from their pixels, so that place, device and time are gone."""

from __future__ import annotations

import io
import warnings
from datetime import date
from pathlib import Path

from PIL import Image, ImageOps

from nhipcau.privacy.atomic_files import put

#: By content, whatever the name or type says.
_TYPES = ("JPEG", "PNG", "WEBP", "GIF", "MPO")
#: Pixels of a picture we open at all; beyond it a small file may be a bomb.
_MOST_PIXELS = 25_000_000
_LONGER_SIDE = 2000
_QUALITY = 85


class NotAPicture(Exception):
    """The bytes are no picture we can open."""


def clean_photo(data: bytes) -> bytes:
    """A JPEG of the picture's pixels only, its longer side at most 2000. Raises NotAPicture."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=_TYPES) as opened:
                if opened.width * opened.height > _MOST_PIXELS:
                    raise NotAPicture("too many pixels")
                # a JPEG is decoded at a fraction of its size where that is enough
                opened.draft("RGB", (_LONGER_SIDE, _LONGER_SIDE))
                opened.thumbnail((_LONGER_SIDE, _LONGER_SIDE))
                picture = ImageOps.exif_transpose(opened)
                pixels = _opaque(picture)
    except NotAPicture:
        raise
    # Pillow's decoders raise far more than OSError on broken data (SyntaxError, struct.error, ValueError …)
    except Exception as error:
        raise NotAPicture(type(error).__name__) from None
    # a new picture of the same pixels: nothing that lay beside them can come along
    bare = Image.new("RGB", pixels.size)
    bare.paste(pixels)
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def _opaque(picture: Image.Image) -> Image.Image:
    """RGB, with white where it was transparent."""
    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        layered = picture.convert("RGBA")
        white = Image.new("RGBA", layered.size, "white")
        return Image.alpha_composite(white, layered).convert("RGB")
    return picture.convert("RGB")


def store_photo(folder: Path, data: bytes, day: date) -> str:
    """Clean and store; returns the random file name. File times are the day's midnight, UTC. Raises NotAPicture."""
    return put(folder, clean_photo(data), "jpg", day)
