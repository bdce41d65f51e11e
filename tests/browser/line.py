"""A slow and lossy line between a tablet and the service: bytes trickle, and requests and answers break off."""

import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

PIECES = 8
PAUSE = 0.01
"""Every answer comes in so many pieces, with so many seconds between them."""


@dataclass
class Line:
    """The address of the line's near end, and what is to happen to the next requests of a path.

    "asked": the service hears half of the request. "unheard": the service does it and the tablet hears nothing.
    "answered": the tablet hears half of the answer. What has happened is taken off the list.
    """

    url: str
    fates: dict[str, list[str]] = field(default_factory=dict)

    def fate(self, path: str) -> str:
        waiting = self.fates.get(path)
        return waiting.pop(0) if waiting else ""


def _message(near: socket.socket) -> bytes:
    """One request whole, from its first line to the end of its body; empty when nobody asks any more."""
    read = b""
    while b"\r\n\r\n" not in read:
        if not (more := near.recv(65_536)):
            return b""
        read += more
    head, _, body = read.partition(b"\r\n\r\n")
    lengths = [
        row.split(b":")[1] for row in head.split(b"\r\n") if row.lower().startswith(b"content-length:")
    ]
    missing = (int(lengths[0]) if lengths else 0) - len(body)
    while missing > 0 and (more := near.recv(65_536)):
        body, missing = body + more, missing - len(more)
    # one request for each connection: a browser sends again by itself what broke off on a connection it had used
    kept = [row for row in head.split(b"\r\n") if not row.lower().startswith(b"connection:")]
    return b"\r\n".join([*kept, b"Connection: close"]) + b"\r\n\r\n" + body


@contextmanager
def slow_and_lossy(url: str) -> Iterator[Line]:
    """A line to the service at `url`."""
    there = urlsplit(url)

    class Way(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            near: socket.socket = self.request
            asked = _message(near)
            if not asked:
                return
            fate = line.fate(asked.split(b" ", 2)[1].decode())
            with socket.create_connection((str(there.hostname), there.port or 80)) as far:
                far.sendall(asked[: len(asked) // 2] if fate == "asked" else asked)
                if fate == "asked":
                    return
                answer = b"".join(iter(lambda: far.recv(65_536), b""))
            if fate != "unheard":
                piece = len(answer) // PIECES + 1
                for at in range(0, len(answer) // 2 if fate else len(answer), piece):
                    near.sendall(answer[at : at + piece])
                    time.sleep(PAUSE)

    class Ways(socketserver.ThreadingTCPServer):
        daemon_threads = True
        request_queue_size = 64

        def handle_error(self, request: object, client_address: object) -> None:
            """A browser that goes away while it is answered is no fault of the line."""

    with Ways(("127.0.0.1", 0), Way) as ways:
        line = Line(f"http://127.0.0.1:{ways.server_address[1]}")
        thread = threading.Thread(target=ways.serve_forever)
        thread.start()
        try:
            yield line
        finally:
            ways.shutdown()
            thread.join()
