"""The wrapping keys are replaced: every data key is wrapped again, nothing that was sealed is touched.

The key file first gets the new keys beside the former ones, so that an interruption at any point leaves
everything readable; the same command again finishes the rest. The former keys leave the file only when nothing
needs them any more.
"""

import secrets

from survey_api.access import second_factor
from survey_api.audit import checkpoints, queries, trail
from survey_api.kit.crypto import RENEWABLE, WRAPPING, Keyring
from survey_api.kit.work import Work
from survey_api.services.students import actions as students_actions
from survey_api.services.submissions import actions as submissions_actions
from survey_api.services.waves import queries as waves_queries
from survey_api.vault import door
from survey_api.vocabulary import AuditKind, WaveState


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
    return Keyring({**keys.keys, **fresh}, {name: keys[name] for name in WRAPPING}, keys.earlier)


def without_former(keys: Keyring) -> Keyring:
    """The keyring when the former keys are no longer needed. Their marks stay, so that a restore can say which it needs."""
    earlier = dict(keys.earlier)
    for name in keys.former:
        earlier[name] = (Keyring(keys.former).which(name), *earlier.get(name, ()))
    return Keyring(keys.keys, earlier=earlier)


def renewed(work: Work, keys: Keyring, what: str) -> Keyring:
    """The keyring with new keys for tickets, tables or the trail's notes; the trail tells it. The caller keeps it.

    Of the notes' earlier key only the public half stays, good for notes up to the trail's length of now.
    """
    trail.record(work, AuditKind.KEYS_RENEWED, "keys", what)
    earlier = dict(keys.earlier)
    for name in RENEWABLE[what]:
        kept = keys[name]
        if name == "checkpoints":
            kept = checkpoints.outlived(keys, queries.head(work.db)[0])
        earlier[name] = (kept, *earlier.get(name, ()))
    fresh = {name: secrets.token_bytes(32) for name in RENEWABLE[what]}
    return Keyring({**keys.keys, **fresh}, keys.former, earlier)


def without_earlier(work: Work, keys: Keyring, what: str) -> Keyring:
    """The keyring that no longer recognises what earlier keys made: after one of them was stolen."""
    trail.record(work, AuditKind.KEYS_FORGOTTEN, "keys", what)
    left = {name: kept for name, kept in keys.earlier.items() if name not in RENEWABLE[what]}
    return Keyring(keys.keys, keys.former, left)


def rewrap(work: Work, vault_work: Work) -> int:
    """Wrap every data key again; returns how many were under a former key. The caller commits the vault first."""
    count = second_factor.rewrap_secrets(work) + door.rewrap_keys(vault_work)
    count += submissions_actions.rewrap_wave_keys(work)
    return count + students_actions.rewrap_keys(work)
