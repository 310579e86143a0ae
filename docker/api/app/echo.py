"""POST /api/echo: the body back. `?delay=SECONDS` holds the answer, to watch a request outlive a flip."""

import asyncio
from typing import Any

from fastapi import APIRouter, Body, Query

from .settings import Release


def routes(release: Release) -> APIRouter:
    router = APIRouter()

    @router.post("/echo")
    async def echo(body: Any = Body(...), delay: float = Query(0, ge=0, le=5)) -> dict:
        if delay:
            await asyncio.sleep(delay)
        return {"echo": body, "release": release.name}

    return router
