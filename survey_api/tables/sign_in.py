"""How staff prove who they are: steps on the way in, second factors, invitations, and a second person's word."""

from datetime import datetime

from sqlmodel import Field

from survey_api.tables.base import SurveyTable


class SignInStep(SurveyTable, table=True):
    """One half-finished sign-in or enrolment; taken once, over after ten minutes."""

    __tablename__ = "sign_in_steps"

    token_hash: str = Field(primary_key=True)
    purpose: str
    staff_id: str | None = Field(default=None, foreign_key="staff.id", index=True)
    sealed: bytes
    """Challenge, nonce or new secret of this step, sealed to the token."""
    tries: int = 0
    ends_at: datetime


class Passkey(SurveyTable, table=True):
    __tablename__ = "passkeys"

    id: str = Field(primary_key=True)
    staff_id: str = Field(foreign_key="staff.id", index=True)
    credential_id: bytes = Field(unique=True)
    public_key: bytes
    sign_count: int
    label: str
    made_at: datetime


class RecoveryCode(SurveyTable, table=True):
    """A code on paper that stands in for the second factor once; only its keyed hash is stored."""

    __tablename__ = "recovery_codes"

    code_hash: str = Field(primary_key=True)
    staff_id: str = Field(foreign_key="staff.id", index=True)


class Invitation(SurveyTable, table=True):
    """A link that lets one person set a password once, within 72 hours."""

    __tablename__ = "invitations"

    token_hash: str = Field(primary_key=True)
    staff_id: str = Field(foreign_key="staff.id", index=True)
    ends_at: datetime


class SsoIdentity(SurveyTable, table=True):
    """The city's sign-in service knows this person under this subject."""

    __tablename__ = "sso_identities"

    issuer: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    staff_id: str = Field(foreign_key="staff.id", index=True)


class SecondPersonRequest(SurveyTable, table=True):
    """Something one person asks and another grants: a way in without the usual proof, or a factor taken off."""

    __tablename__ = "second_person_requests"

    id: str = Field(primary_key=True)
    kind: str
    staff_id: str = Field(foreign_key="staff.id", index=True)
    asked_by: str | None = Field(default=None, foreign_key="staff.id")
    """None: asked by somebody who could not sign in."""
    asked_at: datetime
    ends_at: datetime
    granted_by: str | None = Field(default=None, foreign_key="staff.id")
    code_hash: str | None = None
    used: bool = False


class GrantReview(SurveyTable, table=True):
    """Somebody went through every grant and said which still hold."""

    __tablename__ = "grant_reviews"

    id: str = Field(primary_key=True)
    at: datetime
    staff_id: str = Field(foreign_key="staff.id")
    kept: int
    taken: int
