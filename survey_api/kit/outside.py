"""Calls to the world outside: only to public addresses, unless the installation names a host itself.

A name is resolved once, every address it has is checked, and the connection goes to the checked address: a name
that answers differently the second time gains nothing. Redirects are not followed.
"""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

TIMEOUT = 10.0


class NotReachable(Exception):  # noqa: N818 - named after what happened
    """The call was not made or not answered. `code` is safe to store; `certain` when nothing can have arrived."""

    def __init__(self, code: str, *, certain: bool) -> None:
        self.code, self.certain = code, certain
        super().__init__(code)


@dataclass(frozen=True)
class Target:
    """A checked place to call."""

    scheme: str
    host: str
    port: int
    ip: str
    path: str


def checked_target(url: str, inside_hosts: Collection[str] = ()) -> Target:
    """Where a URL leads. NotReachable unless it is https to a public address or a host named as inside."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    inside = host in inside_hosts
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as broken:
        raise NotReachable("address_wrong", certain=True) from broken
    if not host or parts.username or parts.scheme not in ("https", "http"):
        raise NotReachable("address_wrong", certain=True)
    if parts.scheme == "http" and not inside:
        raise NotReachable("not_encrypted", certain=True)
    ips = _resolved(host, port)
    if not inside and not all(ipaddress.ip_address(ip).is_global for ip in ips):
        raise NotReachable("not_public", certain=True)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, ips[0], path)


def post(target: Target, body: bytes, headers: Mapping[str, str]) -> int:
    """POST to the checked address; returns the status. NotReachable when no answer came."""
    connection = _Pinned(target)
    try:
        connection.connect()
    except OSError as failed:
        raise NotReachable("no_connection", certain=True) from failed
    try:
        connection.request("POST", target.path, body, dict(headers))
        return connection.getresponse().status
    except (OSError, http.client.HTTPException) as failed:
        raise NotReachable("no_answer", certain=False) from failed
    finally:
        connection.close()


class _Pinned(http.client.HTTPConnection):
    """A connection to one checked address; the certificate is that of the name."""

    def __init__(self, target: Target) -> None:
        super().__init__(target.host, target.port, timeout=TIMEOUT)
        self._target = target

    def connect(self) -> None:
        plain = socket.create_connection((self._target.ip, self._target.port), timeout=TIMEOUT)
        if self._target.scheme == "https":
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(plain, server_hostname=self._target.host)
        else:
            self.sock = plain


def _resolved(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as failed:
        raise NotReachable("name_unknown", certain=True) from failed
    return [str(address[4][0]).partition("%")[0] for address in found]
