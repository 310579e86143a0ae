"""`python -m app.migrate [--check [--exit-code]]`: brings the database to this release's schema.

Exit codes: 0 done, or with --check nothing wrong; 1 a migration failed; 2 bad usage or environment;
3 with --check --exit-code, migrations are pending; 4 the database cannot be reached.
"""

import argparse
import asyncio
import sys
import time
from pathlib import Path
from typing import List

import asyncpg

from .database import LOST, connection_arguments, describe
from .migrations import MigrationError, applied, locked, apply, pending, read_migrations
from .settings import DatabaseSettings, SettingsError, read_database_settings

DIRECTORY = Path(__file__).resolve().parent.parent / "migrations"
PATIENCE_SECONDS = 30


async def connect(settings: DatabaseSettings) -> asyncpg.Connection:
    """A connection, waited for while the server is starting up."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    told = False
    while True:
        try:
            return await asyncpg.connect(**connection_arguments(settings))
        except LOST as error:
            if time.monotonic() > deadline:
                raise
            if not told:
                print(f"waiting for the database: {describe(error)}", file=sys.stderr)
                told = True
            await asyncio.sleep(1)


async def check(connection: asyncpg.Connection, exit_code: bool) -> int:
    waiting = pending(read_migrations(DIRECTORY), await applied(connection))
    for migration in waiting:
        print(f"pending {migration.file}")
    if not waiting:
        print("nothing pending")
    return 3 if waiting and exit_code else 0


async def migrate(connection: asyncpg.Connection) -> int:
    migrations = read_migrations(DIRECTORY)
    async with locked(connection):
        waiting = pending(migrations, await applied(connection))
        for migration in waiting:
            started = time.perf_counter()
            await apply(connection, migration)
            print(f"applied {migration.file} in {time.perf_counter() - started:.2f} s", flush=True)
    if not waiting:
        print("nothing to migrate")
    return 0


async def run(settings: DatabaseSettings, options: argparse.Namespace) -> int:
    try:
        connection = await connect(settings)
    except (*LOST, asyncpg.PostgresError) as error:
        print(f"cannot connect to {settings.name} on {settings.host}: {describe(error)}", file=sys.stderr)
        return 4
    try:
        return await (check(connection, options.exit_code) if options.check else migrate(connection))
    except MigrationError as error:
        print(f"not migrated: {error}", file=sys.stderr)
        return 1
    except (*LOST, asyncpg.PostgresError) as error:
        print(f"not migrated: {describe(error)}", file=sys.stderr)
        return 1
    finally:
        await connection.close(timeout=2)


def main(arguments: List[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m app.migrate", description="Applies the SQL migrations.")
    parser.add_argument("--check", action="store_true", help="print what is pending; change nothing")
    parser.add_argument("--exit-code", action="store_true", help="with --check, exit 3 if something is pending")
    options = parser.parse_args(arguments)
    try:
        settings = read_database_settings()
    except SettingsError as error:
        print(f"cannot migrate: {error}", file=sys.stderr)
        return 2
    return asyncio.run(run(settings, options))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
