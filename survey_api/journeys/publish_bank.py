"""A bank folder without mistakes becomes a published version: frozen by hash, scored the same for ever."""

from pathlib import Path

from survey_api.kit.problems import BadInput
from survey_api.kit.work import Work
from survey_api.services.banks import actions as banks_actions
from survey_api.services.banks import queries as banks_queries
from survey_api.services.banks.check import BankProblems, checked_bank
from survey_api.services.banks.library import LoadedBank


def publish_bank(work: Work, folder: Path) -> LoadedBank:
    """Publish one folder. The same content again changes nothing; other content needs a higher version.

    BadInput lists every mistake of a folder that `kizuki banks check` would refuse.
    """
    try:
        loaded = checked_bank(folder)
    except BankProblems as found:
        raise BadInput(f"質問集 {folder.name} に直すところがあります。\n{found}") from found
    newest = {row.bank: row for row in banks_queries.newest_versions(work.db)}.get(loaded.bank.id)
    if newest is not None and newest.sha256 == loaded.sha256:
        return loaded
    if newest is not None and newest.version >= loaded.bank.version:
        raise BadInput(
            f"質問集 {loaded.bank.id} は版 {newest.version} で公開済みです。"
            f"内容を変えたときは version を {newest.version + 1} 以上にしてください。"
        )
    banks_actions.publish(work, loaded)
    return loaded
