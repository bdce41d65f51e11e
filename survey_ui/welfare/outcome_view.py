"""What became of children, in words and curves, from released outcomes only."""

from collections.abc import Sequence
from dataclasses import dataclass

from survey_api.services.insights.intervals import Share, people_over, share_of, share_over, words_of
from survey_api.services.insights.measures import BANK_GRADES
from survey_api.services.insights.outcomes import (
    DAYS,
    LATER,
    NOT_YET,
    SKIP,
    URGENCIES,
    WAITING,
    by_words,
    goal_words,
)
from survey_api.services.insights.released import ReleasedWave
from survey_api.services.insights.safe import SafeMeasure, SafeTable
from survey_ui.welfare.curves import Funnel, Sized, StepChart, funnel, step_chart
from survey_ui.welfare.view import Line

CALENDAR_GOALS = {"today": 0, "week": 5, "check": 14}
"""Urgency → the goal in calendar days, in which releases of format 3 counted."""
MOVES = 2
"""Changes that a tile tells with their ranges; all of them stand in the sentences below it."""
CONCERN_FOUND = ("new", "known")
NO_CONCERN = ("mistaken", "unclear")


@dataclass(frozen=True)
class Point:
    """By this day: share of children met."""

    words: str
    day: int
    share: Share


@dataclass(frozen=True)
class Curve:
    """Time to first contact of one urgency; children not met stay in the denominator."""

    id: str
    title: str
    goal: str
    how: str
    """How the days are counted, as the release itself says."""
    points: tuple[Point, ...]
    chart: StepChart
    half: str
    nine: str
    waiting: str
    total: str


def curves(table: SafeTable) -> tuple[tuple[str, Curve | None], ...]:
    """Per urgency its curve; None where about fewer than ten children are concerned."""
    return tuple((words, curve(table, name, words)) for name, words, _ in URGENCIES)


def curve(table: SafeTable, name: str, words: str) -> Curve | None:
    measure = table.measure(f"contact-{name}")
    if measure is None or not measure.parts:
        return None
    points = []
    for index, (_, _, last) in enumerate(DAYS):
        share = share_of(measure, [part for part, _, _ in DAYS[: index + 1]])
        if share is not None:
            points.append(Point(by_words(last), last, share))
    return Curve(
        id=name,
        title=words,
        goal=_goal(measure, name),
        how=measure.definition,
        points=tuple(points),
        chart=step_chart([(one.day, one.share) for one in points], _goal_day(measure, name)),
        half=_reached(points, 50),
        nine=_reached(points, 90),
        waiting=words_of(people_over([measure], [NOT_YET.id])),
        total=words_of(people_over([measure])),
    )


def _goal_day(measure: SafeMeasure, name: str) -> int:
    return CALENDAR_GOALS[name] if measure.goal is None else measure.goal


def _goal(measure: SafeMeasure, name: str) -> str:
    day = _goal_day(measure, name)
    return f"{day}日(土日も数えて)" if measure.goal is None and day else goal_words(day)


def _reached(points: Sequence[Point], percent: int) -> str:
    """When this share had been met: between the first day it may be and the first day it must be."""
    may = next((one for one in points if one.share.high >= percent), None)
    must = next((one for one in points if one.share.low >= percent), None)
    if may is None:
        return "まだです"
    if must is None:
        return f"早ければ{may.words}、まだのこともあります"
    return may.words if may is must else f"早ければ{may.words}、遅くとも{must.words}"


def reached(table: SafeTable) -> Share | None:
    """Children met, of all whom somebody should look at."""
    measures = _contact(table)
    met = [part for part, _, _ in DAYS] + [LATER.id]
    return share_over(measures, met) if measures else None


def uncontacted(table: SafeTable) -> str | None:
    """Children nobody has met yet, over all urgencies that have numbers."""
    measures = _contact(table)
    return words_of(people_over(measures, [NOT_YET.id])) if measures else None


