"""WebSocket /api/ws: echoes text as {release, echo}; at the end of the process each client is told to come again."""

import asyncio
from typing import Set

from fastapi import APIRouter
from starlette.websockets import WebSocket, WebSocketDisconnect

from .life import Life
from .settings import Release

# RFC 6455's registry: "service restart"; a client may reconnect at once and reaches the other colour.
SERVICE_RESTART = 1012
GOODBYE_SECONDS = 2


class Sockets:
    """The open WebSockets."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.open: Set[WebSocket] = set()

    async def close_all(self) -> None:
        """Returns when each client has answered the close, or after GOODBYE_SECONDS."""
        goodbyes = [asyncio.ensure_future(goodbye(socket)) for socket in self.open]
        if goodbyes:
            await asyncio.wait(goodbyes, timeout=GOODBYE_SECONDS)


async def goodbye(socket: WebSocket) -> None:
    try:
        await socket.close(SERVICE_RESTART)
    except (RuntimeError, OSError):
        pass  # the client left first


def routes(release: Release, sockets: Sockets) -> APIRouter:
    router = APIRouter()

    @router.websocket("/ws")
    async def echo(socket: WebSocket) -> None:
        await socket.accept()
        if sockets.life.stopping:
            return await goodbye(socket)
        sockets.open.add(socket)
        try:
            while True:
                text = await socket.receive_text()
                await socket.send_json({"release": release.name, "echo": text})
        except (WebSocketDisconnect, RuntimeError):
            pass  # closed, by the client or by close_all while an answer was on its way
        finally:
            sockets.open.discard(socket)

    return router
