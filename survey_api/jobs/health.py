"""How the house is: one finding per thing that can go wrong, with what to do. Counts and ages, nothing personal."""

import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from functools import cache
from pathlib import Path

from sqlalchemy import func, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from survey_api.access import school_locks
from survey_api.audit import checkpoints
from survey_api.kit.clock import SCHOOL_ZONE, school_day
from survey_api.kit.db import Store, is_sqlite
from survey_api.runtime import Runtime
from survey_api.settings import Mode
from survey_api.tables.audit import AuditEntry
from survey_api.tables.memos import NoticeMemo
from survey_api.tables.notifications import Notification
from survey_api.tables.results import Result
from survey_api.tables.schools import School
from survey_api.tables.submissions import Submission
from survey_api.vocabulary import AuditKind, Level, LockState, MemoState, NotificationState, SubmissionState

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
LITTLE_DISK, NO_DISK = 2 * 1024**3, 200 * 1024**2
LATE_NOTIFICATION = timedelta(minutes=15)
OLD_BACKUP, NO_BACKUP = timedelta(hours=26), timedelta(hours=72)
OLD_DRILL = timedelta(days=35)
OLD_CHECKPOINT = timedelta(hours=26)


class State(IntEnum):
    WELL = 0
    WORRY = 1
    BAD = 2


@dataclass(frozen=True)
class Finding:
    """`value` is what the metric shows: a count, bytes, or hours."""

    key: str
    title: str
    state: State
    words: str
    fix: str = ""
    value: float = 0.0


def look(runtime: Runtime) -> list[Finding]:
    """Every finding. When a database does not answer, what would be asked of it is left out."""
    found = [*_databases(runtime), *_disk(runtime), _key_file(runtime)]
    found += [_database_files(runtime), _checkpoint(runtime)]
    if all(finding.state is not State.BAD for finding in found if finding.key.endswith("database")):
        with runtime.reading() as db:
            found += [_unscored(db), _notifications(runtime, db), _backup(runtime, db), _drill(runtime, db)]
            found += [_locks(runtime, db), _memos(db)]
    return found


def is_ready(runtime: Runtime) -> bool:
    """Whether an answer can be kept now: both databases answer, are up to date, and the disk has room."""
    return all(finding.state is not State.BAD for finding in (*_databases(runtime), *_disk(runtime)))


def metrics(findings: list[Finding]) -> str:
    """The findings in the text format of Prometheus."""
    lines = ["# TYPE kizuki_state gauge", "# TYPE kizuki_value gauge"]
    lines += [f'kizuki_state{{check="{one.key}"}} {int(one.state)}' for one in findings]
    lines += [f'kizuki_value{{check="{one.key}"}} {one.value:g}' for one in findings]
    return "\n".join(lines) + "\n"


def _databases(runtime: Runtime) -> Iterator[Finding]:
    stores = (
        ("survey", "回答のデータベース", runtime.survey),
        ("vault", "名簿のデータベース", runtime.vault_store),
    )
    for key, title, store in stores:
        version = _version(store)
        if version is None:
            yield Finding(
                f"{key}_database", title, State.BAD, "つながりません。",
                "データベースが動いているか、アドレスが正しいか、ディスクの空きがあるかを確かめてください。",
            )  # fmt: skip
        elif version != _head(key):
            yield Finding(
                f"{key}_database", title, State.BAD, "古い形のままです。",
                "バックアップを取ってから `kizuki migrate` を実行してください。",
            )  # fmt: skip
        else:
            yield Finding(f"{key}_database", title, State.WELL, "動いています。")


def _version(store: Store) -> str | None:
    try:
        with store.write.begin() as connection:
            return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())
    except SQLAlchemyError:
        return None


@cache
def _head(section: str) -> str:
    from alembic.script import ScriptDirectory

    return str(
        ScriptDirectory(str(MIGRATIONS), version_locations=[str(MIGRATIONS / section)]).get_current_head()
    )


def _disk(runtime: Runtime) -> Iterator[Finding]:
    settings = runtime.settings
    places = {settings.checkpoint_folder, settings.backup_folder}
    for url in (settings.survey_database_url, settings.vault_database_url):
        if is_sqlite(url):
            places.add(Path(make_url(url).database or "").parent)
    free = min(_free(place) for place in places)
    state = State.BAD if free < NO_DISK else State.WORRY if free < LITTLE_DISK else State.WELL
    fix = "古いファイルを別の場所に移すか、ディスクを増やしてください。" if state else ""
    yield Finding("disk", "ディスクの空き", state, f"{free / 1024**3:.1f} GB あります。", fix, float(free))


