"""A bank folder without mistakes becomes a published version: frozen by hash, scored the same for ever."""

from pathlib import Path

from scoring.seal import is_signed
from survey_api.kit.problems import BadInput
from survey_api.kit.work import Work
from survey_api.services.banks import actions as banks_actions
from survey_api.services.banks import queries as banks_queries
from survey_api.services.banks.check import BankProblems, checked_bank
from survey_api.services.banks.library import LoadedBank


def publish_bank(work: Work, folder: Path, *, practice: bool = False) -> LoadedBank:
    """Publish one folder. The same content again changes nothing; other content needs a higher version.

    BadInput lists every mistake of a folder that `kizuki banks check` would refuse, an altered points table among
    them. A table nobody has signed is good for practice only.
    """
    try:
        loaded = checked_bank(folder)
    except BankProblems as found:
        raise BadInput(f"質問集 {folder.name} に直すところがあります。\n{found}") from found
    if not practice and not is_signed(loaded.scoring_key.model.signed_by):
        raise BadInput(
            f"質問集 {folder.name} の点数表は署名前です。確かめた人が "
            f"kizuki banks sign {folder.name} --by で署名してから公開してください。"
        )
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
