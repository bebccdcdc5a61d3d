"""Pictures: what phones and offices send is taken, upright and without its past; what would take the memory is not."""

from __future__ import annotations

import io
import itertools
import resource
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import ExifTags, Image, ImageDraw

from nhipcau.privacy.photos import NotAPicture, clean_photo

pytestmark = pytest.mark.slow

DATA = Path(__file__).parents[1] / "support" / "data"
ORIENTATION = 0x0112


def cleaned(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(clean_photo(data)))
    picture.load()
    assert (picture.format, picture.mode) == ("JPEG", "RGB")
    assert picture.info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert max(picture.size) <= 2000
    return picture


def saved(picture: Image.Image, kind: str, **more: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **more)
    return out.getvalue()


def drawn(size: tuple[int, int] = (160, 120), mode: str = "RGB") -> Image.Image:
    """Grey, with a dark corner on the left at the top."""
    picture = Image.new("RGB", size, (190, 190, 190))
    ImageDraw.Draw(picture).rectangle((0, 0, size[0] // 4, size[1] // 4), fill=(10, 10, 10))
    return picture.convert(mode)


def dark_corner(picture: Image.Image) -> str:
    near = {"left top": (0.1, 0.1), "right top": (0.9, 0.1), "left bottom": (0.1, 0.9), "right bottom": (0.9, 0.9)}
    grey = picture.convert("L")
    lightness = {
        name: grey.getpixel((int(x * picture.width), int(y * picture.height))) for name, (x, y) in near.items()
    }
    return min(lightness, key=lambda name: lightness[name])  # type: ignore[arg-type, return-value]


def with_exif(**values: object) -> bytes:
    exif = Image.Exif()
    for name, value in values.items():
        exif[getattr(ExifTags.Base, name)] = value
    return exif.tobytes()


# ------------------------------------------------------------------ what phones send


@pytest.mark.parametrize("size", [(6000, 4500), (4500, 6000), (9248, 6936)])
def test_a_phones_largest_jpeg_is_scaled_down_and_taken(size: tuple[int, int]) -> None:
    picture = cleaned(saved(drawn(size), "JPEG"))
    assert max(picture.size) == 2000
    assert dark_corner(picture) == "left top"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_picture_stands_upright(orientation: int) -> None:
    seen = {1: "left top", 2: "right top", 3: "right bottom", 4: "left bottom"}
    seen |= {5: "left top", 6: "right top", 7: "right bottom", 8: "left bottom"}
    picture = cleaned(saved(drawn(), "JPEG", exif=with_exif(Orientation=orientation)))
    assert dark_corner(picture) == seen[orientation]
    assert picture.size == ((160, 120) if orientation < 5 else (120, 160))


@pytest.mark.parametrize("name", ["photo-turned-resolution-as-text.jpg", "photo-turned-unit-as-byte.jpg"])
def test_a_broken_note_beside_does_not_keep_it_from_turning(name: str) -> None:
    data = (DATA / name).read_bytes()
    assert Image.open(io.BytesIO(data)).size == (160, 120)
    assert cleaned(data).size == (120, 160)


@pytest.mark.parametrize(
    "noted", [b"Exif\0\0II*\0", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff", b"Exif\0\0nothing at all", b"Exif\0\0"]
)
def test_notes_that_are_broken_altogether_are_passed_over(noted: bytes) -> None:
    picture = cleaned(saved(drawn(), "JPEG", exif=noted))
    assert (picture.size, dark_corner(picture)) == ((160, 120), "left top")


@pytest.mark.parametrize(
    ("kind", "count", "value", "size"),
    [
        (1, 1, b"\x06\0\0\0", (120, 160)),
        (2, 2, b"6\0\0\0", (120, 160)),
        (4, 1, b"\x06\0\0\0", (120, 160)),
        (7, 1, b"\x06\0\0\0", (120, 160)),
        (2, 4, b"s\xc3u\0", (160, 120)),
        (3, 1, b"\x63\0\0\0", (160, 120)),
        (3, 2, b"\x06\0\x01\0", (120, 160)),
        (3, 0, b"\0\0\0\0", (160, 120)),
    ],
    ids=["byte", "text", "long", "undefined", "word", "too large", "two values", "no value"],
)
def test_an_orientation_of_any_type_breaks_nothing(kind: int, count: int, value: bytes, size: tuple[int, int]) -> None:
    entry = struct.pack("<HHI", ORIENTATION, kind, count) + value
    exif = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 1) + entry + b"\0\0\0\0"
    assert cleaned(saved(drawn(), "JPEG", exif=exif)).size == size


def test_place_device_and_time_are_gone() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "CANARY"
    exif[ExifTags.IFD.GPSInfo] = {1: "N", 2: (21.0, 51.0, 12.0), 3: "E", 4: (106.0, 45.0, 36.0)}
    for kind, more in (("JPEG", {"comment": b"CANARY"}), ("PNG", {}), ("WEBP", {"xmp": b"CANARY"}), ("HEIF", {})):
        data = saved(drawn(), kind, exif=exif.tobytes(), **more)
        assert b"CANARY" in data
        out = clean_photo(data)
        assert b"CANARY" not in out
        assert not Image.open(io.BytesIO(out)).getexif()


@pytest.mark.parametrize("size", [(320, 240), (2400, 600)])
def test_a_heic_file_of_an_iphone_is_converted(size: tuple[int, int]) -> None:
    picture = cleaned(saved(drawn(size), "HEIF", quality=60))
    assert max(picture.size) == min(max(size), 2000)
    assert dark_corner(picture) == "left top"


# ------------------------------------------------------------------ other kinds


def test_sixteen_bits_of_grey_stay_a_ramp() -> None:
    for data in ((DATA / "photo-16-bit.png").read_bytes(), saved(ramp_of_sixteen_bits(), "PNG")):
        picture = cleaned(data).convert("L")
        row = [picture.getpixel((x, picture.height // 2)) for x in range(picture.width)]
        steps = [b - a for a, b in itertools.pairwise(row)]  # type: ignore[operator]
        assert min(row) < 12  # type: ignore[type-var, operator]
        assert max(row) > 240  # type: ignore[type-var, operator]
        assert max(map(abs, steps)) < 16


def ramp_of_sixteen_bits() -> Image.Image:
    width, height = 256, 20
    row = b"".join(struct.pack("<H", 65535 * x // (width - 1)) for x in range(width))
    return Image.frombytes("I;16", (width, height), row * height)


@pytest.mark.parametrize("kind", [b"zTXt", b"iTXt", b"iCCP", b"tEXt"])
def test_notes_of_any_length_do_not_keep_a_png_out(kind: bytes) -> None:
    long = {
        b"zTXt": b"Comment\0\0" + zlib.compress(b"x" * 5_000_000),
        b"iTXt": b"Comment\0\1\0\0\0" + zlib.compress(b"x" * 5_000_000),
        b"iCCP": b"profile\0\0" + zlib.compress(b"x" * 5_000_000),
        b"tEXt": b"Comment\0" + b"x" * 5_000_000,
    }
    body = saved(drawn(), "PNG")
    chunk = kind + long[kind]
    noted = body[:33] + struct.pack(">I", len(long[kind])) + chunk + struct.pack(">I", zlib.crc32(chunk)) + body[33:]
    assert dark_corner(cleaned(noted)) == "left top"
    assert cleaned((DATA / "photo-long-note.png").read_bytes()).size == (640, 480)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "HEIF"])
def test_a_turned_picture_of_another_kind_stands_upright(kind: str) -> None:
    picture = cleaned(saved(drawn(), kind, exif=with_exif(Orientation=6)))
    assert (picture.size, dark_corner(picture)) == ((120, 160), "right top")


@pytest.mark.parametrize(
    ("kind", "mode", "more"),
    [
        ("JPEG", "RGB", {"progressive": True}),
        ("JPEG", "CMYK", {}),
        ("JPEG", "L", {}),
        ("PNG", "L", {}),
        ("PNG", "LA", {}),
        ("PNG", "RGBA", {}),
        ("PNG", "P", {}),
        ("GIF", "P", {}),
        ("WEBP", "RGBA", {}),
        ("HEIF", "RGBA", {}),
    ],
)
def test_every_kind_of_colour_is_taken_as_it_looks(kind: str, mode: str, more: dict[str, object]) -> None:
    picture = cleaned(saved(drawn(mode=mode), kind, **more))
    assert dark_corner(picture) == "left top"
    red, green, blue = picture.getpixel((100, 100))  # type: ignore[misc]
    assert all(150 < value <= 255 for value in (red, green, blue))


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_of_a_moving_picture_the_first_is_taken(kind: str) -> None:
    others = [Image.new("RGB", (160, 120), colour) for colour in ("red", "blue")]
    data = saved(drawn(), kind, save_all=True, append_images=others, duration=100)
    assert getattr(Image.open(io.BytesIO(data)), "n_frames", 1) == 3
    assert dark_corner(cleaned(data)) == "left top"


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_what_is_transparent_in_a_palette_becomes_white(kind: str) -> None:
    palette = drawn().convert("P", palette=Image.Palette.ADAPTIVE, colors=4)
    data = saved(palette, kind, transparency=palette.getpixel((100, 100)))
    picture = cleaned(data)
    assert min(picture.getpixel((100, 100))) > 250  # type: ignore[arg-type]
    assert max(picture.getpixel((5, 5))) < 60  # type: ignore[arg-type]


# ------------------------------------------------------------------ what is refused


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "HEIF"])
@pytest.mark.parametrize("part", [0.1, 0.6])
def test_a_picture_cut_off_is_refused(kind: str, part: float) -> None:
    noise = Image.effect_noise((320, 240), 60).convert("RGB")
    data = saved(noise, kind)
    with pytest.raises(NotAPicture):
        clean_photo(data[: int(len(data) * part)])


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xd8", b"\x89PNG\r\n\x1a\n", b"%PDF-1.7", b"GIF89a", b"\0" * 100, b"<svg/>"]
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(NotAPicture):
        clean_photo(data)


def _jpeg_header(kind: int, width: int, height: int, colours_at_once: int = 3) -> bytes:
    """A JPEG that says it is this large; its rows are missing."""
    whole = saved(drawn((16, 16)), "JPEG", progressive=kind == 0xC2)
    start = whole.index(bytes([0xFF, kind]))
    patched = whole[: start + 5] + struct.pack(">HH", height, width) + whole[start + 9 :]
    scan = patched.index(b"\xff\xda")
    return patched[: scan + 4] + bytes([colours_at_once]) + patched[scan + 5 :]


def _png_of(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = zlib.compress(b"\0" * min((width + 1) * height, 30_000_000))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _gif() -> bytes:
    whole = saved(drawn((16, 16)), "GIF")
    return whole[:6] + struct.pack("<HH", 60_000, 60_000) + whole[10:]


_BOMBS: dict[str, Callable[[], bytes]] = {
    "png": lambda: _png_of(50_000, 50_000),
    "jpeg in rows": lambda: _jpeg_header(0xC0, 65_000, 65_000),
    "jpeg progressive": lambda: _jpeg_header(0xC2, 12_000, 9_000),
    "jpeg colour by colour": lambda: _jpeg_header(0xC0, 12_000, 9_000, 1),
    "gif": _gif,
    "webp": lambda: saved(Image.new("1", (8000, 8000)), "WEBP", lossless=True, method=0),
}


@pytest.mark.parametrize("name", _BOMBS)
def test_a_small_file_that_unpacks_without_end_is_refused(name: str) -> None:
    data = _BOMBS[name]()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(NotAPicture, match="too many pixels"):
        clean_photo(data)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40_000


_MEASURED = """
import resource, sys
from nhipcau.privacy.photos import clean_photo
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
clean_photo(open(sys.argv[1], "rb").read())
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "more"), [((16_320, 12_240), {}), ((8_064, 6_048), {"progressive": True})], ids=["in rows", "progressive"]
)
def test_the_largest_that_is_taken_needs_little_memory(
    size: tuple[int, int], more: dict[str, object], tmp_path: Path
) -> None:
    file = tmp_path / "large.jpg"
    file.write_bytes(saved(Image.new("RGB", size, "teal"), "JPEG", **more))
    megabytes = subprocess.run([sys.executable, "-c", _MEASURED, file], capture_output=True, check=True, text=True)
    assert int(megabytes.stdout) < 300
