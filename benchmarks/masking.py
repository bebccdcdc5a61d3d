"""Masking beside Presidio's pattern recognisers and vipii: recall by kind, what is hurt, texts a second of one core.

The sentences are those of the tests: the ones only counted, and the ones rules were made with. The peers, with the
libraries they pull in, are half a gigabyte: they get an environment of their own, made on the first run, and where it
can't be made the table says so.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import venv
from pathlib import Path
from typing import Any

from benchmarks.table import Line
from nhipcau.privacy.screening import screen
from tests.support.masking_recall import Recall, Sentence, recall, sentences

_PEERS = ("presidio-analyzer==2.2.366", "vipii==0.2.1")
_FOLDER = Path(sys.prefix) / "masking-peers"
_SECONDS = 3.0
#: Sentences are taken together until they have so many characters: then they have 105 on average, as reports do.
_USUAL_LENGTH = 90
_FILES = {"unseen": "screening_sentences_unseen.jsonl", "seen": "screening_sentences.jsonl"}
_KINDS = ("phone", "id", "plate", "bank", "email", "handle", "address", "dob", "name")


async def masking() -> list[Line]:
    return [line for called, file in _FILES.items() for line in _lines(called, sentences(file))]


def _lines(called: str, known: list[Sentence]) -> list[Line]:
    texts = [sentence.text for sentence in known]
    long = _of_usual_length(texts)
    ours = recall(known, lambda text: [(f.start, f.end) for f in screen(text).found])
    rates, peers, trouble = {"ours": _rate(long)}, {}, ""
    try:
        for name, result in _peers(texts, long).items():
            spans = dict(zip(texts, result["spans"], strict=True))
            peers[name] = recall(known, lambda text, spans=spans: spans[text])  # type: ignore[misc]
            rates[name] = result["rate"]
    except (subprocess.CalledProcessError, OSError):
        trouble = "not installable here"
    lines = [
        Line(f"masking, {called}: {kind} found", *_beside(ours, peers, kind, trouble), _bound(kind)) for kind in _KINDS
    ]
    hurt = [f"{name} {r.hurt / r.kept:.1%}" for name, r in peers.items()]
    lines.append(Line("… words hurt that must stay", f"{ours.hurt / ours.kept:.1%}", _join(hurt, trouble), "", "2 %"))
    speeds = [f"{name} {rates[name]:,.0f}" for name in peers]
    ratio = ", ".join(f"{rates['ours'] / rates[name]:.1f}x" for name in peers)
    return [
        *lines,
        Line("… texts of 105 letters a second", f"{rates['ours']:,.0f}", _join(speeds, trouble), ratio, "2,000"),
    ]


def _beside(ours: Recall, peers: dict[str, Recall], kind: str, trouble: str) -> tuple[str, str, str]:
    found = [f"{name} {peer.found[kind]}" for name, peer in peers.items()]
    return f"{ours.found[kind]} of {ours.total[kind]}", _join(found, trouble), ""


def _join(parts: list[str], trouble: str) -> str:
    return trouble or ", ".join(parts)


def _bound(kind: str) -> str:
    return "90 %" if kind == "name" else "98 % of all numbers"


def _of_usual_length(texts: list[str]) -> list[str]:
    joined, together = [], ""
    for text in texts:
        together += f"{text}. "
        if len(together) >= _USUAL_LENGTH:
            joined.append(together)
            together = ""
    return joined


def _rate(texts: list[str]) -> float:
    done, begun = 0, time.process_time()
    while time.process_time() < begun + _SECONDS:
        screen(texts[done % len(texts)])
        done += 1
    return done / (time.process_time() - begun)


def _peers(texts: list[str], long: list[str]) -> dict[str, Any]:
    python = _FOLDER / "bin" / "python"
    if not (_FOLDER / "made").exists():
        venv.create(_FOLDER, with_pip=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *_PEERS]
        subprocess.run(install, check=True, stderr=subprocess.DEVNULL)
        (_FOLDER / "made").touch()
    script = Path(__file__).with_name("peer_masking.py")
    run = subprocess.run(
        [str(python), str(script), str(_SECONDS)],
        input=json.dumps([texts, long]),
        capture_output=True,
        text=True,
        check=True,
    )
    result: dict[str, Any] = json.loads(run.stdout)
    return result