@dataclass(frozen=True)
class Outcome:
    """One outcome in a sentence, with the definition and the caveat that belong to it."""

    id: str
    title: str
    share: Share | None
    sentence: str
    caveat: str
    parts: tuple[tuple[str, str], ...]
    definition: str


def outcomes(table: SafeTable) -> tuple[Outcome, ...]:
    """The headline measures. Never a number of meetings."""
    promise, endings = table.measure("promise"), table.measure("endings")
    return (
        _outcome(promise, "「話したい」子に、約束の日までに会えた", ["kept"], None,
                 "約束の日は、子どもの画面に出した日です。まだ会えていない子どもも分母に入ります。"),
        _outcome(endings, "支援の必要が分かった子のうち、職員がそれまで知らなかった", ["new"],
                 CONCERN_FOUND, "担当者が終了のときに選んだ結果によります。「知っていた」を忘れて選ぶと高く出ます。"),
        _outcome(endings, "確かめたが、心配がなかった・情報が足りなかった", NO_CONCERN, None,
                 "低いほどよいとは限りません。心配のない子にも声をかける余裕は、見のがしを減らします。"),
        _outcome(table.measure("loop"), "つないだあと、子どもにもう一度会った", ["met"], None,
                 "つないで終わりにせず、どうなったかを子どもに話せたかを見ます。"),
        _outcome(table.measure("change"), "前の回のあとに会えた子の、今回の答えが軽くなった", ["lighter"],
                 ("lighter", "same", "heavier"),
                 "会ったから軽くなった、とは言えません。つらい時の答えは、何もしなくても次は軽くなることが多く、"
                 "くらべる相手もいません。今回答えていない子どもは入っていません。"),
    )  # fmt: skip


def _outcome(
    measure: SafeMeasure | None,
    title: str,
    parts: Sequence[str],
    among: Sequence[str] | None,
    caveat: str,
) -> Outcome:
    share = share_of(measure, parts, among)
    sentence = (
        f"{title}: {share.total}のうち{share.people}、{share.words}。"
        if share
        else f"{title}: 数える子どもが10人ほどに満たないため、数字を出していません。"
    )
    shown = tuple((part.title, part.people) for part in measure.parts) if measure else ()
    return Outcome(
        id=measure.id if measure else "",
        title=title,
        share=share,
        sentence=sentence,
        caveat=caveat,
        parts=shown,
        definition=measure.definition if measure else "",
    )


@dataclass(frozen=True)
class Tile:
    """One of the first five sentences of the overview: this wave, and the one before."""

    title: str
    value: str
    detail: str
    before: str
    link: str


def tiles(waves: Sequence[ReleasedWave], changed: Sequence[Line], compared: int) -> tuple[Tile, ...]:
    """Met as promised, time to the first contact, who still waits, and what changed: each with n and range."""
    now = waves[-1].release.table
    then = waves[-2].release.table if len(waves) > 1 else None
    fast, before = _fast(now), _fast(then)
    if fast and before and fast.how != before.how:  # other days, or another goal: nothing to compare with
        before = None
    promised, promised_before = _promise(now), _promise(then)
    return (
        Tile(
            "「話したい」と答えた子に、約束の日までに会えた",
            promised.words if promised else "数字なし",
            f"{promised.total}のうち{promised.people}" if promised else "10人ほどに満たない",
            promised_before.words if promised_before else "数字なし",
            "/welfare/outcomes#promise",
        ),
        Tile(
            "「すぐに」の子の半分に会えたのは",
            fast.half if fast else "数字なし",
            f"{fast.total}のうち" if fast else "10人ほどに満たない",
            before.half if before else "数字なし",
            "/welfare/outcomes#today",
        ),
        Tile(
            "まだ会えていない子",
            uncontacted(now) or "数字なし",
            f"見る必要があるとされた{everybody(now)}のうち" if everybody(now) else "10人ほどに満たない",
            (uncontacted(then) if then else None) or "数字なし",
            "/welfare/outcomes#today",
        ),
        Tile(
            "前回からはっきり変わった項目",
            f"{len(changed)}項目" if changed else "ありません",
            f"くらべた{compared}項目のうち、丸めでも偶然でも説明しにくい変化だけ" + _moves(changed),
            "",
            "/welfare/trends",
        ),
    )


