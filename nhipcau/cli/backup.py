"""`backup`, `restore`, `purge`: copy the database, put a copy back, delete expired data."""

from __future__ import annotations

import os
import shutil
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
    from nhipcau.context import AppContext
    from nhipcau.settings import Settings

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
        t("cli.backup.no_pictures", photos=settings.photos, documents=settings.documents),
    )


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
def restore(file: Path, as_json: Json = False) -> None:
    """Put a backup in place."""
    import asyncio

    from nhipcau.privacy.audit_chain import KEY

    quiet_log()
    settings = settings_or_exit()
    if not _is_backup(input_file(file)):
        raise WrongUse("cli.backup.no_backup", file=file)
    target = settings.database_file
    kept = _restore_file(file, target) if target else asyncio.run(_restore_rows(file, settings))
    if (settings.keys / f"{KEY}.key").exists():
        # not where the keys are still to come: opening the database would make others
        on_database(_record_restore)
    t = spoken()
    lines = [t("cli.backup.kept", file=kept)] if kept else []
    print_result(as_json, {"restored": True, "kept": str(kept) if kept else None}, *lines, t("cli.backup.restored"))


async def _record_restore(parts: AppContext) -> None:
    from nhipcau.cli.transaction import record_act
    from nhipcau.storage.audit import forget_head

    forget_head(parts.sealer)
    await record_act(parts, "backup.restore")


def _restore_file(source: Path, target: Path) -> Path | None:
    """Where the earlier database is kept now; None: there was none."""
    from nhipcau.bot.language.faults import reason

    kept = None
    if _is_used(target):
        raise CommandFailed("cli.backup.in_use")
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.part")
    try:
        shutil.copyfile(source, partial)
        partial.chmod(0o600)
        if target.exists():
            kept = _unused(target.with_name(f"{target.name}.before-restore"))
            target.replace(kept)
        for tail in ("-wal", "-shm"):
            target.with_name(target.name + tail).unlink(missing_ok=True)
        partial.replace(target)
    except OSError as error:
        raise CommandFailed("cli.backup.restore_failed", why=reason(error)) from None
    return kept


async def _restore_rows(source: Path, settings: Settings) -> Path | None:
    """Restore into PostgreSQL; its present content is written to a backup first, whose path is returned."""
    from nhipcau.storage import schema
    from nhipcau.storage.backup import CopyDiffers, DatabaseInUse, back_up, copy_in
    from nhipcau.storage.database import Database, DatabaseError

    kept, database = None, Database(settings.database_url)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    try:
        if await schema.version(database):
            await schema.prepare(database)
            kept = _unused(settings.data_dir / "before-restore.db")
            await back_up(database, kept)
            kept.chmod(0o600)
        await copy_in(source, settings.data_dir / ".restore.part", database)
    except DatabaseInUse:
        raise CommandFailed("cli.backup.in_use") from None
    except (DatabaseError, OSError, CopyDiffers, schema.DatabaseTooNew) as error:
        raise CommandFailed("cli.backup.nothing_changed", error=type(getattr(error, "orig", error)).__name__) from None
    finally:
        await database.close()
    return kept


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
