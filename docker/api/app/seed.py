"""`python -m app.seed`: what a development database should have to begin with: a user, and more documents.

Run again it adds what is missing and leaves the rest. For development alone: a release of any other name than `dev`
refuses, since everybody knows this password.

Exit codes: 0 done; 2 bad usage, environment or release; 4 the database cannot be reached, or is not migrated.
"""

import argparse
import asyncio
import sys
from typing import List

import asyncpg

from .database import LOST, describe
from .embedding import literal
from .migrate import connect
from .passwords import hash_password
from .settings import DatabaseSettings, SettingsError, read_seed_settings

RELEASE = "dev"
EMAIL = "dev@agentlab.example"
PASSWORD = "development"

DOCUMENTS = {
    "Hot reload": "Save a file, and the running program is the new one: no build, no restart by hand.",
    "Debug port": "A debugger attaches to a process in its container and stops it where a person wants to look.",
    "Named volume": "Docker keeps it apart from every container: what is in it outlives the container that wrote it.",
    "Bind mount": "A directory of this machine seen from inside a container; an edit is there at once.",
    "Multi-stage build": "Compilers and caches stay in a stage that is thrown away; the image has what runs, and no more.",
    "Layer cache": "A step of a build is done again only when what it reads has changed, so put what changes last.",
    "Health check": "A command that Docker runs in the container every few seconds: healthy, or not.",
    "Back-off": "Wait longer after each failure, so that a service which is down is not kept down by those who ask.",
    "Least privilege": "A process gets the rights that its work needs: no root, no capabilities, no writable disk.",
    "Structured logs": "One JSON object a line: what a program can search, count and join by the request's id.",
    "Idempotence": "Done twice it is the same as done once, which is why one may try again.",
    "Write-ahead log": "What will change is on disk before it is changed, so that a crash loses nothing that was committed.",
}

ADD_USER = """
    INSERT INTO users (email, password) VALUES ($1, $2)
    ON CONFLICT (lower(email)) DO NOTHING
    RETURNING id
"""
ADD_DOCUMENT = """
    INSERT INTO documents (title, body, embedding) VALUES ($1, $2, $3::text::vector)
    ON CONFLICT (title) DO NOTHING
    RETURNING id
"""


async def seed(connection: asyncpg.Connection) -> None:
    """All of it or nothing, and says what was new."""
    async with connection.transaction():
        if await connection.fetchval(ADD_USER, EMAIL, hash_password(PASSWORD)) is not None:
            print(f"added the user {EMAIL}, whose password is `{PASSWORD}`")
        added = 0
        for title, body in DOCUMENTS.items():
            if await connection.fetchval(ADD_DOCUMENT, title, body, literal(f"{title} {body}")) is not None:
                added += 1
    print(f"added {added} documents" if added else "every document is there")


async def run(settings: DatabaseSettings) -> int:
    try:
        connection = await connect(settings)
    except (*LOST, asyncpg.PostgresError) as error:
        print(f"cannot connect to {settings.name} on {settings.host}: {describe(error)}", file=sys.stderr)
        return 4
    try:
        await seed(connection)
    except asyncpg.UndefinedTableError as error:
        print(f"not seeded: {error}; first run: python -m app.migrate", file=sys.stderr)
        return 4
    except (*LOST, asyncpg.PostgresError) as error:
        print(f"not seeded: {describe(error)}", file=sys.stderr)
        return 4
    finally:
        await connection.close(timeout=2)
    return 0


def main(arguments: List[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m app.seed", description="Fills a development database.")
    parser.parse_args(arguments)
    try:
        settings, release = read_seed_settings()
    except SettingsError as error:
        print(f"cannot seed: {error}", file=sys.stderr)
        return 2
    if release != RELEASE:
        print(f"not seeded: seeds are for development (RELEASE={RELEASE}), and this is {release}", file=sys.stderr)
        return 2
    return asyncio.run(run(settings))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
