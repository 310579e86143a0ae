"""`python -m app`: read the settings, serve until SIGTERM."""

import sys

from .application import create_app
from .logs import configure_logs
from .server import serve
from .settings import Settings, SettingsError, read_settings


def main() -> int:
    try:
        settings: Settings = read_settings()
    except SettingsError as error:
        print(f"the api cannot start: {error}", file=sys.stderr)
        return 2
    configure_logs(settings.release)
    serve(create_app(settings), settings.server)
    return 0


if __name__ == "__main__":
    sys.exit(main())
