"""The steps of a sign-in: what must be remembered between two pages, on the server, for ten minutes, once."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlmodel import col, delete

from survey_api.access import queries
from survey_api.kit.crypto import token_hash
from survey_api.kit.ids import new_token
from survey_api.kit.problems import Problem
from survey_api.kit.work import Work
from survey_api.tables.sign_in import SignInStep

LASTS = timedelta(minutes=10)
MOST_TRIES = 5


class Purpose(StrEnum):
    SECOND_FACTOR = "second_factor"
    ENROL_TOTP = "enrol_totp"
    ENROL_PASSKEY = "enrol_passkey"
    PASSKEY = "passkey"
    SSO = "sso"


class StepOver(Problem):
    code = "step_over"
    status = 409
    title = "時間がたったか、もう使われた手順です。サインインからやり直してください。"


@dataclass(frozen=True)
class Step:
    """`state` is what the first page left for the second."""

    token: str
    staff_id: str | None
    state: Mapping[str, str]


def begin(work: Work, purpose: Purpose, staff_id: str | None, state: Mapping[str, str]) -> str:
    """Open a step and return its token. Steps that are over are cleared away on the way."""
    work.db.exec(delete(SignInStep).where(col(SignInStep.ends_at) < work.now))
    token = new_token()
    hashed = token_hash(token)
    work.db.add(
        SignInStep(
            token_hash=hashed,
            purpose=purpose,
            staff_id=staff_id,
            sealed=work.keys.wrap("survey_kek", f"step|{hashed}", json.dumps(dict(state)).encode()),
            ends_at=work.now + LASTS,
        )
    )
    work.db.flush()
    return token


def look(work: Work, token: str, purpose: Purpose) -> Step:
    """The step behind a token, still open; StepOver otherwise."""
    row = queries.step_by_hash(work.db, token_hash(token))
    if row is None or row.purpose != purpose or row.ends_at < work.now or row.tries >= MOST_TRIES:
        raise StepOver
    state = json.loads(work.keys.unwrap("survey_kek", f"step|{row.token_hash}", row.sealed))
    return Step(token, row.staff_id, state)


def count_try(work: Work, step: Step) -> None:
    """A wrong code: after five of them the step is over."""
    row = queries.step_by_hash(work.db, token_hash(step.token))
    if row is not None:
        row.tries += 1
        work.db.add(row)
        work.db.flush()


def finish(work: Work, step: Step) -> None:
    """The step did its part; its token works no more."""
    work.db.exec(delete(SignInStep).where(col(SignInStep.token_hash) == token_hash(step.token)))


def take(work: Work, token: str, purpose: Purpose) -> Step:
    """Look and finish in one: for steps that get one try."""
    step = look(work, token, purpose)
    finish(work, step)
    return step
