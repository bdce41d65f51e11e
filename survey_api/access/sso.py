"""Sign-in through the city's own service (OpenID Connect): Google Workspace, Microsoft Entra, or another.

Authorization code with PKCE, state and nonce (RFC 9700); the identity must come from the city's own tenant.
A person is recognised by issuer and subject; the address serves only for the first time.
"""

import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.common.security import generate_token
from authlib.integrations.httpx_client import OAuth2Client
from httpx2 import HTTPError
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from survey_api.access import queries, sessions, steps
from survey_api.access.steps import Purpose
from survey_api.kit.problems import Problem
from survey_api.kit.work import Work
from survey_api.tables.sign_in import SsoIdentity

TIMEOUT_SECONDS = 5
DISCOVERY_SECONDS = 3600
ALGORITHMS = ["RS256", "ES256", "PS256"]


class SsoDown(Problem):
    code = "sso_down"
    status = 503
    title = "市の認証サービスにつながりません。パスワードで入るか、「入れないとき」から市の運用担当者に頼んでください。"


class SsoRefused(Problem):
    code = "sso_refused"
    status = 403
    title = "このアカウントでは入れません。市のアカウントか、招待されたメールアドレスかを確かめてください。"


@dataclass(frozen=True)
class Provider:
    """One sign-in service. `claims` must be in the identity exactly, e.g. {"hd": "city.example"} or {"tid": …}."""

    name: str
    label: str
    issuer: str
    client_id: str
    client_secret: str
    claims: Mapping[str, str]
    email_domains: tuple[str, ...]
    second_factor_there: bool
    """The city has made its second factor compulsory there, so none is asked here."""


@dataclass(frozen=True)
class Departure:
    """Where to send the browser, and the step's token for the cookie."""

    address: str
    token: str


def depart(work: Work, provider: Provider, came_to: str, back: str) -> Departure:
    """Begin: `came_to` is our own address to which the service sends the browser back. SsoDown when unreachable."""
    verifier, nonce = generate_token(64), generate_token(32)
    with _client(provider, came_to) as client:
        address, state = client.create_authorization_url(
            _discover(client, provider)["authorization_endpoint"], nonce=nonce, code_verifier=verifier
        )
    remembered = {
        "provider": provider.name, "state": state, "nonce": nonce, "verifier": verifier, "back": back
    }  # fmt: skip
    return Departure(address, steps.begin(work, Purpose.SSO, None, remembered))


def arrive(
    work: Work, provider: Provider, came_to: str, token: str, code: str, state: str, *, demand_second: bool
) -> tuple[sessions.Outcome, str]:
    """The browser is back: exchange the code, check the identity, find the person; also the way back.

    SsoRefused for an identity that is not the city's or not invited, SsoDown when the service does not answer.
    """
    step = steps.take(work, token, Purpose.SSO)
    if step.state["provider"] != provider.name or not hmac.compare_digest(step.state["state"], state):
        raise SsoRefused
    claims = _identity(provider, came_to, code, step.state["verifier"], step.state["nonce"])
    _from_the_city(provider, claims)
    staff = queries.staff_by_sso(work.db, provider.issuer, str(claims["sub"]))
    if staff is None:
        staff = queries.staff_by_email(work.db, _email(claims))
        if staff is None or queries.sso_identities_of(work.db, staff.id):
            raise SsoRefused
        work.db.add(SsoIdentity(issuer=provider.issuer, subject=str(claims["sub"]), staff_id=staff.id))
        work.db.flush()
    if not staff.active:
        raise SsoRefused
    back = step.state["back"]
    if provider.second_factor_there or "mfa" in _methods(claims):
        return sessions.open_session(work, staff, "sso"), back
    return sessions.proceed(work, staff, by="sso", demand_second=demand_second, back=back), back


def _identity(provider: Provider, came_to: str, code: str, verifier: str, nonce: str) -> Mapping[str, Any]:
    with _client(provider, came_to) as client:
        known = _discover(client, provider)
        try:
            answer = client.fetch_token(known["token_endpoint"], code=code, code_verifier=verifier)
            keys = KeySet.import_key_set(client.request("GET", known["jwks_uri"], withhold_token=True).json())
            token = jwt.decode(answer["id_token"], keys, algorithms=ALGORITHMS)
            rules = jwt.JWTClaimsRegistry(
                leeway=60,
                iss={"essential": True, "value": known["issuer"]},
                aud={"essential": True, "value": provider.client_id},
                exp={"essential": True},
                sub={"essential": True},
                nonce={"essential": True, "value": nonce},
            )
            rules.validate(token.claims)
        except HTTPError as unreachable:
            raise SsoDown from unreachable
        except (AuthlibBaseError, JoseError, KeyError, ValueError, TypeError) as wrong:
            raise SsoRefused from wrong
    return token.claims


def _from_the_city(provider: Provider, claims: Mapping[str, Any]) -> None:
    if any(claims.get(name) != value for name, value in provider.claims.items()):
        raise SsoRefused
    if (
        claims.get("email_verified") is False
        or _email(claims).rpartition("@")[2] not in provider.email_domains
    ):
        raise SsoRefused


def _email(claims: Mapping[str, Any]) -> str:
    return str(claims.get("email") or claims.get("preferred_username") or "").lower()


def _methods(claims: Mapping[str, Any]) -> frozenset[str]:
    said = claims.get("amr")
    return frozenset(map(str, said)) if isinstance(said, list) else frozenset()


def _client(provider: Provider, came_to: str) -> OAuth2Client:
    return OAuth2Client(
        provider.client_id,
        provider.client_secret,
        scope="openid email profile",
        redirect_uri=came_to,
        code_challenge_method="S256",
        timeout=TIMEOUT_SECONDS,
        follow_redirects=False,
        trust_env=True,
    )


_known: dict[str, tuple[float, Mapping[str, Any]]] = {}
_knowing = Lock()


def _discover(client: OAuth2Client, provider: Provider) -> Mapping[str, Any]:
    """The service's own description, asked once an hour. It must name itself as we know it."""
    with _knowing:
        found = _known.get(provider.issuer)
        if found and time.monotonic() - found[0] < DISCOVERY_SECONDS:
            return found[1]
        try:
            said: Mapping[str, Any] = (
                client.request(
                    "GET", f"{provider.issuer}/.well-known/openid-configuration", withhold_token=True
                )
                .raise_for_status()
                .json()
            )
            if (
                said["issuer"] != provider.issuer
                or not said["authorization_endpoint"]
                or not said["jwks_uri"]
            ):
                raise SsoDown
        except (HTTPError, json.JSONDecodeError, KeyError, TypeError) as unreachable:
            raise SsoDown from unreachable
        _known[provider.issuer] = (time.monotonic(), said)
        return said
