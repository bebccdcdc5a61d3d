"""Removes everything but the pixels from pictures: place, device and time are gone."""

from __future__ import annotations

import io
import warnings
from datetime import date
from pathlib import Path

from PIL import Image, ImageOps

from nhipcau.privacy.atomic_files import store_file

#: Accepted kinds, recognised by content.
_TYPES = ("JPEG", "PNG", "WEBP", "GIF", "MPO")
#: Pixels of a picture that is opened: a small file with more may be a decompression bomb.
_MOST_PIXELS = 25_000_000
_LONGER_SIDE = 2000
_QUALITY = 85


class NotAPicture(Exception):
    """The bytes are not a picture that can be opened."""


def clean_photo(data: bytes) -> bytes:
    """A JPEG of the pixels alone, its longer side at most 2000 pixels. Raises NotAPicture."""
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
    # pasted into a new picture, so that no metadata comes along
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
    return store_file(folder, clean_photo(data), "jpg", day)
