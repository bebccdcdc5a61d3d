"""A synthesis in a world, and its file as other libraries read it."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from docx import Document
from docx.oxml.parser import parse_xml
from PIL import Image
from sqlalchemy import insert

from nhipcau.bot.language.catalogue import texts
from nhipcau.bot.language.periods import read_period
from nhipcau.insight.synthesis.document import Document as Written
from nhipcau.insight.synthesis.parts import Synthesis
from nhipcau.insight.synthesis.reading import Difference, read_synthesis
from nhipcau.model.synthesis import Layout
from nhipcau.operations.synthesis import Office, document_of, synthesis_of, verify
from nhipcau.storage import tables
from nhipcau.storage.units import load_tree
from tests.support.world import World

SAY = texts("vi")
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
#: Words of reports that no document may hold.
CANARIES = ("CANARYTEXT", "CANARYPROPOSAL", "CANARYPLACE")
TOPICS = ("DD", "GT", "DN")
MOODS = ("phan_khoi", "dong_tinh", "quan_tam", "ban_khoan", "buc_xuc", "")
STATES = ("new", "received", "done", "withdrawn")


@dataclass(frozen=True)
class Row:
    """A report as a recount knows it."""

    day: date
    area: str
    topic: str
    mood: str
    spread: int
    state: str
    issue: str


def random_rows(random: Random, number: int, areas: Sequence[str], issues: Sequence[str]) -> list[Row]:
    """Reports of October to December 2026."""
    return [
        Row(
            day=date(2026, 10, 1) + timedelta(days=random.randrange(92)),
            area=random.choice(areas),
            topic=random.choice(TOPICS),
            mood=random.choice(MOODS),
            spread=random.randrange(6),
            state=random.choice(STATES),
            issue=random.choice(issues),
        )
        for _ in range(number)
    ]


async def put_reports(world: World, rows: Sequence[Row], first: int = 0) -> None:
    async with world.parts.database.writing() as connection:
        ids = {unit.code: unit.id for unit in (await load_tree(connection)).units}
        values = [
            {
                "code": f"PA-{first + number:07d}",
                "day": row.day,
                "topic": row.topic,
                "area_id": ids[row.area],
                "place": "thôn CANARYPLACE",
                "mood": row.mood,
                "spread": row.spread,
                "urgency": "thuong",
                "text": "CANARYTEXT đường hỏng",
                "proposal": "CANARYPROPOSAL sửa đường",
                "state": row.state,
                "issue": row.issue,
                "month": "m",
            }
            for number, row in enumerate(rows)
        ]
        if values:
            await connection.execute(insert(tables.reports), values)


async def put_issue(
    world: World, code: str, statement: str, day: date, *, owner: str = "X06040", state: str = "open", topic: str = "GT"
) -> None:
    async with world.parts.database.writing() as connection:
        tree = await load_tree(connection)
        values = {"code": code, "statement": statement, "topic": topic, "state": state, "opened": day}
        await connection.execute(insert(tables.issues).values(**values, owner_unit_id=tree.by_code[owner].id))


async def compose(
    world: World, period: str, unit: str = "T20", today: date = date(2027, 6, 1), topics: tuple[str, ...] = ()
) -> Synthesis:
    found = read_period(period, today)
    assert found is not None
    async with world.parts.database.reading() as connection:
        tree = await load_tree(connection)
        office = Office(connection, tree, today, world.parts.settings.zone)
        return await synthesis_of(office, tree.by_code[unit], found, SAY, topics)


async def written(
    world: World, period: str, unit: str = "T20", layout: Layout = Layout.STATE, topics: tuple[str, ...] = ()
) -> Written:
    return document_of(await compose(world, period, unit, topics=topics), layout, SAY)


async def different(world: World, data: bytes, today: date = date(2027, 6, 1)) -> list[Difference]:
    found = read_synthesis(data)
    async with world.parts.database.reading() as connection:
        tree = await load_tree(connection)
        office = Office(connection, tree, today, world.parts.settings.zone)
        return await verify(office, found, tree.by_code[found.unit])


# ------------------------------------------------------------------ the file, without the product's reader


def part(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        return opened.read(name)


def bookmarks(data: bytes) -> dict[str, str]:
    """Name of a bookmark → the text in it."""
    root: Any = parse_xml(part(data, "word/document.xml"))
    found = {}
    for start in root.iter(f"{W}bookmarkStart"):
        words, element = [], start.getnext()
        while element.tag != f"{W}bookmarkEnd":
            words += [text.text or "" for text in element.iter(f"{W}t")]
            element = element.getnext()
        found[start.get(f"{W}name")] = "".join(words)
    return found


def queries(data: bytes) -> dict[str, dict[str, Any]]:
    """Reference → query, from the part of the file that holds them."""
    root: Any = parse_xml(part(data, "customXml/item1.xml"))
    body = json.loads(root.text)
    return {each["reference"]: each["query"] for each in body["figures"]}


def figures(data: bytes) -> dict[str, str]:
    """Reference → text of the figure."""
    return {re.sub(r"^F_|_[0-9a-f]{8}$", "", name).replace("_", "."): text for name, text in bookmarks(data).items()}


def lines(data: bytes) -> list[str]:
    """All words of the document as python-docx reads it, tables and headers included."""
    page = Document(io.BytesIO(data))
    cells = [cell.text for table in page.tables for row in table.rows for cell in row.cells]
    heads = [p.text for s in page.sections for h in (s.header, s.first_page_header) for p in h.paragraphs]
    return [*(paragraph.text for paragraph in page.paragraphs), *cells, *heads]


def replaced(data: bytes, name: str, change: Any) -> bytes:
    """The same package with one part changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
        for each in source.namelist():
            target.writestr(each, change(source.read(each)) if each == name else source.read(each))
    return out.getvalue()


def a_picture(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (20, 10), colour).save(out, "PNG")
    return out.getvalue()
