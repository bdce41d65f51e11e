"""The life of a case as tables: clocks and moves."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from survey_api.kit.problems import BadInput, IllegalMove
from survey_api.services.review.school_days import Calendar
from survey_api.vocabulary import CaseState, Label, Outcome, Urgency

RANK: Mapping[Urgency, int] = {Urgency.TODAY: 0, Urgency.THIS_WEEK: 1, Urgency.CHECK: 2, Urgency.WATCH: 3}


STATE_WORDS: Mapping[CaseState, str] = {
    CaseState.NEW: "未着手",
    CaseState.ACKNOWLEDGED: "引き受け済み",
    CaseState.TRIAGE: "確認中",
    CaseState.MONITORING: "見守り中",
    CaseState.SUPPORTING: "支援中",
    CaseState.REFERRED: "つないだ",
    CaseState.NOTIFIED: "通告済み",
    CaseState.CLOSED: "終了",
    CaseState.REOPENED: "再開",
}

_UNDER_WAY = frozenset(
    {CaseState.MONITORING, CaseState.SUPPORTING, CaseState.REFERRED, CaseState.NOTIFIED, CaseState.CLOSED}
)

MOVES: Mapping[CaseState, frozenset[CaseState]] = {
    CaseState.NEW: frozenset({CaseState.ACKNOWLEDGED}),
    # what cannot wait may be passed on as soon as somebody has taken it over
    CaseState.ACKNOWLEDGED: frozenset({CaseState.TRIAGE, CaseState.REFERRED, CaseState.NOTIFIED}),
    CaseState.TRIAGE: _UNDER_WAY,
    CaseState.MONITORING: _UNDER_WAY - {CaseState.MONITORING},
    CaseState.SUPPORTING: _UNDER_WAY - {CaseState.SUPPORTING},
    CaseState.REFERRED: _UNDER_WAY,  # a second recipient is a second hand-over
    CaseState.NOTIFIED: _UNDER_WAY - {CaseState.NOTIFIED},
    CaseState.CLOSED: frozenset({CaseState.REOPENED}),
    CaseState.REOPENED: _UNDER_WAY - {CaseState.CLOSED} | {CaseState.TRIAGE},
}
"""From which state a person may move a case to which. Closing needs a look first; nothing closes itself."""


def require_move(current: CaseState, target: CaseState) -> None:
    """IllegalMove with the moves that are open, unless the table allows this one."""
    if target in MOVES[current]:
        return
    here = STATE_WORDS[current]
    if current is CaseState.NEW:
        raise IllegalMove("この件はまだ誰も引き受けていません。先に「引き受ける」を押してください。")
    open_moves = "・".join(STATE_WORDS[state] for state in CaseState if state in MOVES[current])
    raise IllegalMove(
        f"「{here}」から「{STATE_WORDS[target]}」へは進めません。今できるのは {open_moves} です。"
    )


def require_outcome(given: str) -> Outcome:
    """A case is closed with an outcome a person chose, or not at all."""
    if given not in [str(outcome) for outcome in Outcome]:
        raise BadInput("終了するには、結果を1つ選んでください。")
    return Outcome(given)


def require_label(given: str) -> Label:
    """How a case ended and what a person found are two things: both are asked."""
    if given not in [str(label) for label in Label]:
        raise BadInput("終了するには、見立て(何があったか)を1つ選んでください。")
    return Label(given)


NEEDS_SECOND = frozenset({Urgency.TODAY})
"""Cases that nobody closes or calls less urgent alone."""


def stronger(first: Urgency, second: Urgency) -> Urgency:
    """A new signal can raise, never lower."""
    return min(first, second, key=lambda urgency: RANK[urgency])


LONGEST_LOOK_AHEAD = {True: 10, False: 1}
"""School days until the next look at a most urgent case, by whether the child was met: it is never put aside."""
OLDEST_CONTACT = timedelta(days=31)


def require_look_again(urgency: Urgency, wished: date, today: date, *, met: bool, calendar: Calendar) -> None:
    """BadInput unless somebody looks again on a day to come, soon enough for what is most urgent."""
    if wished <= today:
        raise BadInput("次に確かめる日は、明日から後の日にしてください。")
    if urgency is Urgency.TODAY:
        last = calendar.add_days(calendar.on_or_after(today), LONGEST_LOOK_AHEAD[met])
        if wished > last:
            when = "会えたあとも10登校日まで" if met else "本人に会えるまでは次の登校日まで"
            raise BadInput(
                f"「すぐに」の件は後回しにできません。次に確かめる日は、{when}({last.month}月{last.day}日)です。"
            )
    elif wished > follow_up_after(today):
        raise BadInput("次に確かめる日は、3か月後までにしてください。")


def require_contact_time(at: datetime, now: datetime) -> None:
    """BadInput for a contact of the future, or one too old to be right."""
    if at > now + timedelta(minutes=5):
        raise BadInput("連絡した時刻が、今より先になっています。")
    if at < now - OLDEST_CONTACT:
        raise BadInput("連絡した時刻が古すぎます(31日まで)。日を確かめてください。")


def require_weaker(current: Urgency, given: str) -> Urgency:
    """A person may call a case less urgent, never by this way more."""
    if given not in [str(urgency) for urgency in Urgency] or RANK[Urgency(given)] <= RANK[current]:
        raise BadInput("今より低い急ぎを選んでください。")
    return Urgency(given)


FOLLOW_UP_MONTHS = 3
"""MEXT counts bullying as resolved only after three months without it; the default for every closed case."""


def follow_up_after(closed_on: date) -> date:
    """The same day three months on, or the last day of that month."""
    month = closed_on.month - 1 + FOLLOW_UP_MONTHS
    year, month = closed_on.year + month // 12, month % 12 + 1
    for day in range(closed_on.day, 27, -1):
        try:
            return date(year, month, day)
        except ValueError:
            continue
    return date(year, month, min(closed_on.day, 28))
