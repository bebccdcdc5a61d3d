"""Commands: words that work at any time, even while a question is open; diacritics, case and slash are optional."""

from __future__ import annotations

import re
from enum import StrEnum

from nhipcau.bot.language.periods import is_period
from nhipcau.bot.language.telex import untelex
from nhipcau.bot.language.vietnamese import fold, marks_of, nfc, without_politeness, word_key


class Command(StrEnum):
    """A command, named as in the apps' menus (`/baocao`)."""

    START = "start"
    MENU = "menu"
    HELP = "trogiup"
    REPORT = "baocao"
    TASKS = "viec"
    MY_REPORTS = "cuatoi"
    MY_DATA = "riengtu"
    CANCEL = "huy"
    BACK = "lui"
    SKIP = "boqua"
    STOP = "dung"
    PERSON = "gapnguoi"
    LANGUAGE = "ngonngu"
    ADDRESS = "xungho"
    LINK_APP = "lienket"
    INBOX = "hopthu"
    POLL = "thamdo"
    RAPID = "baocaonhanh"
    PROGRESS = "tiendo"
    RESULTS = "ketqua"
    ON_BEHALF = "nhapho"
    NETWORK = "mangluoi"
    INVITE = "moi"
    DUTIES = "dinhky"
    NOTICE = "thongbao"
    INFORMATION = "thongtin"
    WITHDRAW_CONSENT = "rutdongy"
    DELETE_DATA = "xoadulieu"
    LESSONS = "baihoc"
    PRACTICE = "tapviet"
    ISSUES = "vande"
    REVIEW = "tonghop"
    TRENDS = "xuhuong"
    LOG_IN = "dangnhap"
    SEARCH = "tim"


#: Words in correct spelling, and their commands. Only whole messages count, since "mời" also occurs in sentences.
_VIETNAMESE = {
    "báo cáo": Command.REPORT,
    "việc": Command.TASKS,
    "việc của tôi": Command.TASKS,
    "của tôi": Command.MY_REPORTS,
    "riêng tư": Command.MY_DATA,
    "hủy": Command.CANCEL,
    "huỷ": Command.CANCEL,
    "lùi": Command.BACK,
    "quay lại": Command.BACK,
    "bỏ qua": Command.SKIP,
    "dừng": Command.STOP,
    "dừng lại": Command.STOP,
    "dừng nhận tin": Command.STOP,
    "ngừng nhận tin": Command.STOP,
    "hủy đăng ký": Command.STOP,
    "huỷ đăng ký": Command.STOP,
    "hủy đăng kí": Command.STOP,
    "gặp người": Command.PERSON,
    "trợ giúp": Command.HELP,
    "ngôn ngữ": Command.LANGUAGE,
    "xưng hô": Command.ADDRESS,
    "hộp thư": Command.INBOX,
    "thăm dò": Command.POLL,
    "báo cáo nhanh": Command.RAPID,
    "tiến độ": Command.PROGRESS,
    "kết quả": Command.RESULTS,
    "nhập hộ": Command.ON_BEHALF,
    "mạng lưới": Command.NETWORK,
    "mời": Command.INVITE,
    "liên kết": Command.LINK_APP,
    "định kỳ": Command.DUTIES,
    "định kì": Command.DUTIES,
    "thông báo": Command.NOTICE,
    "thông tin": Command.INFORMATION,
    "rút đồng ý": Command.WITHDRAW_CONSENT,
    "xóa dữ liệu của tôi": Command.DELETE_DATA,
    "xoá dữ liệu của tôi": Command.DELETE_DATA,
    "bài học": Command.LESSONS,
    "học": Command.LESSONS,
    "tập viết": Command.PRACTICE,
    "vấn đề": Command.ISSUES,
    "tổng hợp": Command.REVIEW,
    "xu hướng": Command.TRENDS,
    "đăng nhập": Command.LOG_IN,
    "tìm": Command.SEARCH,
    "tìm kiếm": Command.SEARCH,
}
_ENGLISH = {
    "start": Command.START,
    "menu": Command.MENU,
    "help": Command.HELP,
    "report": Command.REPORT,
    "tasks": Command.TASKS,
    "mine": Command.MY_REPORTS,
    "privacy": Command.MY_DATA,
    "cancel": Command.CANCEL,
    "back": Command.BACK,
    "skip": Command.SKIP,
    "stop": Command.STOP,
    "unsubscribe": Command.STOP,
    "person": Command.PERSON,
    "language": Command.LANGUAGE,
    "address": Command.ADDRESS,
    "link": Command.LINK_APP,
    "inbox": Command.INBOX,
    "poll": Command.POLL,
    "rapid report": Command.RAPID,
    "progress": Command.PROGRESS,
    "results": Command.RESULTS,
    "on behalf": Command.ON_BEHALF,
    "network": Command.NETWORK,
    "invite": Command.INVITE,
    "duties": Command.DUTIES,
    "announce": Command.NOTICE,
    "information": Command.INFORMATION,
    "lessons": Command.LESSONS,
    "learn": Command.LESSONS,
    "practice": Command.PRACTICE,
    "issues": Command.ISSUES,
    "review": Command.REVIEW,
    "trends": Command.TRENDS,
    "log in": Command.LOG_IN,
    "search": Command.SEARCH,
}
_SPELT = {**_VIETNAMESE, **_ENGLISH}
_BY_FOLDED: dict[str, list[str]] = {}
for _word in _SPELT:
    _BY_FOLDED.setdefault(fold(_word), []).append(_word)

