"""One school of the invented city has its lock, so that opening it can be trained: the same passphrase for its people."""

import secrets
from dataclasses import dataclass

from survey_api.access import open_locks, queries, sessions, unlockers
from survey_api.journeys.lock_school import seal_whole_school
from survey_api.kit.actor import Actor
from survey_api.runtime import Runtime

_DOOR = Actor.job("signin")


@dataclass(frozen=True)
class PracticeLock:
    """What whoever trains needs to know."""

    school: str
    login: str
    password: str
    phrase: str
    code: str


@dataclass
class _Person:
    actor: Actor
    token: str


def lock_one_school(
    runtime: Runtime, school_id: str, school: str, logins: list[str], sign_in: tuple[str, str]
) -> PracticeLock:
    """The first of `logins` begins, the others are let in, each tries the passphrase; then the school is locked."""
    phrase = f"雪野市の練習の合言葉 {secrets.token_hex(3)}"
    people = [_signed_in(runtime, login) for login in logins]
    first = people[0]
    with runtime.reading() as db:
        prepared = [unlockers.prepare(db, person.actor.id, phrase) for person in people]
    with runtime.work(first.actor) as work:
        unlockers.begin(work, school_id, prepared[0])
    _try(runtime, first, school_id, phrase)
    opened = runtime.opened_by(first.token)
    for person, own in zip(people[1:], prepared[1:], strict=True):
        with runtime.work(person.actor) as work:
            unlockers.ask(work, school_id, own)
        with runtime.work(first.actor, opened=opened) as work:
            unlockers.let_in(work, school_id, own.id)
        _try(runtime, person, school_id, phrase)
    code, paper = unlockers.prepare_paper()
    with runtime.work(first.actor, opened=opened) as work:
        unlockers.new_paper(work, school_id, paper)
        unlockers.seal_from_now(work, school_id)
    seal_whole_school(runtime, first.actor, opened, school_id)
    for person in people:
        with runtime.work(person.actor) as work:
            sessions.sign_out(work, person.token)
    return PracticeLock(school, *sign_in, phrase, code)


def _signed_in(runtime: Runtime, login: str) -> _Person:
    with runtime.work(_DOOR) as work:
        staff = queries.staff_by_login(work.db, login)
        if staff is None:
            raise LookupError(login)
        token = sessions.open_session(work, staff, "practice").token
        actor = sessions.actor_of(work.db, runtime.clock, token)
    if actor is None:
        raise LookupError(login)
    return _Person(actor, token)


def _try(runtime: Runtime, person: _Person, school_id: str, phrase: str) -> None:
    with runtime.reading() as db:
        tried = open_locks.attempt(db, person.actor.id, school_id, phrase, runtime.clock.now())
    with runtime.work(person.actor) as work:
        open_locks.keep(work, person.token, school_id, tried)
