"""Who is acting. Carried by every piece of work; the trail writes it down."""

from dataclasses import dataclass
from enum import StrEnum


class ActorKind(StrEnum):
    STAFF = "staff"
    STUDENT = "student"
    JOB = "job"
    TERMINAL = "terminal"


@dataclass(frozen=True, slots=True)
class Actor:
    """`id` is a staff id, a ticket id, a job's name or the terminal's purpose: never a name."""

    kind: ActorKind
    id: str
    grants: frozenset[tuple[str, str | None]] = frozenset()
    """(role, school id); a school of None means the whole city."""

    @classmethod
    def job(cls, name: str) -> "Actor":
        return cls(ActorKind.JOB, name)

    @classmethod
    def terminal(cls, purpose: str) -> "Actor":
        return cls(ActorKind.TERMINAL, purpose)

    @classmethod
    def student(cls, ticket_id: str) -> "Actor":
        return cls(ActorKind.STUDENT, ticket_id)

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(role for role, _ in self.grants)
