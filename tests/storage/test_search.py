"""Reports are searched by their words within a scope: the same on both databases, and nothing that is gone."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from nhipcau.bot.language.search_words import keys_in
from nhipcau.model.changes import ChangeReport, WithdrawReport
from nhipcau.model.reports import ReportState
from nhipcau.storage import report_list, search
from nhipcau.storage.reports import change_report, withdraw_report
from nhipcau.storage.retention import RetentionTerms, sweep_batch
from nhipcau.storage.tables import reports
from nhipcau.storage.units import load_tree
from tests.support.mixing import mixed
from tests.support.searching import context, found, lay, pieces, texts, words_of_index
from tests.support.world import World

pytestmark = pytest.mark.slow

_MA = ["ma", "má", "mà", "mả", "mã", "mạ"]


async def test_words_as_they_are_spelt_come_first(office: World) -> None:
    """And both are found, in the order of days; a withdrawn or another word is not."""
    today = office.now.date()
    for n, word in enumerate(_MA):
        await lay(office, f"thấy {word} ngoài ruộng", day=today - timedelta(days=n))
    await lay(office, "thấy man ngoài ruộng")
    for n, word in enumerate(_MA):
        rest = [other for m, other in enumerate(_MA) if m != n]
        expected = [f"thấy {each} ngoài ruộng" for each in (word, *rest)]
        assert await texts(office, word.upper()) == expected


async def test_spellings_of_one_word_are_one(office: World) -> None:
    for text in ("hòa giải ở thôn", "kỹ thuật chăn nuôi", "Đường đất lầy", "thủy lợi"):
        await lay(office, text)
    for typed, text in (
        ("hoà giải", "hòa giải ở thôn"),
        ("kĩ thuật", "kỹ thuật chăn nuôi"),
        ("duong dat", "Đường đất lầy"),
        ("ĐƯỜNG", "Đường đất lầy"),
        ("thuỷ lợi", "thủy lợi"),
    ):
        assert await texts(office, typed) == [text], typed


async def test_a_phrase_in_quotes_stands_as_it_is(office: World) -> None:
    await lay(office, "thiếu nước sạch")
    await lay(office, "nước suối không sạch")
    await lay(office, "thiếu nước", proposal="sạch hơn")
    assert await texts(office, '"nước sạch"') == ["thiếu nước sạch"]
    assert await texts(office, "“nuoc sach” thiếu") == ["thiếu nước sạch"]
    assert sorted(await texts(office, "nước sạch")) == ["nước suối không sạch", "thiếu nước", "thiếu nước sạch"]


async def test_fields_narrow_what_is_found(office: World) -> None:
    today = office.now.date()
    await lay(office, "đường hỏng một", topic="GT", mood="buc_xuc", urgency="khan")
    await lay(office, "đường hỏng hai", topic="MT", state="verifying", day=today - timedelta(days=40))
    await lay(office, "đường hỏng ba", unit="X06040", state="done", day=today - timedelta(days=400))
    async with office.parts.database.reading() as connection:
        area = (await load_tree(connection)).by_code["X06040"]
    for more, expected in (
        ({"topics": ("MT",)}, ["hai"]),
        ({"topics": ("MT", "GT")}, ["một", "hai", "ba"]),
        ({"moods": ("buc_xuc",)}, ["một"]),
        ({"urgencies": ("khan",)}, ["một"]),
        ({"states": (ReportState.VERIFYING, ReportState.DONE)}, ["hai", "ba"]),
        ({"areas": (area,)}, ["ba"]),
        ({"since": today - timedelta(days=40)}, ["một", "hai"]),
        ({"until": today - timedelta(days=40)}, ["hai", "ba"]),
        ({"since": today - timedelta(days=41), "until": today - timedelta(days=39)}, ["hai"]),
        ({"since": today, "until": today - timedelta(days=1)}, []),
    ):
        for typed in ("đường hỏng", ""):
            assert [text.split()[-1] for text in await texts(office, typed, **more)] == expected, more


async def test_nothing_outside_the_scope_is_found(office: World) -> None:
    await lay(office, "cầu treo hỏng", unit="X06040")
    await lay(office, "cầu treo gãy", unit="X06184")
    assert await texts(office, "cầu treo", unit="X06040") == ["cầu treo hỏng"]
    assert len(await texts(office, "cầu treo")) == 2
    for role in ("leader", "admin", "collaborator"):
        assert await texts(office, "cầu treo", role=role) == []


async def test_a_place_is_read_and_found_by_its_own_area_only(office: World) -> None:
    await lay(office, "cầu treo hỏng", unit="X06040", place="Thôn Nà Pài")
    [of_own] = (await found(office, "cầu", unit="X06040")).reports
    [of_above] = (await found(office, "cầu", unit="T20")).reports
    assert (of_own.added["place"], of_above.added["place"]) == ("Thôn Nà Pài", "")
    assert await texts(office, "pài") == []


@pytest.fixture(params=["few", "some", "many"])
def looked_at(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few reports are looked through, some found by the index and put in order, many found in it: all give the same."""
    if request.param != "few":
        monkeypatch.setattr(search, "FEW", -1)
        monkeypatch.setattr(report_list, "FEW", -1)
        monkeypatch.setattr(search, "CHUNK", 3)
    if request.param == "many":
        monkeypatch.setattr(report_list, "PUT_IN_ORDER", -1)


