"""Boards stay readable on a phone: of a commune with 15 cells, of a province with 84 units and 285 cells."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from nhipcau.bot.forms.model import Form, Question, QuestionKind
from nhipcau.bot.language.catalogue import texts
from nhipcau.bot.units.tree import Tree, Unit
from nhipcau.handlers.requests.board_text import board_pages, noun, result_pages
from nhipcau.model.counts import BoardFacts, BoardRow
from nhipcau.model.request_kinds import RequestKind
from nhipcau.model.requests import Request, RequestContent, RequestState
from tests.support.cells import province

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
T = texts("vi")
COMMUNE = province(1, [15])
WHOLE = province(84, [4] * 57 + [3] * 19)


def request(tree: Tree, kind: str = "rapid", state: str = "open") -> Request:
    form = Form("r", "Mưa lũ đêm qua", (Question("q1", QuestionKind.TEXT, "Tình hình?"),))
    content = RequestContent(RequestKind(kind), form.title, "", form)
    unit = tree.root if tree is WHOLE else tree.by_code["X00000"]
    assert unit is not None
    return Request("r", unit, content, RequestState(state), NOW, NOW + timedelta(hours=6), 100)


def row(unit: Unit, *, answered: bool = False, nothing: bool = False) -> BoardRow:
    done = int(answered or nothing)
    return BoardRow(unit, 1, 1, 0, done, int(nothing), 0, 0, first=done)


def answer(unit: Unit, words: str, **more: Any) -> dict[str, object]:
    return {"q1": words, "_id": unit.code, "_unit": unit.name, "_code": unit.code, "_nothing": False, **more}


def cells_of(tree: Tree) -> list[Unit]:
    return [unit for unit in tree.units if unit.is_cell]


def silent_names(tree: Tree) -> dict[int, str]:
    return {unit.id: f"Nông Văn Thử {unit.id}" for unit in tree.units}


def test_a_commune_of_fifteen_cells_fits_into_one_message() -> None:
    cells = cells_of(COMMUNE)
    rows = [row(cells[0], answered=True), row(cells[1], answered=True), *(row(c, nothing=True) for c in cells[2:11])]
    rows += [row(c) for c in cells[11:]]
    answers = [answer(cells[0], "hai hộ tốc mái"), answer(cells[1], "đường vào thôn sạt ba điểm", _late=True)]
    pages = board_pages(request(COMMUNE), BoardFacts(rows, answers, silent_names(COMMUNE)), COMMUNE, NOW, T)
    assert pages == [
        "Mưa lũ đêm qua – còn 6 giờ\n"
        "Đã trả lời 11/15 thôn (9 không có gì)\n"
        "Chưa trả lời:\n"
        "• Thôn Nà Pàn 12 – Nông Văn Thử 14\n"
        "• Thôn Nà Pàn 13 – Nông Văn Thử 15\n"
        "• Thôn Nà Pàn 14 – Nông Văn Thử 16\n"
        "• Thôn Nà Pàn 15 – Nông Văn Thử 17\n"
        "– Thôn Nà Pàn 1: hai hộ tốc mái\n"
        "– Thôn Nà Pàn 2 (muộn): đường vào thôn sạt ba điểm\n"
        "và 9 thôn đã trả lời: không có gì"
    ]


def whole_facts(answered: int) -> BoardFacts:
    """A province of whose cells the first so many have answered, every third with words."""
    asked = cells_of(WHOLE) + [u for u in WHOLE.units if u.kind == "xã" and not WHOLE.cells(u)]
    done = asked[:answered]
    rows = [row(u, answered=n % 3 == 0, nothing=n % 3 > 0) for n, u in enumerate(done)]
    rows += [row(u) for u in asked[answered:]]
    answers = [answer(u, f"việc thứ {n} ở thôn, bà con đang dọn") for n, u in enumerate(done) if n % 3 == 0]
    return BoardFacts(rows, answers, silent_names(WHOLE))


@pytest.mark.parametrize("answered", [0, 1, 40, 200, 285, 293])
@pytest.mark.parametrize("kind", ["rapid", "duty"])
def test_a_province_of_285_cells_comes_in_pages_of_350(answered: int, kind: str) -> None:
    assert len(cells_of(WHOLE)) == 285
    facts = whole_facts(answered)
    pages = board_pages(request(WHOLE, kind), facts, WHOLE, NOW, T)
    assert [len(page) for page in pages if len(page) > 350] == []
    lines = [line for page in pages for line in page.split("\n")]
    # nothing is lost between the pages, and nothing stands there twice
    silent = [line for line in lines if line.startswith("• ")]
    incomplete = {WHOLE.commune_of(r.unit).id for r in facts.rows if not r.settled}
    assert len(silent) == len(set(silent)) == len(incomplete)
    assert len([line for line in lines if line.startswith("– ")]) == len(facts.answers)


def test_a_provinces_first_page_says_what_is_missing_and_known() -> None:
    page = board_pages(request(WHOLE), whole_facts(40), WHOLE, NOW, T)[0].split("\n")
    assert page[1:3] == ["Đã trả lời 10/84 xã, 40/285 thôn (26 không có gì)", "Chưa trả lời:"]
    assert page[3].startswith("• Xã Tân Thành 11 – Nông Văn Thử")
    assert any(line.startswith("– Thôn Nà Pàn 1, Xã Tân Thành 1: việc thứ 0") for line in page)
    assert "… và 70 nơi khác chưa trả lời" in page


def test_a_commune_some_of_whose_cells_answered_says_how_many() -> None:
    pages = board_pages(request(WHOLE), whole_facts(42), WHOLE, NOW, T)
    assert any("• Xã Tân Thành 11: mới 2/4 thôn" in page for page in pages)


def test_results_tell_every_answer_and_then_who_was_silent() -> None:
    facts = whole_facts(200)
    pages = result_pages(request(WHOLE, state="closed"), facts, WHOLE, T)
    assert [len(page) for page in pages if len(page) > 350] == []
    assert pages[0].startswith("Kết quả: Mưa lũ đêm qua\n")
    text = "\n".join(pages)
    assert text.count("– Thôn") == len(facts.answers)
    assert text.index("việc thứ 198") < text.index("Chưa trả lời:")


def test_a_leader_reads_counts_without_words_and_names() -> None:
    facts = whole_facts(40)
    bare = [{key: value for key, value in a.items() if key.startswith("_")} for a in facts.answers]
    text = "\n".join(board_pages(request(WHOLE), replace(facts, answers=bare, responsible={}), WHOLE, NOW, T))
    assert "Nông Văn" not in text
    assert "việc thứ" not in text
    assert "• Xã Tân Thành 11\n" in text


@pytest.mark.parametrize(
    ("names", "kind", "word"),
    [
        (["Thôn Nà Pai", "Chi bộ thôn Nà Sla"], "cell", "thôn"),
        (["Thôn Nà Pai", "Khối 3"], "cell", "thôn, khối"),
        (["Khối phố 3", "Khối phố 4"], "cell", "khối phố"),
        (["Nà Pai"], "cell", "thôn, khối"),
        (["Xã Đồng Đăng"], "xã", "xã"),
        (["Phường Đông Kinh"], "phường", "xã, phường"),
        (["Sở Y tế"], "cơ quan", "đơn vị"),
    ],
)
def test_units_are_called_what_people_call_them(names: list[str], kind: str, word: str) -> None:
    assert noun([Unit(n, str(n), name, kind, f"/{n}/", 1) for n, name in enumerate(names)], T) == word
