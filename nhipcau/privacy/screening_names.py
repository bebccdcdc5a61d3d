"""Finds people's names: after an honorific or role, or beginning with a family name. Places named like people stay."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nhipcau.privacy.screening_words import (
    COMPOUNDS,
    GIVEN,
    GIVEN_SMALL,
    HONORIFICS,
    MIDDLES,
    NOT_GIVEN,
    NOT_NAMES,
    NOT_PEOPLE,
    PEOPLE_PAIRS,
    PLACES,
    ROLE_PAIRS,
    ROLES,
    STOP_WORDS,
    STOP_WORDS_MARKED,
    SURNAMES,
    SURNAMES_ONLY,
    WEAK_PLACES,
    Span,
    TakenSpans,
    listed,
)

_TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+){0,2}")
#: One syllable, wide enough for the names of every ethnic group of the region.
_SYLLABLE = re.compile(
    r"(?:ng?h?|[bcdfghjklmnpqrstvwxz]{0,2})(?:[aeiouy]{1,3})(?:ch|ng|nh|[cmnptk])?|[a-z]+['’][a-z]+|[a-z]"
)
_SENTENCE_END = re.compile(r"[.!?:;\n•…\"“”]\s*$|^\s*[-–+*]?\s*$|\n\s*[-–+*]\s*$")
_CONTACT_NEXT = re.compile(
    r"[ ,:(\-–]{0,4}(?:sdt|dt|so dt|dien thoai|cccd|cmnd|cmt|zalo|stk|bks|bien(?: so)?(?= ?[0-9\[]))(?![a-z])"
)
_GAP_TO_SPAN = re.compile(r"[ ,:(\-–]{0,4}")
_LIST_GAP = re.compile(r"\s*(?:,|và|va|-|–|&|;|/|đến|den)\s*")
_LONGEST = 5
#: Words that end a name in a run of capitals: they begin something else.
_ENDS_RUN = listed("thôn xã phường huyện tỉnh xóm khối ông bà chị cụ bác tổ sđt cccd thon xom sdt")


@dataclass(frozen=True, slots=True)
class _Token:
    #: As typed, in small letters.
    word: str
    flat: str
    start: int
    end: int
    capital: bool
    #: All capitals, two letters or more.
    capitals_only: bool


def _continues_sentence(token: _Token) -> bool:
    """Whether the word continues the sentence; typed without diacritics it may be any of its spellings."""
    return token.word in (STOP_WORDS if token.word.isascii() else STOP_WORDS_MARKED)


class _Line:
    """The words of a text with their neighbours."""

    def __init__(self, text: str, flat: str, taken: TakenSpans) -> None:
        self.text, self.flat, self.taken = text, flat, taken
        letters = sum(c.isalpha() for c in text)
        #: The text is mostly in capitals, so capitals mean nothing.
        self.all_capitals = letters > 8 and sum(c.isupper() for c in text) > 0.7 * letters
        self.tokens = [self._token(m) for m in _TOKEN.finditer(text) if taken.free(m.start(), m.end())]

    def _token(self, found: re.Match[str]) -> _Token:
        raw = found[0]
        upper = raw[0].isupper() and not self.all_capitals
        return _Token(
            raw.lower(), self.flat[found.start() : found.end()], found.start(), found.end(), upper,
            len(raw) > 1 and raw.isupper() and not self.all_capitals,
        )  # fmt: skip

    def next_to(self, at: int) -> bool:
        """Whether only spaces separate token `at` from the one before it."""
        if at == 0 or at >= len(self.tokens):
            return False
        return self.text[self.tokens[at - 1].end : self.tokens[at].start].strip(" \u00a0") == ""

    def run(self, at: int) -> int:
        """The end of the run of name-like capitalised words from `at`; small "văn" and "thị" belong to it."""
        end = at
        while end < len(self.tokens) and end - at < _LONGEST and (end == at or self.next_to(end)):
            if not self._goes_on(at, end):
                break
            end += 1
        return end

    def _goes_on(self, at: int, end: int) -> bool:
        token = self.tokens[end]
        if not _SYLLABLE.fullmatch(token.flat) or (end > at and token.word in _ENDS_RUN):
            return False
        if token.capital:
            return end == at or not self._role_starts(end)
        after_surname = end == at + 1 and self.tokens[at].word in SURNAMES
        if after_surname and token.flat in ("van", "thi"):
            return (
                end + 1 < len(self.tokens) and self.next_to(end + 1) and not _continues_sentence(self.tokens[end + 1])
            )
        return end == at + 2 and self.tokens[end - 1].flat in ("van", "thi") and not _continues_sentence(token)

    def _role_starts(self, at: int) -> bool:
        """Whether a phrase such as "Bí thư" or "Công an" begins here, not a syllable of a name."""
        following = at + 1 < len(self.tokens) and self.next_to(at + 1)
        pair = f"{self.tokens[at].word}_{self.tokens[at + 1].word}" if following else ""
        return pair in ROLE_PAIRS

    def starts_sentence(self, at: int) -> bool:
        token = self.tokens[at]
        return _SENTENCE_END.search(self.text, max(0, token.start - 6), token.start) is not None or token.start == 0

    def span(self, at: int, end: int) -> Span:
        return Span("name", self.tokens[at].start, self.tokens[end - 1].end)

    def words(self, at: int, end: int) -> str:
        return " ".join(t.flat for t in self.tokens[at:end])

    def contact_follows(self, end: int) -> bool:
        """Whether a person's number (a phone, an identity card …) follows directly after the token before `end`."""
        at = self.tokens[end - 1].end
        gap = _GAP_TO_SPAN.match(self.flat, at)
        after = gap.end() if gap else at
        return self.taken.starts.get(after) in ("phone", "id", "bank", "plate") or bool(
            _CONTACT_NEXT.match(self.flat, at)
        )


