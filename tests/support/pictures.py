"""Pictures as a phone's camera makes them: large, and telling where they were taken."""

from __future__ import annotations

import io
import os

from PIL import ExifTags, Image
from playwright.sync_api import FilePayload


def camera_picture(size: tuple[int, int] = (2400, 1800)) -> bytes:
    """A JPEG of noise, which no algorithm makes small, with the position of its taking."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "CANARY-PHONE"
    exif[ExifTags.IFD.GPSInfo] = {1: "N", 2: (21.0, 51.0, 12.0), 3: "E", 4: (106.0, 45.0, 36.0)}
    out = io.BytesIO()
    rough = Image.frombytes("RGB", (size[0] // 4, size[1] // 4), os.urandom(size[0] * size[1] // 16 * 3))
    rough.resize(size).save(out, "JPEG", quality=97, exif=exif)
    return out.getvalue()


def noisy_picture(size: tuple[int, int] = (2400, 1800)) -> FilePayload:
    """The same, as chosen from a phone's gallery."""
    return {"name": "IMG_0001.jpg", "mimeType": "image/jpeg", "buffer": camera_picture(size)}
