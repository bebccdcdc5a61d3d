"""Settings: environment variables or a `.env` file, each with a working default. The program does not start with an
invalid one."""

from __future__ import annotations

import re
import socket
from datetime import time
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from nhipcau.bot.channels.registry import ChannelSettings
from nhipcau.bot.channels.traits import expected
from nhipcau.bot.language.catalogue import LANGUAGES
from nhipcau.bot.language.faults import Fault, reason
from nhipcau.bot.messaging.quiet_hours import QuietHours

PREFIX = "NHIPCAU_"
#: Characters a secret has at least.
LEAST_SECRET = 32


#: What may follow the "?" of PostgreSQL's address.
_QUERY = {"host", "port", "ssl", "passfile", "prepared_statement_cache_size"}
#: Values of its `ssl`: those that leave it open or forbid it, and those that insist on it; yes and no mean one of them.
_LAX, _STRICT = ("disable", "allow", "prefer"), ("require", "verify-ca", "verify-full")
_YES_NO = {"true": "verify-full", "yes": "verify-full", "false": "disable", "no": "disable"}


class InvalidSetting(Fault):
    """One line: the variable, its value, what was expected. The command line then exits with status 2."""


def _quiet_hours(value: Any) -> Any:
    """`21:00-07:00`; empty, "off" or two equal ends: never quiet."""
    if not isinstance(value, str):
        return value
    if value.strip().lower() in {"", "off", "0", "none"}:
        return QuietHours(time(0), time(0))
    match = re.fullmatch(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})", value.strip())
    if match is None:
        raise expected("cli.setting.quiet_hours")
    h1, m1, h2, m2 = map(int, match.groups())
    if max(h1 * 60 + m1, h2 * 60 + m2) > 24 * 60 or m1 > 59 or m2 > 59:
        raise expected("cli.setting.quiet_hours")
    return QuietHours(time(h1 % 24, m1), time(h2 % 24, m2))


def _several(value: Any) -> Any:
    """Words parted by commas or spaces."""
    return (
        tuple(re.split(r"[,\s]+", value.strip(" ,"))) if isinstance(value, str) and value.strip(" ,") else value or ()
    )


Several = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_several)]
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
#: What a link may not lead to if a phone is to open it: also every address of this machine at once.
_THIS_MACHINE = _LOOPBACK | {"0.0.0.0", "::"}


