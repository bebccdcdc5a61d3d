"""The words of a text as the search for names reads them: who is addressed before a word, what runs on after it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nhipcau.privacy.screening_places import KnownPlaces
from nhipcau.privacy.screening_words import (
    COUNTED,
    HONORIFICS,
    NO_ROLES,
    ONLY_PLAIN,
    PAIRS_SURE,
    PLURAL_PAIRS,
    PLURALS,
    ROLE_PAIRS,
    ROLES,
    ROLES_SURE,
    STOP_WORDS,
    STOP_WORDS_MARKED,
    SURNAMES,
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
#: What may stand between an honorific and the name: a quotation mark, a star, a dot.
_TITLE_GAP = " \u00a0\"'“”‘’*_·"
_LONGEST = 5
#: Words that end a name in a run of capitals: they begin something else.
_ENDS_RUN = listed("thôn xã phường huyện tỉnh xóm khối ông bà chị cụ bác tổ sđt cccd thon xom sdt")
#: From this share of words with diacritics on, a text is typed with them.
_ACCENTED = 0.4


@dataclass(frozen=True, slots=True)
class Token:
    #: As typed, in small letters.
    word: str
    flat: str
    start: int
    end: int
    capital: bool
    #: All capitals, two letters or more.
    capitals_only: bool


def continues_sentence(token: Token) -> bool:
    """Whether the word continues the sentence; typed without diacritics it may be any of its spellings."""
    return token.word in (STOP_WORDS if token.word.isascii() else STOP_WORDS_MARKED)


def is_syllable(token: Token) -> bool:
    return _SYLLABLE.fullmatch(token.flat) is not None


class Line:
    """The words of a text with their neighbours."""

    def __init__(self, text: str, flat: str, taken: TakenSpans, places: KnownPlaces) -> None:
        self.text, self.flat, self.taken, self.places = text, flat, taken, places
        letters = sum(c.isalpha() for c in text)
        #: The text is mostly in capitals, so capitals mean nothing.
        self.all_capitals = letters > 8 and sum(c.isupper() for c in text) > 0.7 * letters
        self.tokens: list[Token] = []
        for found in _TOKEN.finditer(text):
            if taken.free(found.start(), found.end()):
                self._add(found.start(), found.end())
        tokens = self.tokens
        #: Of each token, whether only spaces separate it from the one before.
        self._joined = [
            at > 0 and not text[tokens[at - 1].end : tokens[at].start].strip(" \u00a0") for at in range(len(tokens))
        ]
        marked = sum(not token.word.isascii() for token in self.tokens)
        self.accented = marked > _ACCENTED * len(self.tokens)

    def _add(self, start: int, end: int) -> None:
        raw = self.text[start:end]
        title = 0
        if not raw[1:].islower():
            title = next((n for n in range(1, len(raw)) if raw[n].isupper() and raw[n - 1].islower()), 0)
        if title and raw[:title].lower() in HONORIFICS and not self.all_capitals:
            self._add(start, start + title)
            self._add(start + title, end)
            return
        upper = raw[0].isupper() and not self.all_capitals
        only = len(raw) > 1 and raw.isupper() and not self.all_capitals
        self.tokens.append(Token(raw.lower(), self.flat[start:end], start, end, upper, only))

    def next_to(self, at: int) -> bool:
        """Whether only spaces separate token `at` from the one before it."""
        return at < len(self._joined) and self._joined[at]

    def pair(self, at: int) -> str:
        """Token `at` with the one before it, if they are next to each other, else ""."""
        return f"{self.tokens[at - 1].word}_{self.tokens[at].word}" if self.next_to(at) else ""

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
        if not is_syllable(token) or (end > at and token.word in _ENDS_RUN):
            return False
        if token.capital:
            abbreviation = token.capitals_only and not self.tokens[at].capitals_only
            return end == at or not (abbreviation or self.role_starts(end))
        after_surname = end == at + 1 and self.tokens[at].word in SURNAMES
        if after_surname and self._is_middle(token):
            return end + 1 < len(self.tokens) and self.next_to(end + 1) and not continues_sentence(self.tokens[end + 1])
        return end == at + 2 and self._is_middle(self.tokens[end - 1]) and not continues_sentence(token)

    def _is_middle(self, token: Token) -> bool:
        return token.word in ("văn", "thị") or (token.word in ("van", "thi") and not self.accented)

    def role_starts(self, at: int) -> bool:
        """Whether a phrase such as "Bí thư" or "Công an" begins here, not a syllable of a name."""
        return at + 1 < len(self.tokens) and self.pair(at + 1) in ROLE_PAIRS

    def starts_sentence(self, at: int) -> bool:
        token = self.tokens[at]
        return _SENTENCE_END.search(self.text, max(0, token.start - 6), token.start) is not None or token.start == 0

    def span(self, at: int, end: int) -> Span:
        return Span("name", self.tokens[at].start, self.tokens[end - 1].end)

    def words(self, at: int, end: int) -> list[str]:
        return [t.word for t in self.tokens[at:end]]

    def contact_follows(self, end: int) -> bool:
        """Whether a person's number (a phone, an identity card …) follows directly after the token before `end`."""
        at = self.tokens[end - 1].end
        gap = _GAP_TO_SPAN.match(self.flat, at)
        after = gap.end() if gap else at
        return self.taken.starts.get(after) in ("phone", "id", "bank", "plate") or bool(
            _CONTACT_NEXT.match(self.flat, at)
        )

    def addressed(self, at: int) -> bool:
        """Whether an honorific comes right before, with at most a dot, a colon or a quotation mark between."""
        if at == 0:
            return False
        before = self.tokens[at - 1]
        gap = self.text[before.end : self.tokens[at].start]
        if ":" in gap and self.run(at) < at + 2:
            return False
        if gap.strip(_TITLE_GAP) not in ("", ".", ":") or "\n" in gap:
            return False
        if at >= 2 and f"{self.tokens[at - 2].flat} {before.flat}" == "dong chi":
            return True
        if before.word in ("dc", "đc") or (before.word == "c" and self._is_comrade(at - 1)):
            return self.tokens[at].capital
        return (
            self._is_honorific(at - 1)
            and (gap != "" or self.tokens[at].capital)
            and ("." not in gap or len(before.word) <= 2)
        )

    def _is_comrade(self, at: int) -> bool:
        """Whether token `at` is the c of "đ/c"."""
        return self.flat[max(0, self.tokens[at].start - 2) : self.tokens[at].start] == "d/"

    def _is_honorific(self, at: int) -> bool:
        token = self.tokens[at]
        if token.word not in HONORIFICS or token.capitals_only:
            return False
        if len(token.word) == 1:
            after_digit = token.start > 0 and self.text[token.start - 1].isalnum()
            return not after_digit and (not token.capital or self.starts_sentence(at) or token.word == "ô")
        if token.word in ONLY_PLAIN and self.accented:
            return False
        return not (token.word == "ba" and self.next_to(at) and self.tokens[at - 1].word in COUNTED)

    def are_many(self, at: int) -> bool:
        """Whether who is addressed before token `at` are many: "các cháu …", "anh em …"."""
        if at < 2 or not self.next_to(at - 1):
            return False
        return self.tokens[at - 2].word in PLURALS or self.pair(at - 1) in PLURAL_PAIRS

    def role(self, at: int) -> int:
        """How surely a person is named after the words before token `at`: 2, after "vợ"; 1, after "cán bộ"; 0."""
        if at == 0 or not self._follows_role(at):
            return 0
        if self.tokens[at - 1].capital and not self.starts_sentence(at - 1) and not self.tokens[at - 1].capitals_only:
            return 0
        before, pair = self.tokens[at - 1].word, self.pair(at - 1)
        if pair in NO_ROLES:
            return 0
        if before in ("trưởng", "phó") and pair:
            return 2
        if pair in PAIRS_SURE or (before in ROLES_SURE and not pair.startswith(("một_", "ban_"))):
            return 2
        return 1 if before in ROLES or pair in ROLE_PAIRS else 0

    def _follows_role(self, at: int) -> bool:
        gap = self.text[self.tokens[at - 1].end : self.tokens[at].start]
        return gap.strip(_TITLE_GAP) in ("", ":") and "\n" not in gap and gap != ""
