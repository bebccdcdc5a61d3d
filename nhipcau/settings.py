"""Settings: environment variables or a `.env` file, each with a working default. A wrong one stops the start."""

from __future__ import annotations

import re
import socket
from datetime import time
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from nhipcau.bot.language.catalogue import LANGUAGES
from nhipcau.bot.messaging.quiet_hours import QuietHours

PREFIX = "NHIPCAU_"


#: What may follow the "?" of PostgreSQL's address.
_QUERY = {"host", "port", "ssl", "timeout", "passfile", "prepared_statement_cache_size"}


class InvalidSetting(Exception):
    """One line: the variable, its value, what was expected. The command line ends with status 2."""


def _quiet_hours(value: Any) -> Any:
    """`21:00-07:00`; empty, "off" or two equal ends: never quiet."""
    if not isinstance(value, str):
        return value
    if value.strip().lower() in {"", "off", "0", "none"}:
        return QuietHours(time(0), time(0))
    match = re.fullmatch(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})", value.strip())
    if match is None:
        raise ValueError("two times of day like 21:00-07:00, or empty for none")
    h1, m1, h2, m2 = map(int, match.groups())
    if max(h1 * 60 + m1, h2 * 60 + m2) > 24 * 60 or m1 > 59 or m2 > 59:
        raise ValueError("two times of day like 21:00-07:00, or empty for none")
    return QuietHours(time(h1 % 24, m1), time(h2 % 24, m2))


