"""Settings of the Zalo Bot channel."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, field_validator

from nhipcau.bot.channels.http.file_hosts import ZALO_FILES, FileHosts
from nhipcau.bot.channels.traits import HttpAddress, Mode, OptionalText, expected
from nhipcau.bot.channels.zalo_bot.platform_limits import API


class ZaloBotSettings(BaseModel):
    """Fields with `repr=False` are secret: their values are never shown."""

    zalo_bot_token: OptionalText = Field(None, repr=False)
    zalo_bot_api: HttpAddress = API
    zalo_bot_mode: Mode = "poll"
    #: Domains from which pictures people send are fetched.
    zalo_bot_files: FileHosts = ZALO_FILES
    #: The address that opens the bot's chat, as the Bot Creator shows it.
    zalo_bot_chat: str = ""

    @field_validator("zalo_bot_token")
    @classmethod
    def _token_of_bot(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"\d+:[A-Za-z0-9_.~-]{3,}", value):
            raise expected("cli.setting.zalo_bot_token")
        return value

    @field_validator("zalo_bot_chat")
    @classmethod
    def _chat(cls, value: str) -> str:
        if value and (urlsplit(value).scheme != "https" or not urlsplit(value).hostname):
            raise expected("cli.setting.zalo_bot_chat")
        return value
