"""Places, bodies and historical people whose names look like a living person's, and the office's own places."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from nhipcau.privacy.screening_words import flatten, listed, spellings

#: Words for people whose last word is also a place word.
PEOPLE_PAIRS = spellings(
    "gia_đình hàng_xóm đối_tượng già_làng trưởng_làng trưởng_khối trưởng_khu phó_khối nhà_dân bạn_học trưởng_xóm "
    "trưởng_bản trưởng_thôn phó_thôn phó_bản"
)

PLACES = spellings(
    "xã phường đường phố thôn cầu chợ khối bản xóm khu huyện tỉnh trường làng ấp buôn sông suối núi đèo đồi "
    "đền chùa miếu hang đập ngõ hẻm ngách cụm quận trấn trạm tuyến xuân_lộ viện ty khẩu thcs thpt "
    "tiểu_học non hồ đình nghĩa_trang khe lũng đồng bãi mỏ ga bến dốc kho đài sân rừng đảo hội tp ql đt tl "
    "tdp htx trại lộ quảng vịnh học cư tư hóa hoá giải tượng phong_trào thác mương cống đồn chốt thửa ruộng "
    "nghiệp sạn tnhh dntn cúp quán hãng hiệu xăng nghỉ hàng nhóm thờ ngã tổ mốc cửa khánh giếng vực cánh"
)
#: Without diacritics these are everyday words too ("cho", "hộ", "bên"): a full name after them stays a name.
WEAK_PLACES = listed(
    "cho ho ban ben ga to pho dinh dong hoi lo tu hoc giai dai non san khe bai trai lang trai kho mo dap cau "
    "den htx trạm tram viện vien trại khoa cư cu bản sân quán cụm hội quan hang hieu nghiep khanh cua canh nga moc "
    "ty xang nghi nhom tho tổ nhóm cửa hàng khối thửa thua ruong ruộng chot chốt đồn don"
)
#: What names of villages, slopes and streams of the region begin with; a place also after an honorific.
_BEGINNINGS = listed(
    "nà bản khuổi pắc pác cốc kéo lũng nặm khau phai pò thâm khe khuôn lân slam đon đông phja bó mỏ co"
)
_PLAIN_BEGINNINGS = listed("na ban khuoi pac coc keo lung khau phai po khe khuon phja")
#: Peoples: "anh em Dao Tiền" names nobody.
_PEOPLES = listed("tày nùng dao kinh mông hmông h'mông sán cao ngái tay nung mong hmong")
_PEOPLES_ALONE = _PEOPLES - listed("cao sán")
_BRANCHES = listed("tiền đỏ lô quần thanh trắng đen đại slình inh cháo chỉ chay lan dìu an tien do quan trang den chi")

#: Words of which the names of units begin, left out of them.
_KINDS = listed(
    "tỉnh|thành phố|huyện|thị xã|thị trấn|xã|phường|đặc khu|chi bộ|đảng bộ|thôn|bản|khối phố|khối|khu phố|khu|xóm|làng|"
    "tổ dân phố|tổ|cụm",
    "|",
)

#: Names of streets and schools: those of people known from history.
_FAMOUS = listed(
    "hoàng văn thụ|lương văn tri|hồ chí minh|trần đăng ninh|chu văn an|tô hiệu|lê hồng phong|trần phú|phan đình phùng|"
    "lý thường kiệt|lý thái tổ|trần hưng đạo|nguyễn du|nguyễn trãi|hai bà trưng|võ thị sáu|võ nguyên giáp|lê quý đôn|"
    "lê lợi|lê lai|ngô quyền|quang trung|ngô gia tự|nguyễn tri phương|phan chu trinh|phan bội châu|trần quốc toản|"
    "lê văn tám|hoàng hoa thám|tô vĩnh diện|kim đồng|lý tự trọng|nguyễn thị minh khai|nguyễn thái học|nguyễn huệ|"
    "nguyễn văn cừ|nguyễn văn trỗi|nguyễn viết xuân|phạm ngũ lão|phạm hồng thái|phạm văn đồng|hoàng quốc việt|"
    "hoàng diệu|bùi thị xuân|cù chính lan|bế văn đàn|phan đình giót|la văn cầu|lý công uẩn|đinh tiên hoàng|"
    "đinh bộ lĩnh|lê đại hành|lê thánh tông|lê thánh tôn|trần nhân tông|trần quang khải|trần nhật duật|"
    "trần khánh dư|yết kiêu|mạc đĩnh chi|nguyễn bỉnh khiêm|nguyễn công trứ|nguyễn đình chiểu|nguyễn khuyến|"
    "nguyễn trung trực|nguyễn trường tộ|nguyễn lương bằng|nguyễn chí thanh|tôn đức thắng|trường chinh|lê duẩn|"
    "văn cao|tố hữu|xuân diệu|hồ xuân hương|bà huyện thanh quan|đoàn thị điểm|cao bá quát|cao thắng|đề thám|"
    "ông ích khiêm|hùng vương|an dương vương|thục phán|thánh gióng|trần bình trọng|trần nguyên hãn|lương thế vinh|"
    "lương định của|tạ quang bửu|tôn thất tùng|đặng thùy trâm|đặng văn ngữ|đào duy anh|đào duy từ|mai thúc loan|"
    "mai hắc đế|phùng hưng|khúc thừa dụ|lý nam đế|bà triệu|bà trưng|thân cảnh phúc|thân công tài|vi đức thắng|"
    "dã tượng|chi lăng|tôn thất thuyết|hàm nghi|duy tân|cường để|huỳnh thúc kháng|phan huy chú|ngô thì nhậm|"
    "ngô thì sĩ|ngô thì sỹ|nguyễn xí|nguyễn phi khanh|phó đức chính|nguyễn văn linh|nguyễn đức cảnh|hà huy tập|"
    "nguyễn phong sắc|phùng chí kiên|hoàng đình giong|hoàng như|minh khai|bác hồ|vừ a dính",
    "|",
)
_PLACE_NAMES = listed(
    "hà nội|hà giang|hà nam|hà tĩnh|hà bắc|cao bằng|cao lộc|cao lâu|lộc bình|lộc yên|thái bình|thái nguyên|"
    "thái lan|mai pha|mai sao|hoàng đồng|đoàn thanh|đoàn thanh niên|đoàn kết|đoàn xã|đoàn tn|lâm đồng|lâm nghiệp|"
    "lai châu|ninh bình|ninh thuận|yên bái|yên bình|yên phúc|yên trạch|đồng đăng|đồng mỏ|đồng nai|lạng sơn|"
    "đồng tháp|vạn linh|vũ lăng|vũ lễ|vũ sơn|văn quan|văn lãng|quan sơn|mẫu sơn|lũng vân|hoa thám|hoa lư|"
    "hoa kỳ|hoàng việt|hoàng sa|trường sa|bàn cờ|châu sơn|thạch đạn|tân thành|bà rịa|"
    "bà nà|bà đen|phai vệ|tày nùng|lý sơn|giang tô|quan lạn|vĩnh trại|bình gia|bắc sơn|tràng định|thất khê|đình lập|"
    "hưng vũ|hữu lũng|mạc tư|kim sơn|hồng phong|khuất xá|thiện thuật|kiên mộc|tuấn sơn|cai kinh|na sầm|na dương|"
    "ba sơn|ba vì|ba lan|anh quốc|ba bể|anh em|lương thực|lao động|nông nghiệp|nông dân|nông thôn|phương tây|"
    "hội an|bắc giang|bắc ninh|quảng ninh|hải phòng|hải dương|tuyên quang|bình dương|long an|hòa bình|sơn la|"
    "an giang|kiên giang|bạc liêu|tự lạc|đông kinh|tam thanh|kỳ lừa|kim tinh|tân thanh|cốc nam|hữu nghị|chi ma|"
    "mông cổ|tân tri|tri lễ|thân thiện|tết nguyên đán|giếng vuông|kỳ cùng|hùng sơn|đông triều|bằng tường|đài loan|"
    "lồng tồng|bủng kham|ná nhèm|trung thu|thanh minh|thành phố|minh sơn|quốc khánh|quốc việt|chiến thắng|thống nhất",
    "|",
)
#: Years of the lunar calendar: "năm Đinh Mùi".
_YEARS = frozenset(
    f"{stem} {branch}"
    for stem in ("giáp", "ất", "bính", "đinh", "mậu", "kỷ", "canh", "tân", "nhâm", "quý")
    for branch in ("tý", "sửu", "dần", "mão", "thìn", "tỵ", "ngọ", "mùi", "thân", "dậu", "tuất", "hợi")
)
_MOST_WORDS = 4


@lru_cache(maxsize=4096)
def _key(word: str) -> str:
    """The same for "hòa" and "hoà": letters, then diacritics; what has none is its own key."""
    if word.isascii():
        return word
    split = unicodedata.normalize("NFD", word)
    marks = sorted(c for c in split if unicodedata.combining(c))
    return "".join(c for c in split if not unicodedata.combining(c)) + "".join(marks)


class KnownPlaces:
    """Names that are places first: those everybody knows, and those of the office's units and cells."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        """`names`: with or without their kind, "Chi bộ thôn Nà Pai" or "Nà Pai"."""
        plain = {*_FAMOUS, *_PLACE_NAMES, *_YEARS, *(_without_kind(name) for name in names)}
        self._exact = {" ".join(map(_key, name.split())) for name in plain}
        self._plain = {flatten(name) for name in plain}
        self._first = {name.split(" ", 1)[0] for name in (*self._exact, *self._plain)}

    def begin_with(self, word: str) -> bool:
        """Whether a name may begin with this word, in small letters; quicker than `holds`."""
        return _key(word) in self._first

    def holds(self, words: Sequence[str]) -> bool:
        """Whether these words, in small letters, are a place's name; with diacritics they must be the right ones."""
        if not 0 < len(words) <= _MOST_WORDS:
            return False
        if all(word.isascii() for word in words):
            return " ".join(words) in self._plain
        return " ".join(map(_key, words)) in self._exact


