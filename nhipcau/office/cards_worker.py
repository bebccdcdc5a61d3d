"""The printing process: pages as SVG in, one PDF out. Imports nothing of the project.

The drawing library takes the fonts it finds on the machine, and some of them lack Vietnamese letters; here it sees none
but its own, which the PDF then carries.
"""

from __future__ import annotations

import io
import json
import sys


def main() -> None:
    import vl_convert
    from pypdf import PdfWriter

    writer = PdfWriter()
    for page in json.load(sys.stdin):
        writer.append(io.BytesIO(vl_convert.svg_to_pdf(page)))
    out = io.BytesIO()
    writer.write(out)
    sys.stdout.buffer.write(out.getvalue())


if __name__ == "__main__":
    main()
