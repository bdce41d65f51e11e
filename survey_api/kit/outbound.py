"""The only way this service calls another one by itself: https, to a public address, once, without detours.

A webhook address is typed in by a person, so it could point back into the city's own network or at a cloud's
metadata service. The name is looked up once and the connection goes to exactly that address (a name that changes
its answer in between gains nothing); redirects are not followed. Source: OWASP ASVS 5.0, 1.3.6 and 15.3.2.
"""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from survey_api.kit.problems import BadInput

TIMEOUT_SECONDS = 10
MOST_BYTES = 64 * 1024
PORTS = frozenset({443, 8443})
Lookup = Callable[[str, int], list[str]]


@dataclass(frozen=True)
class Target:
    """Where a call goes: the name that was asked for and the one address it is sent to."""

    host: str
    port: int
    path: str
    address: str


def look_up(host: str, port: int) -> list[str]:
    """Every address of a name, as text."""
    return sorted({str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)})


def checked(url: str, lookup: Lookup = look_up) -> Target:
    """Where `url` leads. BadInput unless it is https, without credentials, and every address is a public one."""
    try:
        parts = urlsplit(url)
        port = parts.port or 443
    except ValueError as broken:
        raise BadInput(
            "送り先のアドレスを読めません。https:// から始まるアドレスを入れてください。"
        ) from broken
    host = parts.hostname or ""
    if parts.scheme != "https" or not host or any(ord(char) <= 32 for char in url):
        raise BadInput("送り先は https:// から始まるアドレスにしてください。")
    if parts.username is not None or parts.password is not None:
        raise BadInput("送り先のアドレスに、名前やパスワードを入れないでください。")
    if port not in PORTS:
        raise BadInput(f"送り先のポートは{'か'.join(map(str, sorted(PORTS)))}にしてください。")
    try:
        found = lookup(host, port)
    except OSError as unknown:
        raise BadInput("送り先の名前が見つかりません。アドレスを確かめてください。") from unknown
    if not found or not all(is_public(address) for address in found):
        raise BadInput("送り先が内側のネットワークを指しています。外から見えるアドレスにしてください。")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(host, port, path, found[0])


def is_public(address: str) -> bool:
    """False for this machine, private networks, link-local (cloud metadata), multicast, and IPv6 that hides them."""
    try:
        ip = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    lookup: Lookup = look_up,
    context: ssl.SSLContext | None = None,
) -> int:
    """Send once and return the status. BadInput for a bad address; OSError when nobody answers in ten seconds."""
    target = checked(url, lookup)
    connection = _Pinned(target, context or ssl.create_default_context())
    try:
        connection.request("POST", target.path, body=body, headers=dict(headers))
        answer = connection.getresponse()
        answer.read(MOST_BYTES)
        return answer.status
    except http.client.HTTPException as broken:
        raise OSError("the other side does not speak HTTP") from broken
    finally:
        connection.close()


class _Pinned(http.client.HTTPSConnection):
    """A connection to the address that was checked, under the name that was asked for."""

    def __init__(self, target: Target, context: ssl.SSLContext) -> None:
        super().__init__(target.host, target.port, timeout=TIMEOUT_SECONDS, context=context)
        self._target, self._tls = target, context

    def connect(self) -> None:
        plain = socket.create_connection((self._target.address, self._target.port), TIMEOUT_SECONDS)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self._target.host)
