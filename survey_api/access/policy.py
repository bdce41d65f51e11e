"""The two ways to ask: require_x refuses with a sentence, may_x answers."""

from survey_api.access.permissions import ROLES, Permission
from survey_api.kit.actor import Actor
from survey_api.kit.problems import NotAllowed
from survey_api.vocabulary import Role


def may(actor: Actor, permission: Permission) -> bool:
    """True when any of the actor's grants carries the permission."""
    return any(permission in ROLES[Role(role)] for role in actor.roles)


def require(actor: Actor, permission: Permission) -> None:
    """NotAllowed unless the actor has the permission."""
    if not may(actor, permission):
        raise NotAllowed
