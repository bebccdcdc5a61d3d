"""What a document is, what it is called, and where it can be had: by content, by a name that can do no harm, signed."""

from __future__ import annotations

import hashlib
import time
import tracemalloc
import unicodedata
import zipfile
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from aiohttp import ClientSession
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from nhipcau.bot.language.catalogue import texts
from nhipcau.bot.messaging.channel import Limits
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.bot.messaging.render import render, units
from nhipcau.privacy.document_check import (
    MAX_BYTES,
    NotADocument,
    TooBig,
    recognise,
    shown_name,
    store_document,
)
from nhipcau.privacy.document_dangers import Reason
from nhipcau.web.documents import LIFE, document_address, document_routes
from tests.support.channel_harnesses import Served
from tests.support.documents import OLE, PLAIN, WITH_MACROS, bomb, doc, docx, locked, pdf
from tests.support.standins.zalo_bot import download_name

DAY = date(2026, 11, 25)
NAME, TITLE = "0123456789abcdef.pdf", "Thông báo 12 – lịch tiếp dân.pdf"

DATA = Path(__file__).parents[1] / "support" / "data"


def _named(part: str) -> str:
    """A list of types in which this part holds the words."""
    return PLAIN.replace("/word/document.xml", part)


# ---------------------------------------------------------------------- what it is


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (pdf(), "pdf"),
        (pdf(size=MAX_BYTES), "pdf"),
        (docx(), "docx"),
        (docx({"word/media/image1.png": b"\x89PNG"}, packed=zipfile.ZIP_STORED), "docx"),
        (doc("WordDocument", "1Table"), "doc"),
        # an Excel table among the words, with folders of its own
        (doc("WordDocument", "ObjectPool/_1042/Workbook", "ObjectPool/_1042/\x01CompObj"), "doc"),
        (doc("WordDocument", "ObjectPool/_1042/PowerPoint Document"), "doc"),
        (docx({"word/embeddings/Microsoft_Excel_Sheet1.xlsx": b"PK"}), "docx"),
        # what a scanner, a printer or a mail puts in front
        ((DATA / "document-bom-first.pdf").read_bytes(), "pdf"),
        (b"\r\n \0" + pdf(), "pdf"),
        (b"\x1b%-12345X@PJL SET COPIES=1\r\n" + pdf(), "pdf"),
        (b"Content-Type: application/pdf\r\n\r\n" + pdf(), "pdf"),
        (b"x" * 1019 + pdf(), "pdf"),
        # the part with the words is named by the list of types
        ((DATA / "document-main-part-named-document2.docx").read_bytes(), "docx"),
        (docx(without="word/document.xml", types=_named("/word/main.xml"), parts={"word/main.xml": "<w/>"}), "docx"),
        (docx(without="word/document.xml", types=_named("/Word/Văn bản.xml"), parts={"word/văn bản.xml": ""}), "docx"),
        (docx({"customXml/item1.xml": "", "docProps/custom.xml": "", "word/webSettings.xml": ""}), "docx"),
    ],
)
def test_documents_are_told_by_their_content(data: bytes, kind: str) -> None:
    assert recognise(data) == kind


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"MZ\x90\0" + bytes(500),
        b"x" * 1020 + b"%PDF-1.4 comes too late",
        b"MZ\x90\0" + pdf(),
        b"\x7fELF" + pdf(),
        b"<html>" + pdf(),
        b"\n<!DOCTYPE html>" + pdf(),
        b"Rar!" + pdf(),
        OLE + pdf(),
        OLE + bytes(512),
        doc("WordDocument")[:1000],
        doc("1Table", "ObjectPool/_1042/WordDocument"),
        docx(without="word/document.xml", types=_named("/word/main.xml")),
        docx({"word/main.xml": ""}, without="word/document.xml"),
        docx({"xl/workbook.xml": ""}, without="word/document.xml", types="<Types/>"),
        b"\x7fELF",
        b"{\\rtf1}",
        b"PK\x03\x04 and no more",
        docx()[:-30],
        docx({"WORD/document.XML": "<other/>"}),
        docx({f"word/part{n}.xml": b"" for n in range(5001)}),
        docx(packed=zipfile.ZIP_LZMA),
        docx().replace(b"word/document.xml", b"xl/workbook00.xml"),
        b"MZ" + docx(),
        doc("Workbook"),
        doc("PowerPoint Document"),
    ],
)
def test_what_only_looks_like_a_document_is_none(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(NotADocument):
        store_document(tmp_path / "documents", data, DAY, "Thông báo.pdf")
    assert not (tmp_path / "documents").exists()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (docx({"word/vbaProject.bin": b"Sub AutoOpen"}), Reason.MACROS),
        (docx({"word/VBAPROJECT.BIN": b"Sub AutoOpen"}), Reason.MACROS),
        (docx({"macros/vbaproject.bin": b"Sub AutoOpen"}), Reason.MACROS),
        (docx(types=WITH_MACROS), Reason.MACROS),
        (docx({"word/activeX/activeX1.bin": OLE}), Reason.MACROS),
        (doc("WordDocument", "Macros/VBA/_VBA_PROJECT"), Reason.MACROS),
        (doc("WordDocument", "ObjectPool/_1042/Workbook", "ObjectPool/_1042/_VBA_PROJECT_CUR/VBA/dir"), Reason.MACROS),
        (locked(docx()), Reason.LOCKED),
        (doc("EncryptionInfo", "EncryptedPackage"), Reason.LOCKED),
        (doc("WordDocument", words=b"\xec\xa5\xc1\0" + bytes(6) + b"\x10\x01"), Reason.LOCKED),
        (doc("Workbook"), Reason.OTHER),
    ],
)
def test_a_refusal_says_why(data: bytes, reason: Reason, tmp_path: Path) -> None:
    with pytest.raises(NotADocument) as refused:
        store_document(tmp_path / "documents", data, DAY, "Thông báo.docx")
    assert refused.value.reason is reason
    assert not (tmp_path / "documents").exists()


