"""Words that always work: read before any open question, with or without diacritics, case or slash."""

from __future__ import annotations

import unicodedata

from nhipcau.bot.language.periods import is_period
from nhipcau.bot.language.telex import untelex
from nhipcau.bot.language.vietnamese import fold, nfc, without_politeness, word_key

#: How each word is properly spelt, and the command it means; whole messages only, since "mời" is also in sentences.
_VIETNAMESE = {
    "báo cáo": "baocao",
    "việc": "viec",
    "việc của tôi": "viec",
    "của tôi": "cuatoi",
    "riêng tư": "riengtu",
    "hủy": "huy",
    "huỷ": "huy",
    "lùi": "lui",
    "quay lại": "lui",
    "bỏ qua": "boqua",
    "dừng": "dung",
    "gặp người": "gapnguoi",
    "trợ giúp": "trogiup",
    "ngôn ngữ": "ngonngu",
    "hộp thư": "hopthu",
    "thăm dò": "thamdo",
    "báo cáo nhanh": "baocaonhanh",
    "tiến độ": "tiendo",
    "kết quả": "ketqua",
    "nhập hộ": "nhapho",
    "mạng lưới": "mangluoi",
    "mời": "moi",
    "liên kết": "lienket",
    "định kỳ": "dinhky",
    "định kì": "dinhky",
    "thông báo": "thongbao",
    "thông tin": "thongtin",
    "rút đồng ý": "rutdongy",
    "xóa dữ liệu của tôi": "xoadulieu",
    "xoá dữ liệu của tôi": "xoadulieu",
    "bài học": "baihoc",
    "học": "baihoc",
    "tập viết": "tapviet",
    "vấn đề": "vande",
    "tổng hợp": "tonghop",
    "xu hướng": "xuhuong",
    "đăng nhập": "dangnhap",
}
_ENGLISH = {
    "start": "start",
    "menu": "menu",
    "help": "trogiup",
    "report": "baocao",
    "tasks": "viec",
    "mine": "cuatoi",
    "privacy": "riengtu",
    "cancel": "huy",
    "back": "lui",
    "skip": "boqua",
    "stop": "dung",
    "person": "gapnguoi",
    "language": "ngonngu",
    "link": "lienket",
    "inbox": "hopthu",
    "poll": "thamdo",
    "rapid report": "baocaonhanh",
    "progress": "tiendo",
    "results": "ketqua",
    "on behalf": "nhapho",
    "network": "mangluoi",
    "invite": "moi",
    "duties": "dinhky",
    "announce": "thongbao",
    "information": "thongtin",
    "lessons": "baihoc",
    "learn": "baihoc",
    "practice": "tapviet",
    "issues": "vande",
    "review": "tonghop",
    "trends": "xuhuong",
    "log in": "dangnhap",
}
_SPELT = {**_VIETNAMESE, **_ENGLISH}
_BY_FOLDED: dict[str, list[str]] = {}
for _word in _SPELT:
    _BY_FOLDED.setdefault(fold(_word), []).append(_word)

#: Whole messages that only greet or thank.
_GREETINGS = (
    *("chào", "xin chào", "alo", "hello", "hi", "ok", "oke", "vâng", "dạ", "vâng ạ", "dạ vâng"),
    *("cảm ơn", "cám ơn", "cảm ơn nhé", "cám ơn nhé", "cảm ơn ạ", "cám ơn ạ"),
)
_ADDRESSED = (
    *("bác", "anh", "chị", "em", "bạn", "cô", "chú", "ông", "bà"),
    *("cán bộ", "mọi người", "các bác", "đồng chí"),
)

COMMANDS = frozenset(_SPELT.values()) | {"thamgia"}


def read_command(text: str) -> tuple[str, str]:
    """The command a whole message means and its argument ("start", CODE), or ("", "").

    Typed as `/baocao`, `báo cáo`, `BAO CAO.`; `/start CODE` and `tham gia CODE` carry a code, `tổng hợp tháng 11` a
    period. Marks may be missing, but none may be another's: "Dũng" and "đúng" are not "dừng".
    """
    stripped = nfc(text)
    head, _, rest = stripped.partition(" ")
    if head.startswith("/"):
        name = fold(head[1:].split("@")[0])
        if name in COMMANDS:
            return name, rest.strip()
        return _command_of(stripped[1:]), ""
    parts = stripped.rstrip(".!?…").split()
    if len(parts) in {2, 3} and is_spelt(" ".join(parts[:2]), "tham gia"):
        return "start", parts[2] if len(parts) == 3 else ""
    return _with_period(parts) or (_command_of(stripped) or _command_within(stripped), "")


#: Commands that a period may follow.
WITH_PERIOD = frozenset({"tonghop"})


def _with_period(parts: list[str]) -> tuple[str, str] | None:
    """ "tổng hợp quý 3": the command and its period."""
    for length in (1, 2):
        command, rest = _command_of(" ".join(parts[:length])), " ".join(parts[length:])
        if command in WITH_PERIOD and is_period(rest):
            return command, rest
    return None


#: Words of the longest command: "xóa dữ liệu của tôi".
_LONGEST = 5


def _command_within(text: str) -> str:
    """The command of a short message that only adds politeness ("dạ hủy ạ"), or was typed in keys of Telex ("huyr").

    Marks that come out of the keys must be the command's: "dungs" is "đúng", not "dừng".
    """
    words = text.split()
    if not 0 < len(words) <= _LONGEST:
        return ""
    polite = " ".join(without_politeness(words))
    if polite != " ".join(words) and (found := _command_of(polite)):
        return found
    meant = " ".join(without_politeness(untelex(polite.rstrip(".!?…")).split()))
    return _command_of(meant) if meant != polite else ""


def _command_of(text: str) -> str:
    for word in _BY_FOLDED.get(word_key(text), ()):
        if is_spelt(text, word):
            return _SPELT[word]
    return ""


def is_greeting(text: str) -> bool:
    """Whether a whole message only greets or thanks ("chào bác", "da vang"), and says nothing of its own."""
    words = nfc(text).strip(" .,!?…").split()
    if len(words) > 4:
        return False
    for length in range(1, len(words) + 1):
        opening, rest = " ".join(words[:length]), " ".join(words[length:])
        if any(is_spelt(opening, known) for known in _GREETINGS):
            return not rest or any(is_spelt(rest, known) for known in _ADDRESSED)
    return False


def is_spelt(typed: str, proper: str) -> bool:
    """Whether `typed` is `proper`, each word with all its marks or none, in any case, one final mark allowed.

    ("Dùng" is not "dừng" with a mark left out, but another word.)
    """
    if word_key(typed) != fold(proper):
        return False
    for found, wanted in zip(nfc(typed).removeprefix("/").split(), proper.split(), strict=False):
        marks = _marks(found)
        if any(marks) and not all(a == b for a, b in zip(marks, _marks(wanted), strict=False)):
            return False
    return True


def _marks(text: str) -> list[set[str]]:
    """The marks on each letter, in order; đ counts as a d with a bar."""
    marks: list[set[str]] = []
    for c in unicodedata.normalize("NFD", text.casefold()):
        if unicodedata.category(c) == "Mn" and marks:
            marks[-1].add(c)
        elif not c.isspace():
            marks.append({"bar"} if c == "đ" else set())
    return marks