def _free(place: Path) -> int:
    while not place.exists():
        place = place.parent
    return shutil.disk_usage(place).free


def _key_file(runtime: Runtime) -> Finding:
    path = runtime.settings.key_file
    if runtime.settings.keys.get_secret_value():
        return Finding("key_file", "鍵", State.WELL, "環境から渡されています。")
    if not path.exists():
        fix = "鍵ファイルを保管場所から戻してください。サービスを止めると、もう読めなくなります。"
        return Finding("key_file", "鍵", State.BAD, "鍵ファイルがありません。", fix)
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        return Finding(
            "key_file",
            "鍵",
            State.WORRY,
            "ほかの利用者も読めます。",
            f"`chmod 600 {path}` を実行してください。",
        )
    return Finding("key_file", "鍵", State.WELL, "持ち主だけが読めます。")


def _database_files(runtime: Runtime) -> Finding:
    """New files are made for their owner only; those of an earlier version may not have been."""
    title, settings = "データベースのファイル", runtime.settings
    urls = [url for url in (settings.survey_database_url, settings.vault_database_url) if is_sqlite(url)]
    paths = [Path(make_url(url).database or "") for url in urls]
    logs = [path.with_name(path.name + end) for path in paths for end in ("-wal", "-shm")]
    open_ones = [str(path) for path in (*paths, *logs) if _others_may_read(path)]
    if open_ones:
        fix = f"`chmod 600 {' '.join(open_ones)}` を実行してください。"
        return Finding("database_files", title, State.WORRY, "ほかの利用者も読めます。", fix, len(open_ones))
    return Finding(
        "database_files", title, State.WELL, "持ち主だけが読めます。" if paths else "サーバーにあります。"
    )


def _others_may_read(path: Path) -> bool:
    try:
        return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)
    except OSError:  # a log goes away when the last connection is closed
        return False


def _checkpoint(runtime: Runtime) -> Finding:
    title = "記録の控え"
    fix = "`kizuki jobs run` が毎日動くように、タイマーを確かめてください。"
    files = checkpoints.files(runtime.settings.checkpoint_folder)
    if not files:
        return Finding("checkpoint", title, State.WORRY, "まだありません。", fix, -1)
    try:
        newest = checkpoints.kept(runtime.settings.checkpoint_folder, runtime.keys)[-1][1]
    except checkpoints.CheckpointBroken as broken:
        return Finding(
            "checkpoint", title, State.BAD, broken.detail, "`kizuki audit verify` で確かめてください。", -1
        )
    age = runtime.clock.now() - newest.at
    state = State.WORRY if age > OLD_CHECKPOINT else State.WELL
    return Finding(
        "checkpoint", title, state, f"{_ago(age)}のものがあります。", fix if state else "", _hours(age)
    )


def _unscored(db: Session) -> Finding:
    """Understanding is part of keeping, so there is none; one that is there came from outside."""
    missing = (
        select(func.count(), func.min(Submission.day))
        .outerjoin(Result, col(Result.submission_id) == col(Submission.id))
        .where(Submission.state == SubmissionState.CLOSED, col(Result.id).is_(None))
    )
    count, oldest = db.exec(missing).one()
    if not count:
        return Finding("unscored", "判定を待つ回答", State.WELL, "ありません。")
    fix = "保守の担当者に、この画面を見せてください。回答そのものは保存されています。"
    return Finding(
        "unscored", "判定を待つ回答", State.BAD, f"{count}件、いちばん古いものは{oldest}です。", fix, count
    )


def _notifications(runtime: Runtime, db: Session) -> Finding:
    limit = runtime.clock.now() - LATE_NOTIFICATION
    late = select(func.count()).where(
        col(Notification.state) == NotificationState.WAITING, col(Notification.created_at) < limit
    )
    count = db.exec(late).one()
    if not count:
        return Finding("notifications", "送られていない知らせ", State.WELL, "ありません。")
    settings = runtime.settings
    if settings.mode is Mode.PRACTICE and not (settings.smtp_host or settings.webhook_url):
        words = f"練習で送り先の設定がないため、{count}件を送っていません。"
        return Finding("notifications", "送られていない知らせ", State.WELL, words, value=count)
    fix = (
        "メールの設定と `kizuki jobs run` のタイマーを確かめてください。対応待ちの画面には、もう出ています。"
    )
    return Finding(
        "notifications",
        "送られていない知らせ",
        State.WORRY,
        f"{count}件が15分より古くなっています。",
        fix,
        count,
    )


