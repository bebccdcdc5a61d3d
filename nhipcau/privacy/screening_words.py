"""Word lists of screening (family names, honorifics, place words, places named like people), and its spans."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text to mask, end exclusive."""

    kind: str
    start: int
    end: int


class TakenSpans:
    """Which characters are already masked, and the kind of span that begins at each place."""

    def __init__(self, size: int) -> None:
        self._marks = bytearray(size)
        self.starts: dict[int, str] = {}

    def take(self, span: Span) -> None:
        self._marks[span.start : span.end] = b"\1" * (span.end - span.start)
        self.starts[span.start] = span.kind

    def free(self, start: int, end: int) -> bool:
        """Whether no character from `start` to `end` is masked; False for an empty range."""
        return start < end and not any(self._marks[start:end])


def flatten(text: str) -> str:
    """Small letters without diacritics, character by character, so that offsets stay those of `text`."""
    return "".join(_flat(c) for c in text)


def _flat(c: str) -> str:
    if c.isascii():
        return c.lower()
    base = unicodedata.normalize("NFD", c)[0].lower()
    return "d" if base == "đ" else base if len(base) == 1 else c


def listed(words: str, between: str = " ") -> frozenset[str]:
    """The entries of a word list written as one string."""
    return frozenset(words.split(between))


def spellings(words: str) -> frozenset[str]:
    """The words as spelled, and without diacritics: a word typed with diacritics must have the right ones."""
    return listed(words) | listed(flatten(words))


BANKS = (
    "agribank|vietcombank|vcb|bidv|vietinbank|techcombank|tcb|mb ?bank|mbb?|acb|vpbank|sacombank|tpbank|vib|"
    "shb|hdbank|msb|lpbank|lienvietpostbank|seabank|ocb|eximbank|abbank|namabank|bacabank|pvcombank|ngan hang|"
    "viettelpay|momo"
)

SURNAMES = spellings(
    "nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng bùi đỗ hồ ngô dương lý nông hứa mạc triệu bế đàm ma mã "
    "phùng lăng lành linh lộc vy vi chu hà lương đinh lâm tô tạ trịnh đoàn mai đào trương tống cao thái tăng "
    "quách lưu doãn giáp hán kiều la lã lại lục lò lường lèo mông mùa nùng ngọc nhữ ninh ôn phí phó phương "
    "quan sầm sùng sái thào thân thạch tiêu tòng tôn tường từ ứng văn vàng vương vừ viên xa yên âu bàn bạch "
    "bành cù cung cầm chẩu chúng chảo dìu đồng đới giàng hạ hạng hầu hoa hờ khổng khúc khuất kim lầu liễu lỳ "
    "ly lù lô lồ mào mè mẫn mộc mùi nghiêm nhâm phàn phàng phù séo tẩn tằng thàng thèn thẩm tráng trang trưng "
    "tụ úng vạn vòng sằm sán sú chìu chíu tàng tàn mẩy nghĩa lỗ lữ luân mạnh cái châu chử diệp giang hoàn "
    "khương lai lao liêu mẫu mỵ nhan bồ bạc"
)
#: Family names that are hardly ever another word, so that they mark a name even in small letters.
SURNAMES_ONLY = listed("nguyễn nguyen phạm pham đặng trịnh phùng bùi đinh mạc vy đàm trần huỳnh võ hoàng giàng")
#: Middle names, between the family name and the given name.
MIDDLES = spellings(
    "văn thị đức quang minh xuân hữu viết đình công ngọc thanh trung kim bích thùy phương thu hồng tiến duy "
    "quốc mạnh tài mùi a bá trọng thế như mỹ bảo gia anh hoài tuấn việt thành hải sỹ sĩ chí khánh"
)
GIVEN = spellings(
    "tuấn hùng dũng cường thắng nam sơn hải long minh đức hiếu hiệu trung kiên khang huy hoàng quang quân "
    "tùng tú phúc phong thành toàn tiến tài tâm thái thịnh thuận trường vinh việt vũ bình chiến chính chung "
    "công dương duy đạt đông giang hậu hòa khánh khải khoa lâm lợi lộc luân mạnh nghĩa ngọc nhân phú phước "
    "quý quyết sáng sinh tân thạch thanh thiện thọ thông tín trọng văn vương an anh ánh bích chi châu cúc "
    "diệp diễm dung duyên đào điệp hà hạnh hằng hiền hoa hồng huệ huyền hương hường khuyên kiều lan lệ liên "
    "liễu linh loan ly lý mai mến mơ my mỹ nga ngân nguyệt nhàn nhung như oanh phấn phượng phương quyên quỳnh "
    "sen tâm thảo thắm thơ thoa thu thúy thùy thủy thương thuý thuỷ tình trang trinh trúc tươi tuyết tuyến "
    "uyên vân vui vy xuân yến yên sủng páo thìn tý sửu dần mão tỵ ngọ mùi dậu tuất hợi bảy tám chín mười khôi "
    "đăng bảo hưng kha lương nhật phát quốc sỹ tấn thức tiệp tính trí triều trình tường vịnh bắc cảnh chiểu"
)
#: Given names recognised in small letters; others are too often another word.
GIVEN_SMALL = listed(
    "tuấn hùng dũng cường thắng hiếu kiên khang huy tùng thịnh duy đạt khánh khải lộc mạnh nghĩa nhân phú "
    "phước quyết thạch thiện thọ trọng vương diệp diễm dung duyên hạnh hằng hiền huệ huyền hường khuyên lan "
    "liên liễu loan mến nga ngân nguyệt nhung oanh phượng quyên quỳnh thảo thắm thoa thúy thùy thủy thuý thuỷ "
    "trang trinh tuyết uyên vân vinh yến sủng páo thìn sơn quân phúc hương hồng sen đức hung cuong hieu kien "
    "khang huy khanh nghia quyet huong hanh hien hue huyen loan nga ngan nguyet nhung oanh phuong quyen quynh "
    "thuy thuan tuyet uyen vinh yen trang tuan dung long minh duc lan quang son"
)
#: An honorific and a word that together are something else ("anh hùng", "ảnh hưởng", "chi nhánh").
NOT_PEOPLE = listed(
    "anh hùng|anh hung|anh dũng|anh dung|anh huong|anh minh|anh linh|chi hien|chi trang|ba lan|ba minh|"
    "ba quyen|ba trang|em nga|co nga|co quyen|co hien|co trang|co lan|co huong|co minh|co dung|co long|co duc|"
    "co tuan|ba tuan|ba long|ba ngan|co hieu|cu hieu|bac son|bac minh|a long|chu minh|ba son|e dung|a dung|"
    "chi dung|c dung|cu dung|con dung|con long|con lan|bac ngan|bac quang|cu lan|em dung|em hien|ba thuy|"
    "co thuy|cu tuan|em yen|con tuan|con ngan|hai bà|hai ba",
    "|",
)

