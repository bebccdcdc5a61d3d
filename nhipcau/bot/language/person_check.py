"""Recognises texts about one person though no name is left in them, after masking.

`accuses_person`: the core of the text is an accusation against one person (rule R06). `identifies_person`: it tells the
health, faith, ethnicity or poverty of somebody who can be guessed (rule R35); `generalised` is the same text without
what betrays them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files

from nhipcau.bot.language.vietnamese import fold, nfc
from nhipcau.bot.language.yaml_file import read_yaml

#: Characters read: a text may be longer than its core.
MAX_CHARS = 2000
#: Years from which somebody is "cao tuổi", and below which "nhỏ tuổi".
_OLD, _YOUNG = 60, 16

_LISTS: dict[str, list[str]] = {
    name: re.split(r",\s*", listed.strip())
    for name, listed in read_yaml(files(__package__).joinpath("person_check.yaml")).items()
}


def _any(name: str) -> str:
    """A pattern for any word of the list, on folded text; the longest first."""
    return "(?:" + "|".join(sorted(map(re.escape, map(fold, _LISTS[name])), key=len, reverse=True)) + ")"


#: A name that was masked; `fold` keeps the brackets.
_NAME = r"\[ho ten\]"
_CALLED = rf"(?:{_any('heads')} )?{_NAME}"
#: Not one person: "các trưởng thôn", "một số bí thư".
_NOT_MANY = r"(?<!cac )(?<!nhung )(?<!mot so )(?<!nhieu )(?<!moi )(?<!may )"
#: Up to six words of the same sentence that do not turn it round.
_BETWEEN = (
    r"(?: (?!(?:khong|chua|chang|de|duoc|chong|phong|bat|ngan|phat|nhac|xu|dep)\b|bi (?!to|nghi|bat))"
    r"[^\s.;!?]+){0,6}?"
)
#: Money that people are meant to get.
_NOT_DUE = r"(?! (?:ho tro|den bu|tro cap|luong|che do|chinh sach|boi thuong|cuu tro|qua))"
#: "Bà con đến gặp [HỌ TÊN] nhận tiền": it is not the named one who takes it.
_HELPED = re.compile(rf"\b(?:gap|tim|nho|cho|giup|cung|voi) {_CALLED} (?:de )?nhan tien")

_SENSITIVE = re.compile(rf"\b{_any('sensitive')}\b")
#: The same without what is told to ask for one's due.
_ILLNESS = rf"\b(?!{_any('due')}\b){_any('sensitive')}\b"
_TOLD_OF_ONE = re.compile(_ILLNESS)
_ONLY = re.compile(
    r"\b(?:nguoi|ho|gia dinh|nha|ba|ong|phu nu|chau|em|hoc sinh|co giao|thay giao|giao vien)(?: \w+){0,4} duy nhat\b"
    r"|\bchi co (?:mot|1|moi) (?:nha|ho|gia dinh|nguoi|chau)\b"
    r"|(?<!thon )(?<!ban )(?<!xom )(?<!khoi )\bngheo nhat (?:thon|ban|xom|khoi|xa)\b"
)
_AGE = re.compile(r"\b(\d{1,3}) ?tuoi\b|\blop (?:1[0-2]|[1-9])[a-e]?\b|\bsinh nam (?:19|20)\d\d\b")
_AGE_OF_MANY = re.compile(
    r"\b(?:cac|nhung|nhieu|moi|tre em|hoc sinh|nguoi cao tuoi|duoi|tren|tu) (?:\w+ ){0,3}(?:\d{1,3} ?tuoi|lop \d)"
    r"|\bnao \d"
)
_PLACE = re.compile(rf"\b({_any('parts')})(?: pho| dan pho)? (\d+|(?!{_any('not_names')}\b)\w+)")
_PARTS = frozenset(_LISTS["parts"])
_FIRST_SYLLABLES = frozenset(map(fold, _LISTS["first_syllables"]))
_MASK = re.compile(r"\[[^\]]*\]")
_NEXT_WORD = re.compile(r" [^\W\d_]\w*")
_SINGLE = re.compile(
    rf"{_NAME}|\b(?:cu (?:ong|ba)|(?:ong|ba) cu|chau(?: be| gai| trai)?|em (?:gai|trai|be)|con (?:trai|gai|ut|ca)"
    r"|(?:mot|co) (?:nguoi|ho|cu|chau|chi|anh|ba|ong)|co gai|cau thanh nien|thay (?:cung|mo)|nha co \d con"
    r"|(?:chi|anh|ong|cu|bac) (?:o|ban|lam)|ba (?:goa )?o|gia dinh co (?:\d|mot)|(?:ba )?me don than"
    r"|hai (?:vo chong|me con|ba chau|ong chau|bo con)|dua (?:con|be|chau)|nguoi (?:dan ong|phu nu)"
    r"|(?:chi|anh|ba|ong|cu) (?:\d{1,3} ?tuoi|ay|nay|kia|ta))\b"
)
#: Whose role it is: "chủ tịch xã".
_OF_WHAT = r"(?: xa| thon| chi bo| truong)?"
_KIN = (
    r"(?:me|bo|vo|chong|ong (?:noi|ngoai|chu|bac|anh)|ba (?:noi|ngoai|co|di|chi)|con (?:trai|gai|ut|ca|dau|re)"
    r"|con(?! em| chau)|(?:anh|em|chi) (?:trai|gai|dau|re|ho)|chau (?:trai|gai|noi|ngoai)|chu|bac)"
)
#: Somebody's relation to who writes, or to who holds a role: "con trai ông chủ tịch xã".
_OWN = rf"\b{_KIN} (?:nha )?(?:toi|em|tui|minh|chau)\b"
_KIN_OF_ROLE = rf"\b{_KIN} (?:cua |nha )?(?:(?:ong|ba|anh|chi|co|thay|bac) )?(?:pho )?{_any('roles')}{_OF_WHAT}\b"
_RELATED = re.compile(f"{_OWN}|{_KIN_OF_ROLE}")
_OWN_ILLNESS = re.compile(rf"{_OWN}(?: [^\s.;!?]+){{0,5}}? {_ILLNESS}")
_NEAR_GUESSED = re.compile(
    rf"{_KIN_OF_ROLE}|\bhang xom (?:nha )?(?:toi|em|minh)\b"
    r"|\bnha (?:o (?:gan|dau|cuoi) |(?:o )?(?:canh|doi dien|sat) )|\bban quan (?:dau|cuoi|gan|canh)\b"
    rf"|\b{_any('roles')}{_OF_WHAT} (?:bi|mac|nhiem|la nguoi|theo dao)\b"
)


@cache
def _accusation() -> re.Pattern[str]:
    """Compiled when first needed: it takes a tenth of what the start of a command takes."""
    return re.compile(
        rf"{_NOT_MANY}(?:\b(?:pho )?{_any('roles')}|{_CALLED}){_BETWEEN} {_any('wrongs')}\b{_NOT_DUE}"
        rf"|{_CALLED}{_BETWEEN} {_any('offences')}\b"
        rf"|{_NOT_MANY}\b{_any('roles')}(?: \w+){{0,3}} doi (?:\d+|vai|may) ?(?:trieu|tr|nghin|k)\b"
        rf"|\bdo {_any('roles')}(?: \w+){{0,3}} (?:giu|cam)\b[^.;!?]{{0,40}}\b(?:khong|chua)\b"
        rf"|\bto(?: cao)? (?:{_any('roles')}|{_any('heads')} |{_NAME})"
    )


def accuses_person(text: str) -> bool:
    """Whether the core of the (masked) text is that one person did wrong."""
    return _accusation().search(_HELPED.sub(" ", fold(text[:MAX_CHARS]))) is not None


def identifies_person(text: str) -> bool:
    """Whether the (masked) text tells something sensitive of one person whom its readers can guess."""
    typed = _spaced(text)
    folded = _folded(typed)
    if not _SENSITIVE.search(folded):
        return False
    if _ONLY.search(folded) or _OWN_ILLNESS.search(folded) or _NEAR_GUESSED.search(folded):
        return True
    age = _AGE.search(folded) is not None and not _AGE_OF_MANY.search(folded)
    place = any(True for _ in _places(typed, folded))
    single = _SINGLE.search(folded) is not None
    return (place and (age or single)) or (age and single and _TOLD_OF_ONE.search(folded) is not None)


def generalised(text: str) -> str:
    """The (masked) text with ages, parts of the commune and "the only one" made general; the same if there are none."""
    typed = _spaced(text)
    folded = _folded(typed)
    spans = [(m.start(), m.end(), _age_in_words(m)) for m in _AGE.finditer(folded)]
    for start, end in _places(typed, folded):
        at = "" if folded[:start].endswith(("o ", "tai ", "trong ", "thuoc ", "cua ")) else "ở "
        spans.append((start, end, f"{at}một {typed[start:].split()[0].lower()}"))
    for match in _ONLY.finditer(folded):
        who = typed[match.start() : match.end()].lower()
        who = "gia đình" if who.startswith("gia đình") else who.split()[0]
        spans.append((match.start(), match.end(), who if match[0].startswith("ngheo") else f"một {who}"))
    for match in _RELATED.finditer(folded):
        if not any(start < match.end() and match.start() < end for start, end, _ in spans):
            spans.append((match.start(), match.end(), "một người"))
    for start, end, words in sorted(spans, reverse=True):
        typed = typed[:start] + words + typed[end:]
    typed = " ".join(typed.split())
    return typed[:1].upper() + typed[1:] if text[:1].isupper() else typed


def _age_in_words(match: re.Match[str]) -> str:
    if match[1] is None:
        return ""
    age = int(match[1])
    return "cao tuổi" if age >= _OLD else "nhỏ tuổi" if age < _YOUNG else ""


def _spaced(text: str) -> str:
    return " ".join(nfc(text[:MAX_CHARS]).split())


def _folded(typed: str) -> str:
    """`typed` folded letter by letter, so that places in one are places in the other."""
    return "".join(map(_folded_letter, typed))


@lru_cache(maxsize=4096)
def _folded_letter(letter: str) -> str:
    return fold(letter) or letter


def _places(typed: str, folded: str) -> Iterator[tuple[int, int]]:
    """Where parts of a commune are named: from their word to the end of the name."""
    bare = _MASK.sub("", typed)
    writes_capitals = any(c.isupper() for c in bare[1:])
    for match in _PLACE.finditer(folded):
        kind, name = typed[match.start(1) : match.end(1)].lower(), typed[match.start(2) : match.end(2)]
        if kind not in _PARTS and not (bare.isascii() and kind != "to"):
            continue
        if folded[: match.start()].endswith("mot ") or (writes_capitals and name.islower()):
            continue
        end = match.end()
        if match[2] in _FIRST_SYLLABLES and (second := _NEXT_WORD.match(folded, end)):
            end = second.end()
        while (more := _NEXT_WORD.match(folded, end)) and typed[more.start() + 1].isupper():
            end = more.end()
        yield match.start(), end
