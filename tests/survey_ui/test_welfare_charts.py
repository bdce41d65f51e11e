"""Charts draw what was released: a missing wave is a gap, the axis starts at zero, labels do not collide."""

from itertools import combinations
from pathlib import Path

import pytest

from survey_api.kit.problems import NotFound
from survey_api.services.insights.disclosure import protect
from survey_api.services.insights.plan import GradeCount, School, make_plan
from survey_api.services.insights.rounding import BlockCount
from survey_api.services.insights.safe import PlaceKind, SafeCell
from survey_ui.welfare.charts import HEIGHT, NAME_CHARS, TOP, drawn, interval_chart, line_chart
from survey_ui.welfare.curves import Sized, funnel, label_box
from survey_ui.welfare.profile import read_profile
from survey_ui.welfare.view import school_heat, series_sentence
from tests.survey_api.services.insights.planted import indicator, key


def cell(yes: int, answered: int = 40) -> SafeCell:
    plan = make_plan("w", [School("a", "北小")], [GradeCount("a", 1, answered)])
    counts = {"q": {"a.elementary/1": BlockCount(yes, answered)}}
    return next(protect(plan, [indicator("q")], counts, key=key()).of("q", PlaceKind.UNIT))[1]


def test_a_missing_wave_breaks_the_line_and_is_named() -> None:
    chart = line_chart(["1", "2", "3", "4"], [cell(3), None, cell(6), cell(9)])
    assert [len(run) for run in chart.runs] == [1, 2]
    assert [label for _, label in chart.gaps] == ["2"]
    assert all(TOP <= mark.high <= mark.middle <= mark.low <= chart.base for mark in chart.marks)


def test_the_axis_starts_at_zero_and_holds_every_band() -> None:
    chart = line_chart(["1", "2"], [cell(3), cell(30)])
    assert chart.ticks[0] == (float(chart.base), 0)
    assert chart.ticks[-1] == (float(TOP), 100)
    assert chart.base < HEIGHT


def test_twenty_waves_keep_readable_labels_and_the_newest_one() -> None:
    labels = [str(number) for number in range(20)]
    chart = line_chart(labels, [cell(3)] * 20)
    written = [mark.label for mark in chart.marks if mark.label]
    assert len(written) <= 7
    assert written[-1] == "19"


def test_places_keep_the_order_they_came_in() -> None:
    chart = interval_chart([("北", cell(30)), ("南", cell(3)), ("東", cell(12))])
    assert [row.title for row in chart.rows] == ["北", "南", "東"]
    assert all(row.left <= row.middle <= row.right for row in chart.rows)


def test_the_sentence_claims_no_change_that_is_not_one() -> None:
    assert series_sentence([]) == "今回の数字はありません。"
    assert series_sentence([cell(3)]) == "くらべられる前回の数字がありません。"
    assert series_sentence([None, cell(3)]) == "くらべられる前回の数字がありません。"
    assert series_sentence([cell(3), None]) == "今回の数字はありません。"
    assert series_sentence([cell(3), cell(6)]) == "前回との差ははっきりしません。"
    assert series_sentence([cell(3), cell(21)]) == "前回より増えました。"
    assert series_sentence([cell(21), cell(3)]) == "前回より減りました。"


def test_a_long_list_of_schools_is_turned_in_pages_and_two_of_one_name_stay_two() -> None:
    schools = [School(f"{n:03d}", "第一小" if n < 2 else f"小{n}") for n in range(150)]
    plan = make_plan("w", schools, [GradeCount(one.id, 1, 20) for one in schools])
    counts = {"q": {f"{one.id}.elementary/1": BlockCount(3, 20) for one in schools}}
    table = protect(plan, [indicator("q")], counts, key=key())
    pages = [school_heat(table, part) for part in (1, 2, 3)]
    shown = [row.title for heat in pages for row in heat.rows if row.kind is PlaceKind.UNIT]
    assert shown == [place.title for place, _ in table.of("q", PlaceKind.UNIT)]
    assert len(shown) == 150
    assert all([row.title for row in heat.rows if row.kind is PlaceKind.CITY] == ["市全体"] for heat in pages)
    assert [(one.first, one.last) for one in pages[0].parts][-1] == (shown[120], shown[149])
    for missing in (0, 4):
        with pytest.raises(NotFound):
            school_heat(table, missing)
    wide, units = [("市", cell(3))], [("校", cell(3))] * 150
    assert drawn(wide, units) == wide
    assert len(drawn(wide, units[:50])) == 51


def test_two_parts_of_one_school_stay_two_beside_a_chart() -> None:
    names = [f"雪野市立こだまがおか義務教育学校({part})" for part in ("小", "中")]
    shown = [row.title for row in interval_chart([(name, cell(3)) for name in names]).rows]
    assert [title[-3:] for title in shown] == ["(小)", "(中)"]
    assert all(len(title) <= NAME_CHARS for title in shown)


def test_numbers_of_a_funnel_cover_no_other_number() -> None:
    """Schools of one size and one share: their marks lie on each other, their numbers must not."""
    rows = [Sized(str(n), 35 + n % 3, 20 + n % 4, 24 + n % 4) for n in range(12)]
    drawing = funnel(rows, Sized("", 400, 240, 280))
    assert drawing
    boxes = [label_box(point.number, point.label) for point in drawing.points]
    assert all(box[3] <= drawing.base for box in boxes)
    for one, other in combinations(boxes, 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


@pytest.mark.parametrize(
    ("highest", "ticks"),
    [(248, "0 50 100 150 200 250"), (13520, "0 5,000 10,000 15,000"), (3, "0 1 2 3"), (0, "0 1")],
)
def test_the_years_of_a_city_stand_on_round_numbers(tmp_path: Path, highest: int, ticks: str) -> None:
    profile = tmp_path / "city_profile.yaml"
    points = f"[[2020, {highest}], [2021, {highest // 2}]]"
    profile.write_text(
        f"{{city: 市, as_of: 今, facts: [], series: [{{title: 数, unit: 人, source: 市, points: {points}}}]}}",
        encoding="utf-8",
    )
    (series,) = read_profile(profile).series
    assert " ".join(label for _, label in series.ticks) == ticks
    assert min(y for _, y in series.dots) >= min(y for y, _ in series.ticks)
