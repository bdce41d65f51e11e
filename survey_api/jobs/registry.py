"""Every job of the clock. Each may be run again at any time: what is done is not done twice."""

from collections.abc import Callable, Mapping

from survey_api.jobs.backups.make import backup_if_set_up
from survey_api.jobs.checkpoint import write_checkpoint
from survey_api.jobs.clocks import tick
from survey_api.jobs.notifications import remind, send_waiting
from survey_api.jobs.opened_cases import note_opened_cases
from survey_api.jobs.retention import erase_what_is_due
from survey_api.jobs.school_locks import seal_what_slipped_in
from survey_api.runtime import Runtime

Job = Callable[[Runtime], int]
"""Does what is due and returns how many things it did."""

JOBS: Mapping[str, Job] = {
    "opened-cases": note_opened_cases,
    "school-locks": seal_what_slipped_in,
    "retention": erase_what_is_due,
    "clocks": tick,
    "reminders": remind,
    "notifications": send_waiting,
    "checkpoint": write_checkpoint,
    "backup": backup_if_set_up,
}
"""In the order in which `kizuki jobs run` runs them; the checkpoint covers the lines of those before it."""
