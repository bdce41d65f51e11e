"""The service calls no address inside the city, whatever a webhook's address says and however its name answers."""

import contextlib
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from survey_api.kit import outbound
from survey_api.kit.outbound import checked, is_public, post
from survey_api.kit.problems import BadInput


def answers(*addresses: str) -> outbound.Lookup:
    return lambda _host, _port: list(addresses)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1",
     "224.0.0.1", "255.255.255.255", "::1", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254",
     "2002:7f00:1::", "2002:a9fe:a9fe::", "64:ff9b:1::1", "::", "no address"],
)  # fmt: skip
def test_an_inner_address_is_never_public(address: str) -> None:
    assert not is_public(address)
    with pytest.raises(BadInput, match="内側"):
        checked("https://hooks.example/x", answers(address))
    with pytest.raises(BadInput, match="内側"):
        checked("https://hooks.example/x", answers("93.184.216.34", address))


@pytest.mark.parametrize(
    "url",
    ["http://hooks.example/", "file:///etc/passwd", "gopher://x/", "https://user:pw@hooks.example/", "https://",
     "https://hooks.example:22/", "https://hooks.example:99999/", "https://hooks .example/", "", "hooks.example",
     "https://hooks.example/\r\nhost: x"],
)  # fmt: skip
def test_an_odd_address_is_refused_before_anybody_is_asked(url: str) -> None:
    def nobody(_host: str, _port: int) -> list[str]:
        raise AssertionError("looked up")

    with pytest.raises(BadInput):
        checked(url, nobody)


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "localhost", "127.1", "[::1]"])
def test_other_ways_to_write_this_machine_are_refused(host: str) -> None:
    with pytest.raises(BadInput):
        checked(f"https://{host}/")


def test_a_name_that_changes_its_answer_gains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: public when it is checked, this machine afterwards. The connection goes where was checked."""
    told = iter([["93.184.216.34"], ["127.0.0.1"]])
    gone_to: list[object] = []

    def connect(where: object, _timeout: float) -> object:
        gone_to.append(where)
        raise TimeoutError

    monkeypatch.setattr(outbound.socket, "create_connection", connect)
    with pytest.raises(TimeoutError):
        post("https://hooks.example/x", b"{}", {}, lookup=lambda _host, _port: next(told))
    assert gone_to == [("93.184.216.34", 443)]


def test_a_public_address_is_where_the_call_goes() -> None:
    target = checked("https://hooks.example:8443/in?a=1", answers("93.184.216.34"))
    assert (target.host, target.port, target.path) == ("hooks.example", 8443, "/in?a=1")


def own_certificate(folder: Path, name: str) -> ssl.SSLContext:
    """What anybody can make for any name: a certificate that only its maker has signed."""
    key, called = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]),
    )
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(called, called, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, SHA256())
    )
    path = folder / "own.pem"
    path.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + made.public_bytes(Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def test_somebody_in_between_with_a_certificate_of_their_own_hears_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    near, far = socket.socketpair()
    theirs = own_certificate(tmp_path, "hooks.example")
    heard: list[bytes] = []

    def between() -> None:
        with contextlib.suppress(OSError), theirs.wrap_socket(far, server_side=True) as tls:
            heard.append(tls.recv(100))

    thread = threading.Thread(target=between)
    thread.start()
    monkeypatch.setattr(outbound.socket, "create_connection", lambda _where, _timeout: near)
    with pytest.raises(ssl.SSLCertVerificationError):
        post("https://hooks.example/x", b"{}", {}, lookup=answers("93.184.216.34"))
    near.close()
    thread.join()
    assert heard == []