def _backup(runtime: Runtime, db: Session) -> Finding:
    title = "バックアップ"
    fix = "`kizuki keys backup` の鍵を KIZUKI_BACKUP_RECIPIENT に入れ、`kizuki jobs run` を毎日動かしてください。"
    age = _age_of(runtime, db, AuditKind.BACKUP_MADE)
    if age is None:
        return Finding("backup", title, State.BAD, "まだ一度もありません。", fix, -1)
    state = State.BAD if age > NO_BACKUP else State.WORRY if age > OLD_BACKUP else State.WELL
    return Finding("backup", title, state, f"{_ago(age)}に作りました。", fix if state else "", _hours(age))


def _drill(runtime: Runtime, db: Session) -> Finding:
    title = "復元の訓練"
    fix = "秘密の鍵を金庫から出して `kizuki drill --identity ファイル` を実行してください。"
    age = _age_of(runtime, db, AuditKind.DRILL_PASSED)
    if age is None:
        return Finding("drill", title, State.WORRY, "まだ一度もありません。", fix, -1)
    at = (runtime.clock.now() - age).astimezone(SCHOOL_ZONE)
    state = State.WORRY if age > OLD_DRILL else State.WELL
    return Finding(
        "drill",
        title,
        state,
        f"{at.year}年{at.month}月{at.day}日に合格しました。",
        fix if state else "",
        _hours(age),
    )


def _locks(runtime: Runtime, db: Session) -> Finding:
    """Schools whose names and words could soon be opened by nobody."""
    title, today = "学校の鍵", school_day(runtime.clock.now())
    known = {
        school_id: school_locks.lock_of(db, school_id) for school_id in school_locks.schools_with_lock(db)
    }
    begun = {each: lock for each, lock in known.items() if lock.state is not LockState.PREPARING}
    if not begun:
        return Finding("school_locks", title, State.WELL, "鍵をかけた学校はありません。")
    lost = [each for each, lock in begun.items() if not lock.usable]
    weak = [each for each, lock in begun.items() if lock.shortfalls(today)]
    half = [each for each, lock in begun.items() if not lock.complete]
    if not weak and not half:
        return Finding("school_locks", title, State.WELL, f"{len(begun)}校とも、ひらける人がそろっています。")
    names = {school.id: school.name for school in db.exec(select(School)).all()}
    shown = "、".join(names[each] for each in sorted({*weak, *half}, key=lambda each: names[each]))
    fix = (
        "その学校の相談員・管理職・学校事務に、「学校の鍵」の画面を開いて、いちど鍵をひらくように頼んでください。"
        "人が足りないときは、ひらける人が加えます。だれもひらけないときは、校長の封筒の紙の鍵を使います。"
    )
    state = State.BAD if lost else State.WORRY
    return Finding("school_locks", title, state, f"確かめが要る学校: {shown}", fix, len({*weak, *half}))


def _memos(db: Session) -> Finding:
    """Urgent 気づきメモ that the desk has let pass its time: a count, nothing of what they say."""
    late = select(func.count()).where(
        col(NoticeMemo.urgent).is_(True),
        col(NoticeMemo.state) == MemoState.RECEIVED,
        col(NoticeMemo.level) != Level.ONSITE,
    )
    count, title = db.exec(late).one(), "急ぎの気づきメモ"
    if not count:
        return Finding("memos", title, State.WELL, "期限を過ぎたものはありません。")
    fix = "教育委員会の当番に電話してください。メモは相談員の「気づきメモ」の画面にあります。"
    return Finding("memos", title, State.BAD, f"{count}件に、期限までにだれも対応していません。", fix, count)


def _age_of(runtime: Runtime, db: Session, kind: AuditKind) -> timedelta | None:
    newest = db.exec(
        select(AuditEntry.at).where(AuditEntry.kind == kind).order_by(col(AuditEntry.seq).desc()).limit(1)
    ).first()
    return runtime.clock.now() - newest if newest else None


def _ago(age: timedelta) -> str:
    hours = int(_hours(age))
    return f"{hours // 24}日前" if hours >= 48 else f"{hours}時間前" if hours else "1時間以内"


def _hours(age: timedelta) -> float:
    return age.total_seconds() / 3600
