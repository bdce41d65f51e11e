"""Make the release that somebody asked for, outside any request; a refusal is kept as a sentence."""

from contextlib import suppress

from survey_api.journeys import release_wave
from survey_api.kit.actor import Actor
from survey_api.kit.log import log
from survey_api.kit.problems import Problem
from survey_api.runtime import Runtime
from survey_api.services.insights.refusal import ReleaseRefused

JOB = Actor.job("release")
STEP = 10
"""Percent between two notes of the progress: every note is a commit."""
STOPPED = ReleaseRefused(
    "job-failed", "用意のとちゅうで止まりました。もう一度用意しても止まるときは、運用担当者に伝えてください。"
)


def prepare_release(runtime: Runtime, wave_id: str) -> None:
    """Count on a reading session, so that pupils of another wave can go on sending."""
    told = 0

    def tell(percent: int) -> None:
        nonlocal told
        if percent >= told + STEP:
            told = percent
            with runtime.work(JOB) as work:
                release_wave.tell(work, wave_id, percent)

    try:
        with runtime.reading() as db:
            signed = release_wave.build(db, runtime.keys, JOB, wave_id, tell)
        with runtime.work(JOB) as work:
            release_wave.keep(work, wave_id, signed)
    except ReleaseRefused as refused:
        _refuse(runtime, wave_id, refused)
    except Problem as problem:
        _refuse(runtime, wave_id, ReleaseRefused(problem.code, problem.detail))
    except Exception as broken:
        log().error("job_failed", job="prepare_release", error=type(broken).__name__)
        _refuse(runtime, wave_id, STOPPED)


def _refuse(runtime: Runtime, wave_id: str, refused: ReleaseRefused) -> None:
    """Kept for the person who asked; when nobody waits any more, there is nobody to tell."""
    with suppress(ReleaseRefused), runtime.work(JOB) as work:
        release_wave.keep_refusal(work, wave_id, refused)
