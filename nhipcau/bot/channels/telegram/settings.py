"""Settings of the Telegram channel."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, field_validator

from nhipcau.bot.channels.traits import HttpAddress, Mode, OptionalText, expected

API = "https://api.telegram.org"


class TelegramSettings(BaseModel):
    """Fields with `repr=False` are secret: their values are never shown."""

    telegram_token: OptionalText = Field(None, repr=False)
    telegram_api: HttpAddress = API
    telegram_mode: Mode = "poll"
    telegram_proxy: OptionalText = Field(None, repr=False)
    #: Messages a second in all; 0: learnt from refusals (429).
    telegram_rate: float = Field(28, ge=0, le=1000)

    @field_validator("telegram_token")
    @classmethod
    def _token(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"\d+:[A-Za-z0-9_-]{3,}", value):
            raise expected("cli.setting.telegram_token")
        return value

    @field_validator("telegram_proxy")
    @classmethod
    def _proxy(cls, value: str | None) -> str | None:
        parts = urlsplit(value or "http://none")
        if parts.scheme not in {"http", "https", "socks5", "socks5h", "socks4"} or not parts.hostname:
            raise expected("cli.setting.proxy")
        return value