def _without_kind(name: str) -> str:
    words = unicodedata.normalize("NFC", name).lower().split()
    for _ in range(3):
        kind = next((size for size in (3, 2, 1) if " ".join(words[:size]) in _KINDS and len(words) > size), 0)
        words = words[kind:]
    return " ".join(words)


def is_famous(words: Sequence[str]) -> bool:
    """Whether these words are the name of somebody known from history."""
    name = " ".join(words)
    return name in _FAMOUS or (name.isascii() and name in _FAMOUS_PLAIN)


_FAMOUS_PLAIN = frozenset(flatten(name) for name in _FAMOUS)


def begins_like_a_place(words: Sequence[str], middles: frozenset[str]) -> bool:
    """Whether words in capitals begin as names of villages do ("Nà Sla", "Khuổi Cấp"), or are those of a people."""
    first = words[0]
    if len(words) == 1:
        return first in _PEOPLES_ALONE
    if first in _PEOPLES and words[1] in _BRANCHES and len(words) == 2:
        return True
    begins = first in _PLAIN_BEGINNINGS if first.isascii() else first in _BEGINNINGS
    return begins and not (len(words) > 2 and words[1] in middles) and words[1] not in ("văn", "thị", "van", "thi")


#: The names that everybody knows, for who has no units of their own.
EVERYWHERE = KnownPlaces()
