"""Hosts from which files of an app may be fetched: addresses of files come with what people send."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BeforeValidator

from nhipcau.bot.channels.traits import expected

#: Where Zalo keeps what people send, its subdomains included: seen in captured posts, or its own names for calls. A
#: file elsewhere is refused and its host logged; NHIPCAU_ZALO_…_FILES names more.
ZALO_FILES = "zdn.vn zadn.vn zalo.me zaloapp.com zaloplatforms.com zapps.me"


def _hosts(value: object) -> object:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9.-]+([, ]+[A-Za-z0-9.-]+)*", value.strip()):
        raise expected("cli.setting.hosts")
    return value


#: Domains parted by spaces or commas, as a setting.
FileHosts = Annotated[str, BeforeValidator(_hosts)]


def is_host_of(url: str, domains: str) -> bool:
    """Whether the URL's host is one of these domains, or below one."""
    host = (urlsplit(url).hostname or "").rstrip(".").lower()
    return any(host == each or host.endswith(f".{each}") for each in re.split(r"[,\s]+", domains.strip().lower()))


def is_public(address: str) -> bool:
    """Whether this is no address of a private network, and none of this machine."""
    try:
        return ipaddress.ip_address(address).is_global
    except ValueError:
        return False
