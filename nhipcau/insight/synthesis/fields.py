"""The fields a template may use, and what a synthesis puts into them. Named in Vietnamese: offices write templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.language.periods import Period
from nhipcau.bot.units.tree import Unit
from nhipcau.insight.synthesis.parts import Part, Row, Synthesis, period_title, topic_names
from nhipcau.insight.synthesis.words import PICTURE, clean, placeholder
from nhipcau.model.synthesis import Layout

#: Of a field: None, a text; a mapping, its own fields; a list of one, what each of its rows is.
Shape = None | Mapping[str, Any] | list[Any]

_LINE: Shape = {"loai": None, "chu": None}
PART: Shape = {"so": None, "ten": None, "cac_dong": [_LINE]}
_SUMS = ("tong", "ky_truoc", "tang_giam")
#: Columns of the two tables, as `composer` orders their figures.
TOPIC_COLUMNS = ("phan_khoi", "dong_tinh", "quan_tam", "ban_khoan", "buc_xuc", "chua_ro", *_SUMS)
AREA_COLUMNS = ("dong_tinh", "ban_khoan", "buc_xuc", "chua_ro", *_SUMS)
_TOPIC_ROW: Shape = dict.fromkeys(("stt", "ten", *TOPIC_COLUMNS))
_AREA_ROW: Shape = dict.fromkeys(("stt", "ten", *AREA_COLUMNS))
_HEAD = ("du_thao", "co_quan_cap_tren", "co_quan", "so_hieu", "dia_danh_ngay", "loai_van_ban", "trich_yeu")
_SIGNED = ("ky", "don_vi", "chuc_vu_nguoi_ky", "ten_nguoi_ky")
#: What every document has (`head_of`).
HEAD: Mapping[str, Shape] = {**dict.fromkeys((*_HEAD, *_SIGNED)), "noi_nhan": [None]}
#: Single figures, by their reference.
_FIGURES = {
    "so_phan_anh": "I.1",
    "so_phan_anh_ky_truoc": "I.2",
    "so_phan_anh_tang_giam": "I.3",
    "so_don_vi": "I.4",
    "so_don_vi_co_phan_anh": "I.5",
}
_PARTS = ("phan_i", "phan_ii", "phan_iii", "phan_iv", "phan_v")
#: What `loai` of a line may be.
KINDS = {"heading": "muc", "text": "doan", "item": "y", "strand": "luong", "open": "cho_viet"}

FIELDS: Mapping[str, Any] = {
    **HEAD,
    **dict.fromkeys(("co_so", "chuyen_de", "bieu_do", *_FIGURES)),
    "cac_phan": [PART],
    **dict.fromkeys(_PARTS, PART),
    "bang_linh_vuc": [_TOPIC_ROW],
    "cong_linh_vuc": _TOPIC_ROW,
    "bang_don_vi": [_AREA_ROW],
    "cong_don_vi": _AREA_ROW,
}


def fields_of(
    found: Synthesis, layout: Layout, t: Texts, *, with_chart: bool, is_signed: bool = False
) -> dict[str, Any]:
    """Field → value, with placeholders where figures and the chart stand."""
    parts = parts_of(found.parts)
    theme = topic_names(found.topics_chosen, t)
    title = "synthesis.title_theme" if theme else "synthesis.title"
    places = {figure.reference: number for number, figure in enumerate(found.figures)}
    return {
        **head_of(found.unit, found.above, found.period, layout, t, title, theme),
        "chuyen_de": theme,
        **({"du_thao": ""} if is_signed else {}),
        "co_so": found.base,
        "bieu_do": PICTURE if with_chart else "",
        **{name: placeholder(places[reference]) for name, reference in _FIGURES.items()},
        "cac_phan": parts,
        **dict(zip(_PARTS, parts, strict=True)),
        "bang_linh_vuc": rows_of(found.topics, TOPIC_COLUMNS),
        "cong_linh_vuc": row_of("", found.topics_sum, TOPIC_COLUMNS),
        "bang_don_vi": rows_of(found.areas, AREA_COLUMNS),
        "cong_don_vi": row_of("", found.areas_sum, AREA_COLUMNS),
    }


def head_of(
    unit: Unit, above: Unit | None, period: Period, layout: Layout, t: Texts, title: str, theme: str = ""
) -> dict[str, str | list[str]]:
    """Head, title and signature of a document. `title`: key of its sentence. `theme`: names of its topics."""
    party = "_party" if layout is Layout.PARTY else ""
    words = period_title(period, t)
    recipients = [t("synthesis.recipients.above", unit=clean(above.name))] if above else []
    return {
        "du_thao": t("synthesis.draft"),
        "co_quan_cap_tren": clean(above.name).upper() if above else t("synthesis.no_above"),
        "co_quan": clean(unit.name).upper(),
        "so_hieu": t(f"synthesis.number{party}"),
        "dia_danh_ngay": t("synthesis.date", place=clean(_bare(unit.name, unit.kind)), year=period.last.year),
        "loai_van_ban": t("synthesis.kind"),
        "trich_yeu": t(title, period=words, topics=theme),
        "ky": words,
        "don_vi": clean(unit.name),
        "chuc_vu_nguoi_ky": t("synthesis.signer"),
        "ten_nguoi_ky": t("synthesis.signer_name"),
        "noi_nhan": [*recipients, t("synthesis.recipients.open"), t(f"synthesis.recipients.file{party}")],
    }


def parts_of(parts: Sequence[Part]) -> list[dict[str, Any]]:
    return [
        {
            "so": part.number,
            "ten": part.title,
            "cac_dong": [{"loai": KINDS[line.kind], "chu": line.text} for line in part.lines],
        }
        for part in parts
    ]


def rows_of(rows: Sequence[Row], columns: Sequence[str]) -> list[dict[str, str]]:
    return [row_of(str(number), row, columns) for number, row in enumerate(rows, start=1)]


def row_of(number: str, row: Row, columns: Sequence[str]) -> dict[str, str]:
    return {"stt": number, "ten": clean(row.name), **dict(zip(columns, row.cells, strict=True))}


def _bare(name: str, kind: str) -> str:
    """ "Xã Thất Khê" → "Thất Khê", as a document names its place."""
    return name[len(kind) + 1 :] if name.casefold().startswith(f"{kind} ") else name
