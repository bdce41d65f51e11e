"""The wrapping keys are replaced: every data key is wrapped again, nothing that was sealed is touched.

The key file first gets the new keys beside the former ones, so that an interruption at any point leaves
everything readable; the same command again finishes the rest. The former keys leave the file only when nothing
needs them any more.
"""

from survey_api.access import second_factor
from survey_api.kit.crypto import WRAPPING, Keyring
from survey_api.kit.work import Work
from survey_api.services.students import actions as students_actions
from survey_api.services.submissions import actions as submissions_actions
from survey_api.services.waves import queries as waves_queries
from survey_api.vault import door
from survey_api.vocabulary import WaveState


def renew_wave_keys(work: Work, wave_id: str = "") -> list[str]:
    """A new key pair for a wave, or for every open one; their names. Tablets seal to the newest key they are given.

    The former private halves stay, sealed: a sheet that waits on a tablet in a cupboard must still open.
    """
    open_now = [wave for wave in waves_queries.waves(work.db) if wave.state == WaveState.OPEN]
    chosen = [waves_queries.wave_by_id(work.db, wave_id)] if wave_id else open_now
    for wave in chosen:
        submissions_actions.add_wave_key(work, wave.id)
    return [wave.name for wave in chosen]


def with_new_keys(keys: Keyring, fresh: dict[str, bytes]) -> Keyring:
    """The keyring in which `fresh` wraps from now on. A rotation that was begun is kept as it is."""
    if keys.former:
        return keys
    return Keyring({**keys.keys, **fresh}, {name: keys[name] for name in WRAPPING})


def without_former(keys: Keyring) -> Keyring:
    """The keyring when the former keys are no longer needed."""
    return Keyring(keys.keys)


def rewrap(work: Work, vault_work: Work) -> int:
    """Wrap every data key again; returns how many were under a former key. The caller commits the vault first."""
    count = second_factor.rewrap_secrets(work) + door.rewrap_keys(vault_work)
    count += submissions_actions.rewrap_wave_keys(work)
    return count + students_actions.rewrap_keys(work)
