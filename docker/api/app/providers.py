"""GET /api/providers: which language models outside are configured. Their names; never a key, nor where one is."""

from fastapi import APIRouter

from .settings import Providers


def routes(providers: Providers) -> APIRouter:
    router = APIRouter()
    given = {
        "anthropic": providers.anthropic_api_key,
        "openai": providers.openai_api_key,
        "ollama": providers.ollama_url,
    }
    configured = [name for name, value in given.items() if value is not None]

    @router.get("/providers")
    async def list_providers() -> dict:
        return {"configured": configured}

    return router
