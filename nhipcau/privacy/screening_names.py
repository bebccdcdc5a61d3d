"""Finds people's names: after an honorific or role, or beginning with a family name. Places named like people stay."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nhipcau.privacy.screening_line import Line, Token, continues_sentence, is_syllable
from nhipcau.privacy.screening_places import (
    PEOPLE_PAIRS,
    PLACES,
    WEAK_PLACES,
    KnownPlaces,
    begins_like_a_place,
    is_famous,
)
from nhipcau.privacy.screening_words import (
    COMPOUNDS,
    FOLLOWERS,
    GIVEN,
    GIVEN_IF_FOLLOWED,
    GIVEN_SMALL,
    HONORIFICS,
    IN_HONOUR,
    LOOSE_ROLES,
    MET,
    MIDDLES,
    NETWORKS,
    NICKNAMES,
    NOT_GIVEN,
    NOT_MET,
    NOT_PEOPLE,
    PLURALS,
    ROLE_PAIRS,
    STOP_WORDS,
    SURNAMES,
    SURNAMES_ONLY,
    WHERE,
    Span,
    TakenSpans,
    listed,
)

_LIST_GAP = re.compile(r"\s*(?:,|và|va|-|–|&|;|/|đến|den)\s*")
_NAMES_GAP = re.compile(r"\s*(?:,|;|-|–|&|/|\+)?\s*")
_AND = listed("và va với voi cùng")
_COMRADES = listed("chí hùng sĩ sỹ tịch hồ chi si sy tich c")
#: "2 cháu Nam và Việt": people who are counted are each named.
_COUNTS = listed("hai ba bốn năm bon nam")


def find_names(text: str, flat: str, taken: TakenSpans, places: KnownPlaces) -> Iterator[Span]:
    """Names of people, without their honorific or role."""
    line = Line(text, flat, taken, places)
    at, place_end = 0, -1
    while at < len(line.tokens):
        after_place = _place(line, at, place_end)
        if after_place > at:
            at = place_end = after_place
            continue
        end = _name(line, at)
        if end == at:
            at += 1
            continue
        several = _are_several(line, at)
        while end > at:
            yield line.span(at, end)
            at = end
            start = _next_listed(line, at)
            end = _listed_name(line, start, several) if start else at
            at = start if end > at and start else at


def _are_several(line: Line, at: int) -> bool:
    """Whether several people are announced before token `at`: "các ông", "hai anh", "mấy nhà", "anh em"."""
    if at < 2 or not line.next_to(at - 1):
        return bool(
            at and re.search(r"[0-9] ?$", line.text[max(0, line.tokens[at - 1].start - 2) : line.tokens[at - 1].start])
        )
    return (
        line.are_many(at) or line.tokens[at - 2].word in _COUNTS | PLURALS or line.pair(at - 1) in ("vợ_chồng", "a_e")
    )


def _next_listed(line: Line, end: int) -> int | None:
    """The next token of a list of names, after a comma or "và"; None where the list ends."""
    if end >= len(line.tokens):
        return None
    if line.tokens[end].word in _AND and line.next_to(end) and end + 1 < len(line.tokens) and line.next_to(end + 1):
        return end + 1
    gap = line.text[line.tokens[end - 1].end : line.tokens[end].start]
    return end if _NAMES_GAP.fullmatch(gap) and gap.strip() else None


def _listed_name(line: Line, at: int, several: bool) -> int:
    """The end of one more name in a list; a single one of an unknown kind only where several are announced."""
    token = line.tokens[at]
    end = line.run(at) if token.capital else at
    if end != at + 1 or token.capitals_only or token.word in NOT_GIVEN or token.word in HONORIFICS:
        return at
    if begins_like_a_place([token.word], MIDDLES) or _is_compound(line, at) or line.role_starts(at):
        return at
    if token.word in PLACES and not (several and token.word in GIVEN):
        return at
    return end if several or token.word in GIVEN else at


def _is_compound(line: Line, at: int) -> bool:
    """Whether the word and the next are another word, such as "Văn hóa" or "Công ty"."""
    return at + 1 < len(line.tokens) and " ".join(line.words(at, at + 2)) in COMPOUNDS and line.next_to(at + 1)


def _place(line: Line, at: int, place_end: int) -> int:
    """The end of a place's name that begins at `at` (after "xã", "đường" …, or as the next in a list of places), else
    `at`."""
    token = line.tokens[at]
    if not token.capital:
        return at
    end = line.run(at)
    words = line.words(at, end)
    if end > at and (
        begins_like_a_place(words, MIDDLES) or (line.places.holds(words) and not _is_person(line, at, end))
    ):
        return end
    full_name = end - at >= 3 and token.word in SURNAMES
    if place_end > 0 and line.tokens[place_end - 1].end < token.start and at == place_end:
        gap = line.text[line.tokens[place_end - 1].end : token.start]
        if _LIST_GAP.fullmatch(gap) and not full_name:
            return end
    if not line.next_to(at):
        return at
    before = line.tokens[at - 1]
    if (
        before.word not in PLACES
        or line.addressed(at)
        or line.role(at) == 2
        or (before.word in WEAK_PLACES and full_name)
    ):
        return at
    if full_name and at >= 2 and line.tokens[at - 2].flat in ("truong", "pho") and line.next_to(at - 1):
        return at
    if _is_word_for_people(line, at, full_name=full_name, lone=end - at == 1 and token.word in GIVEN):
        return at
    if before.capital and before.word in SURNAMES and not line.starts_sentence(at - 1):
        return at
    return max(end, at + 1)


def _is_person(line: Line, at: int, end: int) -> bool:
    """Whether a person is meant by the name of a place or of somebody known: one is addressed, and not in honour."""
    if not line.addressed(at) or line.are_many(at):
        return False
    words, before = line.words(at, end), line.tokens[at - 1]
    return not (is_famous(words) and before.word in _COMRADES)


def _is_word_for_people(line: Line, at: int, *, full_name: bool, lone: bool) -> bool:
    """Whether the place word ends a word for people: "chủ tịch xã", "gia đình", "trưởng thôn"."""
    if at < 2 or not line.next_to(at - 1):
        return False
    if line.pair(at - 1) in ROLE_PAIRS | PEOPLE_PAIRS:
        return full_name or lone
    office = line.pair(at - 2) if at >= 3 else ""
    short = line.role(at - 1) > 0 and line.tokens[at - 2].flat in _SHORT_OFFICES
    return full_name and (office in ROLE_PAIRS or short)


_SHORT_OFFICES = listed("ct pct bt gd pgd btcb")


def _name(line: Line, at: int) -> int:
    """The end of a name that begins at `at`, else `at`."""
    token = line.tokens[at]
    addressed = line.addressed(at)
    if not token.capital:
        return _small_name(line, at, addressed and not line.are_many(at))
    end = line.run(at)
    if end == at or (line.starts_sentence(at) and _is_place_behind_a_word(line, at, end)):
        return at
    if addressed and line.are_many(at):
        return end if _is_one_of_many(line, at, end) else at
    if addressed:
        return _with_nickname(line, at, end) if _fits_honorific(line, at, end) else at
    if token.word in SURNAMES and end - at >= 2:
        return end if _is_full_name(line, at, end) else at
    return _with_nickname(line, at, end) if _is_given_name(line, at, end) else at


def _is_place_behind_a_word(line: Line, at: int, end: int) -> bool:
    """Whether the first word only begins the sentence: "Từ Lộc Yên sang …"."""
    words = line.words(at + 1, end)
    return len(words) >= 2 and (line.places.holds(words) or begins_like_a_place(words, MIDDLES))


def _with_nickname(line: Line, at: int, end: int) -> int:
    more = end - at == 1 and end < len(line.tokens) and line.next_to(end) and line.tokens[end].word in NICKNAMES
    return end + 1 if more else end


def _is_one_of_many(line: Line, at: int, end: int) -> bool:
    """After "các ông", "anh em": a full name, or a known given name."""
    token = line.tokens[at]
    if token.word in NOT_GIVEN or line.role_starts(at):
        return False
    if end - at == 1:
        return token.word in GIVEN and not _is_compound(line, at)
    return token.word in SURNAMES and (end - at >= 3 or line.tokens[end - 1].word in GIVEN)


def _fits_honorific(line: Line, at: int, end: int) -> bool:
    token = line.tokens[at]
    if token.word in NOT_GIVEN and (end - at == 1 or token.word not in SURNAMES):
        return False
    if line.role_starts(at) or _is_compound(line, at) or f"{line.tokens[at - 1].word} {token.word}" in IN_HONOUR:
        return False
    two_women = at >= 2 and line.tokens[at - 2].word == "hai" and line.next_to(at - 1)
    return not (two_women and token.flat == "trung")


def _is_full_name(line: Line, at: int, end: int) -> bool:
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
    if line.contact_follows(end) or line.role(at) == 2:
        return True
    if line.next_to(at) and line.tokens[at - 1].word in WHERE:
        return False
    if line.role(at) and first.word not in PLACES:
        return last.word in GIVEN or line.tokens[at - 1].word not in LOOSE_ROLES
    return last.word in GIVEN and first.word not in GIVEN | PLACES


def _is_given_name(line: Line, at: int, end: int) -> bool:
    """Whether it is a given name after a role or before a person's number: "thợ Nam", "là Tuấn biển 12C …"."""
    token = line.tokens[at]
    if token.capitals_only or token.word in NOT_GIVEN or _is_compound(line, at) or line.role_starts(at):
        return False
    if at and line.tokens[at - 1].word in NETWORKS and line.next_to(at):
        return 2 <= end - at <= 3 and any(word in GIVEN | SURNAMES for word in line.words(at, end))
    role = line.role(at)
    if end - at > (3 if role == 2 else 2):
        return False
    if role == 2:
        return token.word not in PLACES or token.word in GIVEN
    if line.starts_sentence(at):
        return False
    contact = line.contact_follows(end)
    if not line.next_to(at) and not contact:
        return False
    if end == at + 1 and line.tokens[at - 1].word in MET and token.word not in PLACES | NOT_MET:
        return True
    known = line.tokens[end - 1].word in GIVEN
    if contact:
        return known or (line.next_to(at) and line.tokens[at - 1].word not in PLACES and end - at == 1)
    return known and role > 0 and line.tokens[at - 1].word not in LOOSE_ROLES


