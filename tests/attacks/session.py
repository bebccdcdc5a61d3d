"""A session whose truth only the test knows: thirty people over seven communes, four days, who said what.

The forms' steps are dispatched for everybody at once, which is quick; each sending by itself, as on the phones of
people who do not act together, in an order of chance.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import product

from sqlalchemy import select

from nhipcau.bot.messaging.events import Event, EventKind, File
from nhipcau.handlers.buttons import ManageReport, OfficeAct
from nhipcau.privacy.photos import store_photo
from nhipcau.storage.tables import contacts, reports
from tests.attacks.picture import small_picture
from tests.support.requests import ask, end
from tests.support.world import UNITS, Phone, World

PEOPLE = 30
_COMMUNES = [code for code, *_ in UNITS[1:]]
_AREAS = [name for code, name, *_ in UNITS if code != "X06043" and code.startswith("X")]
_OTHER_ANSWERS = ("Cả thôn, khối", "Băn khoăn", "Theo kỳ báo cáo")
CHOICES = ("Một", "Hai", "Ba")
_SYLLABLES = [a + b for a, b in product(("qu", "x", "tr", "ph", "ng", "kh"), ("ia", "oe", "uo", "au", "eo"))]


def unit_of(person: int) -> str:
    return _COMMUNES[person % len(_COMMUNES)]


@dataclass(frozen=True)
class Utterance:
    """One thing somebody said: `word` stands in it and nowhere else."""

    word: str
    author: int
    #: report, poll, sealed, open, official; note: of the office, to the author of a report.
    kind: str
    #: Day of the session, from 0.
    day: int
    #: Place in the true order of all acts.
    order: int
    #: The author's unit, which official answers carry on purpose.
    unit: str


@dataclass
class Session:
    """What the test knows and the product writes nowhere."""

    #: By person, whatever names them in the database: ids and lookups, found with the keys.
    handles: list[set[str | bytes]] = field(default_factory=list)
    said: list[Utterance] = field(default_factory=list)
    #: Names of pictures' files, in the order they came.
    pictures: list[str] = field(default_factory=list)
    #: Word of an answer → the choices made with it.
    chosen: dict[str, list[str]] = field(default_factory=dict)
    #: Who acted on the quiet day, and who only looked.
    there: set[int] = field(default_factory=set)
    #: Names of those who left, and words that were taken back.
    gone: list[str] = field(default_factory=list)
    #: Order of acts, by person: when they last acted on each day.
    acted: list[dict[int, int]] = field(default_factory=lambda: [{} for _ in range(PEOPLE)])

    def of(self, kind: str, day: int | None = None) -> list[Utterance]:
        return [s for s in self.said if s.kind == kind and day in (None, s.day)]


async def _nothing() -> None: ...


def of_all(text: str) -> Callable[[int], str]:
    """The same text, whoever writes."""
    return lambda _: text


class Play:
    """Plays the session in a world."""

    def __init__(self, world: World, seed: int = 20261123) -> None:
        self.world = world
        self.session = Session()
        self.chance = random.Random(seed)
        self.words = self._words()
        self.phones: list[Phone] = []
        self.poll = self.open = ""
        self.late = -1
        self.day = 0
        self._order = 0
        #: Called where something lies on the disk that will be deleted.
        self.look: Callable[[], Awaitable[None]] = _nothing

    def _words(self) -> Iterable[str]:
        combinations = [" ".join(parts) for parts in product(_SYLLABLES, _SYLLABLES)]
        self.chance.shuffle(combinations)
        return iter(combinations)

    def new_word(self) -> str:
        """Two syllables that stand in one sentence only and that no mask takes for a name."""
        return next(iter(self.words))

    async def found(self) -> None:
        """Everybody joins; nobody's name tells their number."""
        names = [f"Hoàng Thị Thử {chr(65 + n % 26)}{n}" for n in range(PEOPLE)]
        self.chance.shuffle(names)
        codes = []
        for n, name in enumerate(names):
            self.phones.append(self.world.phone(name))
            codes.append((await self.world.card(name, unit_of(n)))[1])
        await self.together(range(PEOPLE), lambda n: f"/start {codes[n]}")
        await self.together(range(PEOPLE), of_all("Đồng ý"))
        self.session.handles = [await self._handles(phone) for phone in self.phones]
        self.office = await self.world.joined("Cán bộ một", "T20", "coordinator")

    async def _handles(self, phone: Phone) -> set[str | bytes]:
        lookup = self.world.parts.sealer.lookup(phone.channel, phone.address)
        rows = await self.world.rows(select(contacts.c.person_id).where(contacts.c.lookup == lookup))
        return {str(rows[0][0]), lookup}

    async def together(self, people: Iterable[int], text: Callable[[int], str]) -> None:
        """One step of a form, for all of them in one batch."""
        await self.world.dispatch.submit([self._event(n, text(n)) for n in people])

    def _event(self, n: int, text: str, file: File | None = None) -> Event:
        phone = self.phones[n]
        kind = EventKind.PHOTO if file else EventKind.TEXT
        return Event(phone.channel, self.world.next_event(), phone.address, kind, text=text, file=file)

    async def alone(self, n: int, text: str, kind: str, word: str, minutes: float = 7) -> None:
        """One person's sending, in a transaction of its own."""
        self.world.now += timedelta(minutes=minutes)
        await self.world.dispatch.submit([self._event(n, text)])
        self._note(n, kind, word)

    def _note(self, n: int, kind: str, word: str) -> None:
        self._order += 1
        self.session.acted[n][self.day] = self._order
        self.session.said.append(Utterance(word, n, kind, self.day, self._order, unit_of(n)))

    async def read(self, people: Iterable[int]) -> None:
        for n in people:
            await self.phones[n].read()

    async def report(self, people: Sequence[int], pictures: int = 0) -> None:
        """Each of them writes of a new matter in an area of chance, so many with a picture."""
        word = {n: self.new_word() for n in people}
        area = {n: self.chance.choice(_AREAS) for n in people}
        await self.together(people, of_all("báo cáo"))
        await self.together(people, lambda n: f"đường vào khu {word[n]} lầy lội nhiều tháng nay")
        for answer in (of_all("Giao thông, hạ tầng"), area.__getitem__, *map(of_all, _OTHER_ANSWERS)):
            await self.together(people, answer)
        for n in people[:pictures]:
            name = store_photo(self.world.parts.settings.photos, small_picture(n), self.world.now.date())
            self.world.now += timedelta(minutes=1)
            await self.world.dispatch.submit([self._event(n, "", file=File(name))])
            self.session.pictures.append(name)
        for n in self.shuffled(people):
            await self.alone(n, "Gửi", "report", word[n])
        await self.read(people)

    def shuffled(self, people: Iterable[int]) -> list[int]:
        order = list(people)
        self.chance.shuffle(order)
        return order

    async def ask(self, title: str, *, kind: str = "poll", choices: int = 1, **more: object) -> str:
        questions: list[dict[str, object]] = [{"text": "Còn ý gì nữa?", "kind": "text"}]
        if kind == "poll":
            texts = [f"Chọn cách nào cho việc {n}?" for n in range(choices)]
            questions[:0] = [{"text": t, "kind": "choice", "choices": list(CHOICES)} for t in texts]
        return await ask(self.world, {"title": title, "questions": questions, **more}, kind, unit="T20")

    async def answer(self, people: Sequence[int], kind: str, choices: int = 1) -> None:
        """Each answers the request that waits, in an order of chance."""
        word = {n: self.new_word() for n in people}
        chosen = {n: [self.chance.choice(CHOICES) for _ in range(choices)] for n in people}
        await self.read(people)
        for step in range(choices):
            await self.together(people, {n: labels[step] for n, labels in chosen.items()}.__getitem__)
        await self.together(people, lambda n: f"vì chỗ {word[n]} hay ngập")
        for n in self.shuffled(people):
            await self.alone(n, "Gửi", kind, word[n], minutes=3)
        self.session.chosen |= {word[n]: chosen[n] for n in people}
        await self.read(people)

    async def speak(self, to: Sequence[Utterance]) -> None:
        """The office answers these reports, one after another."""
        code_of = await self.codes()
        for said in to:
            word = self.new_word()
            self.world.now += timedelta(minutes=2)
            await self.office.press(ManageReport(code_of[said.word], OfficeAct.SHOW))
            await self.office.tap("Trả lời")
            await self.office.say(f"xã đã cử người tới {word} xem và sẽ làm trong tuần")
            await self.office.tap("Gửi")
            self._order += 1
            self.session.said.append(Utterance(word, said.author, "note", self.day, self._order, said.unit))
        await self.look()

    async def close(self, id: str) -> None:
        await end(self.world, id)

    async def first_day(self) -> None:
        """A busy day: many reports, two polls answered and closed, the office answers eight, somebody leaves."""
        await self.found()
        # reports before anything is asked: typed words answer what was asked last
        await self.report(self.some(26), pictures=16)
        # open for so long that answers come in each quarter of it
        self.poll = await self.ask("Lịch họp", close="100m", choices=4)
        await self.answer(self.some(28), "poll", choices=4)
        await self.close(self.poll)
        sealed = await self.ask("Việc kín", sealed=True, close="100m")
        await self.answer(self.some(28), "sealed")
        await self.close(sealed)
        await self.speak(self.chosen_reports(8))
        await self.read(range(PEOPLE))
        await self.leave()

    async def second_day(self) -> None:
        """Fewer reports, a rapid request, a sealed poll that stays open, answers of the office that are fetched."""
        await self.next_day()
        await self.report(self.some(14))
        await self.ask("Mưa lũ", kind="rapid", deadline="4h")
        await self.answer(self.some(26), "official", choices=0)
        self.open = await self.ask("Còn mở", sealed=True, close="20d")
        self.late, *early = self.some(23)
        await self.answer(early, "open")
        await self.speak(self.chosen_reports(4))
        await self.read(range(PEOPLE))

    async def third_day(self) -> None:
        """A quiet day: one late answer to the open poll, four reports, nine who only look; answers that wait."""
        await self.next_day()
        reporters, lookers = self.some(4), self.some(9)
        await self.answer([self.late], "open")
        await self.report(reporters)
        await self.together(lookers, of_all("trợ giúp"))
        await self.read(lookers)
        self.session.there = {self.late, *reporters, *lookers}
        await self.speak(self.chosen_reports(10))

    async def fourth_day(self) -> None:
        """What was open is closed."""
        await self.next_day()
        await self.close(self.open)

    def guards(self, poll: str) -> list[set[str | bytes]]:
        """Handles as whoever holds the keys has them: what stands for each contact where a poll is guarded, too."""
        own = self.world.parts.sealer.of_poll(poll)
        made = [own.guard(phone.channel, phone.address) for phone in self.phones]
        return [known | {guard} for known, guard in zip(self.session.handles, made, strict=True)]

    def some(self, number: int) -> list[int]:
        """So many people by chance."""
        return self.chance.sample(range(PEOPLE), number)

    async def next_day(self) -> None:
        self.day += 1
        await self.world.wait(hours=24 - (self.world.now.hour - 2) % 24 - self.world.now.minute / 60)

    def chosen_reports(self, number: int) -> list[Utterance]:
        """Reports of different people, not answered yet, in an order of chance."""
        # whoever answers a poll late has its question as the last thing they were sent
        answered = {s.author for s in self.session.of("note")} | {self.late}
        one_each = {s.author: s for s in self.session.of("report") if s.author not in answered}
        return [one_each[n] for n in self.shuffled(sorted(one_each))[:number]]

    async def codes(self) -> dict[str, str]:
        """Word → the report's code."""
        rows = await self.world.rows(select(reports.c.code, reports.c.text))
        return {s.word: row.code for s in self.session.of("report") for row in rows if s.word in row.text}

    async def leave(self) -> None:
        """Somebody joins, begins a report and deletes everything about themselves."""
        name = "Vi Văn Đã Rời"
        phone = await self.world.joined(name, _COMMUNES[0])
        await phone.say("đường vào bản lầy lội hai tháng nay")
        await phone.tap("Gửi thành phản ánh")
        await self.look()
        await phone.say("xóa dữ liệu của tôi")
        await phone.tap("Xóa và rời hẳn")
        self.session.gone = [name]
