"""Adding a channel touches its folder, its settings, its sentences and its stand-in: what is missing fails here."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import nhipcau.bot.channels as package
from nhipcau.app import channel_parts
from nhipcau.bot.channels.registry import CHANNELS, ChannelSettings, channels_on, make_channels
from nhipcau.bot.channels.traits import ChannelTraits
from nhipcau.bot.language.catalogue import LANGUAGES, texts
from nhipcau.bot.messaging.channel import WebhookChannel
from nhipcau.context import build
from nhipcau.settings import Settings

FOLDER = Path(package.__file__ or "").parent
#: The people of each channel, for the tests of all channels.
PEOPLE = Path(__file__).parents[1] / "support" / "channels"
NAMES = {each.name for each in CHANNELS}
SOURCES = FOLDER.parents[1]
#: A value that each channel's credential takes.
TOKEN = "123456:secret"

each_channel = pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.name)


def everything_on(folder: Path) -> Settings:
    secrets: dict[str, Any] = {name: TOKEN for each in CHANNELS for name in each.credential}
    return Settings(data_dir=folder, **{**secrets, "zalo_oa_app_id": "388"})


def test_every_folder_of_a_channel_is_in_the_registry() -> None:
    folders = {path.parent.name for path in FOLDER.glob("*/traits.py")}
    assert folders == {path.parent.name for path in FOLDER.glob("*/channel.py")}
    assert len(folders) == len(NAMES) == len(CHANNELS)


@each_channel
def test_a_channel_has_a_name_in_every_language(channel: ChannelTraits[ChannelSettings]) -> None:
    for language in LANGUAGES:
        assert texts(language)(f"channel.{channel.name}") != f"channel.{channel.name}"


def test_every_channel_is_asked_by_the_contract_and_dialogues() -> None:
    assert {path.stem for path in PEOPLE.glob("*.py")} - {"__init__"} == NAMES


@each_channel
def test_a_channel_is_off_without_its_credential(channel: ChannelTraits[ChannelSettings]) -> None:
    assert channel.is_on(ChannelSettings()) is not bool(channel.credential)
    assert bool(channel.switch) is bool(channel.credential)
    assert set(channel.credential) <= set(ChannelSettings.model_fields)


@each_channel
async def test_a_channel_is_made_as_it_declares(tmp_path: Path, channel: ChannelTraits[ChannelSettings]) -> None:
    settings = everything_on(tmp_path)
    parts = build(settings)
    made = make_channels(settings, channel_parts(settings, parts))[channel.name]
    assert (made.name, made.limits, made.recipients_fetch) == (channel.name, channel.limits, channel.recipients_fetch)
    # what is spooled is posted to us, and what nobody fetches has a server of its own
    assert isinstance(made, WebhookChannel) or not channel.hands_over_once
    assert (channel.server(settings) is None) is channel.recipients_fetch
    assert bool(channel.identity(settings)) is not channel.recipients_fetch
    assert TOKEN not in channel.identity(settings)
    await made.close()
    await parts.database.close()


def test_all_channels_are_on_where_all_credentials_are_set(tmp_path: Path) -> None:
    assert {each.name for each in channels_on(everything_on(tmp_path))} == NAMES


def test_every_secret_of_a_channel_is_marked_as_one() -> None:
    secret = re.compile(r"token|secret|proxy|password|key")
    marked = {name for name, field in ChannelSettings.model_fields.items() if not field.repr}
    assert {name for name in ChannelSettings.model_fields if secret.search(name)} == marked


def test_no_file_that_serves_all_channels_names_one() -> None:
    named = re.compile("|".join([*sorted(NAMES - {"web"}), "zalo"]), re.IGNORECASE)
    general = ["app.py", "context.py", "settings.py", "cli/service.py", "cli/doctor.py", "cli/demo.py", "cli/runner.py"]
    general += [
        str(path.relative_to(SOURCES)) for room in ("delivery", "intake") for path in SOURCES.glob(f"{room}/*.py")
    ]
    found = {name: named.findall((SOURCES / name).read_text()) for name in general}
    assert {name: words for name, words in found.items() if words} == {}


def test_the_registry_imports_no_library_of_an_app() -> None:
    code = "import sys, nhipcau.bot.channels.registry; print({'telegram', 'aiohttp', 'starlette'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
