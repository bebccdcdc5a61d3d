"""Recognises texts about one person though no name is left in them, after masking.

`accuses_person`: the core of the text is an accusation against one person (rule R06). `identifies_person`: it tells the
health, faith, ethnicity or poverty of somebody who can be guessed (rule R35); `generalised` is the same text without
what betrays them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
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
_BETWEEN = r"(?: (?!(?:khong|chua|chang|de|duoc)\b)[^\s.;!?]+){0,6}?"
#: Money that people are meant to get.
_NOT_DUE = r"(?! (?:ho tro|den bu|tro cap|luong|che do|chinh sach|boi thuong|cuu tro|qua))"
_ACCUSED = re.compile(
    rf"{_NOT_MANY}(?:\b(?:pho )?{_any('roles')}|{_CALLED}){_BETWEEN} {_any('wrongs')}\b{_NOT_DUE}"
    rf"|\bto(?: cao)? (?:{_any('roles')}|{_any('heads')} |{_NAME})"
)
#: "Bà con đến gặp [HỌ TÊN] nhận tiền": it is not the named one who takes it.
_HELPED = re.compile(rf"\b(?:gap|tim|nho|cho|giup|cung|voi) {_CALLED} (?:de )?nhan tien")

_SENSITIVE = re.compile(rf"\b{_any('sensitive')}\b")
_ONLY = re.compile(
    r"\b(?:nguoi|ho|gia dinh|nha|ba|ong|phu nu|chau|em)(?: \w+){0,2} duy nhat\b"
    r"|\bngheo nhat (?:thon|ban|xom|khoi|xa)\b"
)
_AGE = re.compile(r"\b(\d{1,3}) ?tuoi\b|\bsinh nam (?:19|20)\d\d\b")
_AGE_OF_MANY = re.compile(
    r"\b(?:cac|nhung|nhieu|moi|tre em|hoc sinh|nguoi cao tuoi|duoi|tren|tu) (?:\w+ ){0,3}\d{1,3} ?tuoi\b|\bnao \d"
)
_PLACE = re.compile(rf"\b({_any('parts')})(?: pho| dan pho)? (\d+|(?!{_any('not_names')}\b)\w+)")
_PARTS = frozenset(_LISTS["parts"])
_FIRST_SYLLABLES = frozenset(map(fold, _LISTS["first_syllables"]))
_MASK = re.compile(r"\[[^\]]*\]")
_NEXT_WORD = re.compile(r" [^\W\d_]\w*")
_SINGLE = re.compile(
    rf"{_NAME}|\b(?:cu (?:ong|ba)|(?:ong|ba) cu|chau(?: be| gai| trai)?|em (?:gai|trai|be)|con (?:trai|gai|ut|ca)"
    r"|(?:mot|co) (?:nguoi|ho|cu|chau|chi|anh|ba|ong)|(?:chi|anh|ba|ong|cu) (?:\d{1,3} ?tuoi|ay|nay|kia|ta))\b"
)


def accuses_person(text: str) -> bool:
    """Whether the core of the (masked) text is that one person did wrong."""
    return _ACCUSED.search(_HELPED.sub(" ", fold(text[:MAX_CHARS]))) is not None


def identifies_person(text: str) -> bool:
    """Whether the (masked) text tells something sensitive of one person whom its readers can guess."""
    typed = _spaced(text)
    folded = _folded(typed)
    if not _SENSITIVE.search(folded):
        return False
    if _ONLY.search(folded):
        return True
    age = _AGE.search(folded) is not None and not _AGE_OF_MANY.search(folded)
    place = any(True for _ in _places(typed, folded))
    return (place and (age or _SINGLE.search(folded) is not None)) or (age and "[ho ten]" in folded)


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
    return "".join(fold(c) or c for c in typed)


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
