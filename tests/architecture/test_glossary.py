"""Names carry the glossary's words: no file, class or public function is called by a word it forbids."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]

_ROW = re.compile(r"^\| (\w+) \| (anywhere|alone) \| [^|]+ \|$", re.MULTILINE)
_DEFINED = re.compile(r"^ *(?:async )?(def|class) (\w+)", re.MULTILINE)


def forbidden() -> dict[str, str]:
    """Forbidden word → where it may not stand: anywhere in a name, or alone."""
    return dict(_ROW.findall((ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")))


def words_of(name: str) -> list[str]:
    """The words of a name: `NewParcel` and `new_parcel` are both new, parcel."""
    return re.sub(r"([a-z0-9])([A-Z])|([A-Z])(?=[A-Z][a-z])", r"\1\3_\2", name).strip("_").lower().split("_")


def is_forbidden(name: str, words: dict[str, str]) -> bool:
    parts = words_of(name)
    return any(words.get(part) == "anywhere" or (parts == [part] and part in words) for part in parts)


def public_names(path: Path) -> Iterator[str]:
    """The file's own name, its classes, its public functions and methods."""
    yield path.parent.name if path.stem == "__init__" else path.stem
    for kind, name in _DEFINED.findall(path.read_text(encoding="utf-8")):
        if kind == "class" or not name.startswith("_"):
            yield name


def violations() -> set[str]:
    words = forbidden()
    return {
        f"{path.relative_to(ROOT)}: {name}"
        for folder in ("nhipcau", "benchmarks", "scripts", "tests")
        for path in (ROOT / folder).rglob("*.py")
        if "migrations" not in path.parts
        for name in public_names(path)
        if is_forbidden(name, words)
    }


def test_no_name_carries_a_forbidden_word() -> None:
    assert len(forbidden()) > 20
    assert violations() == set()


def test_names_are_split_into_words() -> None:
    assert words_of("NewParcel") == words_of("_new_parcel") == ["new", "parcel"]
    assert words_of("ZaloOAApp") == ["zalo", "oa", "app"]
    assert is_forbidden("by_another_door", forbidden())
    assert is_forbidden("Ring", forbidden())
    assert not is_forbidden("KeyRing", forbidden())
