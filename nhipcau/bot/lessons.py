"""Reads a lesson: Markdown with a small header. Every fault is named by line and field; what a chat can't show goes."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from nhipcau.bot.markdown import plain, plain_line
from nhipcau.bot.render import units
from nhipcau.bot.request_files import LONGEST_CHOICE, Fault, FileWrong, why_no_choice
from nhipcau.bot.texts import LANGUAGES
from nhipcau.bot.vietnamese import fold

#: Lengths count UTF-16 units, as apps do: with its question a lesson is one message, or two below a picture.
LONGEST_BODY = 900
LONGEST_TITLE = 60
LONGEST_QUESTION = 200
LONGEST_WHY = 200
CHOICES = (2, 4)
#: Of the file, in characters.
LARGEST = 8_000
_FENCE = "---"
_NEEDED = ("id", "order", "title", "minutes", "question", "choices", "answer", "why")
_KEYS = (*_NEEDED, "picture")
_PICTURE = re.compile(r"[\w-][\w.-]{0,60}\.(?:jpe?g|png|webp)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Lesson:
    """One lesson in one language, in plain text."""

    #: Permanent: what is kept of who has done it.
    id: str
    order: int
    title: str
    #: How long it takes, as it says itself.
    minutes: int
    body: str
    question: str
    choices: tuple[str, ...]
    #: Number of the right choice, from 1.
    answer: int
    #: One sentence, said after any answer.
    why: str
    #: A picture's file name beside the lesson; once it is taken in, its name in the photo folder. "": none.
    picture: str = ""


def read_lesson(text: str) -> Lesson:
    """Raises FileWrong with every fault found."""
    if len(text) > LARGEST:
        raise FileWrong([Fault(1, "", f"the file has {len(text)} characters, at most {LARGEST}")])
    header, body, body_line = _halves(text)
    reader = _Reader(_compose(header))
    lesson = reader.lesson(body, body_line)
    if reader.faults:
        raise FileWrong(sorted(reader.faults, key=lambda fault: fault.line))
    return lesson


def _halves(text: str) -> tuple[str, str, int]:
    """The header, the body, and the line the body begins on."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines[0].rstrip() != _FENCE:
        raise FileWrong([Fault(1, "", f"the file must begin with a line {_FENCE}, then {', '.join(_NEEDED)}")])
    for number, line in enumerate(lines[1:], start=1):
        if line.rstrip() == _FENCE:
            return "\n".join(lines[1:number]), "\n".join(lines[number + 1 :]), number + 2
    raise FileWrong([Fault(len(lines), "", f"the line {_FENCE} that ends the header is missing")])


