"""Converts Markdown to plain text, since chats show no headings, bold or the like."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import unquote

from nhipcau.bot.language.vietnamese import nfc

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

#: Begins an entry of a list instead of "-", "*" or "+".
BULLET = "• "

_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_TAG = re.compile(r"<!--.*?-->|</?[A-Za-z][^<>]*>", re.DOTALL)
#: "#" at the beginning of a line, also after list markers: it would look like a heading.
_HEADING = re.compile(r"^((?:(?:•|\d+[.)])\s+)*)\s*#[#\s]*", re.MULTILINE)
_PARTS = {"paragraph_open", "heading_open", "tr_open", "fence", "code_block", "html_block", "hr"}
_BLANK_LINES = re.compile(r"\s*\n\s*\n\s*")


@cache
def _parser() -> MarkdownIt:
    # imported when a lesson is read: most starts read none
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable(["table", "strikethrough"])


def plain(markdown: str) -> str:
    """The text without markup: list entries begin with "• ", lines of one paragraph are joined, no line begins with
    "#", and there is no "**"."""
    text, ended = "", 0
    for begins, ends, words in _parts(_parser().parse(nfc(markdown))):
        # a blank line between parts stays
        text += ("\n\n" if begins > ended else "\n") + words.strip() if words else ""
        ended = ends
    shown = ""
    while shown != text:
        shown, text = text, _BLANK_LINES.sub("\n\n", _HEADING.sub(r"\1", text.replace("**", ""))).strip()
    return nfc(text)


def plain_line(markdown: str) -> str:
    """The same on one line."""
    return " ".join(plain(markdown).split())


def _parts(tokens: Sequence[Token]) -> Iterator[tuple[int, int, str]]:
    """Each part of the text: its first line in the file, the line after its last, and its words."""
    sign = ""
    cells: list[str] = []
    begins = ends = 0
    for token in tokens:
        if token.type in _PARTS and token.map:
            begins, ends = token.map
        match token.type:
            case "list_item_open":
                sign = f"{token.info}{token.markup} " if token.info else BULLET
            case "inline":
                cells.append(_words(token.children or ()))
            case "fence" | "code_block":
                cells = [token.content.strip("\n")]
            case "thead_close":
                # the line drawn below a table's head
                yield ends, ends + 1, ""
            case "html_block":
                cells = [_TAG.sub("", _BREAK.sub("\n\n", token.content))]
        # a part ends where it is closed, or is one token by itself
        if token.nesting <= 0 and token.type.replace("_close", "_open") in _PARTS:
            yield begins, ends, sign + " – ".join(cells)
            sign, cells = "", []


def _words(tokens: Sequence[Token]) -> str:
    """The text of one part, each link followed by its URL."""
    words = ""
    links: list[tuple[str, int]] = []
    for token in tokens:
        match token.type:
            case "softbreak":
                words += " "
            case "hardbreak":
                words += "\n"
            case "html_inline":
                words += "\n\n" if _BREAK.fullmatch(token.content) else ""
            case "link_open":
                links.append((unquote(str(token.attrs["href"])), len(words)))
            case "link_close":
                address, begins = links.pop()
                words += f" ({address})" if words[begins:] not in (address, "") else ""
            case _:
                words += token.content
    return words
