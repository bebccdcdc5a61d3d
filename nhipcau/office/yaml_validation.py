"""Reads YAML node by node, so that faults can name their line, and values keep their text as written."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import yaml

from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.faults import Fault
from nhipcau.bot.language.vietnamese import nfc


@dataclass(frozen=True, slots=True)
class FieldFault:
    #: From 1.
    line: int
    #: As in the file: "questions[2].choices"; "" for the file itself.
    field: str
    why: Fault

    def say(self, t: Texts) -> str:
        key = "cli.written.at_field" if self.field else "cli.written.at_line"
        return t(key, line=self.line, field=self.field, why=self.why.say(t))


class InvalidFile(Fault):
    """All faults of a file, one line each."""

    def __init__(self, faults: Sequence[FieldFault]) -> None:
        super().__init__("cli.written.at_line")
        self.faults = sorted(faults, key=lambda fault: fault.line)

    def say(self, t: Texts) -> str:
        return "\n".join(fault.say(t) for fault in self.faults)


def invalid(key: str, /, line: int = 1, field: str = "", **facts: object) -> InvalidFile:
    """The error for a file with this one fault."""
    return InvalidFile([FieldFault(line, field, Fault(key, **facts))])


class NodeReader:
    """Collects faults while reading; `check` raises them. `first_line`: of the YAML in its file."""

    def __init__(self, first_line: int = 1) -> None:
        self.faults: list[FieldFault] = []
        self._first_line = first_line

    def compose(self, text: str, needed: Sequence[str]) -> yaml.MappingNode:
        """The document's mapping. Raises InvalidFile for invalid YAML, or naming what is `needed` where it is no
        mapping."""
        try:
            node = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line if error.problem_mark else 0
            raise invalid("cli.written.not_yaml", line=line + self._first_line) from None
        except (yaml.YAMLError, RecursionError):
            raise invalid("cli.written.not_yaml", line=self._first_line) from None
        if not isinstance(node, yaml.MappingNode):
            raise invalid("cli.written.must_hold", line=self._first_line, names=", ".join(needed))
        return node

    def fault(self, node: yaml.Node, name: str, why: str | Fault, /, **facts: object) -> None:
        """Note what is wrong with this value: a fault, or its key in the catalogue and its facts."""
        fault = Fault(why, **facts) if isinstance(why, str) else why
        self.faults.append(FieldFault(node.start_mark.line + self._first_line, name, fault))

    def fields(
        self, node: yaml.MappingNode, allowed: Sequence[str], needed: Sequence[str] = (), prefix: str = ""
    ) -> dict[str, yaml.Node]:
        """Values by name; unknown, repeated and missing names are faults."""
        found: dict[str, yaml.Node] = {}
        for key_node, value in node.value:
            key = str(key_node.value)
            name = f"{prefix}{key}"
            if key not in allowed:
                near = difflib.get_close_matches(key, allowed, 1)
                why = "cli.written.unknown_near" if near else "cli.written.unknown"
                self.fault(key_node, name, why, near=near[0] if near else "")
            elif key in found:
                self.fault(key_node, name, "cli.written.twice")
            else:
                found[key] = value
        for name in needed:
            if name not in found:
                self.fault(node, f"{prefix}{name}", "cli.written.missing")
        return found

    def without(
        self, node: yaml.MappingNode, is_refused: Callable[[str], bool], prefix: str, why: str
    ) -> yaml.MappingNode:
        """The mapping without names that may not stand there, each of which is a fault."""
        refused = [key for key, _ in node.value if is_refused(str(key.value))]
        for key in refused:
            self.fault(key, f"{prefix}{key.value}", why)
        return yaml.MappingNode(node.tag, [pair for pair in node.value if pair[0] not in refused], node.start_mark)

    def text_of(self, node: yaml.Node, name: str, most: int, *, needed: bool = True) -> str:
        """The text of a value; a fault where it is none, is empty though needed, or longer."""
        if not isinstance(node, yaml.ScalarNode):
            self.fault(node, name, "cli.written.text")
            return ""
        text = nfc(str(node.value))
        if needed and not text:
            self.fault(node, name, "cli.written.empty")
        if len(text) > most:
            self.fault(node, name, "cli.written.long", length=len(text), most=most)
        return text

    def is_yes(self, node: yaml.Node, name: str) -> bool:
        """Whether it says true; a fault where it says neither."""
        word = str(node.value).lower() if isinstance(node, yaml.ScalarNode) else ""
        if word not in {"true", "false", "yes", "no"}:
            self.fault(node, name, "cli.written.yes_or_no")
        return word in {"true", "yes"}

    def number_of(self, node: yaml.Node, name: str) -> float | None:
        """The number; None, and a fault, for what is none."""
        try:
            number = float(str(node.value)) if isinstance(node, yaml.ScalarNode) else math.nan
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            self.fault(node, name, "cli.written.number")
            return None
        return number

    def list_of(self, node: yaml.Node, name: str) -> list[yaml.Node]:
        """Its items; a single value is a list of itself."""
        if isinstance(node, yaml.ScalarNode):
            return [node]
        if not isinstance(node, yaml.SequenceNode):
            self.fault(node, name, "cli.written.list")
            return []
        return list(node.value)

    def check(self) -> None:
        """Raises InvalidFile with every fault found."""
        if self.faults:
            raise InvalidFile(self.faults)
