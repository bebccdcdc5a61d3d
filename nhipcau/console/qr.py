"""A square code as a picture inside the page."""

from __future__ import annotations


def square(content: str) -> str:
    """The address of a picture that a phone's camera reads as this."""
    import segno

    made = segno.make(content, error="m", micro=False)
    # on white in dark pages too, as cameras want it
    return str(made.svg_data_uri(scale=5, border=4, dark="#000", light="#fff"))
