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
        self._ends: list[tuple[str, int]] = []

    def take(self, span: Span) -> None:
        self._marks[span.start : span.end] = b"\1" * (span.end - span.start)
        self.starts[span.start] = span.kind
        self._ends.append((span.kind, span.end))

    def ends_of(self, kind: str) -> list[int]:
        """Where the spans of `kind` end."""
        return [end for of, end in self._ends if of == kind]

    def free(self, start: int, end: int) -> bool:
        """Whether no character from `start` to `end` is masked; False for an empty range."""
        return start < end and not any(self._marks[start:end])


class _Flat(dict[int, str]):
    """Each character's small letter without diacritics, worked out once."""

    def __missing__(self, code: int) -> str:
        base = unicodedata.normalize("NFD", chr(code))[0].lower()
        flat = "d" if base == "đ" else base if len(base) == 1 else chr(code)
        if len(self) < _MOST_FLAT:
            self[code] = flat
        return flat


#: So many characters are remembered at most.
_MOST_FLAT = 4096
_FLAT = _Flat()


def flatten(text: str) -> str:
    """Small letters without diacritics, character by character, so that offsets stay those of `text`."""
    return text.translate(_FLAT)


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
    "bách bằng biên bội cẩm cầu chánh chấn chúc chuẩn chuyên cơ cương dân danh diện diệu doanh dậu du dự đại đạo điền "
    "điển đoan đoàn đồng đôn giáp hào hân hiển hiếu hiệp hinh hoạch hoan hoàn hoạt học hội hợp huấn huân huynh hữu kết "
    "khái khang khanh khiêm khiết khôi khuê kỳ kỷ lai lam lành lãm lăng lâng liêm lĩnh lĩnh luật luyện lực lượng mạch "
    "mừng nghị nghiêm nghiệp nguyên nhã nhẫn nhượng ninh phác phi phiên phụng phức quảng quế quyền sang sâm siêu soạn "
    "sự tạo tặng tạ tất tế thạc thản thăng thế thi thiệp thoại thời thư thực thưởng thường tĩnh tính toản tôn tổng "
    "trác tri trụ trực tuân tuệ tuyên tự tứ tước ước văn viên viễn vĩ vĩnh vọng vụ vượng xuyên ý bông bống bích bưởi "
    "chanh chuyền cúc dinh dịu duyệt đài đoan gấm gái hạ hài hảo hậu hoà hoài huê hường khuyến lài lành lê lựu lượng "
    "lụa mận mùa na nền ngà ngần ngát nhài nhâm nhạn nhi nhiên nhị nhớ nở nụ nương ngoan oánh phước phi quy rạng sáu "
    "bốn năm tư hai ba út sửu sỹ tẹo thao thêu thìn thoan thơm thục thuyên thược tín tuyển tý vóc xoan xuyến yêm điểm "
    "bin bi bo tít tôm ken bon su cún tèo páng pảo pẩu sìn sèo slấn phìn phình lẩy mẩy mỷ pá sạ lìn seo tẩn chòi "
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
#: In small letters after an honorific, a name only where the sentence goes on as it does behind one.
GIVEN_IF_FOLLOWED = spellings(
    "hà hải hoa lâm tú tùng sen quang minh đức long nam tài tâm bích cúc đào huệ lệ linh ly lý mai my nhàn phấn "
    "phương xuân yên khôi hưng kha nhật tấn tiệp trí tường vịnh cảnh thanh tuyến thuận bằng chiến luân khoa lợi hậu "
    "giang hòa hồng thoa tươi tình điệp kiều trúc phú thạch tân ngọc sửu tuất hợi ngọ tỵ mão tý chinh vượng thực "
    "quý nhâm thơm nhài lụa nụ bưởi chanh mận lê na hùng sáng mừng thao thiện"
)
FOLLOWERS = spellings(
    "bán ở làm thợ lái bí trưởng tổ kế xe sửa thôn xã kể kêu hỏi bị mất mới có cho đi về được cũng vẫn đã đang "
    "bên nhà tên sđt dt nói thu dạy trực giữ chạy nuôi trồng khóc xin đòi nợ trả nghỉ gác bảo đánh chửi lấn mổ xây "
    "phụ chủ giáo y khám đẻ ốm sống vừa hứa nhận đứng trông con vợ chồng và với thì là"
)
#: An honorific and a word that together are something else ("anh hùng", "ảnh hưởng", "chi nhánh").
NOT_PEOPLE = listed(
    "anh hùng|anh hung|anh dũng|anh dung|anh huong|anh minh|anh linh|chi hien|chi trang|ba lan|ba minh|"
    "ba quyen|ba trang|em nga|co nga|co quyen|co hien|co trang|co lan|co huong|co minh|co dung|co long|co duc|"
    "co tuan|ba tuan|ba long|ba ngan|co hieu|cu hieu|bac son|bac minh|a long|chu minh|ba son|e dung|a dung|"
    "chi dung|c dung|cu dung|con dung|con long|con lan|bac ngan|bac quang|cu lan|em dung|em hien|ba thuy|"
    "co thuy|cu tuan|em yen|con tuan|con ngan|hai bà|hai ba|anh phương|chú thích|anh nam|chi phi|chi le|ba nam|"
    "chi mai|anh sang|thay nhan|chu tam|chu yen|chu long|thay tam|ba tam|co yen|ba hoa|anh nhan|chu nhan|chu xuan",
    "|",
)

