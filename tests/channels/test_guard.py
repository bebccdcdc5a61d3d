"""What holds for every answer of the server: headers, the names it answers to, who sees how it is doing."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from asyncpg.connect_utils import SSLMode  # type: ignore[import-untyped]
from sqlalchemy.engine import make_url
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Message, Scope

from nhipcau.app import Service
from nhipcau.settings import InvalidSetting, Settings, load_settings
from nhipcau.web.guard import HEADERS, Guard, host_of, is_from_here
from nhipcau.web.sessions import Sessions
from tests.support.processes import free_port, running
from tests.support.web_client import ask

pytestmark = pytest.mark.slow

ZALO = {"zalo_oa_app_id": "1", "zalo_oa_app_secret": "s", "zalo_oa_oa_secret": "s", "zalo_oa_id": "3"}
APPS = {"telegram_token": "123456:AAtoken_of_a_bot_of_ours_x", "telegram_mode": "webhook", **ZALO}


def installed(folder: Path, **more: Any) -> Service:
    settings = Settings(
        _env_file=None,
        **{"data_dir": folder, "database_url": f"sqlite+aiosqlite:///{folder}/n.db", **APPS, **more},
    )
    return Service(settings)


async def answered(
    app: Any, path: str, method: str = "GET", headers: Mapping[str, str] = {}, client: str = "127.0.0.1"
) -> tuple[int, dict[str, str]]:
    """Status and headers."""
    given = {"host": "127.0.0.1:8080", "content-length": "0", **headers}
    scope: Scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in given.items()],
        "client": (client, 1),
        "server": ("127.0.0.1", 8080),
        "scheme": "http",
        "root_path": "",
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent[0]["status"], {name.decode(): value.decode() for name, value in sent[0]["headers"]}


@asynccontextmanager
async def service_in(folder: Path, **more: Any) -> AsyncIterator[Any]:
    service = installed(folder, **more)
    try:
        yield service.asgi()
    finally:
        for channel in service.parts.channels.values():
            await channel.close()
        await service.parts.database.close()


def every_path(app: Any) -> list[tuple[str, str]]:
    """Each route of the service with a method, its parameters filled."""
    found = []
    for route in app.app.routes:
        assert isinstance(route, Route)
        path = re.sub(r"\{(\w+)(:\w+)?\}", "x1x1x1x1", route.path)
        found += [(path, method) for method in route.methods or {"GET"}]
    return found


async def test_every_answer_carries_every_header(tmp_path: Path) -> None:
    async with service_in(tmp_path, public_url="https://nhipcau.example.gov.vn") as app:
        paths = every_path(app)
        assert len(paths) > 25
        assert {"/hooks/telegram", "/hooks/zalo-oa", "/metrics", "/p/x1x1x1x1/x1x1x1x1/x1x1x1x1"} <= {
            p for p, _ in paths
        }
        odd = [
            ("/", "DELETE"),
            ("/none", "GET"),
            ("//evil.example/", "GET"),
            ("/c/x1x1x1x1/", "GET"),
            ("/healthz/", "GET"),
        ]
        for path, method in [*paths, *odd]:
            status, headers = await answered(app, path, method)
            wanted = {name.lower() for name in HEADERS} | {"strict-transport-security"}
            assert wanted <= set(headers), (method, path, status, wanted - set(headers))
            assert headers["x-content-type-options"] == "nosniff"
            assert "evil" not in headers.get("location", "")
            assert not headers.get("location", "").startswith(("http", "//"))
            for part in headers["content-security-policy"].split(";"):
                # R29: a page loads nothing from another host
                assert set(part.split()[1:]) <= {"'none'", "'self'", "data:", "blob:"}, part


async def test_on_this_machine_nothing_demands_https(tmp_path: Path) -> None:
    async with service_in(tmp_path) as app:
        status, headers = await answered(app, "/")
        assert status == 200
        assert "strict-transport-security" not in headers


@pytest.mark.parametrize(
    ("host", "is_ours"),
    [
        ("127.0.0.1", True),
        ("localhost:8080", True),
        ("[::1]:9", True),
        ("LOCALHOST.", True),
        ("nhipcau.example.gov.vn", True),
        ("Nhipcau.Example.gov.vn:443", True),
        ("chat.xa.vn", True),
        ("evil.example", False),
        ("nhipcau.example.gov.vn.evil.example", False),
        ("evil.example@127.0.0.1", False),
        ("127.0.0.1/evil", False),
        ("127.0.0.1:x", True),
        ("192.0.2.7", False),
        ("", False),
        ("[::1", False),
        ("\xe9", False),
    ],
)
async def test_only_our_own_names_are_answered(tmp_path: Path, host: str, is_ours: bool) -> None:
    """A page elsewhere whose name is led to this machine reads nothing (DNS rebinding)."""
    given = {"public_url": "https://nhipcau.example.gov.vn", "hosts": "chat.xa.vn, other.vn"}
    async with service_in(tmp_path, **given) as app:
        status, headers = await answered(app, "/", headers={"host": host})
        assert status == (200 if is_ours else 400)
        assert headers["x-content-type-options"] == "nosniff"


def test_the_address_it_came_to_is_a_name_of_ours() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await PlainTextResponse("ok")(scope, receive, send)

    guard = Guard(app, [], secure=False)
    scope = {"type": "http", "http_version": "1.1", "headers": [(b"host", b"192.168.1.5:8080")]}
    assert guard.is_ours({**scope, "server": ("192.168.1.5", 8080)})
    assert not guard.is_ours({**scope, "server": ("192.168.1.6", 8080)})
    twice = [(b"host", b"127.0.0.1"), (b"host", b"127.0.0.1")]
    assert not guard.is_ours({**scope, "headers": twice, "server": None})
    assert not guard.is_ours({**scope, "headers": [], "server": None})
    assert guard.is_ours({**scope, "http_version": "1.0", "headers": [], "server": None})
    assert host_of("[2001:DB8::1]:80") == "2001:db8::1"


@pytest.mark.parametrize(
    ("client", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("::ffff:127.0.0.1", {}, 200),
        ("192.0.2.7", {}, 404),
        ("172.17.0.1", {}, 404),
        ("", {}, 404),
        ("127.0.0.1", {"x-forwarded-for": "127.0.0.1"}, 404),
        ("127.0.0.1", {"X-Forwarded-Proto": "https"}, 404),
        ("127.0.0.1", {"Forwarded": "for=127.0.0.1"}, 404),
        ("127.0.0.1", {"Via": "1.1 proxy"}, 404),
        ("127.0.0.1", {"X-Real-IP": "127.0.0.1"}, 404),
        ("127.0.0.1", {"host": "nhipcau.example.gov.vn"}, 404),
    ],
)
async def test_how_it_is_doing_is_for_this_machine(
    tmp_path: Path, client: str, headers: dict[str, str], status: int
) -> None:
    async with service_in(tmp_path, public_url="https://nhipcau.example.gov.vn") as app:
        lowered = {name.lower(): value for name, value in headers.items()}
        assert (await answered(app, "/metrics", headers=lowered, client=client))[0] == status
        assert ((await answered(app, "/readyz", headers=lowered, client=client))[0] == 404) == (status == 404)
        assert (await answered(app, "/healthz", headers=lowered, client=client))[0] == 200


def test_who_asks_through_a_proxy_is_not_from_here() -> None:
    scope = {"type": "http", "client": ("127.0.0.1", 1), "headers": [(b"host", b"127.0.0.1")]}
    assert is_from_here(scope)
    assert not is_from_here({**scope, "client": None})


async def test_a_fault_is_logged_by_its_kind_alone(capsys: pytest.CaptureFixture[str]) -> None:
    async def failing(request: Request) -> Response:
        raise ValueError("chimhoàngyến")

    guard = Guard(Route("/", failing).app, [], secure=False)
    status, headers = await answered(guard, "/")
    assert (status, headers["x-content-type-options"]) == (500, "nosniff")
    said = capsys.readouterr()
    assert "ValueError" in said.out + said.err
    assert "chimhoàngyến" not in said.out + said.err


@pytest.mark.parametrize(
    ("name", "value"),
    [("hosts", "https://a.vn"), ("hosts", "a.vn:80"), ("trusted_proxies", "caddy"), ("metrics_port", "70000")],
)
def test_a_wrong_name_of_a_host_stops_the_start(name: str, value: str) -> None:
    with pytest.raises(InvalidSetting):
        load_settings(_env_file=None, **{name: value})


# ---------------------------------------------------------------------- sessions


def _browser(sessions: Sessions, cookies: dict[str, str]) -> Request:
    header = "; ".join(f"{name}={value}" for name, value in cookies.items())
    scope = {"type": "http", "headers": [(b"cookie", header.encode())], "path_params": {"code": "MATHU234"}}
    return Request(scope)


def test_over_https_a_cookie_is_this_hosts_alone() -> None:
    """ASVS V3.3: `__Host-` with Secure; one browser may hold several phones; another host's cookie opens nothing."""
    sessions = Sessions(lambda words: words[::-1], secure=True)
    token, response = sessions.new_token(), Response()
    planted = _browser(sessions, {"nc": token})
    assert sessions.token(planted) == ""
    sessions.give(planted, response, token)
    (given,) = _set(response)
    (morsel,) = given.values()
    assert (morsel.key, morsel["path"], morsel["domain"]) == ("__Host-nc-MATHU234", "/", "")
    assert morsel["secure"]
    assert morsel["httponly"]
    new = _browser(sessions, {"__Host-nc-MATHU234": token, "__Host-nc-OTHER": "x"})
    assert sessions.token(new) == token
    assert sessions.token(_browser(sessions, {"__Host-nc-MATHU234": token + "x"})) == ""


