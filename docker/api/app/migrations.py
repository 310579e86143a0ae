"""SQL migrations: numbered files, each applied once, in order, in a transaction of its own."""

import asyncio
import contextlib
import hashlib
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import AsyncIterator, Dict, List

import asyncpg

from .database import LOST

FILE = re.compile(r"(\d{4})_[A-Za-z0-9_.-]+\.sql")
# Any number will do, so long as every release uses the same: "qsay" in ASCII.
LOCK = 0x71736179
LOCK_PATIENCE_SECONDS = 60

TABLE = """
    CREATE TABLE IF NOT EXISTS schema_migrations (
        version text PRIMARY KEY,
        checksum text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now()
    )
"""


class MigrationError(Exception):
    """A migration cannot be read, has changed since it was applied, or failed."""


@dataclass(frozen=True)
class Migration:
    version: str  # the file's four digits
    file: str
    sql: str
    checksum: str  # SHA-256 of the file, in hex


def read_migrations(directory: Path) -> List[Migration]:
    """The migrations in their order."""
    found: Dict[str, Migration] = {}
    for path in sorted(directory.glob("*.sql")):
        match = FILE.fullmatch(path.name)
        if match is None:
            raise MigrationError(f"{path.name}: a migration's name is NNNN_name.sql")
        version = match.group(1)
        if version in found:
            raise MigrationError(f"{found[version].file} and {path.name} have the same number")
        content = path.read_bytes()
        checksum = hashlib.sha256(content).hexdigest()
        found[version] = Migration(version, path.name, content.decode("utf-8"), checksum)
    if not found:
        raise MigrationError(f"no migrations in {directory}")
    return list(found.values())


async def applied(connection: asyncpg.Connection) -> Dict[str, str]:
    """Version to checksum; empty on a new database. Changes nothing."""
    if await connection.fetchval("SELECT to_regclass('schema_migrations') IS NULL"):
        return {}
    return {row["version"]: row["checksum"] for row in await connection.fetch("SELECT * FROM schema_migrations")}


def pending(migrations: List[Migration], done: Dict[str, str]) -> List[Migration]:
    """What is still to be applied. What is applied but unknown here belongs to a newer release, and may stay."""
    for migration in migrations:
        if done.get(migration.version, migration.checksum) != migration.checksum:
            raise MigrationError(
                f"{migration.file} was changed after it had been applied"
                f" (applied {done[migration.version][:12]}, now {migration.checksum[:12]});"
                " put the file back and write a new migration"
            )
    return [migration for migration in migrations if migration.version not in done]


@contextlib.asynccontextmanager
async def locked(connection: asyncpg.Connection) -> AsyncIterator[None]:
    """Alone: a second migration, on whichever host, waits for the first."""
    deadline = time.monotonic() + LOCK_PATIENCE_SECONDS
    while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK):
        if time.monotonic() > deadline:
            raise MigrationError(f"another migration has held the lock for {LOCK_PATIENCE_SECONDS} s")
        await asyncio.sleep(0.2)
    try:
        yield
    finally:
        # If the connection is gone, so is the lock.
        with contextlib.suppress(asyncpg.PostgresError, *LOST):
            await connection.fetchval("SELECT pg_advisory_unlock($1)", LOCK)


async def apply(connection: asyncpg.Connection, migration: Migration) -> None:
    """The migration and the record of it, both or neither."""
    try:
        async with connection.transaction():
            # A statement that queues for a table's lock makes every later query queue behind it: rather fail.
            await connection.execute("SET LOCAL lock_timeout = '5s'")
            await connection.execute(TABLE)
            await connection.execute(migration.sql)
            await connection.execute(
                "INSERT INTO schema_migrations (version, checksum) VALUES ($1, $2)",
                migration.version,
                migration.checksum,
            )
    except asyncpg.PostgresError as error:
        raise MigrationError(f"{migration.file} failed and was undone: {error}") from error
