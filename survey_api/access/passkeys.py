"""Passkeys (W3C WebAuthn): enrol one, and sign in with one and nothing else.

The authenticator must verify its owner (finger, face, PIN), so that a passkey is two factors by itself.
"""

import json
from dataclasses import dataclass

from sqlmodel import Session
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from survey_api.access import queries, steps
from survey_api.access.steps import Purpose
from survey_api.audit import trail
from survey_api.kit.ids import new_id
from survey_api.kit.problems import BadInput, NotFound
from survey_api.kit.work import Work
from survey_api.tables.sign_in import Passkey
from survey_api.tables.staff import Staff
from survey_api.vocabulary import AuditKind

LABEL_LENGTH = 40
_REFUSED = "パスキーを確かめられませんでした。もう一度ためすか、パスワードで入ってください。"


@dataclass(frozen=True)
class Site:
    """Where the browser stands: `host` is what passkeys are bound to, `origin` is checked exactly."""

    host: str
    origin: str


@dataclass(frozen=True)
class Asked:
    """The step's token (for the cookie) and the options for the browser, as JSON."""

    token: str
    options: str


def ask_to_enrol(work: Work, staff: Staff, site: Site) -> Asked:
    """Options for navigator.credentials.create."""
    known = [
        PublicKeyCredentialDescriptor(id=row.credential_id) for row in queries.passkeys_of(work.db, staff.id)
    ]
    options = generate_registration_options(
        rp_id=site.host,
        rp_name="気づき Kizuki",
        user_name=staff.login,
        user_id=staff.id.encode(),
        user_display_name=staff.login,
        exclude_credentials=known,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
    )
    return _asked(work, Purpose.ENROL_PASSKEY, staff.id, options.challenge, options_to_json(options))


def enrol(work: Work, staff: Staff, site: Site, token: str, credential: str, label: str) -> None:
    """Keep a new passkey; BadInput when the browser's answer does not fit the question."""
    step = steps.take(work, token, Purpose.ENROL_PASSKEY)
    if step.staff_id != staff.id:
        raise BadInput(_REFUSED)
    try:
        verified = verify_registration_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(step.state["challenge"]),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as wrong:
        raise BadInput(_REFUSED) from wrong
    work.db.add(
        Passkey(
            id=new_id(),
            staff_id=staff.id,
            credential_id=verified.credential_id,
            public_key=verified.credential_public_key,
            sign_count=verified.sign_count,
            label=label[:LABEL_LENGTH] or "パスキー",
            made_at=work.now,
        )
    )
    work.db.flush()
    trail.record(work, AuditKind.FACTOR_CHANGED, "staff", staff.id, factor="passkey", change="enrolled")


def remove(work: Work, staff_id: str, passkey_id: str) -> None:
    """Take one's own passkey off; NotFound for another person's."""
    row = work.db.get(Passkey, passkey_id)
    if row is None or row.staff_id != staff_id:
        raise NotFound
    work.db.delete(row)
    work.db.flush()
    trail.record(work, AuditKind.FACTOR_CHANGED, "staff", staff_id, factor="passkey", change="removed")


def ask_to_sign_in(work: Work, site: Site, back: str) -> Asked:
    """Options for navigator.credentials.get; the browser offers the passkeys it holds for this site."""
    options = generate_authentication_options(
        rp_id=site.host, user_verification=UserVerificationRequirement.REQUIRED
    )
    return _asked(work, Purpose.PASSKEY, None, options.challenge, options_to_json(options), back)


def recognise(work: Work, site: Site, token: str, credential: str) -> tuple[Staff, str]:
    """The member of staff whose passkey answered, and the way back; BadInput otherwise."""
    step = steps.take(work, token, Purpose.PASSKEY)
    row = _passkey_of(work.db, credential)
    staff = queries.staff_by_id(work.db, row.staff_id) if row else None
    if row is None or staff is None or not staff.active:
        raise BadInput(_REFUSED)
    try:
        verified = verify_authentication_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(step.state["challenge"]),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=row.public_key,
            credential_current_sign_count=row.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as wrong:
        raise BadInput(_REFUSED) from wrong
    row.sign_count = verified.new_sign_count
    work.db.add(row)
    work.db.flush()
    return staff, step.state["back"]


def _passkey_of(db: Session, credential: str) -> Passkey | None:
    try:
        credential_id = base64url_to_bytes(json.loads(credential)["rawId"])
    except (ValueError, KeyError, TypeError):
        return None
    return queries.passkey_by_credential(db, credential_id)


def _asked(
    work: Work, purpose: Purpose, staff_id: str | None, challenge: bytes, options: str, back: str = ""
) -> Asked:
    state = {"challenge": bytes_to_base64url(challenge), "back": back}
    return Asked(steps.begin(work, purpose, staff_id, state), options)
