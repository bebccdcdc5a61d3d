"""What the columns of a roster are called, and what may stand in those with a fixed set of values. All folded."""

from __future__ import annotations

import re

from nhipcau.bot.language.vietnamese import fold
from nhipcau.office.table_columns import Titles

ROSTER = Titles(
    {
        "code": [
            *("ma ctv", "ma cong tac vien", "ma so ctv", "ma so cong tac vien", "ma so", "ma", "so hieu ctv", "code"),
        ],
        "name": [
            *("ho va ten", "ho ten", "ho va ten ctv", "ho ten ctv", "ho va ten cong tac vien", "ten ctv", "full name"),
            *("ho ten cong tac vien", "ten cong tac vien", "ho ten day du", "ho va ten day du", "ho va ten khai sinh"),
        ],
        "family": [
            *("ho va ten dem", "ho ten dem", "ho dem", "ho va chu dem", "ho chu dem", "ho lot", "ho va ten lot", "ho"),
            *("ho ten lot", "ho va dem"),
        ],
        "middle": ["ten dem", "chu dem", "ten lot", "dem"],
        "given": ["ten", "ten goi", "ten rieng"],
        "role": ["vai tro", "vai tro trong mang luoi", "role"],
        "unit": [
            *("don vi", "don vi cong tac", "ten don vi", "xa phuong", "xa phuong dac khu", "xa", "phuong", "dac khu"),
            *("thi tran", "co quan", "to chuc", "co quan don vi", "don vi co quan", "ten xa phuong", "ten co quan"),
            *("xa phuong thi tran", "don vi xa phuong", "don vi xa phuong co quan", "thuoc don vi", "unit"),
        ],
        "unit_code": ["ma don vi", "ma xa phuong", "ma dv", "unit code"],
        "cell": [
            *("chi bo", "thon", "ban", "khoi", "khoi pho", "to dan pho", "tdp", "to", "xom", "ap", "khu", "khu pho"),
            *("khu dan cu", "lang", "tieu khu", "to dan cu", "chi bo thon khoi", "thon ban", "thon khoi", "thon to"),
            *(
                "thon xom",
                "thon ban khoi",
                "thon ban khoi pho",
                "thon to dan pho",
                "thon ban to dan pho",
                "chi bo thon",
            ),
            *("ban thon", "khoi thon", "thon khoi pho", "ten thon", "ten chi bo", "chi bo sinh hoat", "cell"),
        ],
        "phone": [
            *(
                "dien thoai",
                "so dien thoai",
                "sdt",
                "so dt",
                "dt",
                "dtdd",
                "so dtdd",
                "di dong",
                "so di dong",
                "so may",
            ),
            *(
                "dien thoai di dong",
                "so dien thoai di dong",
                "dt di dong",
                "zalo",
                "so zalo",
                "dien thoai zalo",
                "phone",
            ),
            *(
                "dien thoai lien he",
                "so dien thoai lien he",
                "sdt lien he",
                "dien thoai lien lac",
                "so dien thoai zalo",
            ),
            *("so dien thoai lien lac", "sdt zalo", "dt lien he", "mobile"),
        ],
        "email": [
            *("thu dien tu", "email", "e mail", "mail", "dia chi email", "dia chi thu dien tu", "hop thu dien tu"),
            *("hop thu", "thu dt", "gmail"),
        ],
        "state": ["trang thai", "tinh trang", "trang thai hoat dong", "tinh trang hoat dong", "state", "status"],
        # a number of the row: neither stored nor worth a word
        "number": ["stt", "tt", "so tt", "so thu tu", "no"],
    },
    needed=["name|family+given", "unit|unit_code"],
)
#: The needed columns as they are asked for.
NEEDED_TITLES = {"name|family+given": "Họ và tên", "unit|unit_code": "Đơn vị"}

ROLES = {
    "": "collaborator",
    **dict.fromkeys(("cong tac vien", "ctv", "cong tac vien dlxh", "cong tac vien du luan xa hoi"), "collaborator"),
    **dict.fromkeys(("phu trach", "nguoi phu trach", "can bo phu trach"), "coordinator"),
    **dict.fromkeys(("dieu phoi vien", "can bo dieu phoi", "dieu phoi"), "coordinator"),
    "lanh dao": "leader",
    **dict.fromkeys(("quan tri", "quan tri vien"), "admin"),
}
#: Roles of the person of a unit who is told what it left unanswered.
RESPONSIBLE = frozenset({"phu trach", "nguoi phu trach", "can bo phu trach"})
LEFT = "left"
STATES = {
    **dict.fromkeys(("", "dang hoat dong", "hoat dong", "dang cong tac", "dang tham gia", "binh thuong"), "invited"),
    **dict.fromkeys(("tam nghi", "tam dung", "tam ngung", "dang tam nghi"), "paused"),
    **dict.fromkeys(("da thoi", "thoi", "thoi tham gia", "da thoi tham gia", "da thoi viec", "khong con"), LEFT),
}

#: Titles of what a roster may not hold (R11): who somebody is beyond the name, and how they live.
_FORBIDDEN = re.compile(
    r"\b(?:sinh(?! hoat)|tuoi|cccd|cmnd|cmt|cmtnd|can cuoc|dinh danh|ho chieu|giay to|dan toc|ton giao|tin nguong|dao"
    r"|dang vien|the dang|so dang|vao dang|ket nap|dang tich|suc khoe|benh|benh tat|thuong tat|khuyet tat|thuong binh"
    r"|ho ngheo|can ngheo|hoan canh|tai khoan|stk|ngan hang|que quan|nguyen quan|thuong tru|tam tru|dia chi|noi o"
    r"|ho khau|bao hiem|bhyt|bhxh|ma so thue|mst|gioi tinh|nam nu|hon nhan|van tay|anh the|chinh tri"
    r"|phat giao|cong giao|thien chua|tin lanh|nhom mau|tien su|mang thai|ly lich|thanh phan|quoc tich"
    r"|doan vien|quan chung|ngay vao doan|religion|faith|ethnic\w*|health|illness|disease|disabilit\w*|part(?:y|isan)"
    r"|politic\w*|gender|sex|age|birth\w*|dob|passport|identity)\b"
)


def is_forbidden(title: str) -> bool:
    """Whether a column with this title may not be kept, nor people be chosen by it."""
    return bool(_FORBIDDEN.search(" ".join(re.sub(r"[^\w\s]|_", " ", fold(title)).split())))
