"""Adds headers to a response at the ASGI level: no buffering, so streams and WebSockets pass untouched."""

from typing import Callable, List, Tuple

Headers = List[Tuple[bytes, bytes]]

STARTS = ("http.response.start", "websocket.accept")


def with_headers(send, headers: Callable[[], Headers]):
    """A `send` that adds headers() to the message that starts the response."""

    async def adding(message) -> None:
        if message["type"] in STARTS:
            message = {**message, "headers": [*message.get("headers", []), *headers()]}
        await send(message)

    return adding
