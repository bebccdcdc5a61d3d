"""Buttons of reports and issues, for reporters and for the office; and of figures over them."""

from __future__ import annotations

from enum import StrEnum

from nhipcau.bot.messaging.button import Button, button


class KeptAct(StrEnum):
    """What to do with words sent outside of any form."""

    YES = "yes"
    BOTH = "both"
    NO = "no"
    SHOW = "show"


@button("z")
class OfferKept(Button):
    act: KeptAct
    nonce: str


class PlaceAct(StrEnum):
    """About a masked name in a report being written."""

    SAY = "say"
    #: Which of several.
    PICK = "pick"
    LEAVE = "leave"


@button("zp")
class SayPlace(Button):
    """ "Đây là tên nơi"."""

    act: PlaceAct
    nonce: str
    at: int = 0


class UrgentAct(StrEnum):
    """What to do with words that tell of danger to life."""

    SEND = "send"
    MORE = "more"
    ANSWER = "answer"
    DROP = "drop"


@button("zu")
class UrgentWords(Button):
    act: UrgentAct
    nonce: str


@button("m")
class ReportAgain(Button):
    """ "Báo thêm việc khác"."""

    area: str
    on_behalf: bool = False


class MyReportAct(StrEnum):
    SHOW = "show"
    ADD = "add"
    CORRECT = "correct"
    WITHDRAW = "withdraw"
    WITHDRAW_SURE = "withdraw!"


@button("y")
class MyReport(Button):
    """One of my own reports, or an issue I joined."""

    code: str
    act: MyReportAct = MyReportAct.SHOW

    confirming = frozenset({MyReportAct.WITHDRAW_SURE})


class ReplyAct(StrEnum):
    """A reporter's reply; `AREA`: the reply of anybody in the area, when the office's question went to the area."""

    REPLY = "reply"
    AREA = "area"
    YES = "yes"
    NO = "no"


@button("h")
class ReplyToOffice(Button):
    code: str
    act: ReplyAct


@button("hi")
class SayIfSettled(Button):
    """Whether an issue to which one contributed is settled; `act`: YES or NO."""

    code: str
    act: ReplyAct


class OfficeAct(StrEnum):
    """What the office does with a report or an issue, including the states it sets."""

    SHOW = "show"
    NEXT = "next"
    OPEN = "open"
    SEEN = "seen"
    RECEIVED = "received"
    VERIFYING = "verifying"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    NOT_POSSIBLE = "not_possible"
    PASSED_ON = "passed_on"
    ANSWER = "answer"
    QUESTION = "question"


@button("i")
class ManageReport(Button):
    """`seen`: the state displayed with the button, so that two coordinators don't overwrite each other."""

    code: str
    act: OfficeAct
    seen: str = ""


@button("ia")
class ShowReportActs(Button):
    """What else can be done with a report, a page of it."""

    code: str
    start: int = 0


@button("xw")
class ShowWord(Button):
    """The reports that hold a rising word, a page of them; "": the words."""

    start: int = 0
    word: str = ""


@button("il")
class ShowSimilar(Button):
    """Reports that may be about the same matter as this one."""

    code: str


@button("it")
class SetTopic(Button):
    """What a report is about; "": which topic, a page of them. `seen`: the topic displayed, as in ManageReport."""

    code: str
    topic: str = ""
    seen: str = ""
    start: int = 0


class MergeAct(StrEnum):
    MERGE = "merge"
    NEW = "new"
    SPLIT = "split"
    INTO = "in"


@button("v")
class MergeReports(Button):
    """A report and the issue it belongs to."""

    report: str
    act: MergeAct
    issue: str = ""


@button("w")
class ManageIssue(Button):
    """`seen`: as in ManageReport."""

    code: str
    act: OfficeAct = OfficeAct.SHOW
    seen: str = ""


class StrandAct(StrEnum):
    """What a coordinator does with the strands of opinion of an issue, and with its mark."""

    LIST = "list"
    ADD = "add"
    SHOW = "show"
    EDIT = "edit"
    DELETE = "delete"
    DELETE_SURE = "delete!"
    LATENT = "latent"
    NOT_LATENT = "open"


@button("ws")
class ManageStrands(Button):
    """ "Luồng ý kiến" of an issue; `seen`: digest of the strand displayed with the button, as in ManageReport."""

    issue: str
    act: StrandAct = StrandAct.LIST
    strand: str = ""
    seen: str = ""

    confirming = frozenset({StrandAct.DELETE_SURE})


@button("ar")
class ReportOnBehalf(Button):
    """File a report received by phone or on paper."""


class SignalAct(StrEnum):
    SHOW = ""
    SEEN = "seen"
    EXPLAIN = "explain"
    FOLLOW = "follow"
    UNFOLLOW = "unfollow"


@button("sg")
class ManageSignal(Button):
    """One early signal: read it, or do something about it."""

    id: str
    act: SignalAct = SignalAct.SHOW


@button("tp")
class ShowTrendPicture(Button):
    """Reports week by week as a picture, of a signal ("": of all topics)."""

    signal: str = ""


@button("e")
class ShowPeriod(Button):
    """Figures of a period; "": ask for the period."""

    period: str = ""
    picture: bool = False


@button("sy")
class ShowSynthesis(Button):
    """A kept synthesis: five lines, chart and document."""

    id: str
