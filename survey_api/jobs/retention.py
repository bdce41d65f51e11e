"""The clock's part in retention: who finished school, what is due, and that the storage forgets it too."""

from survey_api.journeys.erase_due import Tally, erase_due
from survey_api.journeys.graduate_students import graduate_students
from survey_api.kit.actor import Actor
from survey_api.runtime import Runtime
from survey_api.services.erasure.table import read_table

ACTOR = Actor.job("retention")


def erase_what_is_due(runtime: Runtime) -> int:
    """How many things went. When something did, freed pages and the write-ahead log are cleared as well."""
    table = read_table(runtime.settings.retention_file)
    with runtime.work(ACTOR) as work, runtime.vault_work(ACTOR) as vault_work:  # the vault commits first
        graduate_students(work)
        tally = erase_due(work, vault_work, table)
    if tally.gone.total():
        for store in (runtime.survey, runtime.vault_store):
            store.forget_freed()
    return tally.gone.total()


def what_is_due(runtime: Runtime) -> Tally:
    """The dry run: the whole of it, taken back, so that it cannot say anything else than the real run does."""
    table = read_table(runtime.settings.retention_file)
    try:
        with runtime.work(ACTOR) as work, runtime.vault_work(ACTOR) as vault_work:
            graduate_students(work)
            raise _TakenBack(erase_due(work, vault_work, table))
    except _TakenBack as looked:
        return looked.tally


class _TakenBack(Exception):  # noqa: N818 - nothing went wrong
    def __init__(self, tally: Tally) -> None:
        super().__init__()
        self.tally = tally
