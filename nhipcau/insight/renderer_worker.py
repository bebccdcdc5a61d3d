"""The drawing process: reads specifications from its input, writes PNGs or SVGs. Imports nothing of the project.

While the drawing library draws, no other thread of its process runs, and it keeps its memory afterwards: so it gets a
process of its own. That ends with its input, or by an alarm when a picture takes too long and its parent is gone.
"""

from __future__ import annotations

import io
import json
import os
import signal
import struct
import sys
from typing import BinaryIO

#: Before each answer: its kind ("P" a picture, "E" the type of an error) and its length.
ANSWER_HEADER = struct.Struct(">cI")
#: Before each specification: its length, and the scale; 0: as SVG.
REQUEST_HEADER = struct.Struct(">If")
#: Seconds a picture may take before the system ends this process, for when its parent is gone.
_ALARM_SECONDS = 60


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """One picture after the other, until there is no more to read."""
    # imported here: the service imports this file for the headers, and must not load the drawing library
    import vl_convert

    while len(head := source.read(REQUEST_HEADER.size)) == REQUEST_HEADER.size:
        length, scale = REQUEST_HEADER.unpack(head)
        spec = json.loads(source.read(length))
        signal.alarm(_ALARM_SECONDS)
        try:
            if scale:
                drawn = _few_colours(vl_convert.vegalite_to_png(spec, scale=scale, allowed_base_urls=[]))
            else:
                drawn = vl_convert.vegalite_to_svg(spec, allowed_base_urls=[]).encode()
            kind, body = b"P", drawn
        except Exception as error:
            # the type only: its text may hold what is drawn
            kind, body = b"E", type(error).__name__.encode()
        signal.alarm(0)
        sink.write(ANSWER_HEADER.pack(kind, len(body)) + body)
        sink.flush()


def _few_colours(png: bytes) -> bytes:
    """The picture in 32 colours: a seventh of the bytes, for slow networks and apps that accept one megabyte."""
    from PIL import Image

    out = io.BytesIO()
    with Image.open(io.BytesIO(png)) as opened:
        few = opened.convert("RGB").quantize(32, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.save(out, "PNG")
    return out.getvalue()


def main() -> None:
    # redirect what libraries print, so that it does not mix with the pictures
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, sink)


if __name__ == "__main__":
    main()
