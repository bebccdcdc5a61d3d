"""Refuses questions about the religion, ethnicity, political view or health of who answers (rule R30).

An opinion about a policy is what polls are for; what a person is or believes may not be asked, whoever asks.
"""

from __future__ import annotations

import re
from enum import StrEnum

from nhipcau.actions.decision import Key, Refusal
from nhipcau.bot.forms.model import Form, Question
from nhipcau.bot.language.vietnamese import fold


class Sensitive(StrEnum):
    RELIGION = "religion"
    ETHNICITY = "ethnicity"
    POLITICAL_VIEW = "political_view"
    HEALTH = "health"


#: Who answers, or their family; on folded text.
_ONE = (
    r"(?:bac|anh|chi|ong|ba|ban|co|chu|em|dong chi|quy vi|anh chi|ong ba|minh|chung ta|nguoi tra loi"
    r"|(?:gia dinh|nha|ho|con|vo|chong|bo me|nguoi nha|nguoi than|vo chong|con chau)"
    r"(?: (?:cua )?(?:bac|anh|chi|ong|ba|ban|minh|dong chi))?)"
)
_FAITHS = (
    r"(?:phat giao|cong giao|thien chua(?: giao)?|tin lanh|cao dai|hoa hao|hoi giao"
    r"|dao phat|dao thien chua|dao tin lanh)"
)
_PEOPLES = r"(?:kinh|tay|nung|dao|mong|h'mong|hmong|hoa|san chay|san diu|cao lan|muong|thai|khmer|ngai)"
_ILLNESSES = (
    r"(?:benh|hiv|aids|ung thu|lao|tieu duong|dai thao duong|viem gan|tam than|tram cam|covid"
    r"|huyet ap|tim mach|suy than|khuyet tat|nghien|suy dinh duong|beo phi|tu ky|dong kinh|xo gan|hen suyen"
    r"|xuong khop"
    r"|da day|viem phoi|sot|tai bien|dot quy|roi loan|mat ngu|di ung|sui mao ga|giang mai|di tat|bat thuong)"
)
_ASKED: dict[Sensitive, re.Pattern[str]] = {
    Sensitive.RELIGION: re.compile(
        rf"\b(?:(?:theo|thuoc|tin) (?:dao|ton giao|tin nguong)\b|ton giao (?:cua {_ONE}|nao|gi|la gi)\b"
        rf"|tin nguong (?:cua {_ONE}|nao|gi)\b|{_ONE} (?:\w+ ){{0,3}}(?:di le|di nha tho|di chua|cau nguyen"
        rf"|rua toi|cung te)\b"
        rf"|{_ONE} (?:\w+ ){{0,3}}tin (?:vao )?(?:chua troi|chua jesus|chua khong|phat|thanh|than linh|tam linh)\b"
        rf"|\btin vao chua\b|phat tu\b|giao dan khong\b|con chien\b|{_ONE} (?:\w+ ){{0,3}}tho (?:ai|gi|chua|phat)\b"
        rf"|{_ONE} (?:\w+ ){{0,3}}(?:bo|lap|con) (?:ban tho|tho cung|dao|to tien)\b"
        rf"|{_ONE} (?:\w+ ){{0,2}}co dao (?:gi )?khong\b|(?:nguoi )?luong hay (?:la )?(?:nguoi )?(?:giao|dao)\b"
        rf"|diem nhom nao\b"
        rf"|(?:what|which) (?:is your )?(?:religion|faith|church)\b"
        rf"|are you (?:a )?(?:religious|buddhist|catholic|christian)\b"
        rf"|tin do\b|hoi thanh nao\b|(?:la|theo|phai) (?:nguoi )?(?:theo )?{_FAITHS}\b)"
    ),
    Sensitive.ETHNICITY: re.compile(
        rf"\b(?:dan toc (?:nao|gi|cua {_ONE})\b|(?:what|which) (?:is your )?ethnic(?:ity| group)\b|thanh phan dan toc\b"
        rf"|{_ONE} (?:\w+ ){{0,3}}(?:la|phai|thuoc) (?:la )?(?:nguoi|dan toc) (?:dan toc )?(?:{_PEOPLES}|thieu so)\b"
        rf"|nguoi {_PEOPLES} hay (?:la )?(?:nguoi )?(?:{_PEOPLES}|dan toc|thieu so)\b"
        rf"|tieng me de (?:cua )?{_ONE}\b|{_ONE} (?:\w+ ){{0,2}}(?:goc|la) nguoi (?:gi|nao)\b)"
    ),
    Sensitive.POLITICAL_VIEW: re.compile(
        rf"\b(?:are you (?:a )?(?:member of the )?party(?: member)?\b|(?:what|which) (?:is|are) your political\b"
        rf"|{_ONE} (?:\w+ ){{0,4}}(?:la )?dang vien\b(?! (?:trong|o|cua) )"
        rf"|{_ONE} (?:\w+ ){{0,2}}vao dang\b(?! uy)"
        rf"|(?:quan diem|chinh kien|tu tuong|xu huong) chinh tri\b|chinh kien cua\b"
        rf"|(?:bo phieu|bau) cho (?:ai|nguoi nao|ung cu vien nao)\b"
        rf"|(?:tin|tin tuong|ung ho) (?:vao )?(?:duong loi cua )?(?:dang|che do)\b(?! uy| bo| doan)|dang phai nao\b"
        rf"|(?:bat man|chong doi|bat dong) (?:voi )?(?:chinh quyen|che do|nha nuoc|dang|chinh phu)\b"
        rf"|{_ONE} (?:\w+ ){{0,4}}bieu tinh\b|phan dong\b|che do (?:mot dang|da dang|cong san|chinh tri"
        rf"|xa hoi chu nghia)\b"
        rf"|(?:nghi gi|danh gia) (?:\w+ ){{0,2}}che do (?:hien nay|nay|ta)$|thich (?:che do|da dang khong|mot dang)\b"
        rf"|(?:tin nhiem|ung ho|thich) (?:\w+ )?(?:tong bi thu|chu tich nuoc|thu tuong|lanh tu)\b)"
    ),
    Sensitive.HEALTH: re.compile(
        rf"\b(?:{_ONE} (?:\w+ ){{0,5}}(?:bi|mac|nhiem|co)(?: (?:bi|mac|nhiem))?(?: benh)? {_ILLNESSES}\b"
        rf"|(?:gia dinh|trong nha|nha) (?:\w+ ){{0,4}}(?:bi|mac|nhiem|la nguoi)? ?(?:benh|khuyet tat)\b(?! vien)"
        rf"|suc khoe (?:cua |hien tai cua )?{_ONE}\b|{_ONE} (?:\w+ ){{0,3}}suc khoe\b"
        rf"|(?:mang thai|co thai|co bau|mang bau)\b|tien su benh\b|benh nen\b"
        rf"|{_ONE} (?:\w+ ){{0,3}}(?:tiem|chich)(?! bao nhieu| o dau) (?:\w+ ){{0,3}}(?:covid|vac xin|vaccine"
        rf"|mui|soi|dai|chua)\b"
        rf"|(?:pha|sinh|say|tranh|nao) thai\b(?! san)|(?:dung|su dung|hut|choi) (?:ma tuy|can sa|thuoc phien"
        rf"|chat kich thich)\b"
        rf"|(?:co (?:nguoi|ai)|la nguoi|tung) nghien\b|{_ONE} (?:\w+ ){{0,4}}(?:uong|dung"
        rf"|su dung) (?:loai )?thuoc (?:gi|nao|ngu)\b"
        rf"|{_ONE} (?:\w+ ){{0,3}}(?:hut thuoc|uong ruou)\b|(?:chieu cao|can nang|nhom mau"
        rf"|kinh nguyet)(?: \w+){{0,2}} cua {_ONE}\b"
        rf"|{_ONE} (?:\w+ ){{0,4}}(?:tram cam|buon chan|lo au|tu tu|chan doan|chua benh gi|kham benh gi"
        rf"|dieu tri benh|phau thuat|sinh mo)\b)"
    ),
}
_LISTED: dict[Sensitive, re.Pattern[str]] = {
    Sensitive.RELIGION: re.compile(rf"{_FAITHS}|(?:khong )?(?:theo )?(?:ton giao|dao)(?: khac)?"),
    Sensitive.ETHNICITY: re.compile(rf"(?:nguoi |dan toc )?{_PEOPLES}"),
    Sensitive.POLITICAL_VIEW: re.compile(
        r"dang vien(?: chinh thuc| du bi)?|quan chung|cam tinh dang|doan vien|(?:ngoai|chua vao|chua la) dang(?: vien)?"
    ),
    Sensitive.HEALTH: re.compile(rf"(?:bi |mac |co |khong )?{_ILLNESSES}(?: nen)?"),
}
#: Their health may be asked: "Đàn lợn nhà bác đã tiêm phòng chưa?".
_BEASTS = re.compile(
    r"\b(?:dan|con|cac) (?:lon|trau|bo|ga|vit|de|cho|meo|ngua)\b|\b(?:lon|trau|bo|ga|vit|de|cho|meo) nha\b"
    r"|\btrau bo\b"
    r"|\b(?:vat nuoi|gia suc|gia cam|cay trong|dich ta lon)\b"
)
#: Choices of a list that are enough to ask for it.
_ENOUGH = 2


def refuse_sensitive(form: Form) -> Refusal | None:
    """Why this form can't be asked: a question, or its choices, ask what a person is or believes. None: it can."""
    for question in form.questions:
        if (found := _asked_in(question)) is not None:
            return Refusal("sensitive.refused", {"what": Key(f"sensitive.{found}"), "question": question.text})
    return None


def _asked_in(question: Question) -> Sensitive | None:
    labels = [fold(option.label) for option in question.options]
    return next((kind for kind in Sensitive if _asks(kind, question.text) or _lists(kind, labels)), None)


def asks_sensitive(text: str) -> bool:
    """Whether the words of a question alone, whatever its choices, ask what a person is or believes."""
    return any(_asks(kind, text) for kind in Sensitive)


def _asks(kind: Sensitive, text: str) -> bool:
    folded = fold(text)
    of_beasts = kind is Sensitive.HEALTH and _BEASTS.search(folded)
    return not of_beasts and _ASKED[kind].search(folded) is not None


def _lists(kind: Sensitive, folded_labels: list[str]) -> bool:
    return sum(_LISTED[kind].fullmatch(label) is not None for label in folded_labels) >= _ENOUGH
