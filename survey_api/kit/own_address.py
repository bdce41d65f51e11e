"""Which address of this machine others on its network can open."""

import socket
from functools import cache

EVERYWHERE = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - what a setting says, not where we listen
"""What one listens on and nobody can open."""


@cache
def own_address() -> str:
    """The address from which this machine would speak to another one; itself when it has no network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # chooses a way, sends nothing; an address that is nobody's
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"
