"""Words that always work: read before any open question, with or without diacritics, case or slash."""

from __future__ import annotations

from nhipcau.bot.vietnamese import fold, word_key

#: Folded whole messages and the command each means; whole messages only, since "moi" is also a word of sentences.
WORDS: dict[str, str] = {
    "start": "start",
    "bao cao": "baocao",
    "viec": "viec",
    "viec cua toi": "viec",
    "cua toi": "cuatoi",
    "rieng tu": "riengtu",
    "huy": "huy",
    "lui": "lui",
    "quay lai": "lui",
    "bo qua": "boqua",
    "dung": "dung",
    "gap nguoi": "gapnguoi",
    "tro giup": "trogiup",
    "help": "trogiup",
    "ngon ngu": "ngonngu",
    "menu": "menu",
    "hop thu": "hopthu",
    "tham do": "thamdo",
    "bao cao nhanh": "baocaonhanh",
    "tien do": "tiendo",
    "ket qua": "ketqua",
    "nhap ho": "nhapho",
    "mang luoi": "mangluoi",
    "moi": "moi",
    "rut dong y": "rutdongy",
    "xoa du lieu cua toi": "xoadulieu",
}

#: English words for the same, whole messages too.
_ENGLISH = {
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
    "inbox": "hopthu",
    "poll": "thamdo",
    "rapid report": "baocaonhanh",
    "progress": "tiendo",
    "results": "ketqua",
    "on behalf": "nhapho",
    "network": "mangluoi",
    "invite": "moi",
}

#: "Đúng" folds to the same letters as "Dừng"; with its own diacritics it is an answer, not a command.
_NOT_COMMANDS = frozenset({"đúng", "mới", "mỗi", "mồi", "môi", "hủ", "việt"})

COMMANDS = frozenset(WORDS.values()) | {"thamgia"}


def read_command(text: str) -> tuple[str, str]:
    """The command a whole message means and its argument ("start", CODE), or ("", "").

    Typed as `/baocao`, `báo cáo`, `BAO CAO.`; `/start CODE` and `tham gia CODE` carry a code.
    """
    stripped = text.strip()
    head, _, rest = stripped.partition(" ")
    if head.lower().startswith("/"):
        name = fold(head[1:].split("@")[0])
        if name in COMMANDS:
            return name, rest.strip()
        key = word_key(stripped)
        return WORDS.get(key, ""), ""
    if stripped.rstrip(".!?…").lower() in _NOT_COMMANDS:
        return "", ""
    key = word_key(stripped)
    if key.startswith("tham gia"):
        parts = stripped.split()
        if len(parts) == 3:
            return "start", parts[2].rstrip(".!?…")
        return ("start", "") if len(parts) == 2 else ("", "")
    return WORDS.get(key) or _ENGLISH.get(key, ""), ""
