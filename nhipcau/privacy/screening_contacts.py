"""Finds e-mail addresses, links, accounts on networks, house addresses and birth dates."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nhipcau.privacy.screening_places import is_famous
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
    r"|(?:gmail|yahoo|hotmail|outlook|icloud)\b|[a-z0-9-]{1,40},(?:com|vn|net|org)\b)"
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

#: "tiktok @lan.88" is a handle after the network's name, no address.
_NETWORK_AND_HANDLE = re.compile(r"[a-z]+ @(?! )(?!(?:gmail|yahoo|hotmail|outlook|icloud|example)\b)")

_HOUSE = r"(?:so nha|nha so|sn)[ :]{0,2}[0-9]{1,4}[a-z]?(?:[/-][0-9]{1,4}[a-z]?){0,3}"
_NUMBER = (
    r"(?:(?:so|dia chi:?|nha) [0-9]{1,4}[a-z]?(?:/[0-9]{1,4}[a-z]?){0,3}"
    r"|[0-9]{1,4}[a-z]?(?:/[0-9]{1,4}[a-z]?){0,3}(?=,? (?:ngo|ngach|hem|kiet) [0-9]| (?:duong|pho) ))"
)
_LANE = (
    r"(?:ngo|ngach|hem|kiet|to dan pho|tdp|to|khoi pho|khoi|khu pho|khu|xom)"
    r"(?: so)? [0-9]{1,3}[a-z]?(?:/[0-9]{1,3}){0,3}"
)
_STREET = r"(?:duong|pho|ngo|thon|khoi|khoi pho|xom|dai lo)(?= [a-z])"
_PIECE = re.compile(
    rf"(?<![a-z0-9])(?:(?P<house>{_HOUSE})|(?P<number>{_NUMBER})|(?P<lane>{_LANE})|(?P<street>{_STREET}))(?![a-z0-9])"
)
#: The number of a lane or group behind its name: "ngõ Thác Mạ 2".
_STREET_NUMBER = re.compile(r" [0-9]{1,2}[a-z]?(?![a-z0-9.,/])")
#: Words before "số 12" that speak of where somebody lives, so that a bare name in capitals behind it is a street.
_LIVES = re.compile(
    r"(?:^|\b(?:o|tai|nha|ngu|tru|cho|truoc|canh|quan|gan|cua|dia chi|den|toi|sau|doi dien|la|so nha)[ :]+)$"
)
_BARE_NUMBER = re.compile(r"[0-9]")
_PIECE_GAP = re.compile(r" ?[,\-–]? ?")
_WORD = re.compile(r" ([^\W\d_]+)")

#: What begins a place that is no street: "tổ 3 Xã Đồng Đăng".
_NO_STREETS = listed("xa phuong thon ban khoi to khu xom tinh huyen chi ubnd ong ba anh co chu bac")

_SPOKEN = r"(?:[0-9]{1,2}|mot|hai|ba|bon|tu|nam|lam|sau|bay|tam|chin|muoi|mung|gieng|chap|khong)"
_SPOKEN_YEAR = rf"(?:{_SPOKEN}(?![a-z]) ?|nghin |ngan |linh |le |tram ){{2,8}}"
_DAY = (
    r"(?:(?:mung|mong) )?[0-9]{1,2} ?[/.\- ] ?[0-9]{1,2} ?[/.\- ] ?(?:(?:19|20)[0-9]{2}|[0-9]{2})(?![0-9/.\-])"
    rf"|{_SPOKEN}(?: {_SPOKEN}){{0,2}} thang {_SPOKEN}(?: {_SPOKEN})? nam {_SPOKEN_YEAR}"
    r"|[0-9]{1,2} thang [0-9]{1,2},? nam [0-9]{2}(?![0-9])"
    r"|(?:(?:mung|mong) )?[0-9]{1,2} ?(?:thang|/|-) ?[0-9]{1,2},?(?: nam| /| -)? ?(?:19|20)[0-9]{2}(?![0-9])"
)
_BIRTH = re.compile(
    r"(?:(?P<before>[a-z]{1,9}) )?"
    r"\b(?P<cue>de ngay|sinh nhat|sinh vao|sinh|s\.n\.?|sn|ns|dob|nam sinh|ngay thang nam sinh)"
    rf"(?: (?:ngay|nam|la|vao|cua [a-z]{{1,7}})){{0,2}}[ :.]{{1,3}}(?P<date>{_DAY})"
)
#: A date of a life behind a name: "Vi Văn Tấn (22/12/1955)".
_LIFE = re.compile(r"(?:, ?| ?\( ?| )(?P<date>[0-9]{1,2}[/.-][0-9]{1,2}[/.-](?:19[0-9]{2}|200[0-9]))(?![0-9])")
#: Words before "sinh" that make it another word: "học sinh ngày …" is about pupils.
_NOT_BIRTH = listed(
    "hoc thi ve phat hy hi an tuyen dan tai hoi giao do nu nam quoc song giang ho truong ky moi tan khai thuc sat ta"
)


def find_emails(text: str, flat: str, taken: TakenSpans) -> Iterator[Span]:
    """E-mail addresses, also with "(at)", "a còng", "chấm com"."""
    for found in _EMAIL.finditer(flat):
        if _NETWORK_AND_HANDLE.match(found[0]):
            continue
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
        # "đẻ ngày", not "đề ngày"
        about_birth = found["cue"] != "de ngay" or text[found.start("cue") + 1] == "ẻ"
        if found["before"] not in _NOT_BIRTH and about_birth:
            yield Span("dob", found.start("date"), found.start("date") + len(found["date"].rstrip()))


def find_births_behind_names(flat: str, taken: TakenSpans) -> Iterator[Span]:
    """Dates, until 2009, right behind a masked name."""
    for end in taken.ends_of("name"):
        if found := _LIFE.match(flat, end):
            yield Span("dob", found.start("date"), found.end("date"))


def find_addresses(text: str, flat: str, taken: TakenSpans) -> Iterator[Span]:
    """House numbers with the lane, group and street around them. A street or group alone is a place, not a home."""
    pieces: list[re.Match[str]] = []
    end = -1
    for piece in _PIECE.finditer(flat):
        lives = bool(_LIVES.search(flat, max(0, piece.start() - 12), piece.start()))
        if piece.start() < end or (piece["number"] and _is_no_house(piece, flat) and not lives):
            continue
        if pieces and not (end <= piece.start() and _PIECE_GAP.fullmatch(flat, end, piece.start())):
            yield from _address(pieces, end)
            pieces = []
        piece_end = _street_end(text, flat, piece.end()) if piece["street"] else piece.end()
        if not piece["street"] and (pieces or piece["house"] or lives):
            piece_end = _bare_street_end(text, flat, piece.end())
        if piece_end is None:
            continue
        pieces.append(piece)
        end = piece_end
    yield from _address(pieces, end)


def _address(pieces: list[re.Match[str]], end: int) -> Iterator[Span]:
    house = any(p["house"] for p in pieces)
    numbered = any(p["number"] and (p is not pieces[-1] or end > p.end()) for p in pieces)
    if house or numbered:
        first = pieces[0]
        start = first.start()
        if first["number"] and not first["number"].startswith("so"):
            start += re.search(r"[0-9]", first[0]).start()  # type: ignore[union-attr]
        yield Span("address", start, end)


def _is_no_house(piece: re.Match[str], flat: str) -> bool:
    """Whether a number without "số" stands before a street, not a lane: rather a day than a house."""
    return _BARE_NUMBER.match(piece["number"]) is not None and not re.match(
        r",? (?:ngo|ngach|hem|kiet) ", flat[piece.end() : piece.end() + 9]
    )


def _bare_street_end(text: str, flat: str, at: int) -> int:
    """The end of a street named without its kind, in capitals: "số 101 Trần Đăng Ninh"; `at` where none is."""
    first = _WORD.match(flat, at)
    if first and (end := _famous_end(flat, at)):
        return end
    if not first or not text[first.start(1)].isupper() or first[1] in _NO_STREETS:
        return at
    second = _WORD.match(flat, first.end())
    if not second or not text[second.start(1)].isupper():
        return at
    return _street_end(text, flat, at) or at


def _famous_end(flat: str, at: int) -> int | None:
    """The end of a name known from history in small letters: streets are called so."""
    ends: list[tuple[str, int]] = []
    while len(ends) < 4 and (found := _WORD.match(flat, at)):
        at = found.end()
        ends.append((found[1], at))
    for size in range(len(ends), 1, -1):
        if is_famous([word for word, _ in ends[:size]]):
            return ends[size - 1][1]
    return None


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
        number = _STREET_NUMBER.match(flat, words[capitals - 1][1])
        return number.end() if number else words[capitals - 1][1]
    if words and (end := _famous_end(flat, words[0][1] - len(words[0][0]) - 1)):
        return end
    small = min(len(words), 1)
    while small < len(words) and words[small][0] not in STOP_WORDS:
        small += 1
    most = (
        3 if words and words[0][0] in SURNAMES and small >= 3 and words[1][0] in ("van", "thi", "dang", "quoc") else 2
    )
    return words[min(small, most) - 1][1] if small else None