def find_names(text: str, flat: str, taken: TakenSpans) -> Iterator[Span]:
    """Names of people, without their honorific or role."""
    line = _Line(text, flat, taken)
    at, place_end = 0, -1
    while at < len(line.tokens):
        after_place = _place(line, at, place_end)
        if after_place > at:
            at = place_end = after_place
            continue
        end = _name(line, at)
        if end > at:
            yield line.span(at, end)
            at = end
        else:
            at += 1


def _place(line: _Line, at: int, place_end: int) -> int:
    """The end of a place's name that begins at `at` (after "xã", "đường" …, or as the next in a list of places), else
    `at`."""
    token = line.tokens[at]
    if not token.capital:
        return at
    end = line.run(at)
    named = line.words(at, end)
    if named in NOT_NAMES and not _after_honorific(line, at):
        return end
    full_name = end - at >= 3 and token.word in SURNAMES
    if place_end > 0 and line.tokens[place_end - 1].end < token.start and at == place_end:
        gap = line.text[line.tokens[place_end - 1].end : token.start]
        if _LIST_GAP.fullmatch(gap) and not full_name:
            return end
    if not line.next_to(at):
        return at
    before = line.tokens[at - 1]
    if before.word not in PLACES or before.word in HONORIFICS or (before.word in WEAK_PLACES and full_name):
        return at
    if full_name and at >= 2 and line.tokens[at - 2].flat in ("truong", "pho") and line.next_to(at - 1):
        return at
    if _is_word_for_people(line, at, full_name=full_name, lone=end - at == 1 and token.word in GIVEN):
        return at
    if before.capital and before.word in SURNAMES and not line.starts_sentence(at - 1):
        return at
    return max(end, at + 1)


def _is_word_for_people(line: _Line, at: int, *, full_name: bool, lone: bool) -> bool:
    """Whether the place word ends a word for people: "chủ tịch xã", "gia đình", "trưởng thôn"."""
    if at < 2 or not line.next_to(at - 1):
        return False
    called = f"{line.tokens[at - 2].word}_{line.tokens[at - 1].word}"
    if called in ROLE_PAIRS | PEOPLE_PAIRS:
        return full_name or lone
    office = f"{line.tokens[at - 3].word}_{line.tokens[at - 2].word}" if at >= 3 and line.next_to(at - 2) else ""
    return full_name and office in ROLE_PAIRS


def _after_honorific(line: _Line, at: int) -> bool:
    return line.next_to(at) and line.tokens[at - 1].word in HONORIFICS


def _name(line: _Line, at: int) -> int:
    """The end of a name that begins at `at`, else `at`."""
    token = line.tokens[at]
    addressed = _after_title(line, at)
    if not token.capital:
        return _small_name(line, at, addressed)
    end = line.run(at)
    if end == at or (line.words(at, end) in NOT_NAMES and not addressed):
        return at
    if addressed:
        return end if _fits_honorific(line, at, end) else at
    if token.word in SURNAMES and end - at >= 2:
        return end if _is_full_name(line, at, end) else at
    return end if _is_given_name(line, at, end) else at


def _after_title(line: _Line, at: int) -> bool:
    """Whether an honorific comes right before, with at most a dot or colon between."""
    if at == 0:
        return False
    before = line.tokens[at - 1]
    gap = line.text[before.end : line.tokens[at].start]
    if gap.strip(" \u00a0") not in ("", ".", ":") or "\n" in gap or before.capitals_only:
        return False
    if f"{line.tokens[at - 2].flat} {before.flat}" == "dong chi" and at >= 2:
        return True
    if (before.word == "dc" and line.tokens[at].capital) or before.word == "đc":
        return line.tokens[at].capital
    return before.word in HONORIFICS and gap != "" and (gap.strip() != "." or len(before.word) <= 2)


