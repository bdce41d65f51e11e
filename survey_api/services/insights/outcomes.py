"""What became of the children somebody looked at: counted as outcomes for children, never as meetings held.

Pure: facts about cases go in, true tallies come out, and disclosure control makes them publishable. Every
child of a tally is in exactly one of its parts.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from survey_api.vocabulary import Outcome, Urgency


@dataclass(frozen=True, slots=True)
class Part:
    id: str
    title: str


@dataclass(frozen=True, slots=True)
class MeasureNote:
    """An outcome question, said before anybody counts."""

    id: str
    title: str
    definition: str
    parts: tuple[Part, ...]
    goal: int | None = None
    """By how many school days somebody should have met the child."""
    each: bool = False
    """Whether every part must hold about ten children: where the parts are groups of children, not their ways."""


@dataclass(frozen=True, slots=True)
class Tally:
    """True counts, one per part of the note, in its order."""

    note: MeasureNote
    counts: tuple[tuple[Part, int], ...]


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """One child's case of this wave, without the child."""

    urgency: Urgency
    opened_on: date
    first_contact_on: date | None
    wanted_to_talk: bool
    place: tuple[str, int] = ("", 0)
    """School as the plan names it, and grade."""
    waited: int | None = None
    """School days from opening to the first contact, by the calendar of the school; None: not met yet."""


@dataclass(frozen=True, slots=True)
class Ending:
    """A case that ended, or was handed over, since the last release."""

    outcome: Outcome | None
    closed: bool
    handed_over: bool
    met_again: bool


@dataclass(frozen=True, slots=True)
class Helped:
    """A child who was met after the wave before: how urgent then, how urgent now (None: no flag)."""

    before: Urgency
    answered: bool
    now: Urgency | None


DAYS: tuple[tuple[str, str, int], ...] = (
    ("d0", "その日", 0),
    ("d1", "1日後", 1),
    ("d3", "2〜3日後", 3),
    ("d5", "4〜5日後", 5),
    ("d10", "6〜10日後", 10),
    ("d20", "11〜20日後", 20),
    ("d40", "21〜40日後", 40),
)
"""Part, words, and the last school day after opening that it holds (calendar days in releases of format 3).

Each child is in one part, so the words say where a part begins as well.
"""
NOT_YET = Part("not-yet", "まだ会えていない")
LATER = Part("later", "それより後")
_DAY_PARTS = (*(Part(name, words) for name, words, _ in DAYS), LATER, NOT_YET)

_DAY_WORDS = {name: words for name, words, _ in DAYS}


def part_words(part: str, title: str) -> str:
    """A part as it is printed: releases of earlier versions call the third day 「3日まで」 and do not add up."""
    return _DAY_WORDS.get(part, title)


def by_words(last: int) -> str:
    """Everybody met up to and including this day."""
    return f"{last}日以内" if last else "その日のうち"


URGENCIES: tuple[tuple[str, str, frozenset[Urgency]], ...] = (
    ("today", "すぐに", frozenset({Urgency.TODAY})),
    ("week", "今週", frozenset({Urgency.THIS_WEEK})),
    ("check", "確認・見守り", frozenset({Urgency.CHECK, Urgency.WATCH})),
)

GOAL_DAYS = {"today": 0, "week": 3, "check": 10}
"""Urgency → by how many school days after the case opened somebody should have met the child; a city may set others."""


def contact_note(name: str, words: str, goal: int) -> MeasureNote:
    """Days until somebody met the child, of one urgency."""
    return MeasureNote(
        f"contact-{name}",
        f"つながるまでの日数({words})",
        "担当者が見る必要があるとされた日から、子どもに初めて会えた日までの、学校のある日の数"
        "(土日、祝日、その学校の休みは数えない)。まだ会えていない子どもも数える。"
        f"めやす: {goal_words(goal)}。",
        _DAY_PARTS,
        goal=goal,
    )


def goal_words(goal: int) -> str:
    """A goal as pages print it."""
    return f"学校のある日で{goal}日" if goal else "その日のうち"


