"""Uvicorn, made to end well: no request in flight is lost, and no WebSocket is cut without a word."""

import asyncio
import logging
from socket import socket
from typing import List, Optional

import uvicorn

from .application import Application
from .settings import ServerSettings

# nginx keeps idle upstream connections 15 s; the side that sends must be the one that closes first.
KEEP_ALIVE_SECONDS = 75
# With DRAIN_SECONDS before it, an end within 10 s, which is when `docker stop` loses patience.
FINISH_SECONDS = 6
# For a request to come that belongs to a connection which was just taken.
HANDOVER_SECONDS = 0.1

log = logging.getLogger("app.server")


class Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, app: Application, settings: ServerSettings) -> None:
        super().__init__(config)
        self.app = app
        self.settings = settings

    async def startup(self, *args, **kwargs) -> None:
        await super().startup(*args, **kwargs)
        if self.started:
            log.info(f"listening on port {self.settings.port}")

    async def shutdown(self, sockets: Optional[List[socket]] = None) -> None:
        """Uvicorn's own shutdown closes idle connections under the client's hands: first tell them to go."""
        log.info("draining")
        self.app.life.stopping = True
        drain_seconds: float = self.settings.drain_seconds
        if sockets:
            # Somebody else keeps them open: whoever comes from now on waits for the next process.
            for server in self.servers:
                server.close()
            drain_seconds = max(drain_seconds, HANDOVER_SECONDS)
        await self.app.sockets.close_all()
        await asyncio.sleep(drain_seconds)
        asyncio.get_running_loop().call_later(FINISH_SECONDS, self.give_up)
        await super().shutdown(sockets)
        await self.app.close()
        log.info("stopped")

    def give_up(self) -> None:
        log.error(f"requests still run after {FINISH_SECONDS} s: cutting them")
        self.force_exit = True


def serve(app: Application, settings: ServerSettings, listeners: Optional[List[socket]] = None) -> None:
    config = uvicorn.Config(
        app,
        host="0.0.0.0",
        port=settings.port,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
    )
    Server(config, app, settings).run(listeners)
