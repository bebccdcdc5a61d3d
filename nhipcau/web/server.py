"""Our HTTP server: the main address, and where it is set another one for those who watch the service."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from nhipcau.web.connections import IDLE, Connection, Crowd, log_seldom

#: Seconds an HTTP request may still take when the service stops.
REQUEST_SECONDS = 3


class AddressTaken(OSError):
    """Something else listens at our address, or it is none of this machine."""

    def __init__(self, address: str, error: OSError) -> None:
        super().__init__(error.errno, error.strerror)
        self.address = address


class HttpServer:
    """Applications, each at an address of its own, which is taken at once. Raises AddressTaken."""

    def __init__(self, places: Sequence[tuple[str, int, ASGIApp]], proxies: Collection[str]) -> None:
        log_seldom()
        crowd = Crowd(proxies=proxies)
        self._listening = [_listen(host, port) for host, port, _ in places]
        self._servers = [_server(app, crowd, proxies) for *_, app in places]

    async def serve(self) -> None:
        pairs = zip(self._servers, self._listening, strict=True)
        await asyncio.gather(*(server.serve(sockets=[listening]) for server, listening in pairs))

    def stop(self) -> None:
        """Let `serve` return once what is under way was answered."""
        for server in self._servers:
            server.should_exit = True


def _server(app: ASGIApp, crowd: Crowd, proxies: Collection[str]) -> uvicorn.Server:
    behind = ProxyHeadersMiddleware(cast(Any, app), list(proxies))
    return _Server(
        uvicorn.Config(
            cast(Any, behind),
            http=cast(Any, partial(Connection, crowd)),
            ws="none",
            log_config=None,
            access_log=False,
            lifespan="off",
            proxy_headers=False,
            # silence between requests is counted in one place, ours
            timeout_keep_alive=int(IDLE) + 1,
            timeout_graceful_shutdown=REQUEST_SECONDS,
            server_header=False,
        )
    )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=512)
    except OSError as error:
        raise AddressTaken(f"{host}:{port}", error) from None


class _Server(uvicorn.Server):
    """Leaves signals to us: uvicorn would raise them again when it ends, and the exit status would not be 0."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