def _fits_honorific(line: _Line, at: int, end: int) -> bool:
    token = line.tokens[at]
    before = line.tokens[at - 1]
    if token.word in NOT_GIVEN and (end - at == 1 or token.word not in SURNAMES):
        return False
    if line.words(at - 1, end) in NOT_NAMES or f"{before.word} {token.word}" == "bác hồ" or line._role_starts(at):
        return False
    two_women = at >= 2 and line.tokens[at - 2].word == "hai" and line.next_to(at - 1)
    return not (two_women and token.flat == "trung")


def _is_full_name(line: _Line, at: int, end: int) -> bool:
    """Whether it is a full name without honorific: family name first, then two syllables, or one that is a known given
    name; after a role, or before a person's number, any."""
    first = line.tokens[at]
    if any(t.capitals_only for t in line.tokens[at:end]) and not all(
        len(t.word) == 1 or t.capitals_only for t in line.tokens[at:end]
    ):
        return False
    if end - at >= 3:
        return True
    last = line.tokens[end - 1]
    if line.contact_follows(end) or _role_before(line, at):
        return True
    return last.word in GIVEN and first.word not in GIVEN | PLACES


def _role_before(line: _Line, at: int) -> bool:
    if not line.next_to(at):
        return False
    before = line.tokens[at - 1].word
    pair = f"{line.tokens[at - 2].word}_{before}" if at >= 2 and line.next_to(at - 1) else ""
    return before in ROLES or pair in ROLE_PAIRS


def _is_given_name(line: _Line, at: int, end: int) -> bool:
    """Whether it is a given name after a role or before a person's number: "thợ Nam", "là Tuấn biển 12C …"."""
    token = line.tokens[at]
    if end - at > 2 or token.capitals_only or line.starts_sentence(at) or token.word in NOT_GIVEN:
        return False
    if not line.next_to(at) and not line.contact_follows(end):
        return False
    known = line.tokens[end - 1].word in GIVEN
    if line.contact_follows(end):
        return known or (line.next_to(at) and line.tokens[at - 1].word not in PLACES and end - at == 1)
    return known and _role_before(line, at)


def _small_name(line: _Line, at: int, addressed: bool) -> int:
    """The end of a name in small letters: a family name with "văn" or "thị", or a given name after an honorific."""
    words = line.tokens[at : at + 4]
    count = 1
    while count < len(words) and line.next_to(at + count) and not words[count].capital:
        count += 1
    if _place_before(line, at):
        return at
    if words[0].word in SURNAMES and count >= 2:
        size = _small_full_name(words[:count], addressed or _after_name_word(line, at))
        if size:
            return at + size
    if not addressed or words[0].word not in GIVEN_SMALL:
        return at
    before = line.tokens[at - 1]
    if f"{before.word} {words[0].word}" in NOT_PEOPLE or (
        before.word == before.flat and before.word in ("ba", "co", "em", "e")
    ):
        return at
    return at + 1


def _place_before(line: _Line, at: int) -> bool:
    return line.next_to(at) and line.tokens[at - 1].word in PLACES


def _after_name_word(line: _Line, at: int) -> bool:
    return line.next_to(at) and line.tokens[at - 1].flat in ("ten", "goi")


def _small_full_name(words: list[_Token], cued: bool) -> int:
    """How many of these words in small letters are one full name; 0 for none."""
    first, second = words[0], words[1]
    third = words[2] if len(words) > 2 else None
    if third and f"{second.word} {third.word}" in COMPOUNDS:
        return 0
    if (
        cued
        and third
        and second.flat in ("van", "thi")
        and not _continues_sentence(third)
        and _SYLLABLE.fullmatch(third.flat)
    ):
        # "chi do thi hoa": after an honorific only a name looks like this, though "do" alone is an everyday word
        return 4 if len(words) > 3 and third.word in MIDDLES and words[3].word in GIVEN else 3
    if first.word in STOP_WORDS:
        return 0
    if third and not _continues_sentence(third) and _SYLLABLE.fullmatch(third.flat) and second.word in MIDDLES:
        unmistakable = first.word in SURNAMES_ONLY or (second.word in ("văn", "thị") and not first.word.isascii())
        if cued or unmistakable:
            return 4 if len(words) > 3 and third.word in MIDDLES and words[3].word in GIVEN else 3
    return 2 if cued and second.word in GIVEN_SMALL and not _continues_sentence(second) else 0
