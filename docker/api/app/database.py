"""PostgreSQL through a pool that is made on first use and heals by itself after a restart of the database."""

import asyncio
import logging
from typing import Any, List, Optional

import asyncpg
from starlette.requests import Request
from starlette.responses import JSONResponse

from .settings import DatabaseSettings

STATEMENT_SECONDS = 10
# A request waits its turn for a connection: on a host that is short of processors for a moment, a late answer is
# better than none. Whoever asks whether we are ready is not kept waiting: that has a limit of its own.
TURN_SECONDS = 10
CONNECT_SECONDS = TURN_SECONDS
CLOSE_SECONDS = 1

# What a lost, refused or restarting server looks like: no fault of the statement. (TimeoutError is an OSError.)
LOST = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
)

log = logging.getLogger("app.database")


class DatabaseUnavailable(Exception):
    """The database cannot be asked just now. The message says why, and holds no secret."""


def connection_arguments(settings: DatabaseSettings) -> dict:
    return {
        "host": settings.host,
        "port": settings.port,
        "database": settings.name,
        "user": settings.user,
        "password": settings.password,
        "ssl": settings.sslmode,
        "timeout": CONNECT_SECONDS,
        "server_settings": {"application_name": "agentlab-api"},
    }


class Database:
    def __init__(self, settings: DatabaseSettings) -> None:
        self.settings = settings
        self.pool: Optional[asyncpg.Pool] = None
        self.making = asyncio.Lock()

    async def connected(self) -> asyncpg.Pool:
        async with self.making:
            if self.pool is None:
                # With min_size 0 nothing connects here, so that this cannot fail while the database is away.
                self.pool = await asyncpg.create_pool(
                    **connection_arguments(self.settings),
                    min_size=0,
                    max_size=self.settings.pool_size,
                    command_timeout=STATEMENT_SECONDS,
                    max_inactive_connection_lifetime=60,
                )
        return self.pool

    async def read(self, statement: str, *arguments: Any) -> List[asyncpg.Record]:
        """The rows; asked a second time if the connection turns out to be lost, since reading twice harms nobody."""
        try:
            return await self.fetch(statement, *arguments)
        except TimeoutError as error:
            raise DatabaseUnavailable(describe(error)) from error
        except LOST as error:
            log.warning(f"asking the database again: {describe(error)}")
        return await self.write(statement, *arguments)

    async def write(self, statement: str, *arguments: Any) -> List[asyncpg.Record]:
        """The rows returned; tried once, for nobody knows how far a lost statement came."""
        try:
            return await self.fetch(statement, *arguments)
        except LOST as error:
            raise DatabaseUnavailable(describe(error)) from error

    async def fetch(self, statement: str, *arguments: Any) -> List[asyncpg.Record]:
        pool = await self.connected()
        async with pool.acquire(timeout=TURN_SECONDS) as connection:
            return await connection.fetch(statement, *arguments)

    async def ping(self) -> None:
        await self.read("SELECT 1")

    async def close(self) -> None:
        if self.pool is not None:
            try:
                await asyncio.wait_for(self.pool.close(), CLOSE_SECONDS)
            except TimeoutError:
                self.pool.terminate()

    def unavailable_handler(self):
        """The exception and its handler: 503, and a hint to come back."""

        async def unavailable(request: Request, error: DatabaseUnavailable) -> JSONResponse:
            log.error(f"the database is away: {error}")
            return JSONResponse({"detail": "the database is away"}, status_code=503, headers={"Retry-After": "2"})

        return DatabaseUnavailable, unavailable


def describe(error: BaseException) -> str:
    """The kind of error and what the server said, without its parameters."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
