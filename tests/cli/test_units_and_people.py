"""The command line by real processes: the unit tree, the roster, its people and their invites."""

from __future__ import annotations

import csv
import json
import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from pypdf import PdfReader

from tests.support import DATA
from tests.support.processes import PROGRAM, environment, nhipcau

pytestmark = pytest.mark.slow

#: What offices may begin with.
SAMPLES = Path(__file__).parents[2] / "docs" / "samples"


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A folder with the province of Lạng Sơn, and what `init` said."""
    folder = tmp_path_factory.mktemp("province")
    said = json.loads(nhipcau(folder, "init", "--province", "lang son", "--json"))
    return folder, said


@pytest.fixture
def office(province: tuple[Path, dict[str, Any]], tmp_path: Path) -> Path:
    """A copy of it for one test."""
    folder = tmp_path / "office"
    shutil.copytree(province[0], folder)
    return folder


@pytest.fixture(scope="module")
def staffed(province: tuple[Path, dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("staffed") / "office"
    shutil.copytree(province[0], folder)
    nhipcau(folder, "roster", "import", str(DATA / "roster.csv"))
    return folder


@pytest.fixture
def staff(staffed: Path, tmp_path: Path) -> Path:
    """A copy with the people of data/roster.csv."""
    folder = tmp_path / "staff"
    shutil.copytree(staffed, folder)
    return folder


def run_json(folder: Path, *arguments: str, **settings: Any) -> Any:
    """The one JSON value on standard output: anything else there fails."""
    return json.loads(nhipcau(folder, *arguments, "--json", **settings))


def refused(folder: Path, *arguments: str, status: int) -> str:
    """The one line a refusal says; nothing on standard output."""
    line = nhipcau(folder, *arguments, status=status)
    assert line.endswith("\n")
    assert line.count("\n") == 1, line
    assert "Traceback" not in line
    return line.strip()


def people(folder: Path) -> dict[str, dict[str, Any]]:
    return {person["name"]: person for person in run_json(folder, "person", "list")}


def rows_of(folder: Path, question: str) -> list[tuple[Any, ...]]:
    """Straight from the database, where starting a process would only cost time."""
    connection = sqlite3.connect(folder / "n.db")
    try:
        return connection.execute(question).fetchall()
    finally:
        connection.close()


def good_codes(folder: Path) -> set[str]:
    return {code for (code,) in rows_of(folder, "SELECT code FROM invites WHERE NOT revoked AND uses_left > 0")}


# ------------------------------------------------------------------ the tree


def test_init_makes_66_units_and_one_invite_and_does_nothing_twice(
    province: tuple[Path, dict[str, Any]], office: Path
) -> None:
    first = province[1]
    assert first["units"] == 66
    code = first["invite"]["code"]
    assert first["invite"]["links"] == {"telegram": None, "web": f"http://127.0.0.1:8080/c/{code}"}
    assert run_json(office, "init", "--province", "Tỉnh Lạng Sơn") == {"units": 0, "invite": None}
    units = run_json(office, "unit", "list")
    assert len(units) == 66
    assert units[0] == {"code": "T20", "name": "Tỉnh Lạng Sơn", "kind": "tỉnh", "parent": None}
    assert {"code": "X06040", "name": "Xã Thất Khê", "kind": "xã", "parent": "T20"} in units
    invites = run_json(office, "invite", "list")
    assert [(i["code"], i["role"], i["uses_left"], i["good"]) for i in invites] == [(code, "coordinator", 1, True)]
    assert "Tỉnh Cao Bằng" in refused(office, "init", "--province", "cao bag", status=2)
    assert "Tỉnh Lạng Sơn" in refused(office, "init", "--province", "Cao Bằng", status=1)


def test_units_are_added_one_by_one_and_from_a_file(office: Path) -> None:
    added = run_json(office, "unit", "add", "Chi bộ thôn Bản Rọi", "--code", "CB-BANROI", "--parent", "Xã Thất Khê")
    assert added == {"code": "CB-BANROI", "name": "Chi bộ thôn Bản Rọi", "kind": "cell", "parent": "X06040"}
    assert "CB-BANROI" in refused(office, "unit", "add", "Khác", "--code", "CB-BANROI", status=1)
    assert "Xã Lạ" in refused(office, "unit", "add", "Khác", "--code", "K", "--parent", "Xã Lạ", status=2)
    assert run_json(office, "unit", "import", str(DATA / "units.csv")) == {"added": 2, "known": 2}
    assert run_json(office, "unit", "import", str(DATA / "units.csv")) == {"added": 0, "known": 4}
    paths = dict(rows_of(office, "SELECT code, path FROM units"))
    assert (len(paths), paths["CB-NAPAI"], paths["HPN"]) == (69, "/T20/X06040/CB-NAPAI/", "/T20/HPN/")


def test_a_file_of_units_with_faults_adds_nothing(office: Path) -> None:
    rows = [("A1", "Xã A", "xã", "T20"), ("B 1", "Xã B", "xã", "T20"), ("C1", "Xã C", "xã", "Z9"), ("A1", "Xã", "", "")]
    text = "\n".join(",".join(row) for row in [("Mã đơn vị", "Tên đơn vị", "Loại", "Mã cấp trên"), *rows])
    (office / "units.csv").write_text(text, encoding="utf-8")
    lines = nhipcau(office, "unit", "import", "units.csv", status=1).splitlines()
    assert [line.partition(":")[0] for line in lines] == ["Dòng 3", "Dòng 4", "Dòng 5"]
    assert "Z9" in lines[1]
    assert "dòng 2" in lines[2]
    assert rows_of(office, "SELECT count(*) FROM units") == [(66,)]


# ------------------------------------------------------------------ the roster


def test_a_roster_is_tried_then_imported_then_known(office: Path) -> None:
    file = str(DATA / "roster.csv")
    said = run_json(office, "roster", "import", file, "--dry-run")
    assert (said["added"], said["known"], said["skipped"]) == (4, 0, 1)
    assert [(cell["code"], cell["name"]) for cell in said["cells"]] == [
        ("X06040-01", "Chi bộ thôn Nà Pai"),
        ("X06001-01", "Chi bộ thôn Khuổi Cấp"),
    ]
    assert said["dropped"] == ["Ngày tham gia", "Ghi chú"]
    assert rows_of(office, "SELECT (SELECT count(*) FROM people), (SELECT count(*) FROM units)") == [(0, 66)]
    # what a dry run says is what happens
    assert run_json(office, "roster", "import", file) == said
    again = run_json(office, "roster", "import", file)
    assert (again["added"], again["known"], again["skipped"], again["cells"]) == (0, 4, 1, [])
    found = people(office)
    assert {name: (p["unit"], p["role"], p["state"]) for name, p in found.items()} == {
        "Trần Quang Tuấn": ("T20", "coordinator", "invited"),
        "Đinh Quang Thắng": ("X06040", "coordinator", "invited"),
        "Phạm Thị Trang": ("X06040-01", "collaborator", "invited"),
        "Chu Thanh Bình": ("X06001-01", "collaborator", "paused"),
    }
    assert all(set(p) == {"id", "name", "unit", "role", "state", "channels"} for p in found.values())
    stored = b"".join(path.read_bytes() for path in office.glob("n.db*"))
    assert b"0902000399" not in stored
    assert b"tuan@example.com" not in stored


def test_a_workbook_is_read_as_its_csv_is(office: Path) -> None:
    with (DATA / "roster.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        # a spreadsheet drops the zero of a phone number and knows days
        sheet.append([int(cell) if cell.isdigit() else cell or None for cell in row])
    book.save(office / "roster.xlsx")
    assert run_json(office, "roster", "import", "roster.xlsx")["added"] == 4
    assert run_json(office, "roster", "import", str(DATA / "roster.csv"))["added"] == 0


def test_wrong_rows_are_named_and_nothing_is_half_imported(office: Path) -> None:
    lines = nhipcau(office, "roster", "import", str(DATA / "roster_wrong.csv"), status=1).splitlines()
    assert [line.partition(":")[0] for line in lines] == ["Dòng 3", "Dòng 4", "Dòng 5", "Dòng 6", "Chưa nhập ai"]
    assert lines[4] == "Chưa nhập ai: cần sửa 4 dòng, 1 dòng đã đúng."
    assert "Xã Không Có" in lines[0]
    assert "CTV101 đã có ở dòng 2" in lines[1]
    assert "thiếu họ và tên" in lines[2]
    for wrong in ("Chủ tịch", "Đi vắng", "12345", "'bon'"):
        assert wrong in lines[3]
    # a day that is not kept stops nothing
    assert "31/02/2026" not in lines[3]
    assert rows_of(office, "SELECT * FROM people") == []
    (office / "other.csv").write_text("Tên,Nơi\nA,B\n", encoding="utf-8")
    assert "thiếu cột" in refused(office, "roster", "import", "other.csv", status=1)


def test_what_is_wrong_is_also_a_table_to_work_through(office: Path) -> None:
    wrong = str(DATA / "roster_wrong.csv")
    nhipcau(office, "roster", "import", wrong, "--problems", "loi.xlsx", status=1)
    sheet = load_workbook(office / "loi.xlsx").active
    assert sheet is not None
    header, *rows = sheet.iter_rows(values_only=True)
    assert header == ("Dòng", "Cột", "Ghi trong ô", "Sai ở đâu", "Cách sửa")
    assert [row[:3] for row in rows] == [
        (3, "Đơn vị", "Xã Không Có"),
        (4, "Mã CTV", "CTV101"),
        (5, "Họ và tên", None),
        (6, "Vai trò", "Chủ tịch"),
        (6, "Trạng thái", "Đi vắng"),
        (6, "Thư điện tử", "bon"),
        (6, "Điện thoại", "12345"),
    ]
    assert all(row[3] and row[4] for row in rows)
    # for programs, and for a list that is right
    said = json.loads(nhipcau(office, "roster", "import", wrong, "--json", status=1).splitlines()[0])
    assert [problem["row"] for problem in said["problems"]] == [3, 4, 5, 6, 6, 6, 6]
    nhipcau(office, "roster", "import", str(DATA / "roster.csv"), "--problems", "dung.csv", "--dry-run")
    assert (office / "dung.csv").read_text(encoding="utf-8-sig").splitlines() == [
        "Dòng,Cột,Ghi trong ô,Sai ở đâu,Cách sửa"
    ]


def test_what_is_no_way_to_import_is_wrong_use(office: Path) -> None:
    file = str(DATA / "roster.csv")
    assert ".xlsx" in refused(office, "roster", "import", file, "--problems", "loi.txt", status=2)
    assert "không ghi được" in refused(office, "roster", "import", file, "--problems", "no/loi.csv", status=1)
    assert rows_of(office, "SELECT * FROM people") == []


def test_the_sample_roster_is_imported_after_init_alone(office: Path) -> None:
    for file in ("roster.xlsx", "roster.csv"):
        said = run_json(office, "roster", "import", str(SAMPLES / file))
        assert said["added"] == {"roster.xlsx": 290, "roster.csv": 0}[file]
        assert (said["known"], said["skipped"]) == (290 - said["added"], 10)
    # 66 of `init` and the agencies, organisations and cells of the workbook's second sheet
    assert rows_of(office, "SELECT count(*) FROM units") == [(351,)]
    assert run_json(office, "unit", "import", str(SAMPLES / "units.csv")) == {"added": 0, "known": 351}
    roles = dict(rows_of(office, "SELECT role, count(*) FROM people GROUP BY role"))
    states = dict(rows_of(office, "SELECT state, count(*) FROM people GROUP BY state"))
    with (SAMPLES / "roster.csv").open(encoding="utf-8-sig", newline="") as table:
        listed = [row for row in csv.DictReader(table) if row["Trạng thái"] != "Đã thôi"]
    assert roles["coordinator"] == sum(row["Vai trò"] in {"Phụ trách", "Điều phối viên"} for row in listed)
    assert states["paused"] == sum(row["Trạng thái"] == "Tạm nghỉ" for row in listed)


def test_what_is_wrong_with_a_file_is_said_in_the_offices_language(office: Path) -> None:
    lines = nhipcau(office, "roster", "import", str(DATA / "roster_wrong.csv"), status=1, LANGUAGE="en").splitlines()
    assert "there is no unit 'Xã Không Có' here" in lines[0]
    assert lines[1].startswith("Row 4: the code CTV101 stands in row 2 already")
    (office / "other.csv").write_text("Tên,Nơi\nA,B\n", encoding="utf-8")
    assert "a column is missing" in nhipcau(office, "roster", "import", "other.csv", status=1, LANGUAGE="en")
    assert "the columns Mã đơn vị" in nhipcau(office, "unit", "import", "other.csv", status=1, LANGUAGE="en")
    assert "the code '!' may have" in nhipcau(office, "unit", "add", "Khác", "--code", "!", status=2, LANGUAGE="en")


# ------------------------------------------------------------------ people and invites


def test_people_are_moved_relinked_and_disabled(staff: Path) -> None:
    trang = people(staff)["Phạm Thị Trang"]["id"]
    nhipcau(staff, "person", "move", trang, "--unit", "Xã Đoàn Kết")
    first = run_json(staff, "person", "relink", trang)
    assert set(first) == {"code", "links"}
    second = run_json(staff, "person", "relink", trang)
    assert {first["code"], second["code"]} & good_codes(staff) == {second["code"]}
    nhipcau(staff, "person", "disable", trang)
    assert second["code"] not in good_codes(staff)
    [now] = [person for person in run_json(staff, "person", "list") if person["id"] == trang]
    assert (now["name"], now["unit"], now["state"]) == ("", "X06001", "left")
    assert "đã thôi tham gia" in refused(staff, "person", "relink", trang, status=1)
    assert "không có người này" in refused(staff, "person", "move", "nobody", "--unit", "T20", status=2)


def test_an_invite_has_its_shape_and_can_be_revoked(office: Path) -> None:
    made = run_json(
        office, "invite", "--unit", "Thất Khê", "--uses", "3", "--days", "2", "--qr", "qr", PUBLIC_URL="https://a.vn/"
    )
    code = made["code"]
    assert made["links"] == {"telegram": None, "web": f"https://a.vn/c/{code}"}
    assert [path.name for path in (office / "qr").iterdir()] == [f"{code}-web.png"]
    row = next(invite for invite in run_json(office, "invite", "list") if invite["code"] == code)
    assert (row["unit"], row["role"], row["person"], row["uses_left"], row["good"]) == (
        "X06040",
        "collaborator",
        None,
        3,
        True,
    )
    assert "đã thu hồi" in nhipcau(office, "invite", "revoke", code.lower())
    assert code not in good_codes(office)
    assert "ABCDEFGH" in refused(office, "invite", "revoke", "ABCDEFGH", status=2)


def test_roster_cards_are_one_a_person_and_stay_the_same_while_good(staff: Path) -> None:
    def cards(name: str) -> dict[str, str]:
        with (staff / name).open(encoding="utf-8-sig", newline="") as file:
            return {row["name"]: row["code"] for row in csv.DictReader(file)}

    assert run_json(staff, "invite", "--roster", "--csv", "one.csv") == {"cards": 4}
    first = cards("one.csv")
    assert len(set(first.values())) == 4
    nhipcau(staff, "invite", "revoke", first["Phạm Thị Trang"])
    assert run_json(staff, "invite", "--roster", "--csv", "two.csv") == {"cards": 4}
    second = cards("two.csv")
    assert {name for name in first if first[name] != second[name]} == {"Phạm Thị Trang"}
    assert run_json(staff, "invite", "--roster", "--unit", "X06040", "--qr", "cards") == {"cards": 2}
    pictures = sorted(path.name for path in (staff / "cards").glob("*.png"))
    units = (("X06040", "Đinh Quang Thắng"), ("X06040-01", "Phạm Thị Trang"))
    expected = sorted(f"{unit}-{second[name]}-web.png" for unit, name in units)
    assert pictures == expected
    assert cards("cards/cards.csv") == {n: second[n] for n in ("Đinh Quang Thắng", "Phạm Thị Trang")}
    # what can't be written makes no cards
    nhipcau(staff, "invite", "revoke", second["Chu Thanh Bình"])
    before = good_codes(staff)
    assert "không ghi được" in refused(staff, "invite", "--roster", "--csv", "no/such.csv", status=1)
    assert good_codes(staff) == before


def test_cards_are_printed_eight_a_page(staff: Path) -> None:
    said = run_json(staff, "invite", "--roster", "--print", "the.pdf", PUBLIC_URL="https://nhipcau.a.vn")
    assert said == {"cards": 4}
    pages = PdfReader(staff / "the.pdf").pages
    assert [round(float(side)) for side in pages[0].mediabox[2:]] == [595, 842]
    text = pages[0].extract_text()
    assert len(pages) == 1
    codes = dict(rows_of(staff, "SELECT person_id, code FROM invites WHERE person_id IS NOT NULL"))
    for name, person in people(staff).items():
        assert f"{name}\n" in text
        assert f"Mã mời: {codes[person['id']]}\n" in text
    assert "Mã CTV: CTV003\nChi bộ thôn Nà Pai\nXã Thất Khê\n" in text
    assert text.count("Bấm Bắt đầu.") == 4


def test_where_cards_can_not_go_none_are_made(staff: Path) -> None:
    before = good_codes(staff)
    assert ".pdf" in refused(staff, "invite", "--roster", "--print", "the.html", status=2)
    assert "telegram" in refused(staff, "invite", "--roster", "--print", "the.pdf", "--app", "zallo", status=2)
    assert "--roster" in refused(staff, "invite", "--print", "the.pdf", status=2)
    assert "--csv" in refused(staff, "invite", "--roster", status=2)
    assert "không ghi được" in refused(staff, "invite", "--roster", "--print", "no/the.pdf", status=1)
    assert good_codes(staff) == before
    assert not (staff / "the.pdf").exists()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "LƯU Ý: http://127.0.0.1:8080 chỉ mở được trên máy này"),
        ("http://localhost:9000", "LƯU Ý: http://localhost:9000 chỉ mở được trên máy này"),
        ("https://localhost", "LƯU Ý: https://localhost chỉ mở được trên máy này"),
        ("https://nhipcau.a.vn", ""),
    ],
)
def test_links_that_no_phone_opens_are_said_aloud(staff: Path, url: str, said: str) -> None:
    done = subprocess.run(
        [PROGRAM, "invite", "--unit", "X06040"], env=environment(staff, PUBLIC_URL=url), capture_output=True, text=True
    )
    assert (done.returncode, done.stderr.startswith(said), bool(done.stderr)) == (0, True, bool(said))
    ok = {
        check["check"]: check["ok"]
        for check in json.loads(nhipcau(staff, "doctor", "--json", status=1 if said else 0, PUBLIC_URL=url))
    }
    assert ok["address"] is not bool(said)


def test_what_a_command_did_is_told_to_programs(staff: Path) -> None:
    trang = people(staff)["Phạm Thị Trang"]["id"]
    assert run_json(staff, "person", "move", trang, "--unit", "X06001") == {"id": trang, "unit": "X06001"}
    assert run_json(staff, "person", "disable", trang) == {"id": trang, "state": "left"}
    code = run_json(staff, "invite", "--unit", "X06001")["code"]
    assert run_json(staff, "invite", "revoke", code) == {"code": code}


@pytest.mark.parametrize(
    "command",
    [
        ["person", "move", "nobody", "--unit", "X06040"],
        ["person", "disable", "nobody"],
        ["person", "relink", "nobody"],
        ["person", "replace", "nobody", "--name", "Ai Đó"],
        ["person", "list", "--unit", "Xã Lạ"],
        ["invite", "--unit", "Xã Lạ"],
        ["invite", "--role", "chef"],
        ["invite", "--days", "0"],
        ["invite", "--uses", "0"],
        ["invite", "revoke", "AAAAAAAA"],
        ["unit", "add", "A", "--code", "A", "--parent", "Xã Lạ"],
        ["unit", "import", "khong-co.csv"],
        ["roster", "import", "khong-co.csv"],
        ["roster", "import", str(SAMPLES / "roster.xlsx"), "--sheet", "Trang lạ"],
        ["init", "--province", "Xứ Lạ"],
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_wrong_use_is_one_sentence_in_the_offices_language(staff: Path, command: list[str]) -> None:
    vietnamese, english = refused(staff, *command, status=2), nhipcau(staff, *command, status=2, LANGUAGE="en").strip()
    assert vietnamese != english
    assert english.isascii() or any(given in english for given in ("Xã Lạ", "Lạng Sơn", "Trang lạ"))
