"""The application: its parts wired together, and what every request passes through."""

from fastapi import APIRouter, FastAPI

from . import documents, echo, health, login, providers, search, ws
from .access import AccessLog
from .cache import Cache
from .database import Database
from .life import CloseWhenStopping, Life
from .release import ReleaseHeader
from .settings import Settings


class Application:
    """An ASGI application, with the parts that the server must end in order."""

    def __init__(self, settings: Settings) -> None:
        self.life = Life()
        self.sockets = ws.Sockets(self.life)
        self.database = Database(settings.database)
        self.cache = Cache(settings.redis)

        api = APIRouter(prefix="/api")
        api.include_router(health.routes(settings.release, self.database, self.cache, self.life))
        api.include_router(search.routes(settings.release, self.database, self.cache))
        api.include_router(documents.routes(settings.release, self.database))
        api.include_router(echo.routes(settings.release))
        api.include_router(providers.routes(settings.providers))
        api.include_router(login.routes(settings.release, self.database, settings.signing_key))
        api.include_router(ws.routes(settings.release, self.sockets))

        web = FastAPI(
            title="AgentLab api",
            docs_url="/api/docs",
            redoc_url=None,
            openapi_url="/api/openapi.json",
            servers=[{"url": settings.public_url}] if settings.public_url else None,
            debug=settings.debug,
        )
        web.include_router(api)
        web.add_exception_handler(*self.database.unavailable_handler())

        # Outermost, so that an unforeseen 500 carries the release and is logged too.
        self.asgi = AccessLog(ReleaseHeader(CloseWhenStopping(web, self.life), settings.release.name))

    async def __call__(self, scope, receive, send) -> None:
        await self.asgi(scope, receive, send)

    async def close(self) -> None:
        await self.database.close()
        await self.cache.close()


def create_app(settings: Settings) -> Application:
    return Application(settings)
