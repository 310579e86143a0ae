"""Liveness, readiness and version: three questions that must not be mixed up.

A process that lost its database is alive, and restarting it helps nobody; it is not ready. One that never reached it
has not started yet: what asks before it sends requests (Swarm, a deploy, Kubernetes' startup probe) has to wait.
"""

import asyncio
import logging
from typing import Awaitable, Callable

from fastapi import APIRouter
from starlette.responses import JSONResponse

from .cache import Cache
from .database import Database
from .life import Life
from .settings import Release

READY_SECONDS = 2

log = logging.getLogger("app.health")


async def probe(name: str, ping: Callable[[], Awaitable[None]]) -> str:
    """"ok", "timeout" or "failed". Why it failed goes to the log, not to whoever asks."""
    task = asyncio.ensure_future(ping())
    # wait, not wait_for: cancelling redis-py 4 in mid-command leaves its answer for the next one to read.
    done, _ = await asyncio.wait({task}, timeout=READY_SECONDS)
    if not done:
        task.add_done_callback(lambda late: late.cancelled() or late.exception())
        return "timeout"
    error = task.exception()
    if error is None:
        return "ok"
    log.warning(f"{name} is not ready: {type(error).__name__}: {error}")
    return "failed"


def routes(release: Release, database: Database, cache: Cache, life: Life) -> APIRouter:
    router = APIRouter()

    @router.get("/health")
    async def health() -> JSONResponse:
        if not life.started:
            life.started = await probe("postgresql", database.ping) == "ok"
        if not life.started:
            return JSONResponse({"status": "starting"}, status_code=503)
        return JSONResponse({"status": "ok"})

    @router.get("/ready")
    async def ready() -> JSONResponse:
        postgresql, redis = await asyncio.gather(
            probe("postgresql", database.ping), probe("redis", cache.ping)
        )
        checks = {"postgresql": postgresql, "redis": redis}
        failed = [name for name, outcome in checks.items() if outcome != "ok"]
        if life.stopping:
            failed.append("stopping")
        return JSONResponse(
            {"status": "unready" if failed else "ready", "failed": failed, "checks": checks},
            status_code=503 if failed else 200,
        )

    @router.get("/version")
    async def version() -> dict:
        return {"service": "api", "release": release.name, "colour": release.colour}

    return router