def test_a_document_with_macros_by_its_name_is_none(tmp_path: Path) -> None:
    with pytest.raises(NotADocument):
        store_document(tmp_path, docx(), DAY, "Báo cáo.DOCM ")


def test_a_large_one_is_named_so(tmp_path: Path) -> None:
    with pytest.raises(TooBig):
        store_document(tmp_path, pdf(size=6_000_000), DAY, "a.pdf")
    with pytest.raises(TooBig):
        store_document(tmp_path, pdf(size=MAX_BYTES + 1), DAY, "a.pdf")


@pytest.mark.slow
def test_a_bomb_is_never_unpacked() -> None:
    data = bomb()
    assert len(data) < 1_000_000
    tracemalloc.start()
    with pytest.raises(NotADocument):
        recognise(data)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 5_000_000


@pytest.mark.slow
def test_a_bomb_in_one_part_is_read_no_further_than_its_bound() -> None:
    data = docx(types=" " * 190_000_000)
    tracemalloc.start()
    with pytest.raises(NotADocument) as refused:
        recognise(data)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert refused.value.reason is Reason.UNFOLDS
    assert most < 50_000_000


@given(st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", OLE, docx()[:200], docx()]), st.integers(0, 400))
def test_whatever_comes_is_a_document_or_none(noise: bytes, start: bytes, cut: int) -> None:
    with suppress(NotADocument):
        assert recognise(start[:cut] + noise + start[cut:]) in {"pdf", "doc", "docx"}


# ---------------------------------------------------------------------- how it lies there, and what it is called


def test_a_stored_document_tells_no_more_than_its_day(tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    stored = store_document(folder, pdf(), DAY, TITLE)
    path = folder / stored.name
    assert stored.shown == TITLE
    assert [each.name for each in folder.iterdir()] == [stored.name]
    assert len(stored.name) == 20
    assert path.read_bytes() == pdf()
    assert path.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert datetime.fromtimestamp(path.stat().st_mtime, UTC) == datetime(2026, 11, 25, tzinfo=UTC)
    assert store_document(folder, pdf(), DAY, TITLE).name != stored.name


@pytest.mark.parametrize(
    ("title", "kind", "shown"),
    [
        (TITLE, "pdf", TITLE),
        (unicodedata.normalize("NFD", TITLE), "pdf", TITLE),
        ("../../etc/passwd", "pdf", "passwd.pdf"),
        ("C:\\Users\\khoi\\Công văn 5.docx", "docx", "Công văn 5.docx"),
        ("Công văn.docx", "pdf", "Công văn.pdf"),
        ("bao cao.exe", "pdf", "bao cao.exe.pdf"),
        ("a.PDF.pdf.doc", "doc", "a.doc"),
        ("invoice\u202efdp.exe", "doc", "invoicefdp.exe.doc"),
        ("dòng\nhai\0\x07.pdf", "pdf", "dòng hai.pdf"),
        ('a"b<c>|d?*.pdf', "pdf", "a b c d.pdf"),
        ("x\r\nContent-Type: text/html.pdf", "pdf", "html.pdf"),
        ("", "pdf", "Tài liệu.pdf"),
        (".pdf", "pdf", "Tài liệu.pdf"),
        ("..", "docx", "Tài liệu.docx"),
        ("Số 12.2026", "pdf", "Số 12.2026.pdf"),
        ("dài " * 40 + ".docx", "docx", "dài " * 13 + "dài.docx"),
    ],
)
def test_a_shown_name_can_do_no_harm(title: str, kind: str, shown: str) -> None:
    assert shown_name(title, kind) == shown


@given(st.text(max_size=120), st.sampled_from(["pdf", "doc", "docx"]))
def test_every_shown_name_is_whole_and_stays(title: str, kind: str) -> None:
    shown = shown_name(title, kind)
    assert shown.endswith(f".{kind}")
    assert len(kind) + 1 < len(shown) <= 60
    assert not set(shown) & set('/\\\0\r\n"<>|')
    assert not shown.startswith((".", " "))
    assert unicodedata.is_normalized("NFC", shown)
    assert shown_name(shown, kind) == shown


# ---------------------------------------------------------------------- as bubbles

_CHOICES = (Choice("Đã xem", "v:1"), Choice("Hỏi lại", "v:2"))
TELEGRAM = Limits(text=4096, caption=1024)
OFFICIAL = Limits(text=2000, caption=2000, buttons=5, edits=False, photo_choices=False, beside_file=0)
BOT = Limits(text=2000, caption=2000, buttons=0, edits=False, beside_file=1200)


def test_a_message_with_a_document_is_read_back() -> None:
    message = Message("Mời xem", _CHOICES, file=NAME, file_name=TITLE)
    assert Message.from_json(message.to_json()) == message
    assert "file" not in Message("Mời xem").to_json()


def test_where_a_document_bears_words_it_is_one_bubble() -> None:
    message = Message("Mời xem", _CHOICES, file=NAME, file_name=TITLE)
    assert render(message, TELEGRAM) == [message]
    *words, last = render(Message("x " * 3000, _CHOICES, file=NAME, file_name=TITLE), TELEGRAM)
    assert [bool(piece.file or piece.choices) for piece in words] == [False, False]
    assert last == Message("", _CHOICES, file=NAME, file_name=TITLE)


def test_where_it_bears_none_words_and_choices_follow_it() -> None:
    alone = Message("", file=NAME, file_name=TITLE)
    assert render(Message("Mời xem", _CHOICES, file=NAME, file_name=TITLE), OFFICIAL) == [
        alone,
        Message("Mời xem", _CHOICES),
    ]
    assert render(alone, OFFICIAL) == [alone]
    # buttons stand below words
    assert render(replaced(alone, _CHOICES), OFFICIAL) == [alone, Message(TITLE, _CHOICES)]
    picture = Message("Mời xem", _CHOICES, photo="0123456789abcdef.jpg")
    assert render(picture, OFFICIAL) == [Message("", photo=picture.photo), Message("Mời xem", _CHOICES)]
    assert render(replaced(picture, ()), OFFICIAL) == [replaced(picture, ())]


def replaced(message: Message, choices: tuple[Choice, ...]) -> Message:
    return Message(message.text, choices, photo=message.photo, file=message.file, file_name=message.file_name)


def test_a_list_of_choices_stays_last() -> None:
    [piece] = render(Message("Mời xem", _CHOICES, file=NAME, file_name=TITLE), BOT)
    assert (piece.text, piece.file) == ("Mời xem\n1. Đã xem\n2. Hỏi lại", NAME)
    first, *_, last = render(Message("x " * 900, _CHOICES, file=NAME, file_name=TITLE), BOT)
    assert first == Message("", file=NAME, file_name=TITLE)
    assert last.text.endswith("1. Đã xem\n2. Hỏi lại")


def test_an_edit_keeps_to_words() -> None:
    message = Message("Đã thu hồi", edit="77", file=NAME, file_name=TITLE)
    assert render(message, TELEGRAM) == [message]
    assert render(message, OFFICIAL) == [Message("Đã thu hồi")]


@given(
    st.text(st.sampled_from("ab đ🌾\n"), max_size=3000),
    st.integers(0, 8),
    st.booleans(),
    st.sampled_from([TELEGRAM, OFFICIAL, BOT]),
)
def test_a_document_goes_once_and_no_word_is_lost(text: str, labels: int, pictured: bool, limits: Limits) -> None:
    choices = tuple(Choice("Ý " + "z" * (n + 1), f"v:{n}") for n in range(labels))
    photo = "0123456789abcdef.jpg" if pictured else ""
    pieces = render(Message(text, choices, photo=photo, file=NAME, file_name=TITLE), limits)
    assert [piece.file for piece in pieces if piece.file] == [NAME]
    assert [piece.photo for piece in pieces if piece.photo] == ([photo] if photo else [])
    assert not [piece for piece in pieces if piece.photo and piece.file]
    joined = "".join(piece.text for piece in pieces)
    assert [c for c in joined if c in "abđ🌾"][: len(text)][:1] == [c for c in text if c in "abđ🌾"][:1]
    assert sum(c in "abđ🌾" for c in text) <= sum(c in "abđ🌾" for c in joined)
    for piece in pieces:
        if piece.file:
            beside = limits.caption if limits.beside_file is None else limits.beside_file
            assert units(piece.text) <= beside
            assert beside or not piece.choices
        assert units(piece.text) <= limits.text
    pressed = {choice.label for choice in pieces[-1].choices}
    assert all(choice.label in pressed or choice.label in joined for choice in choices)


# ---------------------------------------------------------------------- where it can be had


def sign(words: str) -> str:
    return hashlib.sha256(f"only here|{words}".encode()).hexdigest()


@dataclass
class Place:
    """Our addresses on a server of this process."""

    base: str
    folder: Path
    browser: ClientSession

    async def get(self, address: str) -> tuple[int, bytes, Mapping[str, str]]:
        async with self.browser.get(URL(self.base + address, encoded=True)) as answer:
            return answer.status, await answer.read(), answer.headers


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    (tmp_path / NAME).write_bytes(pdf())
    served = Served(document_routes(tmp_path, sign, texts("vi")))
    base = await served.__aenter__()
    async with ClientSession() as browser:
        yield Place(base, tmp_path, browser)
    await served.__aexit__()


OVER = 'Đường dẫn này đã hết hạn. Bác nhắn "thông tin" để nhận lại.\n'.encode()


async def test_an_address_gives_the_document_under_its_name(place: Place) -> None:
    status, body, headers = await place.get(document_address("", sign, NAME, TITLE))
    assert (status, body) == (200, pdf())
    assert headers["Content-Type"] == "application/pdf"
    disposition = headers["Content-Disposition"]
    assert disposition.startswith('attachment; filename="thong bao 12')
    assert disposition.isascii()
    assert download_name(disposition) == TITLE
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Robots-Tag"] == "noindex"
    assert "Set-Cookie" not in headers


async def test_nothing_of_an_address_can_be_changed(place: Place) -> None:
    other = "ffffffffffffffff.pdf"
    (place.folder / other).write_bytes(b"%PDF- of others")
    (place.folder / "keys").write_bytes(b"secret")
    good = document_address("", sign, NAME, TITLE)
    _, _, end, mark, name, shown = good.split("/")
    for forged in (
        f"/d/{int(end) + 9}/{mark}/{name}/{shown}",
        f"/d/{end}/{mark[:-1]}x/{name}/{shown}",
        f"/d/{end}/{mark.upper()}/{name}/{shown}",
        f"/d/{end}//{name}/{shown}",
        f"/d/{end}/{mark}/{other}/{shown}",
        f"/d/{end}/{mark}/{name}/Quy%E1%BA%BFt%20%C4%91%E1%BB%8Bnh.pdf",
        f"/d/{end}/{mark}/{name}/{shown}x",
        f"/d/{end}/{mark}/..%2fkeys/{shown}",
        f"/d/{end}/{mark}/keys/{shown}",
        f"/d/x/{mark}/{name}/{shown}",
        f"/d/{end}/%C4%91/{name}/{shown}",
    ):
        status, body, _ = await place.get(forged)
        assert status == 404, forged
        assert b"PDF" not in body
    assert (await place.get(good))[0] == 200
    async with place.browser.post(URL(place.base + good, encoded=True)) as answer:
        assert answer.status == 405


async def test_after_a_week_one_kind_sentence_is_left(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    address, now = document_address("", sign, NAME, TITLE), time.time()
    monkeypatch.setattr(time, "time", lambda: now + LIFE - 5)
    assert (await place.get(address))[0] == 200
    monkeypatch.setattr(time, "time", lambda: now + LIFE + 5)
    assert (await place.get(address))[:2] == (410, OVER)
    # a signature over a moment that is none would be ours, and there is none
    assert (await place.get("/d/1/2/3/4"))[:2] == (404, OVER)


async def test_a_document_that_is_gone_reads_the_same(place: Place) -> None:
    address = document_address("", sign, NAME, TITLE)
    (place.folder / NAME).unlink()
    assert (await place.get(address))[:2] == (410, OVER)


def test_no_address_is_made_of_what_is_no_document() -> None:
    for name in ("", "n.db", "../0123456789abcdef.pdf", "0123456789abcdef.exe", "0123456789abcdef.jpg"):
        assert document_address("https://x.vn", sign, name, TITLE) == ""
    assert document_address("https://x.vn", sign, NAME, "") == ""
    assert document_address("https://x.vn", sign, NAME, "a/b.pdf") == ""


def test_the_longest_address_leaves_room_for_words_at_zalo() -> None:
    from nhipcau.bot.channels.zalo_bot.platform_limits import ADDRESS

    title = shown_name("ễ" * 100, "pdf")
    address = document_address("https://nhipcau.langson.gov.vn/mot-duong-dan-dai-hon", sign, NAME, title)
    assert len(title) + 1 + len(address) + 1 <= ADDRESS
