"""The documents of the law, as DOCX: the dossier of an impact assessment and the notice of a breach.

Every figure in them comes from the living installation. They are drafts: a person reads, completes and signs them.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from nhipcau.bot.language.catalogue import Texts

if TYPE_CHECKING:
    from docx.document import Document


@dataclass(frozen=True, slots=True)
class HoldingLine:
    """What is held of one kind of data; sentences of the kind stand in the catalogue as `law.kind.KIND`."""

    kind: str
    tables: tuple[str, ...]
    rows: int
    #: None: nobody's name stands there.
    people: int | None


@dataclass(frozen=True, slots=True)
class AppLine:
    """An app that people may use."""

    name: str
    is_on: bool
    #: Its servers stand outside Vietnam.
    is_abroad: bool


@dataclass(frozen=True, slots=True)
class Dossier:
    version: int
    day: date
    #: When it has to be brought up to date at the latest.
    next_day: date
    #: Version of the database's tables.
    schema: str
    office: str
    units: int
    people: int
    by_role: Mapping[str, int]
    holdings: Sequence[HoldingLine]
    apps: Sequence[AppLine]
    #: Facts of the sentences `law.term.…` and `law.measure.…`.
    terms: Mapping[str, object]
    is_https: bool
    is_sqlite: bool
    traceable_reports: int
    #: Kind of request or export → how many stand in the register.
    requests: Mapping[str, int] = field(default_factory=dict)
    overdue: int = 0


@dataclass(frozen=True, slots=True)
class Notice:
    office: str
    noticed: datetime
    notify_by: datetime
    since: datetime | None
    people: int
    holdings: Sequence[HoldingLine]
    traceable_reports: int


#: Sentences `law.measure.…` and `law.risk.…`, in this order.
MEASURES = ("masked", "tagged", "sealed", "mixed", "roles", "audited", "suppressed", "deleted", "logs")
RISKS = ("disk", "keys", "words", "few", "apps", "phones", "insider")
TERMS = ("reports", "tags", "drafts", "audit", "person", "backup")


def write_dossier(dossier: Dossier, t: Texts) -> bytes:
    page = _new_page()
    is_crossing = any(app.is_on and app.is_abroad for app in dossier.apps)
    _title(page, t("law.dossier_title"), *([t("law.crossing_title")] if is_crossing else []))
    facts = {"version": dossier.version, "day": _day(dossier.day), "schema": dossier.schema}
    page.add_paragraph(t("law.dossier_version", **facts))
    page.add_paragraph(t("law.next_update", day=_day(dossier.next_day)))
    page.add_paragraph(t("law.draft"))
    page.add_heading(t("law.who"), 2)
    page.add_paragraph(t("law.controller", office=dossier.office, units=dossier.units, people=dossier.people))
    page.add_paragraph(t("law.officer"))
    roles = [(t(f"role.{role}"), str(n), t(f"law.role.{role}")) for role, n in dossier.by_role.items()]
    _table(page, [t(f"law.column.{name}") for name in ("role", "number", "reads")], roles)
    page.add_heading(t("law.kinds"), 2)
    _holdings(page, dossier.holdings, t, whole=True)
    page.add_heading(t("law.flows"), 2)
    _apps(page, dossier.apps, t)
    page.add_paragraph(t("law.crossing" if is_crossing else "law.no_crossing"))
    page.add_heading(t("law.terms"), 2)
    _list(page, [t(f"law.term.{name}", **dossier.terms) for name in TERMS])
    page.add_heading(t("law.measures"), 2)
    measures = [t(f"law.measure.{name}") for name in MEASURES]
    measures.append(t("law.measure.https" if dossier.is_https else "law.measure.no_https"))
    measures.append(t("law.measure.sqlite" if dossier.is_sqlite else "law.measure.postgresql"))
    _list(page, measures)
    page.add_heading(t("law.risks"), 2)
    risks = [(t(f"law.risk.{name}"), t(f"law.risk.{name}_now"), t(f"law.risk.{name}_left")) for name in RISKS]
    _table(page, [t(f"law.column.{name}") for name in ("risk", "now", "left")], risks)
    page.add_paragraph(t("law.traceable", n=dossier.traceable_reports))
    page.add_heading(t("law.rights"), 2)
    page.add_paragraph(t("law.rights_how"))
    asked = [(t(f"cli.request_log.kind.{kind}"), str(number)) for kind, number in dossier.requests.items()]
    if asked:
        _table(page, [t("law.column.asked"), t("law.column.number")], asked)
    page.add_paragraph(t("law.overdue", n=dossier.overdue))
    page.add_heading(t("law.end"), 2)
    page.add_paragraph(t("law.conclusion"))
    page.add_paragraph(t("law.signature"))
    return _saved(page)


def write_notice(notice: Notice, t: Texts) -> bytes:
    page = _new_page()
    _title(page, t("law.notice_title"))
    page.add_paragraph(t("law.notice_to"))
    page.add_paragraph(t("law.draft"))
    moments = {"noticed": _moment(notice.noticed), "by": _moment(notice.notify_by)}
    page.add_paragraph(t("law.notice_clock", office=notice.office, **moments))
    page.add_paragraph(t("law.notice_since", since=_moment(notice.since)) if notice.since else t("law.notice_unknown"))
    page.add_heading(t("law.notice_what"), 2)
    page.add_paragraph(t("law.notice_people", n=notice.people))
    _holdings(page, notice.holdings, t, whole=False)
    page.add_paragraph(t("law.traceable", n=notice.traceable_reports))
    for name in ("course", "harm", "done", "planned", "contact"):
        page.add_heading(t(f"law.notice.{name}"), 2)
        page.add_paragraph(t("law.to_fill"))
    page.add_paragraph(t("law.signature"))
    return _saved(page)


# ------------------------------------------------------------------ parts of a page


def _new_page() -> Document:
    from docx import Document as new_document
    from docx.shared import Mm, Pt

    page = new_document()
    for section in page.sections:
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin = section.bottom_margin = Mm(20)
        section.left_margin, section.right_margin = Mm(30), Mm(15)
    style = page.styles["Normal"]
    style.font.name, style.font.size = "Times New Roman", Pt(13)
    style.paragraph_format.space_after = Pt(6)
    return page


def _title(page: Document, *lines: str) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    for line in lines:
        paragraph = page.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.add_run(line).bold = True


def _table(page: Document, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = page.add_table(rows=1, cols=len(titles))
    table.style = "Table Grid"
    for cell, title in zip(table.rows[0].cells, titles, strict=True):
        cell.paragraphs[0].add_run(title).bold = True
    for row in rows:
        for cell, words in zip(table.add_row().cells, row, strict=True):
            cell.text = words
    page.add_paragraph()


def _holdings(page: Document, holdings: Sequence[HoldingLine], t: Texts, *, whole: bool) -> None:
    """`whole`: with purpose, basis and term."""
    columns = ("kind", "people", "rows", *(("purpose", "basis", "until") if whole else ()))
    rows = []
    for each in holdings:
        named = t(f"law.kind.{each.kind}", tables=", ".join(each.tables))
        row = [named, t("law.nobody") if each.people is None else str(each.people), str(each.rows)]
        rows.append(
            [*row, *((t(f"law.{part}.{each.kind}") for part in ("purpose", "basis", "until")) if whole else ())]
        )
    _table(page, [t(f"law.column.{name}") for name in columns], rows)


def _apps(page: Document, apps: Sequence[AppLine], t: Texts) -> None:
    rows = [
        (
            t(f"channel.{app.name}"),
            t("law.on" if app.is_on else "law.off"),
            t("law.abroad" if app.is_abroad else "law.own" if app.name == "web" else "law.home"),
        )
        for app in apps
    ]
    _table(page, [t(f"law.column.{name}") for name in ("app", "state", "servers")], rows)


def _list(page: Document, lines: Sequence[str]) -> None:
    for line in lines:
        page.add_paragraph(line, style="List Bullet")


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _moment(moment: datetime) -> str:
    return f"{moment:%H:%M %d/%m/%Y}"


def _saved(page: Document) -> bytes:
    out = io.BytesIO()
    page.save(out)
    return out.getvalue()