HONORIFICS = (
    spellings("ông bà anh chị cô chú bác em cháu cụ thầy")
    | listed("cậu dì mợ thím dượng bé lão chàng ngài")
    | listed("a c e ô b bs ths gv")
)
#: Words that a person's name may follow, though other capitals may too.
ROLES = spellings(
    "thợ vợ chồng mẹ bố cha con trai gái thằng nhỏ xế y.tá tên gọi gặp là nhà hộ chủ lái xe quán quầy tài"
)
#: Two-word roles; a capitalised word after them is a name, unless the second word is also followed by a place's name.
ROLE_PAIRS = spellings(
    "lái_xe tài_xế đội_trưởng tổ_trưởng nhóm_trưởng chủ_quán chủ_trại chủ_thầu chủ_hộ chủ_nhà giám_đốc bí_thư "
    "chủ_tịch kế_toán cán_bộ bác_sĩ bác_sỹ cô_giáo thầy_giáo y_tá y_sĩ thợ_điện thợ_nước thợ_xây đồng_chí "
    "phó_phòng chủ_cửa chủ_tiệm chủ_lò chủ_xe hiệu_trưởng hiệu_phó công_an trưởng_phòng người_tên tên_là "
    "xưng_là hội_trưởng trưởng_thôn trưởng_bản trưởng_khu trưởng_ban trưởng_xóm phó_thôn phó_bản mặt_trận thường_vụ "
    "thường_trực "
    "cộng_tác quý_vị đồng_bào hội_viên đội_viên học_sinh giáo_viên đảng_viên dân_quân bộ_đội lãnh_đạo"
)

#: Words for people whose last word is also a place word.
PEOPLE_PAIRS = spellings("gia_đình hàng_xóm đối_tượng già_làng trưởng_làng trưởng_khối trưởng_khu phó_khối nhà_dân")

PLACES = spellings(
    "xã phường đường phố thôn cầu chợ khối bản xóm khu huyện tỉnh trường làng ấp buôn sông suối núi đèo đồi "
    "đền chùa miếu hang đập ngõ hẻm ngách cụm quận trấn trạm tuyến xuân_lộ viện công.ty khẩu thcs thpt "
    "tiểu_học non hồ đình nghĩa_trang khe lũng đồng bãi mỏ ga bến dốc kho đài sân rừng đảo hội tp ql đt tl "
    "tdp htx trại lộ quảng vịnh học cư tư hóa hoá giải tượng phong_trào"
)
#: Without diacritics these are everyday words too ("cho", "hộ", "bên"): a full name after them stays a name.
WEAK_PLACES = listed(
    "cho ho ban ben ga to pho dinh dong hoi lo tu hoc giai dai non san khe bai trai lang trai kho mo dap cau "
    "den htx trạm tram viện vien trại khoa cư cu bản sân quán cụm hội"
)

