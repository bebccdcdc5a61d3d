"""`keys`: a copy of the lasting keys under a passphrase, and back."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nhipcau.cli.help_pages import Family
from nhipcau.cli.runner import (
    CommandFailed,
    Json,
    WrongUse,
    command,
    input_file,
    not_written,
    on_database,
    print_note,
    print_result,
    quiet_log,
    settings_or_exit,
    spoken,
    trouble_of,
)

if TYPE_CHECKING:
    from nhipcau.context import AppContext
    from nhipcau.settings import Settings

app = Family()
keys_app = Family(no_args_is_help=True)
app.add_typer(keys_app, name="keys")

_PASSPHRASE = "NHIPCAU_PASSPHRASE"


@keys_app.command("save")
def keys_save(file: Path, replace: Annotated[bool, typer.Option("--replace")] = False, as_json: Json = False) -> None:
    """Copy the lasting keys."""
    from datetime import datetime

    from nhipcau.privacy.key_copy import save
    from nhipcau.privacy.keys import DamagedKey

    passphrase, settings = _passphrase(), settings_or_exit()
    if not (settings.keys / "contacts.key").exists():
        raise CommandFailed("cli.keys.none", folder=settings.keys)
    if file.is_dir() or not file.resolve().parent.is_dir():
        raise CommandFailed("cli.backup.no_folder", folder=file if file.is_dir() else file.parent)
    if file.exists() and not replace:
        raise WrongUse("cli.backup.exists", file=file)
    try:
        people = save(settings.keys, file, passphrase, datetime.now(settings.zone).date())
    except DamagedKey as damaged:
        raise CommandFailed("cli.key_damaged", file=damaged.file) from None
    except OSError as error:
        raise not_written(file, error) from None
    _record(settings, "key.save")
    print_result(as_json, {"file": str(file), "people": people}, spoken()("cli.keys.saved", file=file, people=people))


@keys_app.command("load")
def keys_load(file: Path, replace: Annotated[bool, typer.Option("--replace")] = False, as_json: Json = False) -> None:
    """Put a copy of the lasting keys in place."""
    from datetime import datetime

    from nhipcau.privacy.key_copy import NoCopy, OtherKeysLive, WrongPassphrase, load
    from nhipcau.privacy.keys import DamagedKey

    quiet_log()
    passphrase, settings = _passphrase(), settings_or_exit()
    input_file(file)
    os.umask(0o077)
    try:
        people = load(settings.keys, file, passphrase, datetime.now(settings.zone).date(), replace=replace)
    except NoCopy:
        raise WrongUse("cli.keys.no_copy", file=file) from None
    except WrongPassphrase:
        raise CommandFailed("cli.keys.wrong_passphrase", file=file, variable=_PASSPHRASE) from None
    except OtherKeysLive as living:
        names = ", ".join(living.names)
        raise WrongUse("cli.keys.living", folder=settings.keys, names=names) from None
    except DamagedKey as damaged:
        raise CommandFailed("cli.key_damaged", file=damaged.file) from None
    except OSError as error:
        raise CommandFailed(trouble_of(error)) from None
    _record(settings, "key.load")
    body = {"folder": str(settings.keys), "people": people}
    print_result(as_json, body, spoken()("cli.keys.loaded", folder=settings.keys, people=people))


@command(keys_app, "accept", checks_keys=False)
async def keys_accept(parts: AppContext, as_json: Json = False) -> None:
    """Take the present NHIPCAU_SECRET_KEY as the right one."""
    from nhipcau.cli.transaction import record_act

    await parts.accept_secret()
    await record_act(parts, "key.accept")
    print_result(as_json, {"accepted": True}, spoken()("cli.keys.accepted"))


def _record(settings: Settings, kind: str) -> None:
    """Keys are copied and put back where the database does not answer, too."""
    from nhipcau.cli.transaction import record_act

    file = settings.database_file
    if file is not None and not file.exists():
        return
    try:
        on_database(lambda parts: record_act(parts, kind))
    except CommandFailed:
        print_note("cli.audit.not_kept")


def _passphrase() -> str:
    """Raises WrongUse where it is missing or short."""
    from nhipcau.privacy.key_copy import LEAST_PASSPHRASE

    given = os.environ.get(_PASSPHRASE, "")
    if len(given) < LEAST_PASSPHRASE:
        raise WrongUse("cli.keys.passphrase", variable=_PASSPHRASE, least=LEAST_PASSPHRASE)
    return given
