"""The fields a template may use, and what a synthesis puts into them. Named in Vietnamese: offices write templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nhipcau.bot.language.catalogue import Texts
from nhipcau.insight.synthesis.parts import Row, Synthesis, period_title
from nhipcau.insight.synthesis.words import PICTURE, clean, placeholder
from nhipcau.model.synthesis import Layout

#: Of a field: None, a text; a mapping, its own fields; a list of one, what each of its rows is.
Shape = None | Mapping[str, Any] | list[Any]

_LINE: Shape = {"loai": None, "chu": None}
_PART: Shape = {"so": None, "ten": None, "cac_dong": [_LINE]}
_SUMS = ("tong", "ky_truoc", "tang_giam")
#: Columns of the two tables, as `composer` orders their figures.
TOPIC_COLUMNS = ("phan_khoi", "dong_tinh", "quan_tam", "ban_khoan", "buc_xuc", "chua_ro", *_SUMS)
AREA_COLUMNS = ("dong_tinh", "ban_khoan", "buc_xuc", "chua_ro", *_SUMS)
_TOPIC_ROW: Shape = dict.fromkeys(("stt", "ten", *TOPIC_COLUMNS))
_AREA_ROW: Shape = dict.fromkeys(("stt", "ten", *AREA_COLUMNS))
_HEAD = ("du_thao", "co_quan_cap_tren", "co_quan", "so_hieu", "dia_danh_ngay", "loai_van_ban", "trich_yeu")
_TEXTS = ("ky", "don_vi", "co_so", "bieu_do", "chuc_vu_nguoi_ky", "ten_nguoi_ky")
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
    **dict.fromkeys((*_HEAD, *_TEXTS, *_FIGURES)),
    "noi_nhan": [None],
    "cac_phan": [_PART],
    **dict.fromkeys(_PARTS, _PART),
    "bang_linh_vuc": [_TOPIC_ROW],
    "cong_linh_vuc": _TOPIC_ROW,
    "bang_don_vi": [_AREA_ROW],
    "cong_don_vi": _AREA_ROW,
}


def fields_of(
    found: Synthesis, layout: Layout, t: Texts, *, with_chart: bool, is_signed: bool = False
) -> dict[str, Any]:
    """Field → value, with placeholders where figures and the chart stand."""
    period = period_title(found.period, t)
    party = "_party" if layout is Layout.PARTY else ""
    place = _bare(found.unit.name, found.unit.kind)
    parts = [
        {
            "so": part.number,
            "ten": part.title,
            "cac_dong": [{"loai": KINDS[line.kind], "chu": line.text} for line in part.lines],
        }
        for part in found.parts
    ]
    places = {figure.reference: number for number, figure in enumerate(found.figures)}
    above = [t("synthesis.recipients.above", unit=clean(found.above.name))] if found.above else []
    return {
        "du_thao": "" if is_signed else t("synthesis.draft"),
        "co_quan_cap_tren": clean(found.above.name).upper() if found.above else t("synthesis.no_above"),
        "co_quan": clean(found.unit.name).upper(),
        "so_hieu": t(f"synthesis.number{party}"),
        "dia_danh_ngay": t("synthesis.date", place=clean(place), year=found.period.last.year),
        "loai_van_ban": t("synthesis.kind"),
        "trich_yeu": t("synthesis.title", period=period),
        "ky": period,
        "don_vi": clean(found.unit.name),
        "co_so": found.base,
        "bieu_do": PICTURE if with_chart else "",
        "chuc_vu_nguoi_ky": t("synthesis.signer"),
        "ten_nguoi_ky": t("synthesis.signer_name"),
        "noi_nhan": [*above, t("synthesis.recipients.open"), t(f"synthesis.recipients.file{party}")],
        **{name: placeholder(places[reference]) for name, reference in _FIGURES.items()},
        "cac_phan": parts,
        **dict(zip(_PARTS, parts, strict=True)),
        "bang_linh_vuc": _rows(found.topics, TOPIC_COLUMNS),
        "cong_linh_vuc": _row("", found.topics_sum, TOPIC_COLUMNS),
        "bang_don_vi": _rows(found.areas, AREA_COLUMNS),
        "cong_don_vi": _row("", found.areas_sum, AREA_COLUMNS),
    }


def _rows(rows: Sequence[Row], columns: Sequence[str]) -> list[dict[str, str]]:
    return [_row(str(number), row, columns) for number, row in enumerate(rows, start=1)]


def _row(number: str, row: Row, columns: Sequence[str]) -> dict[str, str]:
    return {"stt": number, "ten": clean(row.name), **dict(zip(columns, row.cells, strict=True))}


def _bare(name: str, kind: str) -> str:
    """ "Xã Thất Khê" → "Thất Khê", as a document names its place."""
    return name[len(kind) + 1 :] if name.casefold().startswith(f"{kind} ") else name