HONORIFICS = (
    spellings("ông bà anh chị cô chú bác em cháu cụ thầy")
    | listed("cậu dì mợ thím dượng bé lão chàng ngài má bầm bạn ả gã mụ bủ tía cậu thiếm mế")
    | listed("a c e ô b bs ths gv ck vk cu cái sếp")
)
#: Honorifics that are other words where the text is typed with diacritics.
ONLY_PLAIN = listed("ba co chu thay chau")
#: What is counted: after it "ba" is a number.
COUNTED = spellings("ngã thứ cụm số tháng khu lớp đội khối xóm cấp quý mục điều tổ thôn kỳ đợt phần điểm nhóm tầng")
#: Before an honorific they make it many people, who have no name: "các cháu Nà Lốc".
PLURALS = spellings("các những mấy bọn tụi đám chúng nhiều mọi đôi từng")
PLURAL_PAIRS = spellings(
    "anh_em chị_em ông_bà anh_chị cô_chú chú_bác cô_bác bác_cô thầy_cô cô_trò con_cháu bà_cháu ông_cháu cha_mẹ bố_mẹ "
    "cháu_em em_cháu cô_cậu bà_mẹ ông_cha bà_con bà_cụ_ông chú_cháu bác_cháu bác_anh bà_chị cụ_ông_bà cô_dì dì_cháu"
)
#: Whoever comes after them is a person: one syllable in capitals is enough.
ROLES_SURE = spellings(
    "thợ vợ chồng mẹ bố cha thằng xế y.tá tay trai gái dâu rể nội ngoại mẹ.con nick đ.c tướng giặc họ.tên ký.tên"
) - listed("xe tai noi")
#: After a network's name people are called by two or three words: "nick zalo Hùng Biên Mậu".
NETWORKS = listed("zalo facebook fb face tiktok messenger viber telegram")
#: Words that a person's name may follow, though other capitals may too.
ROLES = spellings(
    "con nhỏ tên gọi gặp là nhà hộ chủ lái xe quán quầy tài nhờ do bị bởi của cho với và theo hỏi hại lh liên.hệ "
    "ct pct bt gđ pgđ gd pgd tr.thôn btcb ubkt đối.tượng gửi mang bảo tiệm xưởng đất ruộng ao vườn chó trại quý"
)
#: Of these, those that a body or a matter in capitals may follow as well: only a name with its family name counts.
LOOSE_ROLES = spellings("của với và cho bị bởi gửi mang theo")
#: Two-word roles; a capitalised word after them is a name, unless the second word is also followed by a place's name.
ROLE_PAIRS = spellings(
    "lái_xe tài_xế đội_trưởng tổ_trưởng nhóm_trưởng chủ_quán chủ_trại chủ_thầu chủ_hộ chủ_nhà giám_đốc bí_thư "
    "chủ_tịch kế_toán cán_bộ bác_sĩ bác_sỹ cô_giáo thầy_giáo y_tá y_sĩ thợ_điện thợ_nước thợ_xây đồng_chí "
    "phó_phòng chủ_cửa chủ_tiệm chủ_lò chủ_xe hiệu_trưởng hiệu_phó công_an trưởng_phòng người_tên tên_là "
    "xưng_là hội_trưởng trưởng_thôn trưởng_bản trưởng_khu trưởng_ban trưởng_xóm phó_thôn phó_bản mặt_trận thường_vụ "
    "thường_trực cộng_tác quý_vị đồng_bào hội_viên đội_viên học_sinh giáo_viên đảng_viên dân_quân bộ_đội lãnh_đạo "
    "nghệ_nhân thượng_úy trung_úy đại_úy thiếu_úy thượng_tá trung_tá đại_tá thiếu_tá thiếu_tướng luật_sư già_làng "
    "thầy_cúng thầy_mo thầy_lang thầy_bói thầy_tào bà_lang bà_đồng ông_đồng bà_then ông_mo bệnh_nhân sinh_viên "
    "thương_binh bệnh_binh liệt_sĩ liệt_sỹ nạn_nhân đối_tượng nghi_phạm bị_can bị_cáo hung_thủ ủy_viên đại_biểu "
    "thẩm_phán cảnh_sát công_nhân nông_dân thư_ký thủ_quỹ bảo_vệ quản_lý hộ_lý điều_dưỡng dược_sĩ nha_sĩ thú_y "
    "kiểm_lâm địa_chính tư_pháp xã_đội thôn_đội ca_sĩ nghệ_sĩ nhà_báo phóng_viên hàng_xóm người_dân họ_tên người_gửi "
    "ký_tên chủ_shop chủ_nợ chủ_đất chủ_mỏ chủ_tàu chủ_vườn chủ_máy chủ_cây chủ_sạp chủ_bãi chủ_đại cai_thầu "
    "phó_chủ phó_giám phó_bí trưởng_đoàn phó_đoàn cựu_binh chiến_binh thanh_niên trưởng_trạm phó_trưởng an_viên "
    "xưng_tên mang_tên cháu_bé bé_gái bé_trai cụ_ông cụ_bà em_trai em_gái con_trai con_gái con_dâu con_rể anh_trai "
    "chị_gái anh_rể chị_dâu em_dâu em_rể cháu_nội cháu_ngoại bố_vợ mẹ_vợ bố_chồng mẹ_chồng vợ_chồng mẹ_con bố_con "
    "gia_đình kính_gửi tôi_là tôi_tên em_là mình_là cháu_là con_là tên_thật bí_danh biệt_danh liên_hệ thay_mặt "
    "chuyên_viên nhân_viên nhân_chứng làm_chứng người_bán đại_diện thủ_trưởng chính_ủy sư_thầy sư_cô ni_sư thượng_tọa "
    "đại_đức hòa_thượng linh_mục mục_sư thầy_chùa trưởng_họ trưởng_tộc chi_ủy ông_chủ bà_chủ cô_đỡ xe_ôm shipper_tên"
)
#: Of these, those after which one unknown syllable in capitals is a person too.
PAIRS_SURE = spellings(
    "lái_xe tài_xế chủ_quán chủ_trại chủ_thầu chủ_hộ chủ_tiệm chủ_lò chủ_xe thợ_điện thợ_nước thợ_xây y_tá y_sĩ bác_sĩ "
    "bác_sỹ người_tên tên_là xưng_là xưng_tên cháu_bé bé_gái bé_trai cụ_ông cụ_bà em_trai em_gái con_trai con_gái "
    "con_dâu con_rể anh_trai chị_gái anh_rể chị_dâu em_dâu em_rể cháu_nội cháu_ngoại bố_vợ mẹ_vợ bố_chồng mẹ_chồng "
    "vợ_chồng mẹ_con bố_con tôi_tên nghệ_nhân thượng_úy trung_úy đại_úy thiếu_úy thượng_tá trung_tá đại_tá thiếu_tá "
    "luật_sư thầy_cúng thầy_mo thầy_lang thầy_bói thầy_tào bà_lang bà_đồng nạn_nhân nghi_phạm bị_can bị_cáo cô_giáo "
    "thầy_giáo ông_chủ bà_chủ sư_thầy kế_toán hiệu_trưởng hiệu_phó tổ_trưởng nhóm_trưởng đội_trưởng đồng_chí chủ_shop "
    "thương_binh bệnh_nhân đối_tượng an_viên cai_thầu xe_ôm cô_đỡ"
)  #: Pairs that end like a role and are none: "bến xe Dũng Hằng".
NO_ROLES = spellings("bến_xe nhà_xe xe_khách xe_buýt gara_xe trạm_xe ban_nội xe_tải tay_ba trang_facebook")

