"""Reads YAML node by node, so that faults can name their line, and values keep their text as written."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

import yaml


@dataclass(frozen=True, slots=True)
class FieldFault:
    #: From 1.
    line: int
    #: As in the file: "questions[2].choices"; "" for the file itself.
    field: str
    sentence: str

    def __str__(self) -> str:
        where = f", {self.field}" if self.field else ""
        return f"line {self.line}{where}: {self.sentence}"


class InvalidFile(Exception):
    """All faults of a file, one line each."""

    def __init__(self, faults: Sequence[FieldFault]) -> None:
        self.faults = sorted(faults, key=lambda fault: fault.line)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class NodeReader:
    """Collects faults while reading; `check` raises them. `first_line`: of the YAML in its file."""

    def __init__(self, first_line: int = 1) -> None:
        self.faults: list[FieldFault] = []
        self._first_line = first_line

    def compose(self, text: str, otherwise: str) -> yaml.MappingNode:
        """The document's mapping. Raises InvalidFile for invalid YAML, or with `otherwise` where it is no mapping."""
        try:
            node = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line if error.problem_mark else 0
            raise InvalidFile([FieldFault(line + self._first_line, "", f"not YAML: {error.problem}")]) from None
        except (yaml.YAMLError, RecursionError):
            sentence = "not YAML: a character or depth that is not allowed"
            raise InvalidFile([FieldFault(self._first_line, "", sentence)]) from None
        if not isinstance(node, yaml.MappingNode):
            raise InvalidFile([FieldFault(self._first_line, "", otherwise)])
        return node

    def fault(self, node: yaml.Node, name: str, sentence: str) -> None:
        self.faults.append(FieldFault(node.start_mark.line + self._first_line, name, sentence))

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
                self.fault(key_node, name, "is not known" + (f": did you mean {near[0]}?" if near else ""))
            elif key in found:
                self.fault(key_node, name, "stands here twice")
            else:
                found[key] = value
        for name in needed:
            if name not in found:
                self.fault(node, f"{prefix}{name}", "is missing")
        return found

    def check(self) -> None:
        """Raises InvalidFile with every fault found."""
        if self.faults:
            raise InvalidFile(self.faults)
