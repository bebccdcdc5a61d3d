"""One part of a DOCX as its reader would take it: relations, fields, lines. Expat reads it, without any DTD."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers import expat

_NEW_LINE = frozenset({"p", "br", "cr", "tab"})
_LINKS = frozenset({"ddelink", "olelink"})


@dataclass(slots=True)
class Part:
    #: Attributes of each relation, names in small letters without prefix.
    relations: list[dict[str, str]] = field(default_factory=list)
    #: All instructions of fields, as one text: they may be cut into pieces anywhere.
    fields: list[str] = field(default_factory=list)
    #: Links of a table to another program.
    has_link: bool = False
    #: It says what its names stand for, or its encoding is none we read: no Word writes either.
    is_odd: bool = False
    words: list[str] = field(default_factory=list)

    @property
    def lines(self) -> list[str]:
        return "".join(self.words).splitlines()


class _Reader:
    """What expat calls, filling a part."""

    def __init__(self) -> None:
        self.part = Part()
        self._inside = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = _local(name)
        if local == "relationship":
            self.part.relations.append({_local(key): value for key, value in attributes.items()})
        elif local == "instrtext":
            self._inside += 1
        elif local in _LINKS:
            self.part.has_link = True
        self.part.fields += (value for key, value in attributes.items() if _local(key) == "instr")

    def end(self, name: str) -> None:
        local = _local(name)
        if local == "instrtext":
            self._inside -= 1
        elif local in _NEW_LINE:
            self.part.words.append("\n")

    def characters(self, text: str) -> None:
        (self.part.fields if self._inside else self.part.words).append(text)

    def declared(self, *_: object) -> None:
        self.part.is_odd = True


def _local(name: str) -> str:
    return name.rpartition(":")[2].casefold()


def read_part(content: bytes) -> Part:
    """What stands in it, up to where it is broken: no program reads further."""
    reader, parser = _Reader(), expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    parser.StartDoctypeDeclHandler = reader.declared
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        unknown = expat.errors.codes[expat.errors.XML_ERROR_UNKNOWN_ENCODING]
        reader.part.is_odd = reader.part.is_odd or error.code == unknown
    except (LookupError, ValueError):
        reader.part.is_odd = True
    return reader.part