def _set(response: Response) -> list[SimpleCookie]:
    return [SimpleCookie(value.decode()) for name, value in response.raw_headers if name == b"set-cookie"]


def test_an_address_of_its_own_for_who_watches(tmp_path: Path) -> None:
    port = free_port()

    with running(tmp_path, METRICS_PORT=str(port)) as service:
        far = {"X-Forwarded-For": "203.0.113.9"}
        assert ask(port, "GET", "/metrics", headers=far).status == 200
        assert ask(port, "GET", "/readyz", headers=far).status == 200
        assert ask(port, "GET", "/c/ABCDEFGH").status == 404
        assert ask(service.port, "GET", "/metrics", headers=far).status == 404


@pytest.mark.parametrize(
    ("address", "in_clear"),
    [
        ("sqlite+aiosqlite:///x.db", False),
        ("postgresql+asyncpg://n@/nhipcau?host=/run/postgresql", False),
        ("postgresql+asyncpg://n:p@localhost/nhipcau", False),
        ("postgresql+asyncpg://n:p@10.0.0.5/nhipcau", True),
        ("postgresql+asyncpg://n:p@10.0.0.5/nhipcau?ssl=prefer", True),
        ("postgresql+asyncpg://n:p@10.0.0.5/nhipcau?ssl=false", True),
        ("postgresql+asyncpg://n:p@10.0.0.5/nhipcau?ssl=require", False),
        ("postgresql+asyncpg://n:p@10.0.0.5/nhipcau?ssl=Require", False),
        ("postgresql+asyncpg://n:p@10.0.0.5/nhipcau?ssl=true", False),
        ("postgresql+asyncpg://n:p@db.example/nhipcau?ssl=verify-full", False),
        ("postgresql+asyncpg://n:p@/nhipcau?host=db.example", True),
    ],
)
def test_a_database_elsewhere_is_asked_behind_tls(address: str, in_clear: bool) -> None:
    settings = load_settings(_env_file=None, database_url=address)
    assert settings.database_in_clear is in_clear
    # what the driver takes, whatever the office wrote
    ssl = make_url(settings.database_url).query.get("ssl", "disable")
    assert SSLMode.parse(ssl).name.replace("_", "-") == ssl


@pytest.mark.parametrize("query", ["ssl=maybe", "timeout=5"])
def test_what_the_driver_does_not_take_stops_the_start(query: str) -> None:
    with pytest.raises(InvalidSetting):
        load_settings(_env_file=None, database_url=f"postgresql+asyncpg://n:p@10.0.0.5/nhipcau?{query}")
