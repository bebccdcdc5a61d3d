"""Questions of the office that can't be answered: who wrote a report, and reports looked for by a person (R26, R31).

Read from short messages only, and as a whole: a report may well tell that somebody sent a petition.
"""

from __future__ import annotations

import re
from enum import StrEnum

from nhipcau.bot.language.vietnamese import fold


class AboutPerson(StrEnum):
    WHO = "who"
    """Who wrote this?"""
    SEARCH = "search"
    """What did this person write?"""


#: Words of a longer message are a report's, or a matter to be told.
_LONGEST_WORDS = 16
#: Letters of one; longer ones need not be masked to be asked about.
LONGEST = 160
_WROTE = (
    r"(?:da |vua |la nguoi )*(?:bao(?: cao| tin)?|gui(?: len| den| ve)?|phan anh|viet|nop|neu|phan nan|keu ca"
    r"|kien nghi|to cao|de xuat|nhan tin|nhan)"
)
_THING = (
    r"(?:(?:cai |buc |cau |vu |viec )?"
    r"(?:phan anh|y kien|bao cao|tin(?: nhan)?|don|bai|viec|chuyen|cai|kien nghi|noi dung)) ?"
)
_THIS = r"(?:nay|do|kia|vua roi|tren|so \S+|pa \S+)"
_SOMEBODY = (
    r"(?:ai|(?:nguoi|ctv|cong tac vien|dong chi|ong|ba|anh|chi|dan|ho|nha|thang|dua|ban)(?: \w+){0,2}? nao"
    r"|nguoi ta la ai)"
)
_PERSON = r"(?:\[(?:ho ten|sdt|cccd|email|tk|bien so)\]|\+?\d[\d .-]{7,}\d)"
_TITLE = r"(?:ong|ba|bac|anh|chi|co|chu|em|thay|dong chi|d/c|ctv|cong tac vien|nguoi ten|ten|so(?: dien thoai)?|sdt)"
_LOOK = (
    r"(?:(?:cho toi|cho minh|giup|nho|hay|muon|toi muon|minh muon|can) )*"
    r"(?:tim(?: kiem)?|tra(?: cuu)?|loc|truy(?: tim)?|xem|liet ke|biet|search|find|show)"
    r"(?: (?:giup|ho|xem|cho|cac|nhung|tat ca|moi|toi|minh|ra))*"
)
_WHO = re.compile(
    rf"(?:{_LOOK} |co biet |lam sao (?:de )?biet |sao biet |khong biet |the |vay )?"
    rf"(?:(?:{_THING})?(?:{_THIS} )?(?:la )?(?:cua |do |boi )?{_SOMEBODY} {_WROTE}(?: {_THING.strip()})?(?: {_THIS})?"
    rf"|{_THING}{_THIS} (?:la )?(?:cua|do) {_SOMEBODY}"
    rf"|(?:nguoi|ctv|cong tac vien) {_WROTE}(?: {_THING.strip()})?(?: {_THIS})? (?:la )?ai"
    rf"|(?:danh tinh|ten|ho(?: va)? ten|so dien thoai|sdt|so may|dia chi|thong tin|lien he)(?: cua)? "
    rf"(?:nguoi|ctv|cong tac vien|tac gia)(?: {_WROTE})?(?: {_THING.strip()})?(?: {_THIS})?(?: la gi)?"
    rf"|nguoi {_WROTE}(?: {_THING.strip()})?(?: {_THIS})? (?:ten|la nguoi|o dau|la nguoi o dau)(?: la)?"
    rf"(?: gi| nao| dau)?)"
    rf"(?: (?:vay|the|day|a|nhi|ha|ay|khong|duoc khong|voi|nao))*"
)
_FIND_AUTHOR = re.compile(
    rf"(?:{_LOOK}) (?:ra )?(?:nguoi|ctv|cong tac vien|tac gia|danh tinh nguoi)(?: {_WROTE})"
    rf"(?: {_THING.strip()})?(?: {_THIS})?"
)
_SEARCH = re.compile(
    rf"(?:{_LOOK} )?(?:(?:trong |theo )?(?:hop thu|inbox) )?(?:(?:cac |nhung |tat ca )?{_THING})?"
    rf"(?:(?:cua|do|tu|theo|boi|nguoi gui|nguoi) )*(?:{_TITLE} )*{_PERSON}(?: {_WROTE})?"
    rf"(?: (?:gi|nhung gi|khi nao|nao|len|trong hop thu))*"
    rf"(?: (?:chua|khong|roi|the|vay|a|nhi|voi))*"
)
_ENGLISH = re.compile(
    r"(?:who (?:sent|wrote|reported|submitted|filed) (?:this|that|it|the report)"
    r"|(?:tell|show) me who (?:sent|wrote|reported) (?:this|that|it)"
    r"|(?:name|phone|number|identity) of the (?:sender|reporter|author)|who is the (?:sender|reporter|author))"
)


def asks_about_person(text: str) -> AboutPerson | None:
    """Which of these questions a message is. `text`: its words with names and numbers masked."""
    if len(text) > LONGEST:
        return None
    words = " ".join(re.sub(r"[^\w\[\]+./-]+", " ", fold(text)).strip(" .-/").split())
    if not words or len(words.split()) > _LONGEST_WORDS:
        return None
    if _WHO.fullmatch(words) or _FIND_AUTHOR.fullmatch(words) or _ENGLISH.fullmatch(words):
        return AboutPerson.WHO
    return AboutPerson.SEARCH if _SEARCH.fullmatch(words) else None
