"""The office ends a wave: from now on no answer is taken, and its tables may be made."""

from survey_api.access.permissions import Permission
from survey_api.access.policy import require
from survey_api.access.scope import Scope
from survey_api.kit.actor import ActorKind
from survey_api.kit.problems import IllegalMove
from survey_api.kit.work import Work
from survey_api.services.waves import actions as waves_actions
from survey_api.services.waves import queries as waves_queries
from survey_api.vocabulary import WaveState


def close_wave(work: Work, wave_id: str) -> None:
    """IllegalMove when it is not open; NotFound when it asks a school that is not the actor's."""
    if work.actor.kind is not ActorKind.JOB:  # a job ends a wave for the city when its last day has passed
        require(work.actor, Permission.PLAN_WAVES)
        scope = Scope.of(work.actor, Permission.PLAN_WAVES)
        for school_id in waves_queries.schools_of(work.db, wave_id):
            scope.require(school_id)
    wave = waves_queries.wave_by_id(work.db, wave_id)
    if wave.state != WaveState.OPEN:
        raise IllegalMove("この調査回はもう終わっています。")
    waves_actions.close_wave(work, wave)