def _moves(changed: Sequence[Line]) -> str:
    said = [
        f"{line.note.title} {line.before.likely_low}〜{line.before.likely_high}%から"
        f"{line.cell.likely_low}〜{line.cell.likely_high}%({line.cell.asked})"
        for line in changed
        if line.before is not None
    ]
    more = f"、ほか{len(said) - MOVES}項目" if len(said) > MOVES else ""
    return f"。{'、'.join(said[:MOVES])}{more}" if said else ""


@dataclass(frozen=True)
class SchoolWait:
    """How one school's children were met, out of how many; None where about fewer than ten are concerned."""

    title: str
    share: Share | None
    waiting: str


def by_school(table: SafeTable) -> tuple[tuple[SchoolWait, ...], Funnel | None]:
    """Met by the goal, per school in the fixed order, and as a funnel. Never an order of merit."""
    measures = [one for one in table.measures if one.id.startswith(f"{WAITING}-")]
    rows, points = [], []
    for measure in measures:
        share = share_of(measure, ["kept"])
        waiting = words_of(people_over([measure], [NOT_YET.id])) if measure.parts else ""
        rows.append(SchoolWait(measure.title, share, waiting))
        if share is not None:
            (_, low, high), (children, _, _) = people_over([measure], ["kept"]), people_over([measure])
            points.append(Sized(measure.title, children, low, min(high, children)))
    whole = Sized(
        "",
        sum(one.children for one in points),
        sum(one.low for one in points),
        sum(one.high for one in points),
    )
    return tuple(rows), funnel(points, whole)


@dataclass(frozen=True)
class Skipped:
    """One question and how many did not answer it."""

    words: str
    share: Share | None


def skipped(table: SafeTable) -> tuple[tuple[str, tuple[Skipped, ...]], ...]:
    """Per bank its questions in the order of the pages, each with the share that skipped it."""
    found: dict[str, list[Skipped]] = {}
    for measure in table.measures:
        bank = next((one for one in BANK_GRADES if measure.id.startswith(f"{SKIP}-{one}-")), None)
        if bank is not None:
            found.setdefault(bank, []).append(Skipped(measure.title, share_of(measure, ["skipped"])))
    return tuple((bank, tuple(found[bank])) for bank in BANK_GRADES if bank in found)


def shares_of(measure: SafeMeasure | None) -> tuple[tuple[str, Share | None], ...]:
    """Every part of an outcome as a share of all of them."""
    if measure is None:
        return ()
    return tuple((part.title, share_of(measure, [part.id])) for part in measure.parts)


def missed(waves: Sequence[ReleasedWave]) -> Share | None:
    """Of the sheets without a flag that somebody read, over all waves: those somebody should have acted on."""
    read = [one for wave in waves if (one := wave.release.table.measure("checks")) is not None and one.parts]
    return share_over(read, ["missed"], ["missed", "rightly"]) if read else None


def everybody(table: SafeTable) -> str | None:
    """All children somebody should look at."""
    measures = _contact(table)
    return words_of(people_over(measures)) if measures else None


def _fast(table: SafeTable | None) -> Curve | None:
    return curve(table, "today", "すぐに") if table else None


def _promise(table: SafeTable | None) -> Share | None:
    return share_of(table.measure("promise"), ["kept"]) if table else None


def _contact(table: SafeTable) -> tuple[SafeMeasure, ...]:
    found = (table.measure(f"contact-{name}") for name, _, _ in URGENCIES)
    return tuple(measure for measure in found if measure is not None and measure.parts)
