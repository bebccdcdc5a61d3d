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
    from nhipcau.demo.live import Live
    from nhipcau.demo.office import fill
    from nhipcau.demo.open_console import PATH, console_route
    from nhipcau.demo.past import Past
    from nhipcau.demo.people import NAME, SLOWEST, SimulatedPhones
    from nhipcau.demo.shared_phones import SharedPhones
    from nhipcau.web.demo_page import demo_routes

    t = texts(settings.language)
    service = Service(settings)
    sample = await fill(service.parts)
    phones = SimulatedPhones(t, sample.answers, slowest=0)
    await Past(service.parts, phones, sample).play()
    slowest = float(os.environ.get("NHIPCAU_DEMO_SECONDS", SLOWEST))
    phones.set_slowest(slowest)
    service.add_channel(NAME, phones)
    codes = {"collaborator": sample.collaborator, "coordinator": sample.coordinator}
    links = [(t(f"role.{role}").capitalize(), f"/c/{code}") for role, code in codes.items()]
    service.around = lambda app: SharedPhones(app, codes.values())
    service.routes.append(console_route(service.console(), sample.coordinator_id))
    service.routes += demo_routes(links, (t("demo.console"), PATH))
    service.background += Live(service.committer, settings, phones, sample, slowest).tasks()

    def ready() -> None:
        print(t("demo.ready", unit=sample.unit.name, n=len(sample.cards)))
        print(f"  {t('demo.phones')}: {settings.url}/demo")
        for title, path in (*links, (t("demo.console"), PATH)):
            print(f"  {title}: {settings.url}{path}")
        print(flush=True)

    return await service.run(ready)