#: Before a place: two words in capitals behind it are none of a person, "ở Đàm Thắng".
WHERE = listed("ở tại đến đoạn chỗ khỏi tới ra vào sang lên xuống o tai den doan khoi toi vao len xuong")
#: Whoever is met or asked is a person, whatever the name: "gặp Toản".
MET = spellings("gặp gọi hỏi bảo nhờ")
#: But for bodies and hours: "gọi Điện lực", "gặp Kiểm lâm".
NOT_MET = listed(
    "bưu kiểm thuế cứu tòa toà viện ngân kho quỹ biên nghị quyết luật quốc tết sáng chiều bà ông điện trên dưới khi"
)
#: Honorifics of nobody: "ông Táo", "Cụ Hồ".
IN_HONOUR = listed(
    "ông táo|ông trời|cụ hồ|bác hồ|ông công|bà chúa|ông bụt|ông địa|bà mẹ|bà tổ|cô tiên|bà tiên|ông lãnh", "|"
)

#: Small words behind a given name that belong to it: "Dũng sẹo", "Hằng béo".
NICKNAMES = listed("sẹo béo còi lùn hói chột trọc ghẻ lé sứt trố cận điếc mập râu đầu_bạc")

#: Words that begin roles, bodies and everyday phrases and may follow an honorific capitalised.
NOT_GIVEN = listed(
    "bí chủ trưởng phó giám cán cộng ban đảng thôn xã phường tổ ubnd hđnd mttq thường tày nùng mông dao kinh "
    "ủy uỷ hội đoàn sở phòng bộ trung cục chi trạm trường bệnh công.an mặt nhà nhân cơ đồn huyện tỉnh khối bản ca ct"
) - listed("trung chi trường nhân")
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
    "van chuyen|van dong|van hanh|van khong|van bi|công an|công ty|công trình|công đoàn|công nhân|công chức|thanh niên|"
    "thanh tra|bảo hiểm|bảo vệ|quân đội|quân dân|nhân dân|giao thông|hải quan|nam nữ|tiến độ|trung tâm|trung ương|"
    "trường học|phong trào|thông báo|thông tin|quốc lộ|quốc hội|việt nam|đông đảo|tài chính|tài xế|thương binh|"
    "thành phố|thu phí|thu tiền|minh bạch|an ninh|an toàn|bình quân|sinh viên|đăng ký|phát hiện|cảnh sát|tâm lý|"
    "chi bộ|chi hội|chi đoàn|chi nhánh|chi cục|chi ủy|đảng bộ|trường học|hội đồng|đoàn xã|năm nay|năm ngoái|tư nhân|"
    "tư pháp|ba ngày|hai bên|sáu tháng|kế hoạch|học sinh|dân quân|điện lực|điện thoại|thế giới|thời gian|thường trực|"
    "chuyên viên|danh sách|dự án|đại diện|đại biểu|giáp ranh|hợp tác|hữu nghị|kết quả|lực lượng|luật sư|nghiêm túc|"
    "quyền lợi|quảng cáo|sang năm|sang tên|sự việc|tạo điều|tự vệ|tự nguyện|tuyên truyền|trực ban|vĩnh viễn|"
    "biên phòng|biên giới|ý kiến|hội nghị|nghị quyết|nghị định|năm mới|tứ phía|tổng đài|tổng cục|thực trạng|viễn thông|"
    "kế toán|chính quyền|chính sách|bắc nam|hoa màu|văn thể|sáng nay|xuân này|trình độ|đức tính|công tác|cong an|"
    "liên hệ|liên quan|liên lạc|liên tục|trang trí|trang bị|trang trại|thảo luận|quyết định|quyết tâm|quyết toán|"
    "khánh thành|kiên quyết|kiên trì|huy động|duy trì|duy nhất|đạt chuẩn|đạt giải|mạnh dạn|mạnh ai|nghĩa vụ|"
    "nghĩa trang|nghĩa là|nhân viên|nhân lực|nhân công|phú hộ|"
    "thạch đen|thiện nguyện|trọng tài|hạnh phúc|hiền lành|lan man|lan tỏa|"
    "vinh dự|vinh danh|quân sự|quân nhân|phúc lợi|hương ước|dũng cảm|thắng kiện|thắng cuộc|hiếu thảo|ngân hàng|"
    "công nghệ|đào tạo|tài nguyên|công thương|bình đẳng|mai táng|thơ ca|lien he|lien quan|quyet dinh|nghia vu|"
    "nghia trang|nhan vien|hanh phuc|ngan hang|trang trai|huy dong|quan su|hoa quả|hoa hồi|xuân về|sinh hoạt|"
    "lâm nghiệp|lâm sản|lâm trường|minh chứng|minh oan|quang cảnh|long đong|tài sản|tài khoản|tài liệu|bích báo|"
    "ly hôn|ly thân|lý do|lý lẽ|lệ phí|mai mốt|nhật ký|thanh toán|thanh lý|khoa học|khoa sản|lợi dụng|lợi nhuận|"
    "hậu quả|hòa giải|hồng cầu|tươi cười|tình nguyện|tình hình|tình cảm|tân gia|phương án|phương tiện|hải sản|"
    "thuận tiện|thuận lợi|bằng lòng|bằng lái|chiến đấu|luân phiên|quý trọng|thực hiện|thực tế|thực phẩm|"
    "cong ty|cong trinh|cong nhan|thanh nien|bao hiem|trung tam|thong bao|thong tin|tai xe|sinh vien|an ninh|"
    "thi tran|thi xa|thi truong|thi cong|thi thoang",
    "|",
)
