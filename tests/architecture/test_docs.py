"""What the documents name exists: pages they lead to, files and folders of the code, every package."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from nhipcau.cli.main import app

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
#: Where things stand now; decision records and the changelog say where they stood.
PAGES = sorted(
    page
    for page in (*ROOT.glob("*.md"), *DOCS.rglob("*.md"))
    if page.name != "CHANGELOG.md" and not (page.parent == DOCS / "decisions" and page.name != "README.md")
)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_NAMED = re.compile(r"(?<![\w./-])(?:nhipcau|tests|docs|benchmarks|deploy|scripts)/[\w./*-]*")
#: Names a reader puts their own into: `bot/channels/NAME/traits.py`.
_PLACEHOLDER = re.compile(r"[A-Z]{2,}|\*")
#: How-to pages name files that the reader writes: they carry the name of the page's example.
_EXAMPLE = re.compile(r"The example is [^`.]*`/?(\w+)`")


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def test_every_link_leads_to_a_file() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {link}"
        for page in (*PAGES, *(DOCS / "decisions").glob("*.md"))
        for link in _LINK.findall(text_of(page))
        if "://" not in link and not link.startswith("#") and not (page.parent / link.partition("#")[0]).exists()
    ]
    assert broken == []


def is_there(path: str, examples: list[str]) -> bool:
    is_example = any(example in path for example in examples) or _PLACEHOLDER.search(path.replace("README", ""))
    return bool(is_example) or (ROOT / path.rstrip(".")).exists()


def test_every_path_named_exists() -> None:
    gone = [
        f"{page.relative_to(ROOT)}: {path}"
        for page in PAGES
        for path in _NAMED.findall(text_of(page))
        if not is_there(path, _EXAMPLE.findall(text_of(page)))
    ]
    assert gone == []


def test_the_index_lists_every_page() -> None:
    listed = {(DOCS / link).resolve() for link in _LINK.findall(text_of(DOCS / "README.md"))}
    pages = {page.resolve() for page in DOCS.rglob("*.md") if page.parent != DOCS / "decisions"}
    assert pages - listed == {(DOCS / "README.md").resolve()}


def _commands(command: Any, *names: str) -> Iterator[tuple[str, bool]]:
    """Each with its whole name, and whether it has `--json`."""
    if inner := getattr(command, "commands", None):
        for name, each in inner.items():
            yield from _commands(each, *names, name)
    else:
        yield " ".join(names), any("--json" in option.opts for option in command.params)


def test_every_command_stands_in_the_tables() -> None:
    desk, reference = text_of(ROOT / "README.md"), text_of(DOCS / "reference" / "command-line.md")
    commands = dict(_commands(get_command(app)))
    assert [name for name, prints in commands.items() if prints and not re.search(rf"`{name}[` ]", reference)] == []
    named = {name.replace(" ", r" [\\|\w]*") for name in commands if name not in {"demo", "init", "export"}}
    assert [name for name in sorted(named) if not re.search(rf"`[^`]*\b{name}\b", desk)] == []


def test_every_target_of_make_is_no_file() -> None:
    made = text_of(ROOT / "Makefile")
    targets = set(re.findall(r"^([a-z-]+):", made, re.MULTILINE))
    assert targets - set(" ".join(re.findall(r"^\.PHONY:(.*)$", made, re.MULTILINE)).split()) == set()


def test_functions_stand_where_architecture_says() -> None:
    """Written as `file` `function`."""
    named = re.findall(r"`(nhipcau/[\w/]+\.py)` `(\w+)`", text_of(DOCS / "architecture.md"))
    assert len(named) > 30
    assert [(file, name) for file, name in named if not re.search(rf"(def|class) {name}\b", text_of(ROOT / file))] == []


def test_architecture_has_a_sentence_for_every_package() -> None:
    named = set(re.findall(r"^\| `(nhipcau/[\w/]*)/` \|", text_of(DOCS / "architecture.md"), re.MULTILINE))
    # each app has a column in reference/channels.md instead
    apps = {traits.parent for traits in (ROOT / "nhipcau/bot/channels").glob("*/traits.py")}
    folders = {init.parent for init in (ROOT / "nhipcau").rglob("__init__.py")} - apps
    packages = {str(folder.relative_to(ROOT)) for folder in folders}
    assert packages - named == {"nhipcau"}
    assert named - packages <= {"nhipcau/storage/migrations"}


def test_architecture_shows_the_floors_that_are_held() -> None:
    floors = re.search(
        r"containers = nhipcau\nexhaustive = True\nlayers =\n((?:    .+\n)+)", text_of(ROOT / ".importlinter")
    )
    assert floors is not None
    assert re.sub(r"^    ", "", floors[1], flags=re.MULTILINE) in text_of(DOCS / "architecture.md")
