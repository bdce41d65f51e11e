"""The daily note of how long the trail is, signed and outside the database."""

from survey_api.audit import checkpoints, queries
from survey_api.audit.checkpoints import Checkpoint
from survey_api.runtime import Runtime


def write_checkpoint(runtime: Runtime) -> int:
    """One note for the trail as it stands; 1 when a new one was written, 0 when today's is there already."""
    folder = runtime.settings.checkpoint_folder
    before = len(checkpoints.files(folder))
    with runtime.reading() as db:
        lines, head = queries.head(db)
    checkpoints.keep(folder, runtime.keys, Checkpoint(lines, head, runtime.clock.now()))
    return len(checkpoints.files(folder)) - before
