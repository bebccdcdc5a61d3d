"""A synthesis of a month with 20,000 reports, as a process of its own, beside docxtpl filling the same template."""

from __future__ import annotations

import asyncio
import random
import statistics
import sys
import time
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import insert

from benchmarks.people import office
from benchmarks.table import Line
from nhipcau.context import AppContext
from nhipcau.storage.tables import issues, reports
from nhipcau.storage.units import load_tree
from tests.support.processes import PROGRAM, environment

REPORTS, ISSUES = 20_000, 200
REPEATS = 3
_TOPICS = ("DD", "MT", "GT", "DN", "YT", "GD", "NN", "GC", "BG", "KT", "LD", "AS", "AT", "HC", "SO", "VH", "DT", "TT")
_MOODS = ("phan_khoi", "dong_tinh", "quan_tam", "ban_khoan", "buc_xuc")
_STATES = ("new", "received", "in_progress", "done")
_PEER = "benchmarks.peer_synthesis"
#: Seconds, megabytes, and seconds of the processor, which other work on the machine does not lengthen.
Run = tuple[float, float, float]


async def month() -> list[Line]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        async with office(folder) as parts:
            await _fill(parts)
        template, file = folder / "template.docx", folder / "a.docx"
        await _run(folder, [str(PROGRAM), "template", "new", "-o", str(template)])
        period = ("--period", "2026-11", "--unit", "T20")
        ours = [str(PROGRAM), "synthesis", *period, "-o", str(file)]
        peer = [sys.executable, "-m", _PEER, str(folder / "n.db"), str(template), str(folder / "b.docx")]
        runs = [(await _run(folder, ours), await _run(folder, peer)) for _ in range(REPEATS)]
        verified = [await _run(folder, [str(PROGRAM), "synthesis", "verify", str(file)]) for _ in range(REPEATS)]
    ours_runs, peer_runs = [a for a, _ in runs], [b for _, b in runs]
    return [
        _line(f"synthesis of {REPORTS:,} reports in a month", 0, "s", ours_runs, peer_runs, "under 5 s"),
        _line("… of the processor", 2, "s", ours_runs, peer_runs, ""),
        _line("… its memory", 1, "MB", ours_runs, peer_runs, "under 300 MB"),
        Line("… counted anew by verify", f"{statistics.median(run[0] for run in verified):.1f} s", "–", "", ""),
    ]


def _line(what: str, place: int, unit: str, ours: Sequence[Run], peer: Sequence[Run], bound: str) -> Line:
    mine, theirs = (statistics.median(run[place] for run in runs) for runs in (ours, peer))
    return Line(what, f"{mine:.1f} {unit}", f"{theirs:.1f} {unit}", f"{mine / theirs:.1f}x", bound)


#: Starts the command from a small process: what it is started from counts in the peak of its memory.
_MEASURED = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL); "
_MEASURED += "used = resource.getrusage(resource.RUSAGE_CHILDREN); "
_MEASURED += "print(used.ru_maxrss / 1024, used.ru_utime + used.ru_stime)"


async def _run(folder: Path, command: Sequence[str]) -> Run:
    """One process, its start included."""
    began = time.perf_counter()
    program = (sys.executable, "-S", "-c", _MEASURED, *command)
    process = await asyncio.create_subprocess_exec(*program, env=environment(folder), stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    assert process.returncode == 0, command
    megabytes, processor = map(float, out.split())
    return time.perf_counter() - began, megabytes, processor


async def _fill(parts: AppContext) -> None:
    """As many reports in October, to compare with."""
    chance = random.Random(1)
    async with parts.database.writing() as connection:
        units = [unit.id for unit in (await load_tree(connection)).areas]
        made = [
            {
                "code": f"VD-{number:07d}",
                "statement": f"Vấn đề số {number}: nước sinh hoạt thiếu vào buổi chiều",
                "topic": chance.choice(_TOPICS),
                "owner_unit_id": chance.choice(units),
                "state": chance.choice(("open", "in_progress", "done")),
                "opened": date(2026, 10, 1) + timedelta(days=chance.randrange(61)),
            }
            for number in range(ISSUES)
        ]
        await connection.execute(insert(issues), made)
        rows = [
            {
                "code": f"PA-{number * 2_654_435_761 % 2**32:08x}",
                "day": date(2026, 11, 1) + timedelta(days=chance.randrange(30) - (31 if number >= REPORTS else 0)),
                "topic": chance.choice(_TOPICS),
                "area_id": chance.choice(units),
                "mood": chance.choice(_MOODS),
                "spread": chance.randrange(1, 6),
                "urgency": "thuong",
                "text": "đường vào thôn sụt một đoạn sau trận mưa tuần trước, xe máy đi lại khó",
                "state": chance.choice(_STATES),
                "issue": chance.choice(["", made[chance.randrange(ISSUES)]["code"]]),
                "month": "m",
            }
            for number in range(2 * REPORTS)
        ]
        await connection.execute(insert(reports), rows)
