"""Ask for a lab file, decide about it, note that it left. What for and for whom stands in the row, not in the trail."""

from sqlmodel import col, update

from survey_api.audit import trail
from survey_api.kit import age
from survey_api.kit.ids import new_id
from survey_api.kit.problems import BadInput, IllegalMove
from survey_api.kit.work import Work
from survey_api.tables.releases import LabFile
from survey_api.vocabulary import AuditKind, LabFileState

SHORTEST, LONGEST = 10, 200


def ask(work: Work, wave_id: str, purpose: str, recipient: str, key: str) -> str:
    """Returns the id of the wish. BadInput names the field that says too little, or a key that is none."""
    for words, said, least in (("使う目的", purpose, SHORTEST), ("渡す相手", recipient, 2)):
        if not least <= len(said) <= LONGEST:
            raise BadInput(f"「{words}」を{least}〜{LONGEST}文字で入れてください。")
    if not age.is_public(key):
        raise BadInput(
            "「研究室の公開鍵」を入れてください。研究室が `kizuki lab key` で作る、age1 で始まる文字です。"
        )
    row = LabFile(
        id=new_id(),
        wave_id=wave_id,
        purpose=purpose,
        recipient=recipient,
        recipient_key=key,
        asked_by=work.actor.id,
        asked_at=work.now,
        state=LabFileState.ASKED,
    )
    work.db.add(row)
    work.db.flush()
    trail.record(work, AuditKind.LAB_FILE_ASKED, "lab_file", row.id, key=key)
    return row.id


def decide(work: Work, row: LabFile, *, let_go: bool) -> None:
    """The second person's yes or no. IllegalMove when it was decided already."""
    state = LabFileState.APPROVED if let_go else LabFileState.REFUSED
    _move(work, row, LabFileState.ASKED, state=state, decided_by=work.actor.id, decided_at=work.now)
    if let_go:
        trail.record(
            work,
            AuditKind.LAB_FILE_APPROVED,
            "lab_file",
            row.id,
            asked_by=row.asked_by,
            key=row.recipient_key,
        )
    else:
        trail.record(work, AuditKind.LAB_FILE_REFUSED, "lab_file", row.id)


def note_taken(work: Work, row: LabFile, *, children: int, digest: str) -> None:
    """Once: a second download needs a second wish."""
    _move(work, row, LabFileState.APPROVED, state=LabFileState.TAKEN, taken_at=work.now, sha256=digest)
    trail.record(work, AuditKind.LAB_FILE_TAKEN, "lab_file", row.id, children=children, sha256=digest)


def _move(work: Work, row: LabFile, start: LabFileState, **values: object) -> None:
    moved = work.db.connection().execute(
        update(LabFile).where(col(LabFile.id) == row.id, col(LabFile.state) == start).values(**values)
    )
    if moved.rowcount != 1:
        raise IllegalMove("この依頼は、もう次に進んでいます。画面を開き直してください。")
