"""The clock's part in retention: erase what is due, and make sure that the storage forgets it too."""

from survey_api.journeys.erase_due import Due, due, erase_due
from survey_api.kit.actor import Actor
from survey_api.runtime import Runtime
from survey_api.services.erasure.table import read_table


def erase_what_is_due(runtime: Runtime) -> int:
    """How many things went. When something did, freed pages and the write-ahead log are cleared as well."""
    table = read_table(runtime.settings.retention_file)
    actor = Actor.job("retention")
    with runtime.work(actor) as work, runtime.vault_work(actor) as vault_work:
        count = erase_due(work, vault_work, table)
    if count:
        for store in (runtime.survey, runtime.vault_store):
            store.forget_freed()
    return count


def what_is_due(runtime: Runtime) -> Due:
    """The dry run."""
    table = read_table(runtime.settings.retention_file)
    with runtime.work(Actor.job("retention")) as work:
        return due(work, table)
