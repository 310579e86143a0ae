"""The container's health check, run every two seconds: bare sockets, since importing urllib costs five times as much."""

import os
import socket
import sys

with socket.create_connection(("127.0.0.1", int(os.environ.get("PORT", "8000"))), timeout=3) as connection:
    connection.sendall(b"GET /api/health HTTP/1.0\r\nHost: localhost\r\n\r\n")
    status = connection.recv(64).split(b" ")[1:2]
sys.exit(0 if status == [b"200"] else 1)
