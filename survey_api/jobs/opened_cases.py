"""Trail lines for the cases that children's answers opened: later and in no order, so that none can be read."""

from survey_api.kit.actor import Actor
from survey_api.runtime import Runtime
from survey_api.services.review import actions


def note_opened_cases(runtime: Runtime) -> int:
    """How many lines were written."""
    with runtime.work(Actor.job("opened-cases")) as work:
        return actions.note_opened(work)
