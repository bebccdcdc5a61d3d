"""The template of a review, its fields, and what a review puts into them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nhipcau.bot.language.catalogue import Texts
from nhipcau.insight.synthesis.docx_pieces import centred
from nhipcau.insight.synthesis.fields import HEAD, PART, head_of, parts_of, row_of, rows_of
from nhipcau.insight.synthesis.layouts import caption, figures_table, made, tag
from nhipcau.insight.synthesis.review_document import ReviewDocument
from nhipcau.insight.synthesis.words import PICTURE
from nhipcau.model.synthesis import Layout

if TYPE_CHECKING:
    from docx.document import Document

_TOTAL_COLUMNS = ("ky_nay", "ky_truoc", "tang_giam")
#: In the order of `review_document.DUTY_COLUMNS` and `REPORT_COLUMNS`.
_DUTY_COLUMNS = (
    *("cong_tac_vien", "da_tham_gia"),
    *("dinh_ky", "dung_han", "muon", "khong_tra_loi", "con_han"),
    *("nhanh_hoi", "nhanh_tra_loi"),
)
_REPORT_COLUMNS = (
    *("phan_anh", "da_tra_loi", "giai_quyet", "xac_nhan", "khong_giai_quyet", "chuyen_noi_khac"),
    *("van_de", "van_de_tra_loi", "van_de_giai_quyet"),
)
_TOTAL_TITLES = ("Chỉ tiêu", "Kỳ này", "Kỳ trước", "Tăng (+), giảm (\u2212)")
_DUTY_TITLES = (
    *("Đơn vị", "Cộng tác viên", "Đã tham gia"),
    *("Định kỳ đến hạn", "Đúng hạn", "Muộn", "Không trả lời", "Còn hạn"),
    *("Báo cáo nhanh: hỏi", "Trả lời"),
)
_REPORT_TITLES = (
    *("Đơn vị", "Phản ánh", "Đã trả lời", "Giải quyết", "Xác nhận đã ổn", "Không thể", "Chuyển nơi khác"),
    *("Vấn đề", "Đã trả lời", "Giải quyết"),
)
_PARTS = ("phan_i", "phan_ii", "phan_iii", "phan_iv", "phan_v")


def _row_of(columns: tuple[str, ...]) -> dict[str, None]:
    return dict.fromkeys(("stt", "ten", *columns))


REVIEW_FIELDS: Mapping[str, Any] = {
    **HEAD,
    "bieu_do": None,
    "cac_phan": [PART],
    **dict.fromkeys(_PARTS, PART),
    "bang_chi_tieu": [_row_of(_TOTAL_COLUMNS)],
    "bang_nhiem_vu": [_row_of(_DUTY_COLUMNS)],
    "cong_nhiem_vu": _row_of(_DUTY_COLUMNS),
    "bang_phan_anh": [_row_of(_REPORT_COLUMNS)],
    "cong_phan_anh": _row_of(_REPORT_COLUMNS),
}


def review_fields_of(found: ReviewDocument, layout: Layout, t: Texts, *, with_chart: bool) -> dict[str, Any]:
    """Field → value, with placeholders where figures stand."""
    title = f"review_document.title.{'final' if found.is_final else 'interim'}"
    parts = parts_of(found.parts)
    (*duties, all_duties), (*reports, all_reports) = found.duties, found.reports
    return {
        **head_of(found.review.unit, found.above, found.review.period, layout, t, title),
        "bieu_do": PICTURE if with_chart else "",
        "cac_phan": parts,
        **dict(zip(_PARTS, parts, strict=True)),
        "bang_chi_tieu": rows_of(found.totals, _TOTAL_COLUMNS),
        "bang_nhiem_vu": rows_of(duties, _DUTY_COLUMNS),
        "cong_nhiem_vu": row_of("", all_duties, _DUTY_COLUMNS),
        "bang_phan_anh": rows_of(reports, _REPORT_COLUMNS),
        "cong_phan_anh": row_of("", all_reports, _REPORT_COLUMNS),
    }


def review_template_of(layout: Layout) -> bytes:
    return made(layout, _appendix)


def _appendix(page: Document) -> None:
    caption(page, "Bảng PL1. Các chỉ tiêu của kỳ", before=6)
    figures_table(page, _TOTAL_TITLES, _TOTAL_COLUMNS, "bang_chi_tieu", named=120)
    caption(page, "Bảng PL2. Cộng tác viên và nhiệm vụ theo đơn vị")
    figures_table(page, _DUTY_TITLES, _DUTY_COLUMNS, "bang_nhiem_vu", "cong_nhiem_vu")
    tag(page, "{%p if bieu_do %}")
    caption(page, "Biểu đồ. Phản ánh theo đơn vị (số ở Bảng PL3)")
    centred(page, "{{ bieu_do }}", 11)
    tag(page, "{%p endif %}")
    caption(page, "Bảng PL3. Phản ánh và vấn đề theo đơn vị")
    figures_table(page, _REPORT_TITLES, _REPORT_COLUMNS, "bang_phan_anh", "cong_phan_anh")
