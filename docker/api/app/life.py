"""Whether this process has come up, whether it is on its way out, and what its responses then say."""

from .headers import Headers, with_headers


class Life:
    # True from the first answer of the database on, and for good.
    started = False
    stopping = False


class CloseWhenStopping:
    """`Connection: close` on each response while stopping, so that a kept-alive client reconnects elsewhere
    between two requests rather than in the middle of one."""

    def __init__(self, app, life: Life) -> None:
        self.app = app
        self.life = life

    def headers(self) -> Headers:
        return [(b"connection", b"close")] if self.life.stopping else []

    async def __call__(self, scope, receive, send) -> None:
        await self.app(scope, receive, with_headers(send, self.headers) if scope["type"] == "http" else send)