@pytest.mark.usefixtures("looked_at")
async def test_pages_follow_each_other(office: World) -> None:
    for n in range(24):
        text, state = ("câu", "done") if n % 4 else ("cầu", "new")
        await lay(office, f"{text} số {n}", day=office.now.date() - timedelta(days=n % 3 * 20), state=state)
    for more, number in (({}, 24), ({"states": (ReportState.NEW,)}, 6), ({"moods": ("ban_khoan",)}, 24)):
        for typed in ("cầu", ""):
            whole = await found(office, typed, **more)
            codes = [report.code for report in whole.reports]
            assert (len(codes), whole.total, whole.following) == (number, number, "")
            after, parts = "", []
            for _ in range(number // 5 + 1):
                part = await found(office, typed, after=after, size=5, **more)
                assert (part.total, part.is_more) == (number, False)
                parts += [report.code for report in part.reports]
                after = part.following
            assert (parts, after) == (codes, ""), (typed, more)
    for made_up in ("x", "2026-11-01.x", "=2026-99-01.PA-2222222", "'"):
        assert len((await found(office, "cầu", after=made_up)).reports) == 24


@pytest.mark.usefixtures("looked_at")
async def test_what_is_not_counted_is_said_to_be_more(office: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_list, "COUNTED", 7)
    monkeypatch.setattr(report_list, "COUNTED_BY_WORDS", 6)
    for n in range(8):
        await lay(office, f"cầu số {n}", day=office.now.date() - timedelta(days=30 * n))
    page = await found(office, "", size=2)
    assert (page.total, page.is_more) == (7, True)
    page = await found(office, "cầu", size=2)
    assert (page.total, page.is_more) in ((6, True), (8, False))


async def test_what_is_gone_is_in_the_index_no_more(office: World) -> None:
    today = office.now.date()
    kept = await lay(office, "cầu treo hỏng ván")
    gone = await lay(office, "giếng xômcuối nhiễm phèn")
    edited = await lay(office, "kênhmương tắc", proposal="nạovét")
    old = await lay(office, "chuyệnxưa đã lâu", day=today - timedelta(days=900))
    async with office.parts.database.writing() as connection:
        at = context(office, connection)
        await withdraw_report(at, WithdrawReport(gone, ()))
        await change_report(at, ChangeReport(edited, {"text": "mương đầy"}, seen=ReportState.NEW))
        await change_report(at, ChangeReport(edited, {"state": "received"}))
        await sweep_batch(connection, office.now, today, RetentionTerms(60, 24))
        index = await words_of_index(connection)
        rows = (await connection.execute(select(reports.c.code, reports.c.text, reports.c.proposal))).all()
        expected = {
            row.code: {word for k in keys_in(f"{row.text} {row.proposal}") for word in (k.folded, f"={k.spelt}")}
            for row in rows
        }
        assert index == {code: words for code, words in expected.items() if words}
        assert set(index) == {kept, edited}
    assert await texts(office, "giếng") == await texts(office, "tắc") == await texts(office, "chuyệnxưa") == []
    assert await texts(office, "day nạovét") == ["mương đầy"]
    if office.parts.database.is_sqlite:
        await office.parts.database.wipe()
        held = (office.parts.settings.data_dir / "n.db").read_bytes().decode("utf-8", "ignore").casefold()
        assert old not in held
        for word in ("xomcuoi", "xômcuối", "kenhmuong", "chuyenxua"):
            assert word not in held, word
        assert "nạovét" in held


async def test_the_mix_leaves_one_piece_and_finds_the_same(office: World) -> None:
    for n in range(40):
        await lay(office, f"cầu số {n}", day=office.now.date() - timedelta(days=n))
    before = await texts(office, "cầu")
    await mixed(office)
    assert await texts(office, "cầu") == before
    if office.parts.database.is_sqlite:
        async with office.parts.database.reading() as connection:
            assert set(await pieces(connection)) == {1}


@pytest.mark.usefixtures("looked_at")
async def test_both_databases_find_the_same(office: World) -> None:
    """The oracle is a plain look through the texts: on each database the order too is what it says."""
    chance = random.Random(5)
    words = [
        "nước",
        "nuoc",
        "sạch",
        "sách",
        "sach",
        "cầu",
        "câu",
        "hỏng",
        "đường",
        "hòa",
        "hoà",
        "kỹ",
        "kĩ",
        "3",
        "5km",
    ]
    marks = [" ", ", ", ". ", " - ", "\n", " 🙂 ", "/", " …"]
    laid: list[tuple[str, date, str]] = []
    for _ in range(250):
        text = "".join(chance.choice(words) + chance.choice(marks) for _ in range(chance.randrange(1, 9)))
        day = office.now.date() - timedelta(days=chance.randrange(120))
        laid.append((await lay(office, text, day=day), day, text))
    for _ in range(60):
        asked = [
            [chance.choice(words) for _ in range(chance.choice((1, 1, 2, 3)))] for _ in range(chance.choice((1, 2)))
        ]
        typed = " ".join(f'"{" ".join(phrase)}"' for phrase in asked)
        phrases = [keys_in(" ".join(phrase)) for phrase in asked]
        tiers: dict[int, list[tuple[date, str]]] = {0: [], 1: []}
        for code, day, text in laid:
            keys = keys_in(text)
            for tier, part in ((0, 1), (1, 0)):
                lines = [tuple(key[part] for key in phrase) for phrase in phrases]
                own = tuple(key[part] for key in keys)
                if all(any(own[n : n + len(line)] == line for n in range(len(own))) for line in lines):
                    tiers[tier].append((day, code))
                    break
        expected = [code for tier in (0, 1) for _, code in sorted(tiers[tier], reverse=True)]
        codes = [report.code for report in (await found(office, typed, size=500)).reports]
        assert codes == expected, typed