#: Places, bodies and historical people whose names look like a living person's.
NOT_NAMES = listed(
    flatten(
        "hà nội|hà giang|hà nam|hà tĩnh|hà bắc|cao bằng|cao lộc|cao lâu|lộc bình|lộc yên|thái bình|thái nguyên|"
        "thái lan|mai pha|mai sao|chu văn an|hoàng văn thụ|lương văn tri|hồ chí minh|bác hồ|lê lợi|trần phú|"
        "lê hồng phong|hoàng đồng|tô hiệu|đoàn thanh|đoàn thanh niên|đoàn kết|đoàn xã|đoàn tn|lâm đồng|lâm nghiệp|"
        "lai châu|kim đồng|ninh bình|ninh thuận|yên bái|yên bình|yên phúc|yên trạch|đồng đăng|đồng mỏ|đồng nai|"
        "đồng tháp|vạn linh|vũ lăng|vũ lễ|vũ sơn|văn quan|văn lãng|quan sơn|mẫu sơn|lũng vân|hoa thám|hoa lư|"
        "hoa kỳ|hoàng việt|hoàng sa|trường sa|bàn cờ|chi lăng|châu sơn|thạch đạn|tân thành|lý thường kiệt|"
        "lý thái tổ|trần hưng đạo|trần đăng ninh|nguyễn du|nguyễn trãi|hai bà trưng|bà triệu|bà trưng|bà rịa|"
        "bà nà|bà đen|võ thị sáu|võ nguyên giáp|lê quý đôn|lê lai|phan đình phùng|ngô quyền|quang trung|phai vệ|"
        "ngô gia tự|nguyễn tri phương|phan chu trinh|trần quốc toản|lê văn tám|tày nùng|lý sơn|giang tô|quan lạn|"
        "hưng vũ|hữu lũng|mạc tư|kim sơn|hồng phong|khuất xá|thiện thuật|kiên mộc|tuấn sơn|đinh lập|cai kinh|"
        "ba sơn|ba vì|ba lan|anh quốc|ba bể|anh em|lương thực|lao động|nông nghiệp|nông dân|nông thôn|phương tây|"
        "hội an|"
        "an giang|kiên giang|bạc liêu|tô vĩnh diện|hoàng hoa thám|tự lạc|đông kinh|tam thanh|kỳ lừa|kim tinh|"
        "mông cổ|tân tri|tri lễ|thân thiện|tết nguyên đán"
    ),
    "|",
)
#: Words that begin roles, bodies and everyday phrases and may follow an honorific capitalised.
NOT_GIVEN = listed(
    "bí chủ trưởng phó giám cán cộng ban đảng thôn xã phường tổ ubnd hđnd mttq thường tày nùng mông dao kinh"
)
STOP_WORDS = listed(
    "va la thi ma thi o co con khong ko k da dang se bi duoc dc cho den di tu trong ngoai tren duoi sau truoc "
    "nay kia do nen noi bao hoi keu goi lam nha ho thon xa ban khoi phuong duong ay ta nao gi rat qua lai "
    "cung cx deu moi may hay voi van chua nguoi ong anh chi co chu bac em chau cu thay minh toi dan de nghi "
    "phan anh cccd cmnd sdt dt so stk nam thang ngay gan het bi mat khi nhung thue ban mua lay xin mong can "
    "bo phai tai vi nhu tro giup gia dinh sinh benh om nghe hien vua roi nhieu"
)
STOP_WORDS_MARKED = listed(
    "và là thì mà ở có không đã đang sẽ bị được đc cho đến đi từ trong ngoài trên dưới trước này kia đó nên nói bảo "
    "báo hỏi kêu gọi làm nhà hộ thôn xã bản khối phường đường ấy nào gì rất lại cũng đều mới hay với vẫn chưa người "
    "ông chị cô chú bác cháu cụ thầy dân đề phản sđt số tháng ngày gần hết mất nhưng thuê mua lấy xin phải tại "
    "vì như trợ giúp sinh bệnh ốm vừa rồi nhiều của vào năm đứng nhận"
)
#: "văn phòng", "thị trường": not part of a name, even after a word that is also a family name.
COMPOUNDS = listed(
    "văn hóa|văn hoá|văn phòng|văn bản|văn nghệ|văn minh|văn kiện|văn bằng|văn học|văn thư|văn công|thị trấn|thị xã|"
    "thị trường|thị sát|thị lực|thị hiếu|thị tộc|van hoa|van phong|van ban|van nghe|van minh|van de|van con|van chua|"
    "van chuyen|van dong|van hanh|van khong|van bi|"
    "thi tran|thi xa|thi truong|thi cong|thi thoang",
    "|",
)
