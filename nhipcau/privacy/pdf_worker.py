"""The reading process: one PDF in, its lines as JSON out, within bounds. Imports nothing of the project."""

from __future__ import annotations

import io
import json
import sys
from contextlib import suppress
from typing import Any

#: Bytes of memory, seconds of work; pages and letters that are read, objects that are looked at.
_MEMORY, _SECONDS, _PAGES, _LETTERS, _OBJECTS = 1_000_000_000, 15, 100, 1_000_000, 50_000
_SCRIPTS, _PROGRAMS = {"/JavaScript", "/JS", "/XFA"}, {"/Launch", "/EmbeddedFile", "/EmbeddedFiles", "/RichMedia"}


def main() -> None:
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answer: dict[str, Any] = {"lines": [], "danger": ""}
    # whatever is wrong in it: what was read so far is the answer
    with suppress(Exception):
        _read(sys.stdin.buffer.read(), answer)
    json.dump(answer, sys.stdout)


def _read(data: bytes, answer: dict[str, Any]) -> None:
    import logging

    from pypdf import PdfReader

    logging.disable()
    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted:
        if not reader.decrypt(""):
            answer["danger"] = "locked"
            return
        answer["danger"] = _danger(reader)
    letters = 0
    for page in reader.pages[:_PAGES]:
        with suppress(Exception):
            text = page.extract_text()
            letters += len(text)
            answer["lines"] += text.splitlines()
        if letters > _LETTERS:
            return


def _danger(reader: Any) -> str:
    """Of an encrypted one, whose objects could not be read from outside."""
    numbers = {number for numbers in reader.xref.values() for number in numbers} | set(reader.xref_objStm)
    for number in sorted(numbers)[:_OBJECTS]:
        with suppress(Exception):
            names = set(_names(reader.get_object(number), 0))
            if names & _SCRIPTS:
                return "script"
            if names & _PROGRAMS:
                return "program"
    return ""


def _names(found: Any, depth: int) -> Any:
    if depth > 20:
        return
    if isinstance(found, dict):
        for key, value in found.items():
            yield str(key)
            yield from _names(value, depth + 1)
    elif isinstance(found, list):
        for value in found:
            yield from _names(value, depth + 1)
    elif isinstance(found, str):
        yield str(found)


if __name__ == "__main__":
    main()
