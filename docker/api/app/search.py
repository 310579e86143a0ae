"""GET /api/search: the documents nearest in meaning, from the cache where it has them."""

import hashlib

from fastapi import APIRouter, Query

from .cache import Cache
from .database import Database
from .embedding import literal
from .settings import Release

NEAREST = """
    SELECT title, body, 1 - (embedding <=> $1::text::vector) AS score
    FROM documents
    ORDER BY embedding <=> $1::text::vector
    LIMIT $2
"""


def cache_key(release: str, q: str, limit: int) -> str:
    """Keyed by release, so that a new one never serves what an old one understood differently."""
    digest = hashlib.sha256(f"{limit}:{q}".encode("utf-8", "surrogatepass")).hexdigest()
    return f"search:{release}:{digest}"


def routes(release: Release, database: Database, cache: Cache) -> APIRouter:
    router = APIRouter()

    @router.get("/search")
    async def search(
        q: str = Query(min_length=1, max_length=500),
        limit: int = Query(5, ge=1, le=50),
    ) -> dict:
        key = cache_key(release.name, q, limit)
        results = await cache.get(key)
        cached = results is not None
        if not cached:
            rows = await database.read(NEAREST, literal(q), limit)
            results = [
                {"title": row["title"], "body": row["body"], "score": round(row["score"], 4)} for row in rows
            ]
            await cache.set(key, results)
        return {
            "query": q,
            "results": results,
            "release": release.name,
            "cached": cached,
            "source": "redis" if cached else "pgvector",
        }

    return router
