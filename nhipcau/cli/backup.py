"""`backup`, `restore`, `purge`: copy the database, put a copy back, delete expired data."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from nhipcau.cli.help_pages import Family
from nhipcau.cli.runner import (
    CommandFailed,
    command,
    exit_with,
    input_file,
    on_database,
    print_line,
    quiet_log,
    settings_or_exit,
)

if TYPE_CHECKING:
    from nhipcau.context import AppContext
    from nhipcau.settings import Settings

app = Family()

# ------------------------------------------------------------------ backup


@app.command()
def backup(file: Path) -> None:
    """Copy the database while it runs."""
    target, source = file, settings_or_exit().database_file
    if source and not source.exists():
        exit_with(f"There is no database at {source} yet.", 1)
    if source and target.resolve() in {source.resolve().with_name(source.name + t) for t in ("", "-wal", "-shm")}:
        exit_with(f"{target} is the database itself: give the backup another name.", 2)
    if not target.resolve().parent.is_dir():
        exit_with(f"The backup failed: the folder {target.parent} is not there.", 1)
    if target.is_dir():
        exit_with(f"The backup failed: {target} is a folder, name a file in it.", 1)
    on_database(lambda parts: _back_up(parts, target))


async def _back_up(parts: AppContext, target: Path) -> None:
    """Write a complete copy and compare it with the database; keys are never in it."""
    import sqlite3

    from nhipcau.storage.backup import CopyDiffers, back_up

    settings = parts.settings
    partial = target.with_name(f".{target.name}.part")
    try:
        _delete_partial(partial)
        rows = await back_up(parts.database, partial)
        partial.chmod(0o600)
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.replace(target)
    except (sqlite3.Error, OSError, CopyDiffers) as error:
        raise CommandFailed(f"The backup failed ({type(error).__name__}): {error}.") from None
    finally:
        _delete_partial(partial)
    size = target.stat().st_size // 1024
    print_line(f"{target}: {size} kB, {sum(rows.values())} rows of {len(rows)} tables, read back and the same.")
    print_line(f"It holds no keys: without {settings.keys} nobody can be reached.")
    print_line(
        f"Pictures and documents are not in it either: copy {settings.photos} and {settings.documents} beside it."
    )


def _delete_partial(partial: Path) -> None:
    for tail in ("", "-wal", "-shm", "-journal"):
        partial.with_name(partial.name + tail).unlink(missing_ok=True)


# ------------------------------------------------------------------ restore


@app.command()
def restore(file: Path) -> None:
    """Put a backup in place."""
    import asyncio

    quiet_log()
    settings = settings_or_exit()
    if not _is_backup(input_file(file)):
        exit_with(f"{file} is no backup of Nhịp Cầu.", 2)
    target = settings.database_file
    if target:
        _restore_file(file, target)
    else:
        asyncio.run(_restore_rows(file, settings))


def _restore_file(source: Path, target: Path) -> None:
    if _is_used(target):
        exit_with("The database is in use: stop `nhipcau run` first.", 1)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.part")
    try:
        shutil.copyfile(source, partial)
        partial.chmod(0o600)
        if target.exists():
            kept = _unused(target.with_name(f"{target.name}.before-restore"))
            target.replace(kept)
            print_line(f"The earlier database is kept as {kept}.")
        for tail in ("-wal", "-shm"):
            target.with_name(target.name + tail).unlink(missing_ok=True)
        partial.replace(target)
    except OSError as error:
        exit_with(f"The restore failed: {error.strerror}.", 1)
    print_line(f"{target}: restored.")


async def _restore_rows(source: Path, settings: Settings) -> None:
    """Restore into PostgreSQL; its present content is written to a backup first."""
    from nhipcau.storage import schema
    from nhipcau.storage.backup import CopyDiffers, DatabaseInUse, back_up, copy_in
    from nhipcau.storage.database import Database, DatabaseError

    database = Database(settings.database_url)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    try:
        if await schema.version(database):
            await schema.prepare(database)
            kept = _unused(settings.data_dir / "before-restore.db")
            await back_up(database, kept)
            kept.chmod(0o600)
            print_line(f"The earlier database is kept as {kept}.")
        await copy_in(source, settings.data_dir / ".restore.part", database)
    except DatabaseInUse:
        exit_with("The database is in use: stop `nhipcau run` first.", 1)
    except (DatabaseError, OSError, CopyDiffers, schema.DatabaseTooNew) as error:
        exit_with(f"The restore failed, nothing was changed ({type(getattr(error, 'orig', error)).__name__}).", 1)
    finally:
        await database.close()
    print_line("Restored, read back and the same.")


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
                exit_with(f"{path} was made by a newer program ({version and version[0]}): install that first.", 1)
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
async def purge(parts: AppContext) -> None:
    """Delete what has ended (`run` does it by itself)."""
    from nhipcau.operations.commit import Committer
    from nhipcau.scheduler.due_work import DueWork

    done = await DueWork(Committer(parts.database, parts.sealer, parts.office), parts.settings).sweep()
    print_line(f"{done.rows} rows, {done.keys} keys and {done.pictures} pictures had ended and are gone.")
    if done.documents:
        print_line(f"So had {done.documents} documents.")
