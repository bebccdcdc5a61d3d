"""The process that draws: reads specifications from its input, writes PNGs to its output. Knows nothing of the project.

The drawing library holds its process still while it draws (no other thread runs), and keeps its memory: so it has one
of its own. It ends with its input, and by itself when one picture takes far too long and nobody is there to end it.
"""

from __future__ import annotations

import io
import json
import os
import signal
import struct
import sys
from typing import BinaryIO

#: Kind ("P" a picture, "E" the name of what went wrong) and length of what follows.
HEAD = struct.Struct(">cI")
#: Length and scale of what comes in.
ASK = struct.Struct(">If")
#: Seconds after which the system ends this process, should whoever started it be gone.
_FAR_TOO_LONG = 60


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """One picture after the other, until there is no more to read."""
    # here, not above: the service reads this file for how the two talk, and must not load what draws
    import vl_convert

    while len(head := source.read(ASK.size)) == ASK.size:
        length, scale = ASK.unpack(head)
        spec = json.loads(source.read(length))
        signal.alarm(_FAR_TOO_LONG)
        try:
            png = vl_convert.vegalite_to_png(spec, scale=scale, allowed_base_urls=[])
            kind, body = b"P", _few_colours(png)
        except Exception as error:
            # the kind only: its words may hold what is drawn
            kind, body = b"E", type(error).__name__.encode()
        signal.alarm(0)
        sink.write(HEAD.pack(kind, len(body)) + body)
        sink.flush()


def _few_colours(png: bytes) -> bytes:
    """The same picture in 32 colours: a seventh of the bytes, on slow networks and for apps that take one megabyte."""
    from PIL import Image

    out = io.BytesIO()
    with Image.open(io.BytesIO(png)) as opened:
        few = opened.convert("RGB").quantize(32, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.save(out, "PNG")
    return out.getvalue()


def main() -> None:
    # what a library prints must not get among the pictures
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, sink)


if __name__ == "__main__":
    main()
