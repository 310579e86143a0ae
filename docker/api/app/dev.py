"""`python -m app.dev`: the api for development, started anew whenever a file of it is saved.

This process has the libraries loaded and the port open, and forks the api: what takes long is done once, a client that
comes in between waits instead of being refused, and an api that does not even compile leaves somebody to watch for its
cure. A debugger that has attached here follows the forks.
"""

import importlib
import os
import signal
import socket
import sys
import time
import traceback
from pathlib import Path
from typing import Dict, Optional, Tuple

SOURCES = Path(__file__).resolve().parent
# What the api imports that is not its own: loaded once, before any fork.
LIBRARIES = ["asyncpg", "fastapi", "httptools", "redis.asyncio", "uvicorn", "uvloop", "websockets"]
# Looked at by their times: two dozen files cost nothing, and events of a bind mount do not come on every machine.
LOOK_SECONDS = 0.2
# Some editors write a file in several steps.
SETTLE_SECONDS = 0.05
# A save cuts a request that runs longer; `docker stop` gives it what a release would.
RELOAD_SECONDS, STOP_SECONDS = 1.0, 8.0
# An environment that cannot be right does not become so by waiting for a file.
BAD_ENVIRONMENT = 2

Snapshot = Dict[str, Tuple[int, int]]


def main() -> int:
    for name in LIBRARIES:
        importlib.import_module(name)
    listener = socket.create_server(("0.0.0.0", int(os.environ.get("PORT", "8000"))), backlog=128)
    stop = Stop()
    while True:
        seen = snapshot()
        child: Optional[int] = fork(listener)
        changed = False
        while not changed and not stop.asked:
            time.sleep(LOOK_SECONDS)
            changed = snapshot() != seen
            if child is not None:
                child = look_at(child)
        if stop.asked:
            end(child, STOP_SECONDS)
            return 0
        settle()
        print("a file was saved: starting anew", file=sys.stderr)
        end(child, RELOAD_SECONDS)


class Stop:
    """Whether somebody wants this to end: SIGTERM, or Ctrl-C."""

    asked = False

    def __init__(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.ask)

    def ask(self, *_) -> None:
        self.asked = True


def fork(listener: socket.socket) -> int:
    """Its process id. In the child this does not return."""
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        code = importlib.import_module("app.__main__").main([listener])
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def look_at(child: int) -> Optional[int]:
    """The child, or None where it has ended: what it wrote says why, and the next save starts it again."""
    ended, status = os.waitpid(child, os.WNOHANG)
    if not ended:
        return child
    code = os.waitstatus_to_exitcode(status)
    if code == BAD_ENVIRONMENT:
        sys.exit(code)
    print(f"the api ended with {code}: waiting for a file to be saved", file=sys.stderr)
    return None


def end(child: Optional[int], patience: float) -> None:
    """Ends it well, or after so many seconds at once."""
    if child is None:
        return
    os.kill(child, signal.SIGTERM)
    deadline = time.monotonic() + patience
    while not os.waitpid(child, os.WNOHANG)[0]:
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return
        time.sleep(0.01)


def snapshot() -> Snapshot:
    """When each source file was last written, and its size."""
    seen: Snapshot = {}
    for path in SOURCES.rglob("*.py"):
        try:
            found = path.stat()
        except FileNotFoundError:
            continue  # an editor is replacing it
        seen[str(path)] = (found.st_mtime_ns, found.st_size)
    return seen


def settle() -> None:
    before = snapshot()
    while True:
        time.sleep(SETTLE_SECONDS)
        now = snapshot()
        if now == before:
            return
        before = now


if __name__ == "__main__":
    sys.exit(main())