#: Whole messages that only greet or thank.
_GREETINGS = (
    *("chào", "xin chào", "alo", "hello", "hi", "ok", "oke", "vâng", "dạ", "vâng ạ", "dạ vâng"),
    *("dạ chào", "cảm ơn", "cám ơn", "xin cảm ơn", "dạ cảm ơn", "cảm ơn nhiều", "thank you", "thanks", "okie", "ừ"),
)
_SALUTES = ("chào", "xin chào", "dạ chào", "alo", "hello", "hi")
#: Words of "dạ xin cảm ơn các bác nhiều nhé".
_LONGEST_GREETING = 8
_AFTER_GREETING = ("ạ", "nhé", "nha", "nhiều", "lắm", "nhá")
_ADDRESSED = (
    *("bác", "anh", "chị", "em", "bạn", "cô", "chú", "ông", "bà"),
    *("cán bộ", "mọi người", "các bác", "đồng chí"),
)

#: What may follow a slash.
_WITH_SLASH = {**{command.value: command for command in Command}, "thamgia": Command.START}


def read_command(text: str) -> tuple[Command | None, str]:
    """The command a whole message means and its argument, or (None, "").

    Typed as `/baocao`, `báo cáo`, `BAO CAO.`; `/start CODE` and `tham gia CODE` carry a code, `tổng hợp tháng 11` a
    period, `tìm nước sạch` words. Diacritics may be missing but not different: "Dũng" and "đúng" are not "dừng".
    """
    stripped = _unwrapped(nfc(text))
    head, _, rest = stripped.partition(" ")
    if head.startswith("/"):
        name = fold(head[1:].split("@")[0])
        if name in _WITH_SLASH:
            return _WITH_SLASH[name], rest.strip()
        return _command_of(stripped[1:]), ""
    if link := _LINK.search(stripped[:_LONGEST_LINK]):
        return Command.START, link[1]
    parts = stripped.replace(":", " ").split()
    if len(parts) >= 2 and is_spelt(" ".join(parts[:2]), "tham gia"):
        code = "".join(parts[2:])
        if len(parts) <= 3 or (len(parts) <= 5 and code.isascii() and any(c.isdecimal() for c in code)):
            return Command.START, code
    return (
        _with_period(parts) or _with_words(stripped.split()) or (_command_of(stripped) or _command_within(stripped), "")
    )


_LONGEST_LINK = 200
#: An invitation's link, pasted: of the web chat, or of an app that carries its code.
_LINK = re.compile(r"^https?://\S+(?:/c/|[?&]start=)([0-9A-Za-z]{6,12})\S*$")
#: A report's code, with or without its hyphen.
_REPORT_CODE = re.compile(r"(?:pa|vd)[- ]?[0-9a-z]{7}", re.IGNORECASE)


