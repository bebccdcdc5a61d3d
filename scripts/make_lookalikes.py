"""Makes nhipcau/privacy/lookalikes.csv from Unicode's confusables.txt (the one argument).

    https://www.unicode.org/Public/security/latest/confusables.txt

Kept are the characters that look like one Vietnamese letter or digit; Unicode's licence allows it with its notice,
which the made file carries. Small capitals and letters in boxes, which Unicode lists by name only, are added.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from pathlib import Path

TARGET = Path(__file__).parents[1] / "nhipcau/privacy/lookalikes.csv"
_STROKED = {"D\u0335": "Đ", "d\u0335": "đ"}
#: Small letters of the two that Unicode lists as like Đ.
_ETHS = "ðɖ"
_NAMED = re.compile(
    r"(?:LATIN LETTER SMALL CAPITAL|(?:NEGATIVE )?(?:CIRCLED|SQUARED) LATIN CAPITAL LETTER|"
    r"REGIONAL INDICATOR SYMBOL LETTER) ([A-Z])"
)


def main(source: str) -> None:
    lines = Path(source).read_text(encoding="utf-8-sig").splitlines()
    looks: dict[str, set[str]] = {}
    for line in lines:
        fields = [field.strip() for field in line.split("#")[0].split(";")]
        if len(fields) == 3:
            _keep(looks, chr(int(fields[0], 16)), "".join(chr(int(code, 16)) for code in fields[1].split()))
    for code in range(sys.maxunicode):
        if named := _NAMED.fullmatch(unicodedata.name(chr(code), "")):
            _keep(looks, chr(code), named[1])
    looks["đ"] = {*looks.get("đ", ()), *_ETHS}
    with TARGET.open("w", encoding="utf-8") as file:
        file.write("# What looks like each letter or digit, by code point. Made by scripts/make_lookalikes.py from\n")
        file.writelines(f"# {line.strip('# ')}\n" for line in lines[:8] if line.strip("# "))
        for letter in sorted(looks):
            file.write(f"{letter},{' '.join(f'{ord(c):04X}' for c in sorted(looks[letter]))}\n")


def _keep(looks: dict[str, set[str]], character: str, like: str) -> None:
    letter = _STROKED.get(like, like)
    folded = unicodedata.normalize("NFKD", character)
    if character.isascii() or character in "Đđ" or not (letter in "Đđ" or (letter.isascii() and letter.isalnum())):
        return
    # what Unicode's compatibility form or a digit's value tells needs no line here
    if len(letter) != 1 or folded == letter or unicodedata.digit(character, None) is not None:
        return
    if unicodedata.category(character)[0] in "LN" or unicodedata.category(character) == "So":
        looks.setdefault(letter, set()).add(character)


if __name__ == "__main__":
    main(sys.argv[1])
