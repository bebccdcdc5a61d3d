"""Templates of a synthesis: those that ship can be used, and what an office's may not have is named."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from docx import Document

from nhipcau.bot.language.catalogue import texts
from nhipcau.insight.synthesis.document import packed
from nhipcau.insight.synthesis.fields import FIELDS
from nhipcau.insight.synthesis.layouts import template_of
from nhipcau.insight.synthesis.template_fields import UnusableTemplate, check_template
from nhipcau.model.synthesis import Layout
from tests.support.syntheses import replaced

pytestmark = pytest.mark.slow

SAY = texts("en")


def template(*lines: str) -> bytes:
    page = Document()
    for line in lines:
        page.add_paragraph(line)
    out = io.BytesIO()
    page.save(out)
    return out.getvalue()


def fault_of(data: bytes) -> str:
    with pytest.raises(UnusableTemplate) as found:
        check_template(data)
    return found.value.fault.say(SAY)


@pytest.mark.parametrize("layout", list(Layout))
def test_templates_that_ship_can_be_used_and_stay_the_same(layout: Layout) -> None:
    check_template(template_of(layout))
    assert packed(template_of(layout)) == packed(template_of(layout))


def test_fields_loops_and_conditions_are_allowed() -> None:
    check_template(
        template(
            "{{ co_quan }} có {{ so_phan_anh }} phản ánh, {{ ky | upper }}",
            "{%p for phan in cac_phan %}",
            "{{ loop.index }}. {{ phan.ten }} {% if loop.first and phan.so == 'I' %}đầu{% endif %}",
            "{%p for dong in phan.cac_dong %}",
            "{{ dong['chu'] }}",
            "{%p endfor %}",
            "{%p endfor %}",
            "{% for noi in noi_nhan %}{{ noi }}{% endfor %} {{ phan_iii.ten }} {{ cong_don_vi.tong }}",
        )
    )


def test_every_unknown_field_is_named() -> None:
    said = fault_of(template("{{ co_quann }} {{ ten_bi_thu }}", "{% for d in bang_don_vi %}{{ d.tongg }}{% endfor %}"))
    assert 'no field "co_quann". The nearest is "co_quan"' in said
    assert '"ten_bi_thu"' in said
    assert '"d.tongg". The nearest is "tong"' in said
    assert len(said.splitlines()) == 3


def test_an_unknown_field_in_a_header_or_footer_is_named() -> None:
    page = Document()
    page.sections[0].header.paragraphs[0].text = "{{ dau_trang }}"
    page.sections[0].footer.paragraphs[0].text = "{{ chan_trang }}"
    out = io.BytesIO()
    page.save(out)
    said = fault_of(out.getvalue())
    assert '"dau_trang"' in said
    assert '"chan_trang"' in said


@pytest.mark.parametrize(
    ("tag", "word"),
    [
        ("{{ co_quan.__class__.__mro__ }}", "__class__"),
        ("{{ ''.__class__ }}", "const.__class__"),
        ("{{ cac_phan.append(1) }}", "cac_phan.append()"),
        ("{{ range(1000000000) }}", "range()"),
        ("{{ 'x' * 1000000000 }}", "mul"),
        ("{% set x = 1 %}", "assign"),
        ("{% include 'other' %}", "include"),
        ("{% import 'os' as os %}", "import"),
        ("{% macro m() %}{% endmacro %}", "macro"),
        ("{{ co_quan | attr('x') }}", "attr"),
        ("{{ co_quan | format(1) }}", "format"),
        ("{{ cac_phan }}", "a list or a group"),
        ("{% for x in co_quan %}{% endfor %}", "no list"),
        ("{% for x in bang_don_vi %}{% for y in bang_don_vi %}a{% endfor %}{% endfor %}", "another loop"),
        ("{{r co_quan }}", "cannot be used"),
        ("{% if co_quan %}", "written wrong"),
        ("{{ co_quan", "written wrong"),
        ("{% endfor %}", "written wrong"),
        ("{{ co_quan | nope }}", ""),
    ],
)
def test_what_is_more_than_fields_is_refused(tag: str, word: str) -> None:
    assert word in fault_of(template(tag))


def test_a_loop_that_does_not_fit_its_table_is_refused() -> None:
    page = Document()
    page.add_paragraph("{% for d in bang_don_vi %}")
    page.add_table(rows=1, cols=1).rows[0].cells[0].text = "{{ d.ten }}{% endfor %}"
    out = io.BytesIO()
    page.save(out)
    assert "do not fit" in fault_of(out.getvalue())


def with_part(name: str, body: bytes) -> bytes:
    out = io.BytesIO(template("{{ co_quan }}"))
    with zipfile.ZipFile(out, "a") as opened:
        opened.writestr(name, body)
    return out.getvalue()


def attached(target: str) -> bytes:
    relations = (
        '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
        f'attachedTemplate" Target="{target}" TargetMode="External"/></Relationships>'
    )
    return with_part("word/_rels/settings.xml.rels", relations.encode())


def bomb() -> bytes:
    out = io.BytesIO(template("{{ co_quan }}"))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("word/more.xml", b"<a>" + b" " * 150_000_000 + b"</a>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (with_part("word/vbaProject.bin", b"x"), "macros"),
        (attached("http://example.org/a.dotm"), "elsewhere"),
        (b"x" * 5_000_001, "5 MB"),
        (b"%PDF-1.7", ".docx"),
        (b"", ".docx"),
        (template("{{ co_quan }}")[:2000], ".docx"),
        (replaced(template("{{ co_quan }}"), "word/document.xml", lambda _: b"<broken"), ""),
        (template(*["{{ co_quan }}"] * 2_001), "too long"),
    ],
)
def test_files_that_are_no_template_are_refused(data: bytes, word: str) -> None:
    assert word in fault_of(data)


@pytest.mark.slow
def test_a_file_that_unfolds_without_end_is_refused() -> None:
    assert "unfolds" in fault_of(bomb()) or ".docx" in fault_of(bomb())


def test_a_local_path_of_the_office_is_forgotten() -> None:
    check_template(attached("file:///C:/Users/lan/Normal.dotm"))


def test_fields_are_named_in_plain_letters() -> None:
    def names(shape: Any) -> list[str]:
        if isinstance(shape, list):
            return names(shape[0])
        return [name for key in shape for name in (key, *names(shape[key]))] if shape else []

    assert all(name.isascii() and name.isidentifier() for name in names(FIELDS))
