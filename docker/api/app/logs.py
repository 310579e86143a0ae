"""Logs as JSON lines on standard output, one object a line."""

import json
import logging
import sys
from datetime import datetime, timezone

from .settings import Release


class JsonLines(logging.Formatter):
    def __init__(self, release: Release) -> None:
        super().__init__()
        self.release = release

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "service": "api",
            "release": self.release.name,
            "colour": self.release.colour,
            "message": record.getMessage(),
        }
        line.update(getattr(record, "fields", {}))
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, separators=(",", ":"))


def configure_logs(release: Release, level: str) -> None:
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines(release))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # Uvicorn tells each WebSocket's coming and going; the access log has that already.
    logging.getLogger("uvicorn.error").setLevel(max(logging.WARNING, logging.getLogger().level))
    # Each poll of the event loop, at level debug: nobody reads that.
    logging.getLogger("asyncio").setLevel(max(logging.INFO, logging.getLogger().level))