class Settings(BaseSettings):
    """Everything that can be set from outside; names are promised (README, "Settings")."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", extra="ignore", hide_input_in_errors=True)

    database_url: str = "sqlite+aiosqlite:///var/nhipcau.db"
    data_dir: Path = Path("var")
    key_dir: Path | None = None
    secret_key: str | None = None
    host: str = "127.0.0.1"
    port: int = Field(8080, ge=1, le=65535)
    public_url: str = ""
    telegram_token: str | None = None
    telegram_api: str = "https://api.telegram.org"
    telegram_mode: str = "poll"
    telegram_proxy: str | None = None
    #: Messages a second in all; 0: only what 429 teaches.
    telegram_rate: float = Field(28, ge=0, le=1000)
    zalo_bot_token: str | None = None
    zalo_bot_api: str = "https://bot-api.zaloplatforms.com"
    zalo_bot_mode: str = "poll"
    #: The address that opens the bot's chat, as the Bot Creator shows it.
    zalo_bot_chat: str = ""
    zalo_oa_id: str = ""
    zalo_oa_app_id: str = ""
    zalo_oa_app_secret: str = ""
    zalo_oa_oa_secret: str = ""
    zalo_oa_refresh_token: str = ""
    zalo_oa_api: str = "https://openapi.zalo.me"
    zalo_oa_auth: str = "https://oauth.zaloapp.com"
    timezone: str = "Asia/Ho_Chi_Minh"
    language: str = "vi"
    quiet_hours: Annotated[QuietHours, NoDecode, BeforeValidator(_quiet_hours)] = QuietHours(time(21), time(7))
    push_budget: int = Field(5, ge=0)
    follow_up_days: int = Field(60, ge=1, le=180)
    #: Months that reports, and lines about what the office did, are kept.
    report_months: int = Field(24, ge=1, le=120)
    audit_months: int = Field(12, ge=1, le=120)

    @property
    def has_zalo_oa(self) -> bool:
        return bool(self.zalo_oa_app_id)

    @property
    def keys(self) -> Path:
        return self.key_dir or self.data_dir / "keys"

    @property
    def photos(self) -> Path:
        return self.data_dir / "photos"

    @property
    def calendar(self) -> Path:
        """The office's own days off and days worked."""
        return self.data_dir / "calendar.csv"

    @property
    def lessons(self) -> Path:
        """The office's own lessons."""
        return self.data_dir / "lessons"

    @property
    def documents(self) -> Path:
        return self.data_dir / "documents"

    @property
    def url(self) -> str:
        """The public address without a slash at its end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (self.public_url or f"http://{host}:{self.port}").rstrip("/")

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @field_validator("telegram_token", "telegram_proxy", "secret_key", "key_dir", "zalo_bot_token", mode="before")
    @classmethod
    def _empty_is_none(cls, value: Any) -> Any:
        return None if value == "" else value

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        expected = "sqlite+aiosqlite:///FILE or postgresql+asyncpg://USER@HOST/NAME"
        if not re.match(r"(sqlite\+aiosqlite|postgresql\+asyncpg)://", value):
            raise ValueError(expected)
        try:
            url = make_url(value)
        except (ArgumentError, ValueError):
            raise ValueError(expected) from None
        port = str(url.query.get("port", "0"))
        unknown = set(url.query) - (set() if value.startswith("sqlite") else _QUERY)
        if not url.database or unknown or not port.isdigit():
            raise ValueError(expected)
        return value

    @field_validator("data_dir", "key_dir")
    @classmethod
    def _folder(cls, value: Path | None) -> Path | None:
        if value is not None and value.exists() and not value.is_dir():
            raise ValueError("a folder (this is a file)")
        return value

    @field_validator("host")
    @classmethod
    def _host(cls, value: str) -> str:
        try:
            socket.getaddrinfo(value or "?", None)
        except (OSError, UnicodeError):
            raise ValueError("an address of this machine like 127.0.0.1 or 0.0.0.0") from None
        return value

    @field_validator("telegram_proxy")
    @classmethod
    def _proxy(cls, value: str | None) -> str | None:
        parts = urlsplit(value or "http://none")
        if parts.scheme not in {"http", "https", "socks5", "socks5h", "socks4"} or not parts.hostname:
            raise ValueError("an address like socks5://127.0.0.1:1080 or http://127.0.0.1:3128")
        return value

    @field_validator("telegram_mode", "zalo_bot_mode")
    @classmethod
    def _mode(cls, value: str) -> str:
        if value not in {"poll", "webhook"}:
            raise ValueError("poll or webhook")
        return value

    @field_validator("telegram_token")
    @classmethod
    def _token(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"\d+:[A-Za-z0-9_-]{3,}", value):
            raise ValueError("a token of @BotFather like 123456789:AA…")
        return value

    @field_validator("zalo_bot_token")
    @classmethod
    def _zalo_token(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"\d+:[A-Za-z0-9_.~-]{3,}", value):
            raise ValueError("a token of the Zalo Bot Creator like 123456789:abc…")
        return value

    @field_validator("zalo_oa_id", "zalo_oa_app_id")
    @classmethod
    def _zalo_number(cls, value: str) -> str:
        if not re.fullmatch(r"\d*", value):
            raise ValueError("a number like 388613280878808645")
        return value

    @field_validator("zalo_oa_app_secret", "zalo_oa_oa_secret", "zalo_oa_refresh_token")
    @classmethod
    def _one_word(cls, value: str) -> str:
        if re.search(r"[^!-~]", value):
            raise ValueError("letters and digits without spaces, as Zalo shows them")
        return value

    @field_validator("zalo_bot_chat")
    @classmethod
    def _chat(cls, value: str) -> str:
        if value and (urlsplit(value).scheme != "https" or not urlsplit(value).hostname):
            raise ValueError("an https address, as the Zalo Bot Creator shows it")
        return value

    @field_validator("language")
    @classmethod
    def _language(cls, value: str) -> str:
        if value not in LANGUAGES:
            raise ValueError(" or ".join(LANGUAGES))
        return value

    @field_validator("timezone")
    @classmethod
    def _timezone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("a time zone name like Asia/Ho_Chi_Minh") from None
        return value

    @field_validator("telegram_api", "zalo_bot_api", "zalo_oa_api", "zalo_oa_auth")
    @classmethod
    def _api(cls, value: str) -> str:
        if urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).netloc:
            raise ValueError("an http or https address like the one Telegram's or Zalo's documents name")
        return value.rstrip("/")

    @field_validator("public_url")
    @classmethod
    def _public(cls, value: str) -> str:
        if not value:
            return value
        parts = urlsplit(value)
        local = parts.hostname in {"127.0.0.1", "localhost", "::1"}
        plain = not (parts.query or parts.fragment or re.search(r"\s", value))
        if not parts.hostname or not plain or not (parts.scheme == "https" or (parts.scheme == "http" and local)):
            raise ValueError("an https address, or http on a loopback address")
        return value


_SECRET = {"telegram_token", "secret_key", "telegram_proxy", "zalo_bot_token"}
_SECRET |= {"zalo_oa_app_secret", "zalo_oa_oa_secret", "zalo_oa_refresh_token"}
#: One of these without the others is a channel half set up.
_TOGETHER = ("zalo_oa_app_id", "zalo_oa_app_secret", "zalo_oa_oa_secret")
#: The settings of an Official Account that are its own.
ZALO_OA = (*_TOGETHER, "zalo_oa_id", "zalo_oa_refresh_token")


#: What pydantic's own checks expect, in everyday words.
_PLAIN = {
    **dict.fromkeys(("int_parsing", "int_type", "int_from_float"), "a whole number"),
    **dict.fromkeys(("float_parsing", "float_type"), "a number"),
    **dict.fromkeys(("bool_parsing", "bool_type"), "true or false"),
}


def load_settings(**overrides: Any) -> Settings:
    """Read the environment and `.env`. Raises WrongSetting with one line; secrets are not repeated in it."""
    try:
        return _whole(Settings(**overrides))
    except UnicodeDecodeError:
        raise InvalidSetting(".env: expected UTF-8 text, this file is in another encoding") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = str(first["loc"][0])
        expected = _PLAIN.get(first["type"], str(first["msg"]).removeprefix("Value error, "))
        raw = _raw(name, overrides)
        if name == "database_url":
            raw = re.sub(r"//[^@/]*@", "//…@", str(raw))
        value = "(hidden)" if name in _SECRET else repr(raw)
        raise InvalidSetting(f"{PREFIX}{name.upper()}={value}: expected {expected}") from None


def _whole(settings: Settings) -> Settings:
    """The settings, if no channel is half set up. Raises WrongSetting."""
    missing = [name for name in _TOGETHER if not getattr(settings, name)]
    given = [name for name in (*_TOGETHER, "zalo_oa_refresh_token") if getattr(settings, name)]
    if missing and given:
        raise InvalidSetting(
            f"{PREFIX}{missing[0].upper()}='': expected a value, since {PREFIX}{given[0].upper()} is set"
            " (the Official Account needs both)"
        )
    return settings


def _raw(name: str, overrides: dict[str, Any]) -> Any:
    """The value as it was given, for the sentence about it."""
    import os

    from dotenv import dotenv_values

    if name in overrides:
        return overrides[name]
    variable = (PREFIX + name).upper()
    if variable in os.environ:
        return os.environ[variable]
    return dotenv_values(".env").get(variable)
