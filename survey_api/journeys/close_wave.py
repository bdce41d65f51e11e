"""The office ends a wave: from now on no answer is taken, and its tables may be made."""

from survey_api.kit.problems import IllegalMove
from survey_api.kit.work import Work
from survey_api.services.waves import actions as waves_actions
from survey_api.services.waves import queries as waves_queries
from survey_api.vocabulary import WaveState


def close_wave(work: Work, wave_id: str) -> None:
    """IllegalMove when it is not open."""
    wave = waves_queries.wave_by_id(work.db, wave_id)
    if wave.state != WaveState.OPEN:
        raise IllegalMove("この調査回はもう終わっています。")
    waves_actions.close_wave(work, wave)
