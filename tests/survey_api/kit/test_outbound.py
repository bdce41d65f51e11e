"""The service calls no address inside the city, whatever a webhook's address says and however its name answers."""

import pytest

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
