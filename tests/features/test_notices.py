"""Official information: to whom it goes, stopped while it goes out, corrected afterwards, with a file, who read it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from nhipcau.cli import requests as commands
from nhipcau.cli.runner import WrongUse
from nhipcau.handlers.buttons import BoardAct, ManageRequest
from nhipcau.model.request_kinds import RequestKind
from nhipcau.storage.tables import outbox, requests
from tests.support.documents import pdf
from tests.support.people import change
from tests.support.requests import end
from tests.support.world import Phone, World

pytestmark = pytest.mark.slow

TEXT = "Từ 1/12 xã tiếp dân thêm sáng thứ Bảy."


async def compose(khoi: Phone, text: str = TEXT) -> None:
    """To the preview."""
    await khoi.say("thông báo")
    if "Soạn thông báo mới" in khoi.labels():
        await khoi.tap("Soạn thông báo mới")
    for words in (text, "1", "1", "Ngay bây giờ"):
        await khoi.say(words)
    assert "Người nhận sẽ thấy:" in khoi.last.text


async def sent(world: World, khoi: Phone, text: str = TEXT) -> str:
    await compose(khoi, text)
    await khoi.tap("Gửi")
    await world.wait(seconds=1)
    return str((await world.rows(requests.select().order_by(requests.c.opens_at.desc())))[0].id)


async def test_who_is_no_coordinator_any_more_sends_nothing(world: World) -> None:
    await world.joined("Lan")
    khoi = await world.joined("Khôi", role="coordinator")
    await compose(khoi)
    await change(world, "Khôi", role="collaborator")
    await khoi.tap("Gửi")
    assert "không thuộc vai trò" in khoi.last.text
    assert await world.rows(requests.select()) == []


async def test_a_notice_stays_readable_after_its_end_and_not_once_withdrawn(world: World) -> None:
    lan = await world.joined("Lan")
    khoi = await world.joined("Khôi", role="coordinator")
    ended, withdrawn = await sent(world, khoi, "Chợ phiên dời sang thứ Bảy."), await sent(world, khoi)
    await end(world, ended)
    await end(world, withdrawn, stop=True)
    await lan.read()
    await lan.say("thông tin")
    assert [label for label in lan.labels() if "Chợ phiên" in label]
    assert not [label for label in lan.labels() if "tiếp dân" in label]
    await lan.say("1")
    assert "Chợ phiên dời sang thứ Bảy." in lan.last.text


async def test_corrected_before_it_went_out_only_the_new_words_come(world: World) -> None:
    lan = await world.joined("Lan")
    khoi = await world.joined("Khôi", role="coordinator")
    id = await sent(world, khoi)
    await khoi.press(ManageRequest(id, BoardAct.CORRECT))
    await khoi.say("Từ 8/12 xã tiếp dân thêm sáng thứ Bảy.")
    await khoi.tap("Gửi")
    (message,) = await lan.read()
    assert ("8/12" in message.text, "1/12" in message.text, "ĐÃ SỬA" in message.text) == (True, False, False)


async def test_corrected_twice_it_is_edited_in_place_with_its_choices(world: World) -> None:
    lan = await world.joined("Lan")
    khoi = await world.joined("Khôi", role="coordinator")
    id = await sent(world, khoi)
    (first,) = await lan.read()
    stands = lan.ids[-1]
    for day in ("8/12", "9/12"):
        await khoi.press(ManageRequest(id, BoardAct.CORRECT))
        await khoi.say(f"Từ {day} xã tiếp dân thêm.")
        await khoi.tap("Gửi")
        (edited,) = await lan.read()
        assert (edited.edit, day in edited.text, edited.choices) == (stands, True, first.choices)
    await lan.tap("Đã đọc")
    assert "Đã ghi nhận" in lan.last.text


async def test_stopped_while_it_goes_out(world: World) -> None:
    lan, mui = await world.joined("Lan"), await world.joined("Mùi")
    khoi = await world.joined("Khôi", role="coordinator")
    id = await sent(world, khoi)
    await lan.read()
    await khoi.press(ManageRequest(id, BoardAct.STOP_SURE))
    assert await mui.read() == []
    assert [row.purpose for row in await world.rows(outbox.select()) if row.request_id == id] == []
    await lan.tap("Đã đọc")
    assert lan.last.text.startswith("Thông tin này đã được rút lại.")
    await mui.say("thông tin")
    assert "Chưa có thông tin" in mui.last.text


@pytest.mark.slow
async def test_a_typed_number_below_it_is_a_place_and_words_become_a_report(world: World) -> None:
    lan, mui = await world.joined("Lan"), await world.joined("Mùi")
    khoi = await world.joined("Khôi", role="coordinator")
    await sent(world, khoi)
    await lan.read()
    await lan.say("1")
    assert "Đã ghi nhận" in lan.last.text
    await mui.read()
    await mui.say("bà con hỏi bao giờ sửa đường")
    assert mui.labels()[-1] == "Việc khác, gửi thành phản ánh"


async def test_whoever_joins_later_gets_it_and_finds_earlier_ones(world: World) -> None:
    await world.joined("Lan")
    khoi = await world.joined("Khôi", role="coordinator")
    await sent(world, khoi)
    tam = await world.joined("Tám")
    world.now += timedelta(seconds=10)
    assert TEXT in (await tam.read())[-1].text
    far = await world.joined("Xa", "X06184")
    await far.say("thông tin")
    assert "Chưa có thông tin" in far.last.text


async def test_by_command_with_a_document(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    await world.joined("Lan")
    (tmp_path / "lich.pdf").write_bytes(pdf())
    path = tmp_path / "notice.yaml"
    path.write_text(f"text: {TEXT}\nfile: lich.pdf\n", encoding="utf-8")

    async def ask(dry_run: bool) -> dict[str, object]:
        await commands.ask(world.parts, RequestKind.NOTICE, path, "X06040", "now", "", as_json=True, dry_run=dry_run)
        found: dict[str, object] = json.loads(capsys.readouterr().out)
        return found

    assert (await ask(dry_run=True))["id"] is None
    assert not world.parts.settings.documents.exists()
    made = await ask(dry_run=False)
    assert made["people"] == 1
    row = (await world.rows(requests.select()))[0]
    assert (row.kind, row.file_name, row.state) == ("notice", "lich.pdf", "open")
    assert (world.parts.settings.documents / row.file).read_bytes() == pdf()


@pytest.mark.parametrize(
    ("line", "fault"),
    [("file: nowhere.pdf", "can't be read"), ("file: notice.yaml", "no PDF"), ("picture: notice.yaml", "no picture")],
)
@pytest.mark.usefixtures("english")
async def test_a_file_that_is_none_is_refused_and_nothing_kept(
    world: World, tmp_path: Path, line: str, fault: str
) -> None:
    await world.joined("Lan")
    path = tmp_path / "notice.yaml"
    path.write_text(f"text: {TEXT}\n{line}\n", encoding="utf-8")
    with pytest.raises(WrongUse, match=fault):
        await commands.ask(world.parts, RequestKind.NOTICE, path, "X06040", "now", "", as_json=False, dry_run=False)
    assert await world.rows(requests.select()) == []
