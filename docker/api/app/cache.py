"""Answers kept in Redis for a minute. A cache that is away makes the api slower, never wrong and never down."""

import json
import logging
import time
from typing import Any, Optional

from redis import asyncio as redis
from redis.exceptions import RedisError

from .settings import RedisSettings

LIFETIME_SECONDS = 60
ANSWER_SECONDS = 0.5
# After a failure, how long requests go without trying the cache.
REST_SECONDS = 1.0

log = logging.getLogger("app.cache")


class Cache:
    def __init__(self, settings: RedisSettings) -> None:
        self.client = redis.Redis(
            host=settings.host,
            port=settings.port,
            password=settings.password,
            socket_connect_timeout=ANSWER_SECONDS,
            socket_timeout=ANSWER_SECONDS,
            decode_responses=True,
        )
        self.resting_until = 0.0

    async def get(self, key: str) -> Optional[Any]:
        answer = await self.attempt(lambda: self.client.get(key))
        return None if answer is None else json.loads(answer)

    async def set(self, key: str, value: Any) -> None:
        text = json.dumps(value)
        await self.attempt(lambda: self.client.set(key, text, ex=LIFETIME_SECONDS))

    async def attempt(self, command) -> Optional[Any]:
        """The command's answer, or None if the cache is away."""
        if time.monotonic() < self.resting_until:
            return None
        try:
            return await command()
        except (RedisError, OSError) as error:
            self.resting_until = time.monotonic() + REST_SECONDS
            log.warning(f"going without the cache: {type(error).__name__}: {error}")
            return None

    async def ping(self) -> None:
        await self.client.ping()

    async def close(self) -> None:
        # redis-py 5 renamed close to aclose; its Debian package is 4.
        await getattr(self.client, "aclose", self.client.close)()
