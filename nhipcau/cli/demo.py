"""`demo`: a complete installation in the browser, without token or network, in a new database each time."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from nhipcau.cli.help_pages import Family
from nhipcau.cli.runner import not_written, quiet_log, settings_or_exit
from nhipcau.cli.service import serving

if TYPE_CHECKING:
    from nhipcau.settings import Settings

app = Family()


@app.command()
def demo() -> None:
    """A sample province with simulated collaborators, in the browser; no token, no network."""
    import asyncio

    from nhipcau.bot.channels.registry import ChannelSettings

    quiet_log()
    base = Path("var") / "demo"
    try:
        shutil.rmtree(base, ignore_errors=True)
        base.mkdir(parents=True)
    except OSError as error:
        raise not_written(base, error) from None
    given = settings_or_exit()
    settings = settings_or_exit(
        data_dir=base,
        database_url=f"sqlite+aiosqlite:///{base}/demo.db",
        key_dir=base / "keys",
        # switch all channels off: the demo must not receive the office's messages or use up its tokens
        **ChannelSettings().model_dump(),
        quiet_hours="off",
        push_budget=0,
        port=_free(given),
        public_url="",
    )
    raise SystemExit(asyncio.run(serving(lambda: _demo(settings))))


def _free(settings: Settings) -> int:
    """The port of the settings; if it is taken and NHIPCAU_PORT is not set, any free one."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError:
            if "NHIPCAU_PORT" in os.environ:
                return settings.port
            probe.bind((settings.host, 0))
        return int(probe.getsockname()[1])


async def _demo(settings: Settings) -> int:
    from nhipcau.app import Service
    from nhipcau.bot.language.catalogue import texts
    from nhipcau.demo.office import fill
    from nhipcau.demo.people import NAME, SLOWEST, SimulatedPhones
    from nhipcau.web.demo_page import demo_routes

    service = Service(settings)
    sample = await fill(service.parts)
    slowest = float(os.environ.get("NHIPCAU_DEMO_SECONDS", SLOWEST))
    phones = SimulatedPhones(texts(settings.language), sample.answers, slowest)
    service.add_channel(NAME, phones)
    t = texts(settings.language)
    codes = {"collaborator": sample.collaborator, "coordinator": sample.coordinator}
    links = [(t(f"role.{role}").capitalize(), f"/c/{code}") for role, code in codes.items()]
    service.routes += demo_routes(lambda: links)

    reports = list(sample.reports.items())

    async def join_all() -> None:
        for number, code in enumerate(sample.cards):
            report, mood = reports[number] if number < len(reports) else ("", "")
            await phones.join(f"p{number}", code, report, mood)

    service.background.append(join_all)

    def ready() -> None:
        print(t("demo.ready", unit=sample.unit, n=len(sample.cards)))
        print(f"  {t('demo.phones')}: {settings.url}/demo")
        for title, path in links:
            print(f"  {title}: {settings.url}{path}")
        print(flush=True)

    return await service.run(ready)