def _compose(header: str) -> yaml.MappingNode:
    try:
        node = yaml.compose(header, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 2
        raise FileWrong([Fault(line, "", f"not YAML: {error.problem}")]) from None
    except (yaml.YAMLError, RecursionError):
        raise FileWrong([Fault(2, "", "not YAML: a character or depth that is not allowed")]) from None
    if not isinstance(node, yaml.MappingNode):
        raise FileWrong([Fault(2, "", f"the header must hold {', '.join(_NEEDED)}")])
    return node


class _Reader:
    """Walks the header's nodes, so that every fault knows its line."""

    def __init__(self, root: yaml.MappingNode) -> None:
        self.faults: list[Fault] = []
        self._fields: dict[str, yaml.Node] = {}
        for key_node, value in root.value:
            key = str(key_node.value)
            if key not in _KEYS:
                near = difflib.get_close_matches(key, _KEYS, 1)
                self._fault(key_node, key, "is not known" + (f": did you mean {near[0]}?" if near else ""))
            elif key in self._fields:
                self._fault(key_node, key, "stands here twice")
            else:
                self._fields[key] = value
        for name in _NEEDED:
            if name not in self._fields:
                self._fault(root, name, "is missing")

    def _fault(self, node: yaml.Node, name: str, sentence: str) -> None:
        # the header begins on the file's second line
        self.faults.append(Fault(node.start_mark.line + 2, name, sentence))

    def lesson(self, body: str, body_line: int) -> Lesson:
        choices = self._choices()
        words = plain(body)
        if not any(c.isalnum() for c in words):
            self.faults.append(Fault(body_line, "body", "is empty"))
        if units(words) > LONGEST_BODY:
            self.faults.append(Fault(body_line, "body", f"has {units(words)} characters, at most {LONGEST_BODY}"))
        return Lesson(
            id=self._matching("id", r"[a-z0-9-]{1,40}", "small letters a to z, digits and -, at most 40"),
            order=self._number("order", 1, 999),
            title=self._text("title", LONGEST_TITLE),
            minutes=self._number("minutes", 1, 60),
            body=words,
            question=self._text("question", LONGEST_QUESTION),
            choices=choices,
            answer=self._number("answer", 1, max(1, len(choices))),
            why=self._text("why", LONGEST_WHY),
            picture=self._picture(),
        )

    def _scalar(self, name: str) -> str:
        node = self._fields.get(name)
        if node is None:
            return ""
        if not isinstance(node, yaml.ScalarNode):
            self._fault(node, name, "must be one value")
            return ""
        return str(node.value)

    def _text(self, name: str, most: int) -> str:
        return self._short(self._fields[name], name, most) if name in self._fields else ""

    def _short(self, node: yaml.Node, name: str, most: int) -> str:
        """One line of text, not empty, not too long."""
        text = plain_line(str(node.value)) if isinstance(node, yaml.ScalarNode) else ""
        if not any(c.isalnum() for c in text):
            self._fault(node, name, "must be a text" if not isinstance(node, yaml.ScalarNode) else "is empty")
        if units(text) > most:
            self._fault(node, name, f"has {units(text)} characters, at most {most}")
        return text

    def _matching(self, name: str, pattern: str, expected: str) -> str:
        text = self._scalar(name)
        if name in self._fields and not re.fullmatch(pattern, text):
            self._fault(self._fields[name], name, f"{text!r}: {expected}")
        return text

    def _number(self, name: str, low: int, high: int) -> int:
        text = self._scalar(name)
        if re.fullmatch(r"[0-9]{1,4}", text) and low <= int(text) <= high:
            return int(text)
        if name in self._fields:
            self._fault(self._fields[name], name, f"{text!r}: a whole number from {low} to {high}")
        return low

    def _picture(self) -> str:
        name = self._scalar("picture")
        if "picture" in self._fields and not _PICTURE.fullmatch(name):
            expected = "the name of a .jpg, .png or .webp file beside the lesson"
            self._fault(self._fields["picture"], "picture", f"{name!r}: {expected}")
        return name

    def _choices(self) -> tuple[str, ...]:
        node = self._fields.get("choices")
        if node is None:
            return ()
        items = list(node.value) if isinstance(node, yaml.SequenceNode) else []
        least, most = CHOICES
        if not least <= len(items) <= most:
            self._fault(node, "choices", f"must be a list of {least} to {most} choices")
        labels: list[str] = []
        for item in items:
            label = self._short(item, "choices", LONGEST_CHOICE)
            if why := why_no_choice(label, {fold(known) for known in labels}):
                self._fault(item, "choices", why)
            labels.append(label)
        return tuple(labels)


# ------------------------------------------------------------------ those that ship with the product


def language_of(name: str) -> str:
    """The language a lesson's file name says ("01-ten.en.md"); Vietnamese where it says none."""
    said = name.removesuffix(".md").rpartition(".")[2]
    return said if said in LANGUAGES else "vi"


@cache
def shipped() -> dict[str, tuple[Lesson, ...]]:
    """The lessons of `data/lessons` by language, in order."""
    found: dict[str, list[Lesson]] = {language: [] for language in LANGUAGES}
    for file in files("nhipcau.bot").joinpath("data/lessons").iterdir():
        if file.name.endswith(".md"):
            found[language_of(file.name)].append(read_lesson(file.read_text(encoding="utf-8")))
    return {language: in_order(lessons) for language, lessons in found.items()}


def in_order(lessons: Sequence[Lesson]) -> tuple[Lesson, ...]:
    return tuple(sorted(lessons, key=lambda lesson: (lesson.order, lesson.id)))
