"""A closed wave becomes one protected, signed table: counted in memory, attacked, kept for ever."""

from survey_api.access.permissions import Permission
from survey_api.access.scope import Scope
from survey_api.kit.actor import ActorKind
from survey_api.kit.work import Work
from survey_api.services.insights import actions as insights_actions
from survey_api.services.insights import released, report
from survey_api.services.insights.refusal import ReleaseRefused
from survey_api.services.waves import queries as waves_queries
from survey_api.vocabulary import WaveState


def release_wave(work: Work, wave_id: str) -> str:
    """Release it; returns the release's id. ReleaseRefused while it is open, or when it was released."""
    wave = waves_queries.wave_by_id(work.db, wave_id)
    if wave.state != WaveState.CLOSED:
        raise ReleaseRefused(
            "wave-not-closed",
            "この調査回はまだ終わっていません。数字は、終わってから一度だけ公表できます。",
        )
    if released.is_released(work.db, wave_id):
        raise ReleaseRefused(
            "already-released",
            "この調査回の数字はもう公表されています。公表した数字は変えられません。",
        )
    earlier = [one.release.table for one in released.released_waves(work.db, work.keys)]
    signed = report.protected_release(work.db, work.keys, _scope(work), wave, earlier)
    return insights_actions.keep_release(work, wave_id, signed)


def _scope(work: Work) -> Scope:
    if work.actor.kind is ActorKind.STAFF:
        return Scope.of(work.actor, Permission.MAKE_RELEASE)
    return Scope.whole_city(work.actor)
