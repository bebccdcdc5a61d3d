"""R25 What changes something or lets data out leaves a line; `audit list` and `verify-audit` by processes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from nhipcau.bot.language.catalogue import LANGUAGES, texts
from nhipcau.cli.main import app
from nhipcau.model.audit_kinds import AUDIT_KINDS
from tests.support.processes import nhipcau

NAMES = ("Lan", "Hoa", "Bình", "Nam", "Thảo", "Dung", "Cúc")
ROSTER = "Họ và tên,Đơn vị,Vai trò\nNông Văn Khôi,Thất Khê,Điều phối viên\n"
ROSTER += "".join(f"Hoàng Thị {name},Thất Khê,Cộng tác viên\n" for name in NAMES)
QUESTIONS = "title: Chợ\nquestions:\n  - kind: text\n    text: Chợ họp thế nào?\n"
#: Everybody has a phone, without a second process in which they would join.
CONTACTS = (
    "INSERT INTO contacts (channel, lookup, sealed_address, person_id, reachable, since)"
    " SELECT 'web', CAST(id AS BLOB), x'00', id, 1, '2026-11-30 00:00:00.000000' FROM people"
)
#: Commands that leave no line, and why.
WITHOUT = {
    "run": "serves; what is done in it has lines of its own",
    "demo": "an office of its own, thrown away",
    "migrate": "prepares the tables, as every start does",
    "doctor": "looks",
    "mix": "writes anew what is there",
    "unit list": "looks",
    "unit cluster list": "looks",
    "person list": "looks",
    "invite list": "looks",
    "request-log list": "looks",
    "audit list": "looks",
    "signals": "looks",
    "topics check": "looks",
    "verify-audit": "looks",
    "screen": "touches no data of the office",
    "synthesis verify": "looks",
    "template new": "touches no data of the office",
    "template check": "touches no data of the office",
    "lesson check": "touches no data of the office",
}
#: Command → what to type and the kind of its line, in an order that can be played. {id}: Lan, {card}: an invite's code.
PLAYED: list[tuple[str, str, str]] = [
    ("init", "init --province LạngSơn", "unit.add"),
    ("unit add", "unit add BanQL --code BQL", "unit.add"),
    ("unit import", "unit import units.csv", "unit.add"),
    ("unit cluster set", "unit cluster set CụmBắc X06040", "unit.cluster"),
    ("roster import", "roster import roster.csv", "roster.import"),
    ("invite", "invite --unit X06040 --json", "invite.make"),
    ("invite revoke", "invite revoke {card}", "invite.revoke"),
    ("invite", "invite --roster --csv cards.csv", "invite.roster"),
    ("person move", "person move {id} --unit X06001", "person.move"),
    ("person relink", "person relink {id}", "person.relink"),
    ("person replace", "person replace {id} --name Mai", "person.replace"),
    ("console-link", "console-link --person {other}", "console.link"),
    ("console-link", "console-link --person {other} --forget-second-factor", "factor.forget"),
    ("person disable", "person disable {other}", "person.disable"),
    ("poll", "poll poll.yaml --open now --json", "request.create"),
    ("poll", "poll close {request}", "request.close"),
    ("publication", "publication {request} -o phieu.docx", "export.publication"),
    ("rapid", "rapid rapid.yaml --close 2h", "request.create"),
    ("notice", "notice notice.yaml", "request.create"),
    ("duty", "duty duty.yaml", "rule.make"),
    *(
        ("export", f"export {what} -o out.csv", f"export.{what}")
        for what in ("reports", "answers", "requests", "people", "duties", "issues")
    ),
    ("sample", "sample --size 1 -o mau.json", "sample.draw"),
    ("topics reset", "topics reset", "topic.reset"),
    ("import reports", "import reports reports.csv", "report.import"),
    ("review", "review --period 2026-11", "export.review"),
    ("synthesis", "synthesis --period 2026-11 -o th.docx", "export.synthesis"),
    ("synthesis refresh", "synthesis refresh th.docx -o th2.docx", "export.synthesis"),
    ("tally", "tally --period 2020..2099", "export.tally"),
    ("request-log add", "request-log add --kind see --json", "rights.enter"),
    ("request-log done", "request-log done {request}", "rights.done"),
    ("dossier", "dossier -o h.docx", "law.dossier"),
    ("breach", "breach", "law.breach"),
    ("purge", "purge", "data.purge"),
    ("keys save", "keys save k.keys", "key.save"),
    ("keys load", "keys load k.keys --replace", "key.load"),
    ("keys accept", "keys accept", "key.accept"),
    ("backup", "backup b.db", "backup.make"),
    ("restore", "restore b.db", "backup.restore"),
]


def commands(command: Any, path: str = "") -> Iterator[str]:
    """Every command as typed; of a group that is none itself, those in it."""
    below = getattr(command, "commands", {})
    if path and not (below and command.no_args_is_help):
        yield path
    for name, each in below.items():
        yield from commands(each, f"{path} {name}".strip())


def test_every_command_leaves_a_line_or_says_why_none() -> None:
    # by a stand-in of Zalo: tests/channels
    played = {name for name, _, _ in PLAYED} | {"zalo connect", "schedule", "roster"}
    assert set(commands(get_command(app))) <= played | WITHOUT.keys()
    assert not played & WITHOUT.keys()


def test_every_kind_has_words_in_every_language() -> None:
    for language in LANGUAGES:
        said = {kind for kind in AUDIT_KINDS if texts(language).has(f"cli.audit.kind.{kind}")}
        assert said == AUDIT_KINDS


def list_of(folder: Path, *more: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(nhipcau(folder, "audit", "list", "--json", *more))
    return found


def asked(folder: Path, question: str) -> Any:
    connection = sqlite3.connect(folder / "n.db")
    with connection:
        found = connection.execute(question).fetchone()
    connection.close()
    return found


@pytest.mark.slow
def test_commands_are_recorded_and_what_is_done_to_them_found(tmp_path: Path) -> None:
    (tmp_path / "units.csv").write_text("code,name,parent\nBQL2,Ban hai,BQL\n")
    (tmp_path / "roster.csv").write_text(ROSTER)
    (tmp_path / "poll.yaml").write_text(QUESTIONS.replace("kind: text", "kind: yesno"))
    (tmp_path / "rapid.yaml").write_text(QUESTIONS)
    (tmp_path / "notice.yaml").write_text("text: Mai họp lúc 8 giờ.\n")
    (tmp_path / "duty.yaml").write_text(QUESTIONS + "every: week fri 16:00\n")
    (tmp_path / "reports.csv").write_text(f"day,area,text\n{datetime.now(UTC):%Y-%m-%d},X06040,Mất điện cả tuần\n")
    facts: dict[str, str] = {}
    for name, line, kind in PLAYED:
        of_kind = f"SELECT count(*) FROM audit WHERE kind = '{kind}'"
        before = asked(tmp_path, of_kind)[0] if facts else 0
        typed = [word.format(**facts).replace("LạngSơn", "Lạng Sơn") for word in line.split()]
        out = nhipcau(tmp_path, *typed, PASSPHRASE="năm chữ dài hơn mười hai")
        if name == "roster import":
            facts["id"] = asked(tmp_path, "SELECT id FROM people WHERE role = 'collaborator'")[0]
            asked(tmp_path, "UPDATE people SET state = 'consented'")
            asked(tmp_path, CONTACTS)
            facts["other"] = asked(tmp_path, "SELECT id FROM people WHERE role = 'coordinator'")[0]
        if "--json" in typed:
            facts |= {"card": json.loads(out).get("code"), "request": json.loads(out).get("id")}
        assert asked(tmp_path, of_kind)[0] > before, line
    assert {row["who"] for row in list_of(tmp_path)} == {"office"}
    assert set(list_of(tmp_path)[0]) == {"day", "who", "kind", "number"}
    assert "văn phòng  thêm đơn vị × " in nhipcau(tmp_path, "audit", "list")
    assert "unit" in nhipcau(tmp_path, "audit", "list", "--kind", "x", status=2)
    assert nhipcau(tmp_path, "verify-audit").startswith("Nhật ký nguyên vẹn: ")
    asked(tmp_path, "UPDATE audit SET number = 1 WHERE kind = 'roster.import'")
    assert "một dòng đã bị sửa" in nhipcau(tmp_path, "verify-audit", status=1)
    asked(tmp_path, "DELETE FROM audit WHERE kind = 'roster.import'")
    assert "thiếu 1 dòng" in nhipcau(tmp_path, "verify-audit", status=1)
    assert json.loads(nhipcau(tmp_path, "verify-audit", "--json", status=1))["what"] == "missing"