def _unwrapped(text: str) -> str:
    """The text without quotes, emoji and marks around it."""
    start, end = 0, len(text)
    while start < end and not (text[start].isalnum() or text[start] == "/"):
        start += 1
    while end > start and not text[end - 1].isalnum():
        end -= 1
    return text[start:end]


def report_code_in(text: str) -> str:
    """The code of a report or an issue that is a whole message, as it is written; "" where it is none."""
    typed = _unwrapped(nfc(text))
    return f"{typed[:2]}-{typed[2:].lstrip('- ')}".upper() if _REPORT_CODE.fullmatch(typed) else ""


#: Commands that a period may follow.
WITH_PERIOD = frozenset({Command.REVIEW})


def _with_period(parts: list[str]) -> tuple[Command, str] | None:
    """ "tổng hợp quý 3": the command and its period."""
    for length in (1, 2):
        command, rest = _command_of(" ".join(parts[:length])), " ".join(parts[length:])
        if command in WITH_PERIOD and is_period(rest):
            return command, rest
    return None


#: Words of a search; a longer message tells something.
_MOST_SOUGHT = 12
#: Behind "tìm" these tell of something that was found.
_FOUND = frozenset({"thay", "ra", "duoc"})


def _with_words(parts: list[str]) -> tuple[Command, str] | None:
    """ "tìm nước sạch": the command and what is looked for."""
    for length in (2, 1):
        command, rest = _command_of(" ".join(parts[:length]).removesuffix(":")), parts[length:]
        if command is Command.SEARCH and 0 < len(rest) <= _MOST_SOUGHT and fold(rest[0]) not in _FOUND:
            return command, " ".join(rest)
    return None


#: Words of the longest command: "xóa dữ liệu của tôi".
_LONGEST = 5


def _command_within(text: str) -> Command | None:
    """The command of a short message with polite words ("dạ hủy ạ"), or in Telex keys ("huyr").

    Diacritics typed in Telex must be the command's: "dungs" is "đúng", not "dừng".
    """
    words = text.split()
    if not 0 < len(words) <= _LONGEST:
        return None
    polite = " ".join(without_politeness(words))
    if polite != " ".join(words) and (found := _command_of(polite)):
        return found
    meant = " ".join(without_politeness(untelex(polite.rstrip(".!?…")).split()))
    return _command_of(meant) if meant != polite else None


def _command_of(text: str) -> Command | None:
    for word in _BY_FOLDED.get(word_key(text), ()):
        if is_spelt(text, word):
            return _SPELT[word]
    return None


def is_greeting(text: str) -> bool:
    """Whether a whole message only greets, thanks or agrees ("chào bác", "da vang", "cảm ơn em nhiều nhé")."""
    return _only_greets(text, _GREETINGS)


def is_salute(text: str) -> bool:
    """Whether a whole message only greets, which is no answer to any question."""
    return _only_greets(text, _SALUTES)


def _only_greets(text: str, known: tuple[str, ...]) -> bool:
    words = _unwrapped(nfc(text)).replace(",", " ").split()
    if len(words) > _LONGEST_GREETING:
        return False
    while len(words) > 1 and any(is_spelt(words[-1], polite) for polite in _AFTER_GREETING):
        words = words[:-1]
    for length in range(1, len(words) + 1):
        opening, rest = " ".join(words[:length]), " ".join(words[length:])
        if any(is_spelt(opening, one) for one in known):
            return not rest or any(is_spelt(rest, one) for one in _ADDRESSED)
    return False


def is_spelt(typed: str, proper: str) -> bool:
    """Whether `typed` is `proper`, each word with all its diacritics or none; case and one final mark are ignored.

    ("Dùng" is not "dừng" with a diacritic missing, but another word.)
    """
    if word_key(typed) != fold(proper):
        return False
    for found, wanted in zip(nfc(typed).removeprefix("/").split(), proper.split(), strict=False):
        marks = marks_of(found)
        if any(marks) and not all(a == b for a, b in zip(marks, marks_of(wanted), strict=False)):
            return False
    return True