_SMALL_GIVEN = GIVEN_SMALL | GIVEN_IF_FOLLOWED


def _small_name(line: Line, at: int, addressed: bool) -> int:
    """The end of a name in small letters: a family name with "văn" or "thị", or a given name after an honorific."""
    begins = line.tokens[at].word
    if begins not in SURNAMES and not (addressed and begins in _SMALL_GIVEN):
        return at
    words = line.tokens[at : at + 4]
    count = 1
    while count < len(words) and line.next_to(at + count) and not words[count].capital:
        count += 1
    role = line.role(at)
    if words[0].word in SURNAMES and count >= 2 and (role or not _place_before(line, at)):
        called = addressed or _after_name_word(line, at) or role == 2
        size = _small_full_name(words[:count], called, called or role > 0)
        if size:
            return at + size
    if not addressed or _place_before(line, at) or words[0].word not in _SMALL_GIVEN:
        return at
    before = line.tokens[at - 1]
    if f"{before.word} {words[0].word}" in NOT_PEOPLE or (
        before.word == before.flat and before.word in ("ba", "co", "em", "e", "cu")
    ):
        return at
    if _is_compound(line, at):
        return at
    if words[0].word in GIVEN_SMALL:
        return at + 1
    return at + 1 if count == 1 or words[1].word in FOLLOWERS else at