PROMISE = MeasureNote(
    "promise",
    "「話したい」と答えた子どもに約束の日までに会えたか",
    "「話を聞いてほしい」と答えた子どものうち、子どもの画面で約束した日(学校のある日で10日)までに会えた子ども。",
    (Part("kept", "約束の日までに会えた"), Part("late", "約束の日より後に会えた"), NOT_YET),
)
ENDINGS = MeasureNote(
    "endings",
    "確かめて分かったこと",
    "前の公表のあとに終了とした子どもについて、担当者が選んだ結果。",
    (
        Part("new", "支援の必要が分かった(職員はそれまで知らなかった)"),
        Part("known", "支援の必要を、職員はもう知っていた"),
        Part("mistaken", "心配はなかった(押しまちがい・思いちがい)"),
        Part("unclear", "情報が足りなかった"),
        Part("declined", "子どもが望まなかった"),
        Part("unmet", "会えなかった"),
    ),
)
LOOP = MeasureNote(
    "loop",
    "ほかの人につないだあと、子どもにもう一度会ったか",
    "前の公表のあとに相談をつないだ子どものうち、つないだあとに担当者がもう一度会って話した子ども。",
    (Part("met", "もう一度会った"), Part("not", "まだ会っていない")),
)
CHANGE = MeasureNote(
    "change",
    "前の回のあとに会えた子どもの、今回の答え",
    "前の回で見る必要があるとされ、会うことができた子どもの、今回の急ぎ方を前の回とくらべたもの。",
    (
        Part("lighter", "軽くなった"),
        Part("same", "同じ"),
        Part("heavier", "重くなった"),
        Part("silent", "今回は回答がない"),
    ),
)
SILENT = MeasureNote(
    "silent",
    "名簿の子どものうち、答えた子ども・答えなかった子ども",
    "調査の券を受け取った子ども。「あとから」は、同じ学校の同じ学年で送った子どもが一番多かった日より後に送ったこと。"
    "読み上げを使ったかは記録していないため、数えられない。",
    (
        Part("sent", "学級の日までに送った"),
        Part("later", "あとから送った"),
        Part("declined", "「いまはやらない」を選んだ"),
        Part("withdrawn", "送ったあとで取り下げた"),
        Part("guardian", "保護者が希望しなかった"),
        Part("none", "送っていない(欠席、開いていない)"),
    ),
)
LANGUAGE = MeasureNote(
    "language",
    "何語で答えたか",
    "答えを送った子どものうち、やさしい日本語か、ほかの言語を選んで読んだ子ども。どの言語かは記録していない。"
    "答えなかった子どもが何語を使うかは、この調査では分からない。読み上げを使ったかは記録していない。"
    "どちらかが10人ほどに満たないときは、どちらの数字も出さない。",
    (Part("japanese", "日本語"), Part("supported", "やさしい日本語・ほかの言語")),
    each=True,
)
CHECKS = MeasureNote(
    "checks",
    "印がつかなかった回答の点検(見のがし)",
    "前の公表のあとに、機械の結果をかくして相談員が読んだ回答。学校ごとに、印がつかなかった回答から無作為に選ぶ。"
    "小さい学校からは多めの割合で選ぶので、市全体の割合とは少しちがうことがある。",
    (
        Part("missed", "だれかが声をかけるべきだった"),
        Part("rightly", "声をかけなくてよかった"),
        Part("unclear", "回答だけでは分からなかった"),
    ),
)
SKIPPED, KEPT = (
    Part("skipped", "答えたくない・答えずに進んだ"),
    Part("answered", "答えた(「わからない」も入る)"),
)
SKIP, WAITING = "skip", "waiting"
"""First words of the ids of measures that there are many of: one per question, one per school."""
_ENDING_OF = {
    Outcome.NEGLECT_CONCERN: "new",
    Outcome.CARE_SUPPORT_NEED: "new",
    Outcome.OTHER_NEED: "new",
    Outcome.KNOWN_ALREADY: "known",
    Outcome.MISTAKEN_ANSWER: "mistaken",
    Outcome.INSUFFICIENT: "unclear",
    Outcome.CHILD_DECLINED: "declined",
    Outcome.NOT_REACHED: "unmet",
}
_RANK = {Urgency.TODAY: 3, Urgency.THIS_WEEK: 2, Urgency.CHECK: 1, Urgency.WATCH: 1, None: 0}


