"""Which schools an actor may see. Made here only; every query about pupils takes one."""

from dataclasses import dataclass

from survey_api.access.permissions import ROLES, Permission
from survey_api.kit.actor import Actor
from survey_api.kit.problems import NotFound
from survey_api.vocabulary import Role


@dataclass(frozen=True)
class Scope:
    """`schools` of None: the whole city. An empty set: nothing."""

    schools: frozenset[str] | None
    who: str = ""
    """The member of staff, for what only some of a school may know of."""
    leads: frozenset[str] | None = None
    """Schools whose cases this person leads; None: all of them, as jobs do."""

    @classmethod
    def of(cls, actor: Actor, permission: Permission) -> "Scope":
        """The schools for which this actor holds this permission."""
        return cls(_schools(actor, permission), actor.id, _schools(actor, Permission.LEAD_CASES))

    @classmethod
    def whole_city(cls, actor: Actor) -> "Scope":
        """For jobs and the terminal, which act for the city as a whole."""
        if actor.kind not in ("job", "terminal"):
            raise ValueError("only a job or the terminal acts for the whole city")
        return cls(None)

    def knows(self, school_id: str, *, restricted: bool, by: tuple[str | None, ...]) -> bool:
        """Whether a case of this school exists for the actor: a restricted one only for `by` and who leads."""
        if not self.covers(school_id):
            return False
        return not restricted or self.leads is None or school_id in self.leads or self.who in by

    def covers(self, school_id: str) -> bool:
        return self.schools is None or school_id in self.schools

    def require(self, school_id: str) -> None:
        """NotFound, never NotAllowed: another school's things do not exist for this actor."""
        if not self.covers(school_id):
            raise NotFound


def _schools(actor: Actor, permission: Permission) -> frozenset[str] | None:
    found = {school for role, school in actor.grants if permission in ROLES[Role(role)]}
    return None if None in found else frozenset(school for school in found if school)