def _place_before(line: Line, at: int) -> bool:
    return line.next_to(at) and line.tokens[at - 1].word in PLACES


def _after_name_word(line: Line, at: int) -> bool:
    return line.next_to(at) and line.tokens[at - 1].flat in ("ten", "goi")


#: Typed without diacritics they go on with "vẫn" and "thì" more often than they end a name.
_NEVER_GIVEN = listed("lam di con co hoi noi bi")


def _small_full_name(words: list[Token], called: bool, cued: bool) -> int:
    """How many of these words in small letters are one full name; 0 for none. `called`: a person comes before them;
    `cued`: one may."""
    first, second = words[0], words[1]
    third = words[2] if len(words) > 2 else None
    if third and f"{second.word} {third.word}" in COMPOUNDS:
        return 0
    known = third is not None and called and third.word in GIVEN - _NEVER_GIVEN
    if (
        cued
        and third
        and second.flat in ("van", "thi")
        and (known or not continues_sentence(third))
        and is_syllable(third)
    ):
        # "chi do thi hoa": after an honorific only a name looks like this, though "do" alone is an everyday word
        return 4 if len(words) > 3 and third.word in MIDDLES and words[3].word in GIVEN else 3
    if first.word in STOP_WORDS:
        return 0
    if third and not continues_sentence(third) and is_syllable(third) and second.word in MIDDLES:
        unmistakable = first.word in SURNAMES_ONLY or (second.word in ("văn", "thị") and not first.word.isascii())
        if cued or unmistakable:
            return 4 if len(words) > 3 and third.word in MIDDLES and words[3].word in GIVEN else 3
    return 2 if called and second.word in GIVEN_SMALL and not continues_sentence(second) else 0
