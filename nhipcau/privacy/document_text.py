"""The words of a document, to look for marks of secrecy (R33). They are kept nowhere."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from nhipcau.privacy import pdf_worker
from nhipcau.privacy.document_dangers import Reason, plain_names
from nhipcau.privacy.screening import has_classification

#: Letters of a line that may be a stamp; a longer one only speaks of secrecy.
_STAMP = 40
#: Seconds a PDF may take in a process of its own.
_SECONDS = 20
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT")
_WORDS = re.compile(r"word/(document|header|footer|footnotes|endnotes)[^/]*\.xml")


def has_stamp(lines: Iterable[str]) -> bool:
    """Whether a line of its own is MẬT, TỐI MẬT or TUYỆT MẬT, with a few words at most."""
    return any(len(line) <= _STAMP and has_classification(line) for line in map(str.strip, lines))


def holds_words(name: str) -> bool:
    """Whether this part of a DOCX is one people read."""
    return _WORDS.fullmatch(name) is not None


def lines_of_doc(words: bytes) -> Iterator[str]:
    """The lines of a DOC, whose words lie in its stream in either encoding."""
    yield from re.split(r"[\r\n\x07\x0b\x0c]", words.decode("utf-16-le", "ignore"))


def look_into_pdf(data: bytes) -> tuple[list[str], Reason | None]:
    """The lines of a PDF's pages, and what forbids it where it is encrypted. Nothing where it can't be read within its
    time: programs that show it may still show it, and its bytes were looked at."""
    if not any(name in plain_names(data) for name in (b"/Contents", b"/ObjStm", b"/Encrypt")):
        return [], None
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(Path(pdf_worker.__file__))],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
            timeout=_SECONDS,
            check=False,
        )
        answer = json.load(io.BytesIO(done.stdout)) if done.returncode == 0 else {}
    except (subprocess.TimeoutExpired, ValueError):
        answer = {}
    danger = answer.get("danger", "")
    return answer.get("lines", []), Reason(danger) if danger else None
