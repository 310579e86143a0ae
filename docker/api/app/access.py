"""One JSON line a request, under the X-Request-Id that nginx gave it (or one made here)."""

import logging
import re
import time
import uuid

from .headers import with_headers

REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,128}")
# Asked every two seconds by the container's health check: logged only when it fails.
QUIET = "/api/health"

log = logging.getLogger("app.access")


class AccessLog:
    def __init__(self, app) -> None:
        self.app = app

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self.app(scope, receive, send)

        headers = dict(scope["headers"])
        request_id = headers.get(b"x-request-id", b"")
        if not REQUEST_ID.fullmatch(request_id):
            request_id = uuid.uuid4().hex.encode("ascii")
        status = 0

        async def noting(message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "websocket.accept":
                status = 101
            await send(message)

        started = time.perf_counter()
        try:
            await self.app(scope, receive, with_headers(noting, lambda: [(b"x-request-id", request_id)]))
        finally:
            if scope["path"] != QUIET or status != 200:
                fields = {
                    "requestId": request_id.decode("ascii"),
                    "method": scope.get("method", "WEBSOCKET"),
                    "path": scope["path"],
                    "status": status,
                    "durationMs": round((time.perf_counter() - started) * 1000, 1),
                    "client": (scope.get("client") or ("",))[0],
                    "forwardedFor": headers.get(b"x-forwarded-for", b"").decode("latin-1"),
                }
                log.info("request", extra={"fields": fields})
