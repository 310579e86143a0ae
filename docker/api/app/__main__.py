"""`python -m app`: read the settings, serve until SIGTERM."""

import sys
from socket import socket
from typing import List, Optional

from .application import create_app
from .logs import configure_logs
from .server import serve
from .settings import Settings, SettingsError, read_settings


def main(listeners: Optional[List[socket]] = None) -> int:
    """Serves on sockets that already listen, where there are some; else on the port that the settings name."""
    try:
        settings: Settings = read_settings()
    except SettingsError as error:
        print(f"the api cannot start: {error}", file=sys.stderr)
        return 2
    configure_logs(settings.release, settings.log_level)
    serve(create_app(settings), settings.server, listeners)
    return 0


if __name__ == "__main__":
    sys.exit(main())