def tallies(
    cases: Sequence[CaseFacts],
    endings: Iterable[Ending],
    helped: Iterable[Helped],
    *,
    promised_by: Callable[[date], date],
    goals: Mapping[str, int] = GOAL_DAYS,
    checks: Iterable[str] = (),
    silent: Iterable[str] = (),
    supported: Iterable[bool] = (),
) -> tuple[Tally, ...]:
    """Count everything once. `promised_by`: the day by which a child who asked is met, from the day it sent.
    `goals`: urgency → school days, as GOAL_DAYS.

    `checks`, `silent`: one part of CHECKS for every sheet that was read, one of SILENT for every child invited.
    `supported`: for every child who sent, whether it read with the help of plain words or another language.
    """
    over, noted = list(endings), list(supported)
    return (
        *(
            _tally(
                contact_note(name, words, goals[name]),
                (_days(case) for case in cases if case.urgency in urgencies),
            )
            for name, words, urgencies in URGENCIES
        ),
        _tally(PROMISE, (_kept(case, promised_by) for case in cases if case.wanted_to_talk)),
        _tally(ENDINGS, (_ENDING_OF[one.outcome] for one in over if one.closed and one.outcome)),
        _tally(LOOP, ("met" if one.met_again else "not" for one in over if one.handed_over)),
        _tally(CHANGE, (_change(child) for child in helped)),
        _tally(CHECKS, checks),
        _tally(SILENT, silent),
        # of a wave of which it was not noted there is nothing to count, and nothing too small to show either
        *([_tally(LANGUAGE, ("supported" if helped else "japanese" for helped in noted))] if noted else []),
    )


def skips(bank: str, questions: Mapping[str, str], found: Mapping[str, tuple[int, int]]) -> tuple[Tally, ...]:
    """Per question of a bank how many skipped it. `found`: question → (skipped, answered), of those asked."""
    made = []
    for item, words in questions.items():
        skipped, answered = found.get(item, (0, 0))
        note = MeasureNote(
            f"{SKIP}-{bank}-{item}",
            words,
            "この質問が画面に出た子どものうち、「答えたくない」を選ぶか、答えずに進んだ子ども。",
            (SKIPPED, KEPT),
        )
        made.append(Tally(note, ((SKIPPED, skipped), (KEPT, answered))))
    return tuple(made)


def waiting(
    cases: Sequence[CaseFacts],
    units: Sequence[tuple[str, str, frozenset[tuple[str, int]]]],
    goals: Mapping[str, int] = GOAL_DAYS,
) -> tuple[Tally, ...]:
    """Per school whether children were met by the goal of their urgency. `units`: id, title, (school, grade)s."""
    by = {urgency: goals[name] for name, _, urgencies in URGENCIES for urgency in urgencies}
    said = "、".join(f"{words}={goal_words(goals[name])}" for name, words, _ in URGENCIES)

    def met(case: CaseFacts) -> str:
        if case.waited is None:
            return NOT_YET.id
        return "kept" if case.waited <= by[case.urgency] else "late"

    parts = (Part("kept", "めやすまでに会えた"), Part("late", "めやすより後に会えた"), NOT_YET)
    return tuple(
        _tally(
            MeasureNote(
                f"{WAITING}-{unit}",
                title,
                f"担当者が見る必要があるとされた子どものうち、急ぎ方ごとのめやす({said})までに会えた子ども。",
                parts,
            ),
            (met(case) for case in cases if case.place in places),
        )
        for unit, title, places in units
    )


def _tally(note: MeasureNote, found: Iterable[str]) -> Tally:
    counts = dict.fromkeys((part.id for part in note.parts), 0)
    for part in found:
        counts[part] += 1
    return Tally(note, tuple((part, counts[part.id]) for part in note.parts))


def _days(case: CaseFacts) -> str:
    if case.waited is None:
        return NOT_YET.id
    waited = case.waited
    return next((name for name, _, last in DAYS if waited <= last), LATER.id)


def _kept(case: CaseFacts, promised_by: Callable[[date], date]) -> str:
    if case.first_contact_on is None:
        return NOT_YET.id
    return "kept" if case.first_contact_on <= promised_by(case.opened_on) else "late"


def _change(child: Helped) -> str:
    if not child.answered:
        return "silent"
    before, now = _RANK[child.before], _RANK[child.now]
    return "lighter" if now < before else "heavier" if now > before else "same"