class Settings(ChannelSettings, BaseSettings):
    """Everything that can be set from outside; names never change (README, "Settings"). Each channel adds its own."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", extra="ignore", hide_input_in_errors=True)

    database_url: str = "sqlite+aiosqlite:///var/nhipcau.db"
    data_dir: Path = Path("var")
    key_dir: Path | None = None
    secret_key: str | None = Field(None, repr=False)
    host: str = "127.0.0.1"
    port: int = Field(8080, ge=1, le=65535)
    public_url: str = ""
    #: More names under which browsers and proxies may ask for us, besides the public address's and this machine's own.
    hosts: Several = ()
    #: Addresses and networks of proxies in front, whose X-Forwarded-For is believed.
    trusted_proxies: Several = ("127.0.0.1", "::1")
    #: Where /metrics and /readyz are served to other machines; port 0: nowhere.
    metrics_host: str = "127.0.0.1"
    metrics_port: int = Field(0, ge=0, le=65535)
    timezone: str = "Asia/Ho_Chi_Minh"
    language: str = "vi"
    quiet_hours: Annotated[QuietHours, NoDecode, BeforeValidator(_quiet_hours)] = QuietHours(time(21), time(7))
    push_budget: int = Field(5, ge=0)
    #: Reports of one collaborator a day, urgent ones three times as many; 0: any number (rule R36).
    reports_a_day: int = Field(100, ge=0)
    follow_up_days: int = Field(60, ge=1, le=180)
    #: Months for which reports, and audit records, are kept.
    report_months: int = Field(24, ge=1, le=120)
    audit_months: int = Field(12, ge=1, le=120)

    @property
    def keys(self) -> Path:
        return self.key_dir or self.data_dir / "keys"

    @property
    def database_file(self) -> Path | None:
        """The file of an SQLite database; None with PostgreSQL."""
        url = make_url(self.database_url)
        return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None

    @property
    def database_in_clear(self) -> bool:
        """Whether rows and the password travel over a network without TLS: a PostgreSQL elsewhere, and no `?ssl=` that
        insists on it."""
        url = make_url(self.database_url)
        host = str(url.query.get("host", url.host or ""))
        near = not host or host.startswith("/") or host in _LOOPBACK
        return url.get_backend_name() == "postgresql" and not near and url.query.get("ssl") not in _STRICT

    @property
    def photos(self) -> Path:
        return self.data_dir / "photos"

    @property
    def calendar(self) -> Path:
        """The file of the office's own days off and working days."""
        return self.data_dir / "calendar.csv"

    @property
    def lessons(self) -> Path:
        """The folder of the office's own lessons."""
        return self.data_dir / "lessons"

    @property
    def documents(self) -> Path:
        return self.data_dir / "documents"

    @property
    def url(self) -> str:
        """The public address, without a slash at its end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (self.public_url or f"http://{host}:{self.port}").rstrip("/")

    @property
    def known_hosts(self) -> frozenset[str]:
        """The names and addresses a request may ask for, besides those of this machine."""
        own = {self.host.lower()} - {"0.0.0.0", "::"}
        public = (urlsplit(self.url).hostname or "").rstrip(".").lower()
        return frozenset({*own, public, *self.hosts}) - {""}

    @property
    def unreachable(self) -> str:
        """Why phones can't open the public address: "local" (it leads to this machine), "http"; "" where they can."""
        parts = urlsplit(self.url)
        host = (parts.hostname or "").rstrip(".").lower()
        if host in _THIS_MACHINE or host.endswith(".localhost") or host.startswith("127."):
            return "local"
        return "" if parts.scheme == "https" else "http"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @field_validator("secret_key", "key_dir", mode="before")
    @classmethod
    def _empty_is_none(cls, value: Any) -> Any:
        return None if value == "" else value

    @field_validator("secret_key")
    @classmethod
    def _check_secret(cls, value: str | None) -> str | None:
        if value is not None and len(value) < LEAST_SECRET:
            raise expected("cli.setting.secret_key", least=LEAST_SECRET)
        return value

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        if not re.match(r"(sqlite\+aiosqlite|postgresql\+asyncpg)://", value):
            raise expected("cli.setting.database_url")
        try:
            url = make_url(value)
        except (ArgumentError, ValueError):
            raise expected("cli.setting.database_url") from None
        port = str(url.query.get("port", "0"))
        unknown = set(url.query) - (set() if value.startswith("sqlite") else _QUERY)
        if not url.database or unknown or not port.isdigit():
            raise expected("cli.setting.database_url")
        if "ssl" not in url.query:
            return value
        given = str(url.query["ssl"]).lower()
        if (ssl := _YES_NO.get(given, given)) not in _LAX + _STRICT:
            raise expected("cli.setting.database_ssl", choices=", ".join(_LAX + _STRICT))
        return url.update_query_dict({"ssl": ssl}).render_as_string(hide_password=False)

    @field_validator("data_dir", "key_dir")
    @classmethod
    def _folder(cls, value: Path | None) -> Path | None:
        if value is not None and value.exists() and not value.is_dir():
            raise expected("cli.setting.folder")
        return value

    @field_validator("host", "metrics_host")
    @classmethod
    def _host(cls, value: str) -> str:
        try:
            socket.getaddrinfo(value or "?", None)
        except (OSError, UnicodeError):
            raise expected("cli.setting.host") from None
        return value

    @field_validator("hosts")
    @classmethod
    def _hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(re.fullmatch(r"[A-Za-z0-9.-]+|[0-9a-fA-F:]+", each) for each in value):
            raise expected("cli.setting.hosts")
        return tuple(each.lower().rstrip(".") for each in value)

    @field_validator("trusted_proxies")
    @classmethod
    def _proxies(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        try:
            return tuple(str(ip_network(each, strict=False)) for each in value)
        except ValueError:
            raise expected("cli.setting.proxies") from None

    @field_validator("language")
    @classmethod
    def _language(cls, value: str) -> str:
        if value not in LANGUAGES:
            raise expected("cli.setting.one_of", choices=", ".join(LANGUAGES))
        return value

    @field_validator("timezone")
    @classmethod
    def _timezone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise expected("cli.setting.timezone") from None
        return value

    @field_validator("public_url")
    @classmethod
    def _public(cls, value: str) -> str:
        if not value:
            return value
        parts = urlsplit(value)
        local = parts.hostname in _LOOPBACK
        plain = not (parts.query or parts.fragment or re.search(r"\s", value))
        if not parts.hostname or not plain or not (parts.scheme == "https" or (parts.scheme == "http" and local)):
            raise expected("cli.setting.public_url")
        return value


#: What pydantic's own checks expect.
_PLAIN = {
    **dict.fromkeys(("int_parsing", "int_type", "int_from_float", "int_parsing_size"), "cli.setting.whole_number"),
    **dict.fromkeys(("float_parsing", "float_type", "finite_number"), "cli.setting.number"),
    "greater_than_equal": "cli.setting.at_least",
    "less_than_equal": "cli.setting.at_most",
}


def load_settings(**overrides: Any) -> Settings:
    """Read the environment and `.env`. Raises InvalidSetting with one line; secrets are not repeated in it."""
    try:
        return Settings(**overrides)
    except UnicodeDecodeError:
        raise InvalidSetting("cli.setting.env_file") from None
    except OSError as error:
        raise InvalidSetting("cli.not_read", file=".env", why=reason(error)) from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key, facts = _PLAIN.get(first["type"], first["type"]), first.get("ctx", {})
        if not first["loc"]:
            # settings that contradict each other: the message names them
            raise InvalidSetting(key, **facts) from None
        name = str(first["loc"][0])
        raw = _raw(name, overrides)
        if name == "database_url":
            raw = re.sub(r"//[^@/]*@", "//…@", str(raw))
        value: object = repr(raw) if Settings.model_fields[name].repr else Fault("cli.setting.hidden")
        wanted = Fault(key, **facts)
        raise InvalidSetting(
            "cli.setting.wrong", name=f"{PREFIX}{name.upper()}", value=value, expected=wanted
        ) from None


def _raw(name: str, overrides: dict[str, Any]) -> Any:
    """The value as it was given, for the error message."""
    import os

    from dotenv import dotenv_values

    if name in overrides:
        return overrides[name]
    variable = (PREFIX + name).upper()
    if variable in os.environ:
        return os.environ[variable]
    return dotenv_values(".env").get(variable)
