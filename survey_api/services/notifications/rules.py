"""Who is told what, in which words, and when a failed delivery is tried again."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta

from survey_api.kit.clock import SCHOOL_ZONE
from survey_api.kit.problems import BadInput
from survey_api.vocabulary import NotificationKind, Role

AUDIENCE: Mapping[NotificationKind, tuple[Role, ...]] = {
    NotificationKind.CASE_WAITING: (Role.COUNSELOR,),
    NotificationKind.REFERRAL_WAITING: (Role.COUNSELOR,),
    NotificationKind.REPLY_LATE: (Role.COUNSELOR,),
    NotificationKind.MEMO_WAITING: (Role.COUNSELOR,),
    NotificationKind.APPOINTMENT_SOON: (),
    NotificationKind.CASE_TO_HEAD: (Role.HEAD,),
    NotificationKind.CASE_TO_DUTY: (Role.DUTY,),
    NotificationKind.QUEUE_UNATTENDED: (Role.HEAD, Role.DUTY),
    NotificationKind.MANY_OPENED: (Role.HEAD,),
    NotificationKind.TEST: (Role.OPERATOR,),
    NotificationKind.SCHOOL_TEST: (Role.COUNSELOR, Role.HEAD),
}
URGENT_ALSO: Mapping[NotificationKind, tuple[Role, ...]] = {
    NotificationKind.CASE_WAITING: (Role.HEAD,),
    NotificationKind.MEMO_WAITING: (Role.HEAD,),
}
"""The most urgent goes to two roles at once, never to one person's pocket alone."""
SAYS: Mapping[NotificationKind, str] = {
    NotificationKind.CASE_WAITING: "確認が必要な回答があります。対応待ちを開いて、引き受けてください。",
    NotificationKind.REFERRAL_WAITING: "「相談をつなぐシート」を渡しました。返事を待っています。",
    NotificationKind.REPLY_LATE: "つなぎ先の返事か支援プランの行が、期日を過ぎています。",
    NotificationKind.MEMO_WAITING: "気づきメモが届きました。",
    NotificationKind.APPOINTMENT_SOON: "オンライン相談の時間が近づいています。",
    NotificationKind.CASE_TO_HEAD: "期限を過ぎた件が、管理職に上がってきました。",
    NotificationKind.CASE_TO_DUTY: "期限を過ぎた件が、教育委員会の当番に上がってきました。",
    NotificationKind.QUEUE_UNATTENDED: "対応待ちを、しばらくだれも見ていません。",
    NotificationKind.MANY_OPENED: "一日に、いつもより多くの件か名前を開いた人がいます。「開いた記録」で確かめてください。",
    NotificationKind.SCHOOL_TEST: "学校の試しの知らせです。サインインして「知らせ」のページで「届いた」を押してください。",
    NotificationKind.TEST: "試しの知らせです。届いていれば、設定は合っています。",
}
"""What a mail says. Not who, not why, not at which school: that is behind the sign-in."""
URGENT_KINDS = frozenset(
    {
        NotificationKind.CASE_TO_HEAD,
        NotificationKind.CASE_TO_DUTY,
        NotificationKind.QUEUE_UNATTENDED,
        NotificationKind.SCHOOL_TEST,
    }
)
"""Kinds that are always urgent."""

TEST_GOOD_FOR = timedelta(days=30)
"""How long a school's test alert counts, once somebody there has said that it arrived."""


def audience(kind: NotificationKind, urgent: bool) -> tuple[Role, ...]:
    """The roles that hear of it."""
    return AUDIENCE.get(kind, ()) + (URGENT_ALSO.get(kind, ()) if urgent else ())


AGAIN_AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
"""How long after a failed try the next one follows; after the last one a delivery is given up."""

_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")


def next_try(tries: int, now: datetime) -> datetime | None:
    """When to try again after `tries` failed ones; None when enough."""
    return now + AGAIN_AFTER[tries - 1] if tries <= len(AGAIN_AFTER) else None


def after_quiet(quiet: tuple[str, str] | None, now: datetime) -> datetime:
    """The moment itself, or the end of the hours in which somebody wants no mail (they may pass midnight)."""
    if quiet is None:
        return now
    local = now.astimezone(SCHOOL_ZONE)
    start, end = (time.fromisoformat(hour) for hour in quiet)
    begins = datetime.combine(local.date(), start, SCHOOL_ZONE)
    ends = datetime.combine(local.date(), end, SCHOOL_ZONE)
    if start < end:
        return ends.astimezone(UTC) if begins <= local < ends else now
    if local >= begins:
        return (ends + timedelta(days=1)).astimezone(UTC)
    return ends.astimezone(UTC) if local < ends else now


def subject_words(urgent: bool) -> str:
    """The subject line: only whether it is urgent."""
    return "【すぐに】気づき: 確認してください" if urgent else "気づき: お知らせ"


def body_words(kind: NotificationKind, address: str) -> str:
    """The mail: that something waits, and where to sign in."""
    return (
        f"{SAYS[kind]}\nサインインして確かめてください: {address}/staff\n\n"
        "このメールには子どものことを書いていません。返信しても届きません。\n"
    )


def require_email(text: str) -> str:
    """An address that can be mailed to, or empty for none. BadInput otherwise."""
    if text and (len(text) > 254 or not _EMAIL.fullmatch(text)):
        raise BadInput("メールアドレス: name@example.lg.jp の形で入れてください。")
    return text


def require_reached(*, mutes_urgent: bool, has_email: bool, others_reached: int) -> None:
    """Somebody of each role hears of the most urgent: the only one cannot mute it or go without address."""
    if (mutes_urgent or not has_email) and not others_reached:
        raise BadInput(
            "「すぐに」の知らせを受け取る人が、この学校(市)の同じ役割であなただけです。"
            "ほかの担当がアドレスを入れるまで、止めたり空にしたりできません。"
        )
