"""The syllables that a text means, however it was typed: without diacritics, Telex keys and abbreviations written out.

For comparison only. What is about the same reads the same: "đg hư r", "dduwowngf huw rooif", "Đường hư rồi".
"""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import normalize

from nhipcau.bot.language.telex import untelex
from nhipcau.bot.language.vietnamese import fold

_WORD = re.compile(r"\w+")
#: Letters and digits stand apart: "dt226", "30tr".
_PARTS = re.compile(r"[^\W\d_]+|\d+")
#: Abbreviations that people type, and what they mean.
SHORT = {
    **{"dt": "dien thoai", "sdt": "dien thoai", "dc": "duoc", "ub": "uy ban", "nvh": "nha van hoa", "cb": "can bo"},
    **{"gpmb": "giai phong mat bang", "tdp": "to dan pho", "hs": "hoc sinh", "gv": "giao vien", "ph": "phu huynh"},
    **{"lm": "lam", "trg": "truong", "nc": "nuoc", "tk": "tai khoan", "ql": "quoc lo", "atgt": "giao thong"},
    **dict.fromkeys(("k", "ko", "kg", "kh", "hok", "hong"), "khong"),
}
#: More of them, where a wrong one only makes two texts a little more or less alike; "hong" is broken here.
_MORE_SHORT = {
    **{**SHORT, "hong": "hong"},
    **{"dg": "duong", "ng": "nguoi", "mn": "moi nguoi", "mng": "moi nguoi", "cx": "cung", "r": "roi", "j": "gi"},
    **{"bjk": "biet", "dvc": "dich vu cong", "cty": "cong ty", "cn": "cong nhan", "gd": "gia dinh", "yt": "y te"},
    **{"tb": "thong bao", "hd": "huong dan", "nhiu": "nhieu", "qa": "qua", "bthg": "binh thuong", "trc": "truoc"},
}
#: Folded words that say nothing of the matter.
STOP = frozenset(
    _WORD.findall(
        "la va o cua co cho da dang se bi duoc dc thi ma nay kia do roi r rat qua lam cac nhung nhieu mot may nhu voi"
        " den tu ra vao len lai cung con van chi khong ko chua thay ai gi moi toi em minh ba mn mng nguoi ng dan de"
        " nghi mong phan anh xa phuong thon xom ban khoi hom ngay thang nam tuan hon gan khi sau truoc trong ngoai"
        " tren duoi suot ca het phai bao noi hoi nhat gio xin"
    )
)


@lru_cache(maxsize=16384)
def _meant(typed: str) -> tuple[str, ...]:
    """The syllables of one word as typed, in small letters."""
    parts = _PARTS.findall(fold(untelex(typed)))
    return tuple(word for part in parts for word in _MORE_SHORT.get(part, part).split())


def syllables(text: str) -> tuple[str, ...]:
    """Folded, with what was typed in Telex keys or shortened written out; numbers stand alone."""
    return tuple(word for typed in _WORD.findall(normalize("NFC", text).lower()) for word in _meant(typed))
