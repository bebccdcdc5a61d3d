"""Fits a message to an app's limits: splits long texts, and lists choices as numbered lines where buttons don't fit."""

from __future__ import annotations

from dataclasses import replace

from nhipcau.bot.language.label_numbers import line_marks
from nhipcau.bot.messaging.channel import Limits
from nhipcau.bot.messaging.messages import Choice, Message

#: Bytes of a button's data: Telegram's limit, which we apply to every app.
DATA_BYTES = 64
#: Characters of a choice's label.
LABEL = 100


def render(message: Message, limits: Limits) -> list[Message]:
    """The message as one or more messages of the app, in order; the last one has the choices.

    Raises ValueError for a choice that could not be pressed, which is a bug.
    """
    for choice in message.choices:
        # a channel may need one more byte to mark a choice that keeps its buttons
        size = len(choice.data.encode()) + choice.stays
        if not choice.data or size > DATA_BYTES or not choice.label.strip():
            raise ValueError(f"a choice must have a label and at most {DATA_BYTES} bytes: {choice.data!r}")
    if any(len(c.label) > LABEL for c in message.choices):
        message = replace(message, choices=tuple(replace(c, label=c.label[:LABEL]) for c in message.choices))
    if message.file_text:
        lead, message = _own_document(message, limits)
        return [*lead, *render(message, limits)]
    if message.edit and not limits.edits:
        # instead of an edit a new message is sent; a document already sent is not sent again
        message = replace(message, edit="", file="", file_name="")
    listed: list[str] = []
    if len(message.choices) > limits.buttons:
        listed = _lines(message)
        message = replace(message, choices=_pressable(message, limits.buttons))
    if message.edit:
        whole = "\n".join([message.text, *listed])
        return [replace(message, text=split(whole, _room(message, limits))[0])]
    leads, message = _leads(message, listed, limits)
    limit = _room(message, limits)
    pieces = _with_list(split(message.text, limit), listed, limit, limits.text)
    if len(pieces) == 1:
        return [*leads, replace(message, text=pieces[0]) if listed else message]
    if message.file:
        # the text goes before the document, since the choices are about the document
        words = [Message(piece) for piece in split(message.text, limits.text)]
        return [*leads, *words, replace(message, text="")]
    first = Message(pieces[0], photo=message.photo)
    middle = [Message(piece) for piece in pieces[1:-1]]
    return [*leads, first, *middle, Message(pieces[-1], message.choices)]


def _own_document(message: Message, limits: Limits) -> tuple[list[Message], Message]:
    """A text document as a file of its own before the message, or as the end of its text; and the rest."""
    rest = replace(message, file_text="", file_name="")
    if limits.text_files:
        return [Message("", file_name=message.file_name, file_text=message.file_text)], rest
    return [], replace(rest, text=f"{message.text}\n\n{message.file_text}")


def _room(message: Message, limits: Limits) -> int:
    """The length of the text: beside a document or a picture, or alone."""
    if message.file:
        return limits.caption if limits.beside_file is None else limits.beside_file
    return limits.caption if message.photo else limits.text


def _leads(message: Message, listed: list[str], limits: Limits) -> tuple[list[Message], Message]:
    """Files that the app can't combine with the rest, to be sent before it (so once, whatever happens to the rest); and
    the rest."""
    leads = []
    if message.photo and (message.file or (message.choices and not limits.photo_choices)):
        leads.append(Message("", photo=message.photo))
        message = replace(message, photo="")
    if message.file and not _holds_all(message, listed, limits):
        leads.append(Message("", file=message.file, file_name=message.file_name))
        # buttons need a text
        text = message.text or (message.file_name if message.choices else "")
        message = replace(message, text=text, file="", file_name="")
    return leads, message


def _holds_all(message: Message, listed: list[str], limits: Limits) -> bool:
    """Whether text, choices and list fit beside the document; else they follow it, so that the list stays last."""
    room = _room(message, limits)
    if not room:
        return not (message.text or message.choices or listed)
    return not listed or units("\n".join([message.text, *listed])) <= room


def _lines(message: Message) -> list[str]:
    """Every choice as a line: marked by numbers, by letters where a label holds a number itself ("2. Thứ 3" would be
    taken for Monday), or not at all where a typed number is an answer; steps of a scale share one line."""
    if not message.number_answers:
        ways = {n for n, choice in enumerate(message.choices) if choice.way}
        marks = line_marks([choice.label for choice in message.choices], ways)
        return [f"{mark} {choice.label}" for mark, choice in zip(marks, message.choices, strict=True)]
    steps = [choice.label for choice in message.choices if choice.label.isdecimal()]
    others = [f"• {choice.label}" for choice in message.choices if not choice.label.isdecimal()]
    return [" · ".join(steps), *others] if steps else others


def _pressable(message: Message, most: int) -> tuple[Choice, ...]:
    """The choices that become buttons in addition to the list: every answer, then navigation as far as there is room.

    None where the answers don't all fit: those with buttons would be chosen more often than the others.
    """
    room = most - sum(not choice.way for choice in message.choices)
    if room < 0:
        return ()
    ways = [choice for choice in message.choices if choice.way][:room]
    return tuple(choice for choice in message.choices if not choice.way or choice in ways)


def _with_list(pieces: list[str], listed: list[str], limit: int, text_limit: int) -> list[str]:
    """The list below the last piece where it fits, else in messages of its own, split between lines."""
    if not listed:
        return pieces
    whole = "\n".join([pieces[-1], *listed]).lstrip("\n")
    if units(whole) <= (limit if len(pieces) == 1 else text_limit):
        return [*pieces[:-1], whole]
    return [*pieces, *split("\n".join(listed), text_limit)]


def units(text: str) -> int:
    """Length in UTF-16 units, as the apps count."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(text: str, limit: int) -> list[str]:
    """Pieces of at most `limit` UTF-16 units, cut at a paragraph, line or word; never inside a surrogate pair."""
    if 2 * len(text) <= limit:
        return [text]
    pieces = []
    while units(text) > limit:
        cut = _fitting(text, limit)
        for separator in ("\n\n", "\n", " "):
            at = text.rfind(separator, cut // 2, cut)
            if at > 0:
                cut = at
                break
        pieces.append(text[:cut].rstrip() or text[:cut])
        text = text[cut:].lstrip()
    if text or not pieces:
        pieces.append(text)
    return pieces


def _fitting(text: str, limit: int) -> int:
    """How many characters fit into `limit` units."""
    used = 0
    for index, character in enumerate(text):
        used += 2 if ord(character) > 0xFFFF else 1
        if used > limit:
            return index
    return len(text)
