"""Finds e-mail addresses, links, accounts on networks, house addresses and birth dates."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nhipcau.privacy.screening_words import STOP_WORDS, SURNAMES, Span, TakenSpans, listed

_ENDINGS = (
    r"com|vn|net|org|edu|gov|info|io|me|co|biz|xyz|asia|online|site|test|example|vip|club|shop|store|icu|bet|click|link"
)
#: Endings that words begin with too ("mất nước.ly do …"): a link only if a slash and a path follow.
_ENDINGS_WITH_PATH = r"ly|gl|cc|gg|to|app|page|top|pro|win"
_EMAIL = re.compile(
    r"(?<![a-z0-9._+-])[a-z0-9][a-z0-9._+-]{0,63} ?(?:@|[(\[{] ?at ?[)\]}]| at | a ?cong | a moc ) ?"
    r"(?:[a-z0-9-]{1,40}"
    rf"(?: ?(?:\.|[(\[{{] ?(?:dot|cham) ?[)\]}}]) ?(?=[a-z])[a-z0-9-]{{2,40}}| (?:cham|dot) (?:{_ENDINGS})\b){{1,4}}"
    r"|(?:gmail|yahoo|hotmail|outlook|icloud)\b)"
)
#: To its end however long: what were left of it would be found a round later, each time anew.
_LINK = re.compile(
    r"(?:https?|hxxps?)://[^\s<>\"“”]+|(?<![a-z0-9@.])www\.[^\s<>\"“”]+"
    rf"|(?<![a-z0-9@._-])(?:[a-z0-9][a-z0-9-]{{0,40}}\.){{1,4}}(?:{_ENDINGS})(?![a-z0-9-])(?:/[^\s<>\"“”]*)?"
    rf"|(?<![a-z0-9@._-])(?:[a-z0-9][a-z0-9-]{{0,40}}\.){{1,4}}(?:{_ENDINGS_WITH_PATH})/[^\s<>\"“”]+"
)
_LINK_TAIL = ".,;:!?)]}'\"”…"
_AT_HANDLE = re.compile(r"(?<![a-z0-9.@])@[a-z0-9_][a-z0-9_.]{1,40}")
#: A network's name and what follows: an account differs from a word by a digit, dot or underscore in it.
_NETWORK = re.compile(
    r"\b(?:facebook|face|fb|zalo|tiktok|telegram|tele|instagram|ig|messenger|viber|youtube|skype|nick|tai khoan)"
    r"(?: (?:cua|la|ten|nick|cua toi|acc))?[ :]{1,3}(?P<account>[a-z0-9][a-z0-9._-]{2,40})"
)

_HOUSE = r"(?:so nha|nha so|sn)[ :]{0,2}[0-9]{1,4}[a-z]?(?:[/-][0-9]{1,4}[a-z]?){0,3}"
_NUMBER = r"(?:so|dia chi:?|nha) [0-9]{1,4}[a-z]?(?:/[0-9]{1,4}[a-z]?){0,3}"
_LANE = (
    r"(?:ngo|ngach|hem|kiet|to dan pho|tdp|to|khoi pho|khoi|khu pho|khu|xom)"
    r"(?: so)? [0-9]{1,3}[a-z]?(?:/[0-9]{1,3}){0,3}"
)
_STREET = r"(?:duong|pho|ngo|thon|khoi|khoi pho|xom|dai lo)(?= [a-z])"
_PIECE = re.compile(
    rf"(?<![a-z0-9])(?:(?P<house>{_HOUSE})|(?P<number>{_NUMBER})|(?P<lane>{_LANE})|(?P<street>{_STREET}))(?![a-z0-9])"
)
_PIECE_GAP = re.compile(r" ?[,\-–]? ?")
_WORD = re.compile(r" ([^\W\d_]+)")

_BIRTH = re.compile(
    r"(?:(?P<before>[a-z]{1,9}) )?\b(?:sinh ngay|ngay sinh|sinh|sn|ns|dob|ngay thang nam sinh)(?: ngay| la)?[ :]{1,3}"
    r"(?P<date>[0-9]{1,2} ?[/.\- ] ?[0-9]{1,2} ?[/.\- ] ?(?:19|20)[0-9]{2}|"
    r"[0-9]{1,2} thang [0-9]{1,2},? nam (?:19|20)[0-9]{2})(?![0-9])"
)
#: Words before "sinh" that make it another word: "học sinh ngày …" is about pupils.
_NOT_BIRTH = listed(
    "hoc thi ve phat hy hi an tuyen dan tai hoi giao do nu nam quoc song giang ho truong ky moi tan khai thuc sat ta"
)


def find_emails(text: str, flat: str, taken: TakenSpans) -> Iterator[Span]:
    """E-mail addresses, also with "(at)", "a còng", "chấm com"."""
    for found in _EMAIL.finditer(flat):
        yield Span("email", found.start(), found.end())


def find_links(text: str, flat: str, taken: TakenSpans) -> Iterator[Span]:
    """Links, bare domains, @handles and accounts named after a network."""
    for found in _LINK.finditer(flat):
        end = found.end()
        while text[end - 1] in _LINK_TAIL:
            end -= 1
        yield Span("link", found.start(), end)
    for found in _AT_HANDLE.finditer(flat):
        yield Span("link", found.start(), found.start() + len(found[0].rstrip(".")))
    for found in _NETWORK.finditer(flat):
        account = found["account"].rstrip(".-")
        letters = sum(c.isalpha() for c in account)
        if letters >= 2 and letters < len(account) and text[found.start("account") :][: len(account)].isascii():
            yield Span("link", found.start("account"), found.start("account") + len(account))


def find_births(text: str, flat: str, taken: TakenSpans) -> Iterator[Span]:
    """Full birth dates; a date after "học sinh" or "vệ sinh" is none."""
    for found in _BIRTH.finditer(flat):
        if found["before"] not in _NOT_BIRTH:
            yield Span("dob", found.start("date"), found.end("date"))


def find_addresses(text: str, flat: str, taken: TakenSpans) -> Iterator[Span]:
    """House numbers with the lane, group and street around them. A street or group alone is a place, not a home."""
    pieces: list[re.Match[str]] = []
    end = -1
    for piece in _PIECE.finditer(flat):
        if piece.start() < end:
            continue
        if pieces and not (end <= piece.start() and _PIECE_GAP.fullmatch(flat, end, piece.start())):
            yield from _address(pieces, end)
            pieces = []
        piece_end = _street_end(text, flat, piece.end()) if piece["street"] else piece.end()
        if piece_end is None:
            continue
        pieces.append(piece)
        end = piece_end
    yield from _address(pieces, end)


def _address(pieces: list[re.Match[str]], end: int) -> Iterator[Span]:
    house = any(p["house"] for p in pieces)
    numbered = any(p["number"] for p in pieces[:-1])
    if house or numbered:
        first = pieces[0]
        start = first.start()
        if first["number"] and not first["number"].startswith("so"):
            start += re.search(r"[0-9]", first[0]).start()  # type: ignore[union-attr]
        yield Span("address", start, end)


def _street_end(text: str, flat: str, at: int) -> int | None:
    """The end of a street's name: of its capitalised words, or in small letters of two words (three for a full
    name)."""
    words: list[tuple[str, int, bool]] = []
    while len(words) < 4 and (found := _WORD.match(flat, at)):
        words.append((found[1], found.end(), text[found.start(1)].isupper()))
        at = found.end()
    capitals = 0
    while capitals < len(words) and words[capitals][2]:
        capitals += 1
    if capitals:
        return words[capitals - 1][1]
    small = min(len(words), 1)
    while small < len(words) and words[small][0] not in STOP_WORDS:
        small += 1
    most = (
        3 if words and words[0][0] in SURNAMES and small >= 3 and words[1][0] in ("van", "thi", "dang", "quoc") else 2
    )
    return words[min(small, most) - 1][1] if small else None
