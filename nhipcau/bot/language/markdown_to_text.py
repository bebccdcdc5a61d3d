"""Markdown as plain text: chats show letters and lines, so headings, bold and the like are taken away."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from nhipcau.bot.language.vietnamese import nfc

#: What stands before an entry of a list instead of "-", "*" or "+".
BULLET = "• "

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9-]*(?:\s[^<>]*)?/?>")
#: A rule, the underline of a heading, the line below a table's head, the fence around code.
_DRAWN = re.compile(r"[\s|:]*(?:[-*_=|:]\s*){2,}|\s*(?:`{3,}|~{3,}).*")
_QUOTE = re.compile(r"(?:\s*>)+\s?")
_ITEM = re.compile(r"\s*(?:[-*+•](?:\s+|$))+")
_NUMBERED = re.compile(r"\s*\d{1,3}[.)]\s")
_HEADING = re.compile(r"^((?:(?:•|\d{1,3}[.)])\s+)*)\s*#[#\s]*")
_CLOSING = re.compile(r"\s+#+\s*$")
_ROW = re.compile(r"\s*\|(.*?)\|?\s*")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!>|~])")
#: Escaped marks wait here, out of the way of the rules.
_ASIDE = 0xE000
_INLINE = (
    (re.compile(r"!\[([^\]]*)\]\([^()]*\)"), r"\1"),
    (re.compile(r"\[([^\[\]]+)\]\(\s*<?([^()\s<>]+)>?[^()]*\)"), r"\1 (\2)"),
    (re.compile(r"<((?:https?|mailto|tel):[^<>\s]+)>"), r"\1"),
    (re.compile(r"(\*{1,3}|~~|`+)(?=\S)(.+?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<!\w)(_{1,3})(?=[^\s_])(.+?)(?<=[^\s_])\1(?!\w)"), r"\2"),
)
#: Marks inside marks ("***a** b*") are taken away layer by layer.
_LAYERS = 3


def plain(markdown: str) -> str:
    """The same words without markup: lists begin with "• ", lines of one paragraph are joined, no line begins with "#",
    and "**" stands nowhere."""
    text = nfc(html.unescape(markdown))
    text = "".join(c for c in text if not _ASIDE <= ord(c) < _ASIDE + 128)
    text = _TAG.sub("", _BREAK.sub("\n\n", _COMMENT.sub("", text)))
    lines = [_bare(line) for line in _joined(text.split("\n"))]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def plain_line(markdown: str) -> str:
    """The same on one line."""
    return " ".join(plain(markdown).split())


def _joined(lines: list[str]) -> list[str]:
    """Lines as a reader sees them: a paragraph is one, however it was wrapped in the file."""
    joined: list[str] = []
    goes_on = False
    for raw in lines:
        if _DRAWN.fullmatch(raw):
            goes_on = False
            continue
        line, begins = _block(_QUOTE.sub("", raw, count=1) if _QUOTE.match(raw) else raw)
        if goes_on and line and not begins:
            joined[-1] += " " + line
        else:
            joined.append(line)
        goes_on = bool(line) and not raw.lstrip().startswith(("#", "|")) and not raw.endswith(("  ", "\\"))
    return joined


def _block(raw: str) -> tuple[str, bool]:
    """The line without the marks of its block, and whether it begins a new line."""
    if item := _ITEM.match(raw):
        return BULLET + raw[item.end() :].strip(), True
    if row := _ROW.fullmatch(raw):
        return " – ".join(cell.strip() for cell in row[1].split("|")), True
    line = raw.strip().removesuffix("\\").rstrip()
    if line.startswith("#"):
        return _CLOSING.sub("", line.lstrip("# ")), True
    return line, bool(_NUMBERED.match(raw))


def _bare(line: str) -> str:
    """Without marks inside the line; what is left of unpaired ones goes too."""
    line = _ESCAPED.sub(lambda found: chr(_ASIDE + ord(found[1])), line)
    for _ in range(_LAYERS):
        for pattern, bare in _INLINE:
            line = pattern.sub(bare, line)
    line = "".join(chr(ord(c) - _ASIDE) if _ASIDE <= ord(c) < _ASIDE + 128 else c for c in line)
    return _until_still(_strip_marks, line)


def _strip_marks(line: str) -> str:
    return _HEADING.sub(r"\1", re.sub(r"\*{2,}", "", line), count=1).rstrip() if line else line


def _until_still(change: Callable[[str], str], text: str) -> str:
    while (changed := change(text)) != text:
        text = changed
    return text
