"""X-Release on every response: who answered is what a flip is verified by."""

from .headers import with_headers


class ReleaseHeader:
    def __init__(self, app, release: str) -> None:
        self.app = app
        self.header = (b"x-release", release.encode("ascii"))

    async def __call__(self, scope, receive, send) -> None:
        await self.app(scope, receive, with_headers(send, lambda: [self.header]))
