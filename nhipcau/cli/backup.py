"""`backup`, `restore`, `purge`: copy the database, put a copy back, delete expired data."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

import typer

from nhipcau.cli.help_pages import Family
from nhipcau.cli.runner import (
    CommandFailed,
    Json,
    WrongUse,
    command,
    input_file,
    on_database,
    print_note,
    print_result,
    quiet_log,
    settings_or_exit,
    spoken,
)

if TYPE_CHECKING:
    from nhipcau.bot.language.catalogue import Texts
    from nhipcau.context import AppContext
    from nhipcau.settings import Settings
    from nhipcau.storage.restore import Restored

app = Family()

# ------------------------------------------------------------------ backup


@app.command()
def backup(file: Path, replace: Annotated[bool, typer.Option("--replace")] = False, as_json: Json = False) -> None:
    """Copy the database while it runs."""
    target, source = file, settings_or_exit().database_file
    if source and not source.exists():
        raise CommandFailed("cli.backup.no_database", file=source)
    if source and target.resolve() in {source.resolve().with_name(source.name + t) for t in ("", "-wal", "-shm")}:
        raise WrongUse("cli.backup.itself", file=target)
    if not target.resolve().parent.is_dir():
        raise CommandFailed("cli.backup.no_folder", folder=target.parent)
    if target.is_dir():
        raise CommandFailed("cli.backup.is_folder", folder=target)
    if target.exists() and not replace:
        raise WrongUse("cli.backup.exists", file=target)
    on_database(lambda parts: _back_up(parts, target, as_json=as_json))


async def _back_up(parts: AppContext, target: Path, *, as_json: bool) -> None:
    """Write a complete copy and compare it with the database; keys are never in it."""
    import sqlite3

    from nhipcau.bot.language.faults import reason
    from nhipcau.storage.backup import CopyDiffers, back_up

    settings = parts.settings
    await _record_backup(parts)
    partial = target.with_name(f".{target.name}.part")
    try:
        _delete_partial(partial)
        rows = await back_up(parts.database, partial)
        partial.chmod(0o600)
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.replace(target)
    except (sqlite3.Error, OSError, CopyDiffers) as error:
        why = reason(error) if isinstance(error, OSError) else str(error) or type(error).__name__
        raise CommandFailed("cli.backup.failed", why=why) from None
    finally:
        _delete_partial(partial)
    t, size, number = spoken(), target.stat().st_size, sum(rows.values())
    body = {"file": str(target), "bytes": size, "rows": number, "tables": len(rows), "keys": False, "pictures": False}
    print_result(
        as_json,
        body,
        t("cli.backup.done", file=target, size=size // 1024, rows=number, tables=len(rows)),
        t("cli.backup.no_keys", folder=settings.keys),
        *keys_reminder(settings.keys, t),
        t("cli.backup.no_pictures", photos=settings.photos, documents=settings.documents),
    )


def keys_reminder(folder: Path, t: Texts) -> list[str]:
    """What is missing from the copy of the keys, in a sentence; nothing where it is complete."""
    from nhipcau.privacy.key_copy import copy_state

    state = copy_state(folder)
    if state.day is None:
        return [t("cli.backup.no_copy_of_keys")]
    day = f"{state.day:%d/%m/%Y}"
    if not state.is_current:
        return [t("cli.backup.keys_changed", day=day)]
    return [t("cli.backup.people_in_no_copy", day=day, n=state.people)] if state.people else []


async def _record_backup(parts: AppContext) -> None:
    """Before the copy, which then holds the line too. A full disk is no reason to go without a backup."""
    from nhipcau.cli.transaction import record_act
    from nhipcau.storage.database import DatabaseError

    try:
        await record_act(parts, "backup.make")
    except (DatabaseError, OSError):
        print_note("cli.audit.not_kept")


def _delete_partial(partial: Path) -> None:
    for tail in ("", "-wal", "-shm", "-journal"):
        partial.with_name(partial.name + tail).unlink(missing_ok=True)


# ------------------------------------------------------------------ restore


@app.command()
def restore(
    file: Path, without_people: Annotated[bool, typer.Option("--without-people")] = False, as_json: Json = False
) -> None:
    """Put a backup in place."""
    import asyncio

    quiet_log()
    settings = settings_or_exit()
    if not _is_backup(input_file(file)):
        raise WrongUse("cli.backup.no_backup", file=file)
    if (has_people(file) and not _has_keys(settings)) and not without_people:
        # opening the database would make other keys
        raise CommandFailed("cli.backup.keys_first", folder=settings.keys)
    target = settings.database_file
    if target and _is_used(target):
        raise CommandFailed("cli.backup.in_use")
    kept, done = asyncio.run(_restore(file, settings, without_people=without_people))
    on_database(_record_restore)
    from nhipcau.storage.retention import KEPT_DAYS

    t = spoken()
    body = {"restored": True, "kept": str(kept) if kept else None, "left": done.left, "keyless": done.keyless}
    lines = [t("cli.backup.kept", file=kept, days=KEPT_DAYS)] if kept else []
    lines += [t("cli.backup.left", n=done.left)] if done.left else []
    lines += [t("cli.backup.keyless", n=done.keyless)] if done.keyless else []
    print_result(as_json, body, *lines, t("cli.backup.restored"))


async def _record_restore(parts: AppContext) -> None:
    from nhipcau.cli.transaction import record_act
    from nhipcau.storage.audit import forget_head

    forget_head(parts.sealer)
    await record_act(parts, "backup.restore")


async def _restore(source: Path, settings: Settings, *, without_people: bool) -> tuple[Path | None, Restored]:
    """Where the earlier content is kept now (None: there was none), and what did not come back."""
    import sqlite3
    from datetime import UTC, datetime

    from nhipcau.context import build
    from nhipcau.privacy.keys import DamagedKey
    from nhipcau.storage import schema
    from nhipcau.storage.backup import CopyDiffers, DatabaseInUse
    from nhipcau.storage.database import Database, DatabaseError
    from nhipcau.storage.restore import KeysMissing, restore_into

    settings.data_dir.mkdir(parents=True, exist_ok=True)
    target, working = settings.database_file, settings.data_dir / ".restore.part"
    partial = target.with_name(f".{target.name}.part") if target else None
    _delete_partial(working)
    try:
        parts = build(settings)
        database, kept = parts.database, None
        if partial is not None:
            partial.parent.mkdir(parents=True, exist_ok=True)
            _delete_partial(partial)
            database = Database(f"sqlite+aiosqlite:///{partial}")
        else:
            kept = await _keep_content(parts)
        try:
            now = datetime.now(UTC)
            done = await restore_into(source, working, database, parts.sealer, now, without_people=without_people)
        finally:
            await database.close()
            await parts.database.close()
        if target is not None and partial is not None:
            kept = _put_in_place(partial, target)
    except KeysMissing:
        raise CommandFailed("cli.backup.other_keys", folder=settings.keys) from None
    except DamagedKey as damaged:
        raise CommandFailed("cli.key_damaged", file=damaged.file) from None
    except DatabaseInUse:
        raise CommandFailed("cli.backup.in_use") from None
    except (DatabaseError, OSError, CopyDiffers, schema.DatabaseTooNew, sqlite3.Error) as error:
        raise CommandFailed("cli.backup.nothing_changed", error=type(getattr(error, "orig", error)).__name__) from None
    finally:
        if partial is not None:
            _delete_partial(partial)
    return kept, done


async def _keep_content(parts: AppContext) -> Path | None:
    """Write what PostgreSQL holds to a backup first."""
    from nhipcau.storage import schema
    from nhipcau.storage.backup import back_up

    if not await schema.version(parts.database):
        return None
    await schema.prepare(parts.database, parts.sealer)
    kept = _unused(parts.settings.data_dir / "before-restore.db")
    await back_up(parts.database, kept)
    kept.chmod(0o600)
    return kept


def _put_in_place(partial: Path, target: Path) -> Path | None:
    """Replace the SQLite file; where the earlier one is kept now."""
    kept = None
    partial.chmod(0o600)
    if target.exists():
        kept = _unused(target.with_name(f"{target.name}.before-restore"))
        target.replace(kept)
        # its term begins now
        os.utime(kept)
    for tail in ("-wal", "-shm"):
        target.with_name(target.name + tail).unlink(missing_ok=True)
    partial.replace(target)
    return kept


def _has_keys(settings: Settings) -> bool:
    from nhipcau.privacy.person_keys import BOOK

    return (settings.keys / "contacts.key").exists() and (settings.keys / BOOK).exists()


def has_people(path: Path) -> bool:
    """Whether the backup has people whose details are sealed."""
    import sqlite3

    try:
        with closing(sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1", uri=True)) as plain:
            return plain.execute("SELECT 1 FROM people WHERE sealed IS NOT NULL LIMIT 1").fetchone() is not None
    except sqlite3.Error:
        # of a version that sealed nobody
        return False


def _unused(path: Path) -> Path:
    """This path, or the first free one with a number, so that no file is overwritten."""
    candidate, number = path, 1
    while candidate.exists():
        number += 1
        candidate = path.with_name(f"{path.name}-{number}")
    return candidate


def _is_backup(path: Path) -> bool:
    import sqlite3

    from nhipcau.storage import schema

    try:
        connection = sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1", uri=True)
        try:
            version = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            connection.execute("SELECT 1 FROM participation LIMIT 1").fetchone()
            if version is None or version[0] > schema.HEAD:
                raise CommandFailed("cli.backup.newer", file=path, version=version and version[0])
            return bool(connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok")
        finally:
            connection.close()
    except sqlite3.Error:
        return False


def _is_used(path: Path) -> bool:
    """Whether another process uses the database; also merges its write-ahead log into the file."""
    import sqlite3

    if not path.exists():
        return False
    connection = sqlite3.connect(path, timeout=1, isolation_level=None)
    try:
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("COMMIT")
        return bool(connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0] != "delete")
    except sqlite3.OperationalError:
        return True
    except sqlite3.DatabaseError:
        # damaged, so no process uses it: it may be replaced
        return False
    finally:
        connection.close()


# ------------------------------------------------------------------ purge


@command(app)
async def purge(parts: AppContext, as_json: Json = False) -> None:
    """Delete what has ended (`run` does it by itself)."""
    from nhipcau.cli.transaction import record_act
    from nhipcau.operations.commit import Committer
    from nhipcau.scheduler.due_work import DueWork

    done = await DueWork(Committer(parts.database, parts.sealer, parts.office), parts.settings).sweep()
    await record_act(parts, "data.purge", done.rows + done.keys + done.pictures + done.documents)
    counts = {name: getattr(done, name) for name in ("rows", "keys", "pictures", "documents")}
    print_result(as_json, counts, spoken()("cli.purged", **counts))
