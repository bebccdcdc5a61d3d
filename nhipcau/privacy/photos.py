"""Removes everything but the pixels from pictures: place, device and time are gone.

Opened by nobody but us, so that memory is bounded: what a picture unpacks to is known before it is unpacked.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from datetime import date
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from PIL import Image

from nhipcau.privacy.atomic_files import store_file

#: May be left out, for its licence (docs/reference/licences.md): then an iPhone's HEIC is no picture.
_HEIF = ("HEIF",) if find_spec("pillow_heif") else ()

#: Accepted kinds, recognised by content.
_TYPES = ("JPEG", "PNG", "WEBP", "GIF", *_HEIF)
#: Pixels of a picture that is unpacked: a small file with more may be a decompression bomb. A phone's largest HEIC has
#: 48 million, and can't be unpacked at a fraction of its size.
_MOST_PIXELS = {"HEIF": 50_000_000}
_MOST_PIXELS_OF_OTHERS = 25_000_000
#: Pixels of a JPEG, which is unpacked at a fraction of its size, row by row: more than any phone's camera has. What is
#: not stored row by row is kept whole in memory while it is unpacked.
_MOST_IN_ROWS, _MOST_NOT_IN_ROWS = 210_000_000, 50_000_000
_LONGER_SIDE = 2000
_QUALITY = 85

# our own bounds stand above; Pillow's would refuse a phone's JPEG of 200 megapixels before its fraction is chosen
Image.MAX_IMAGE_PIXELS = None


@cache
def _register_heif() -> None:
    """With the first picture: most services wait for one most of the time."""
    if _HEIF:
        import pillow_heif

        pillow_heif.register_heif_opener(thumbnails=False)


_PNG = b"\x89PNG\r\n\x1a\n"
#: Parts of a PNG that make its first picture; others are notes, profiles and further pictures, at any length.
_PNG_PARTS = (b"IHDR", b"PLTE", b"tRNS", b"eXIf", b"IDAT", b"IEND")
_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class NotAPicture(Exception):
    """The bytes are not a picture that can be opened."""


def clean_photo(data: bytes) -> bytes:
    """A JPEG of the pixels alone, its longer side at most 2000 pixels. Raises NotAPicture."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _register_heif()
            with Image.open(io.BytesIO(_pictures_part(data)), formats=_TYPES) as opened:
                pixels = _upright(opened, _small(opened, data))
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


def _small(opened: Image.Image, data: bytes) -> Image.Image:
    """The first picture in RGB, at most 2000 pixels long. Raises NotAPicture for what would take too much memory."""
    if opened.format in {"JPEG", "MPO"}:
        most = _MOST_IN_ROWS if _is_in_rows(data) else _MOST_NOT_IN_ROWS
        if opened.width * opened.height > most:
            raise NotAPicture("too many pixels")
        # from here on its size is that of the fraction
        opened.draft("RGB", (_LONGER_SIDE, _LONGER_SIDE))
    if opened.width * opened.height > _MOST_PIXELS.get(opened.format or "", _MOST_PIXELS_OF_OTHERS):
        raise NotAPicture("too many pixels")
    picture = _eight_bit(opened) if opened.mode.startswith(("I", "F")) else opened
    picture.thumbnail((_LONGER_SIDE, _LONGER_SIDE))
    return _opaque(picture)


def _eight_bit(picture: Image.Image) -> Image.Image:
    """Grey of sixteen bits as grey of eight; Pillow's own conversion makes all but the darkest white."""
    return picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")


def _opaque(picture: Image.Image) -> Image.Image:
    """RGB, with white where it was transparent."""
    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        layered = picture.convert("RGBA")
        white = Image.new("RGBA", layered.size, "white")
        return Image.alpha_composite(white, layered).convert("RGB")
    return picture.convert("RGB")


def _upright(opened: Image.Image, pixels: Image.Image) -> Image.Image:
    """The pixels turned as the camera was held. Only that one value is read: others may be broken."""
    try:
        found = opened.getexif().get(_ORIENTATION, 1)
        turned = _UPRIGHT.get(int.from_bytes(found, "little") if isinstance(found, bytes) else int(found))
    # whatever is wrong there, the picture itself can be seen
    except Exception:
        return pixels
    return pixels if turned is None else pixels.transpose(turned)


# ------------------------------------------------------------------ before it is opened


def _pictures_part(data: bytes) -> bytes:
    """A PNG without what is not its first picture, since Pillow refuses it for long notes; others as they are."""
    if not data.startswith(_PNG):
        return data
    return _PNG + b"".join(part for kind, part in _png_parts(data) if kind in _PNG_PARTS)


def _png_parts(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(_PNG)
    while place < len(data):
        end = place + 12 + int.from_bytes(data[place : place + 4], "big")
        yield data[place + 4 : place + 8], data[place:end]
        place = end


def _is_in_rows(data: bytes) -> bool:
    """Whether a JPEG can be unpacked row by row: neither progressive nor one colour after the other."""
    place, colours = 2, 0
    while place + 10 <= len(data):
        kind = data[place + 1]
        if kind in {0xC0, 0xC1}:
            colours = data[place + 9]
        elif 0xC2 <= kind <= 0xCF and kind not in {0xC4, 0xC8, 0xCC}:
            return False
        elif kind == 0xDA:
            return data[place + 4] == colours
        place += 1 if kind == 0xFF else 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return False


def store_photo(folder: Path, data: bytes, day: date) -> str:
    """Clean and store; returns the random file name. File times are the day's midnight, UTC. Raises NotAPicture."""
    return store_file(folder, clean_photo(data), "jpg", day)
