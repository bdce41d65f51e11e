"""The welfare face's own promises, read off the real pages of a planted city with two released waves."""

import gzip
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import event
from starlette.testclient import TestClient

from survey_api.services.insights import outcomes
from survey_api.services.insights.combined import refuse_if_combined_pins
from survey_api.services.insights.disclosure import protect
from survey_api.services.insights.exports import meeting_pack
from survey_api.services.insights.exports.sections import Choice
from survey_api.services.insights.plan import GradeCount, School, make_plan
from survey_api.services.insights.planning import RESPONSE
from survey_api.services.insights.refusal import ReleaseRefused
from survey_api.services.insights.released import released_waves
from survey_api.services.insights.rounding import BlockCount
from survey_api.services.insights.safe import SEAL, PlaceKind, SafeCell, SafeTable
from survey_ui.welfare import charts, outcome_view, view
from survey_ui.welfare.references import EVIDENCE, references
from tests.house import House
from tests.survey_api.services.insights.planted import indicator, key
from tests.survey_ui.crawl import Page
from tests.survey_ui.read_files import NAMES, read_csv, read_pdf, text_of_pdf
from tests.survey_ui.test_welfare_attack import planted_house

PAGES = (
    "/welfare/",
    "/welfare/schools",
    "/welfare/trends",
    "/welfare/response",
    "/welfare/outcomes",
    "/welfare/compare",
    "/welfare/indicators/common",
    "/welfare/method",
)
CSS = Path(charts.__file__).parents[1] / "static" / "css" / "charts.css"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with planted_house(tmp_path_factory.mktemp("criteria"), 1) as (opened, _):
        yield opened


@pytest.fixture(scope="module")
def officer(house: House) -> Iterator[TestClient]:
    with house.client() as client:
        house.sign_in(client, "ito")
        yield client


@pytest.fixture(scope="module")
def pages(officer: TestClient) -> dict[str, str]:
    return {path: officer.get(path).text for path in PAGES}


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))


def test_five_tiles_each_with_how_many_and_a_range(pages: dict[str, str]) -> None:
    (tiles,) = re.findall(r'<ul class="tiles">(.*?)</ul>', pages["/welfare/"], re.S)
    each = [words(tile) for tile in re.findall(r"<li>(.*?)</li>", tiles, re.S)]
    assert len(each) == 5
    for tile in each[:-1]:
        assert re.search(r"\d+〜\d+人のうち", tile), tile
        assert re.search(r"\d+〜\d+%|以内|その日|\d+〜\d+人", tile), tile
    assert "項目のうち" in each[-1]


def test_a_running_wave_is_a_ribbon_and_in_no_file(
    house: House, officer: TestClient, pages: dict[str, str]
) -> None:
    assert 'class="ribbon"' in pages["/welfare/"]
    assert "実施中" in pages["/welfare/"]
    csrf = re.search(r'name="csrf" value="(\w+)"', officer.get("/welfare/files").text)
    assert csrf
    fields = {"csrf": csrf[1], "format": "csv", "wave": "", "purpose": "試験", "recipient": "試験"}
    rows = read_csv(officer.post("/welfare/files", data=fields).content)
    assert {row[0] for row in rows} == {"w1", "w2"}
    assert house.wave_id not in {row[0] for row in rows}


def test_the_overview_reads_aloud_as_sentences(pages: dict[str, str]) -> None:
    (lines,) = re.findall(r'<ul class="welfare-lines points">(.*?)</ul>', pages["/welfare/"], re.S)
    for line in re.findall(r"<li>(.*?)</li>", lines, re.S):
        assert words(line).strip().endswith("。"), line
    assert "分からないこと" in pages["/welfare/"]


def test_schools_stand_in_their_fixed_order_with_table_heads(pages: dict[str, str]) -> None:
    (table,) = re.findall(r'<table class="heat">(.*?)</table>', pages["/welfare/schools"], re.S)[:1]
    heads = re.findall(r'<tr class="unit"><th scope="row">([^<]+)', table)
    assert len(heads) > 5
    order = ["both", "c0", "c1", "c2", "eight", "high", "lone", "s0", "s1", "s2", "s3", "silent", "three"]
    first = [next(place for place, name in enumerate(order) if title.startswith(name)) for title in heads]
    assert first == sorted(first)
    assert table.count('scope="col"') == len(re.findall(r"<th scope=\"col\">", table))


def test_a_cell_leads_to_its_indicator_at_its_place_and_wave(
    officer: TestClient, pages: dict[str, str]
) -> None:
    links = re.findall(r'<td class="h\d"><a href="([^"]+)"', pages["/welfare/schools"])
    assert len(links) > 20
    for link in links[:: len(links) // 8]:
        answered = officer.get(link.replace("&amp;", "&"))
        assert answered.status_code == 200, link
        assert "質問のことば" in answered.text or "推移" in answered.text


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_shades_are_readable_and_get_darker_also_in_grey() -> None:
    shades = re.findall(r"\.heat \.h[1-5]\{background:(#\w{6})", CSS.read_text(encoding="utf-8"))
    assert len(shades) == 5
    assert [luminance(one) for one in shades] == sorted((luminance(one) for one in shades), reverse=True)
    for shade, ink in zip(shades, ["#1F2A30"] * 4 + ["#FFFFFF"], strict=True):
        assert contrast(shade, ink) >= 4.5


def released(wording: str, yes: int, wave: str) -> SimpleNamespace:
    plan = make_plan(wave, [School("a", "北小")], [GradeCount("a", 1, 200)])
    counts = {"q": {"a.elementary/1": BlockCount(yes, 200)}}
    table = protect(plan, [indicator("q")], counts, key=key(), wordings={"q": wording})
    return SimpleNamespace(release=SimpleNamespace(table=table, plan=plan), wave_id=wave)


def test_over_other_words_nothing_is_compared_and_the_line_breaks() -> None:
    same = [released("a", 10, "w1"), released("a", 90, "w2")]
    other = [released("a", 10, "w1"), released("b", 90, "w2")]
    assert view.city_lines(same)[0].versus in view.CHANGED  # type: ignore[arg-type]
    assert view.city_lines(other)[0].versus == view.REWORDED  # type: ignore[arg-type]
    changed = view.reworded(other, "q")  # type: ignore[arg-type]
    assert changed == (False, True)
    cells = view.series(other, "q", next(other[0].release.table.of("q", PlaceKind.CITY))[0].id)  # type: ignore[arg-type]
    chart = charts.line_chart(["1", "2"], cells, changed)
    assert len(chart.reworded) == 1
    assert [len(run) for run in chart.runs] == [1, 1]
    assert view.series_sentence(cells, reworded=True).startswith(view.REWORDED)


def test_a_wave_without_a_mark_is_not_called_reworded() -> None:
    assert view.reworded([released("", 10, "w1"), released("a", 10, "w2")], "q") == (False, False)  # type: ignore[arg-type]


def test_every_reference_says_where_when_how_many_answered_and_what_it_means() -> None:
    assert len(references()) > 5
    for one in references():
        assert one.evidence in EVIDENCE
        assert re.search(r"\d{4}年|年度", one.source) or one.year >= 2015, one
        assert one.badge
        assert one.response
        assert one.definition
        assert one.note


def test_a_reference_of_lesser_evidence_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "references.yaml"
    file.write_text(
        "references:\n  - {indicator: care, level: all, who: x, percent: 5, source: s, year: 2020,"
        " response: r, definition: d, comparability: hard, note: n, evidence: M}\n",
        encoding="utf-8",
    )
    with pytest.raises(ValueError, match="evidence"):
        references(file)


def test_without_a_reference_there_is_no_drawing_but_a_sentence(pages: dict[str, str]) -> None:
    (rest,) = re.findall(r"<h2>ならべる数字がない項目</h2>(.*)</main>", pages["/welfare/compare"], re.S)
    assert "<svg" not in rest
    assert "commonの題" in rest


def test_who_did_not_answer_and_what_was_skipped(pages: dict[str, str]) -> None:
    page = words(pages["/welfare/response"])
    for part in (
        "あとから送った",
        "「いまはやらない」を選んだ",
        "保護者が希望しなかった",
        "よく眠れますか。",
    ):
        assert part in page
    assert re.search(r"やさしい日本語・ほかの言語\s*\d+〜\d+人\s*およそ\d+%\(\d+〜\d+%\)", page)
    assert re.search(r"よく眠れますか。\s*\d+〜\d+人\s*およそ\d+%\(\d+〜\d+%\)", page)


def test_children_nobody_met_are_counted_large_with_goal_and_definition(pages: dict[str, str]) -> None:
    page = pages["/welfare/outcomes"]
    assert re.search(r'<p class="large">まだ会えていない子ども <strong>\d+〜\d+人</strong>', page)
    assert 'class="goal"' in page
    assert "まだ会えていない子どもも分母に入ります" in page
    assert 'href="/welfare/method#contact-today"' in page


def test_waiting_by_school_is_a_list_in_order_and_never_a_rank(pages: dict[str, str]) -> None:
    page = pages["/welfare/outcomes"]
    (part,) = re.findall(r'<h2 id="by-school">(.*?)<h2>どうなったか', page, re.S)
    heads = re.findall(r'<th scope="row">([^<]+)', part)
    assert heads == [f"s{n}学校" for n in range(4)]
    assert "10人ほどに満たない" in part, "the fourth school has no case"
    assert "<svg" in part


def test_no_page_ranks_or_counts_meetings(pages: dict[str, str]) -> None:
    for path, html in pages.items():
        said = words(html)
        assert not re.search(r"ワースト|最下位|最も悪い学校|\d+位", said), path
        for found in re.findall(r"会議の(?:数|件数|回数)[^。]*。", said):
            assert "ではなく" in found or "数えません" in found, f"{path}: {found}"


def test_every_link_to_the_method_finds_its_paragraph(pages: dict[str, str]) -> None:
    ids = set(re.findall(r'id="([^"]+)"', pages["/welfare/method"]))
    wanted = {anchor for html in pages.values() for anchor in re.findall(r"/welfare/method#([^\"]+)\"", html)}
    assert wanted
    assert wanted <= ids


def test_every_drawing_has_a_sentence_a_name_and_a_table(pages: dict[str, str]) -> None:
    for path, html in pages.items():
        drawings = html.count("<svg")
        assert html.count("<figcaption>") == drawings, path
        assert len(re.findall(r'<svg role="img" aria-labelledby="[^"]+"', html)) == drawings, path
        assert not drawings or html.count("<table") >= 1, path


def test_the_miss_rate_is_public_with_its_interval(officer: TestClient, house: House) -> None:
    with house.client() as anybody:
        page = words(anybody.get("/method").text)
    assert re.search(
        r"見のがしの割合: およそ\d+%\(\d+〜\d+%\)。公表ずみの調査回で点検した回答\d+〜\d+人のうち\d+〜\d+人",
        page,
    )


def test_without_enough_checks_the_method_says_so() -> None:
    few = SimpleNamespace(release=SimpleNamespace(table=SimpleNamespace(measure=lambda _: None)))
    assert outcome_view.missed([few]) is None  # type: ignore[list-item]


def test_pages_are_small_on_the_wire(pages: dict[str, str]) -> None:
    for path, html in pages.items():
        assert len(gzip.compress(html.encode())) < 120_000, path


def test_points_of_a_funnel_are_numbered_in_the_list(pages: dict[str, str]) -> None:
    page = Page("/")
    page.feed(pages["/welfare/indicators/common"])
    numbered = [row[0] for row in page.rows if row and row[0].isdigit()]
    assert numbered == [str(n) for n in range(1, len(numbered) + 1)]
    assert len(numbered) >= 3
    assert "順位ではありません" in page.text


def test_however_many_waves_there_are_a_page_reads_them_at_once(house: House, officer: TestClient) -> None:
    """What may grow is what is read, never how often the database is asked: nothing is asked wave by wave."""
    asked: list[str] = []
    engine = house.runtime.survey.read
    event.listen(engine, "before_cursor_execute", note := lambda *args: asked.append(args[2]))
    try:
        for path in PAGES:
            asked.clear()
            assert officer.get(path).status_code == 200
            again = [statement for statement, times in Counter(asked).items() if times > 1]
            assert [one for one in again if "FROM staff_sessions" not in one] == [], path
            assert sum(one.startswith("SELECT releases.bundle") for one in asked) == 1, path
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_csv_keeps_the_rules_of_machine_readable_tables(officer: TestClient) -> None:
    """総務省: one head, one value to a cell, numbers as numbers, western dates, nothing merged or blank."""
    csrf = re.search(r'name="csrf" value="(\w+)"', officer.get("/welfare/files").text)
    assert csrf
    fields = {"csrf": csrf[1], "format": "csv", "wave": "", "purpose": "試験", "recipient": "試験"}
    content = officer.post("/welfare/files", data=fields).content
    lines = content.decode("utf-8-sig").split("\r\n")
    assert lines[-1] == ""
    assert all(lines[:-1])
    assert len(set(NAMES)) == len(NAMES)
    rows = read_csv(content)
    assert all(len(row) == len(NAMES) for row in rows)
    opened = {row[NAMES.index("opened_on")] for row in rows}
    assert all(re.fullmatch(r"\d{4}-\d{2}-\d{2}", day) for day in opened)
    withheld = [row for row in rows if row[NAMES.index("state")] == "withheld"]
    assert withheld
    assert all(value in (None, "") for row in withheld for value in row[NAMES.index("people_unit") :])


def small_table() -> tuple[SafeTable, object]:
    schools = [School(name, name) for name in "abc"]
    plan = make_plan("w", schools, [GradeCount(name, 1, 30) for name in "abc"])
    counts = {"q": {f"{name}.elementary/1": BlockCount(6, 30) for name in "abc"}}
    return protect(plan, [indicator("q")], counts, key=key()), plan


def test_numbers_put_together_are_attacked_once_more() -> None:
    table, plan = small_table()
    kinds = {PlaceKind.CITY, PlaceKind.UNIT}
    refuse_if_combined_pins(table, plan, kinds)  # type: ignore[arg-type]
    leaky = tuple(_exact(table, cell) for cell in table.cells)
    with pytest.raises(ReleaseRefused, match="合わせると"):
        refuse_if_combined_pins(replace(table, cells=leaky, seal=SEAL), plan, kinds)  # type: ignore[arg-type]


def _exact(table: SafeTable, cell):  # type: ignore[no-untyped-def]
    """City exactly, and two of three schools exactly: the third is what is left."""
    place = table.place(cell.place)
    if place.kind is PlaceKind.CITY:
        return SafeCell.row(cell._replace(low=18, high=18), SEAL)
    if place.kind is PlaceKind.UNIT and place.members[0][0] != "c":
        return SafeCell.row(cell._replace(low=6, high=6), SEAL)
    return cell


def test_a_pack_names_no_school_unless_asked(officer: TestClient) -> None:
    page = officer.get("/welfare/files/pack").text
    assert re.search(r'name="unnamed" value="yes" checked', page)
    csrf = re.search(r'name="csrf" value="(\w+)"', page)
    assert csrf
    fields = {
        "csrf": csrf[1],
        "wave": "w2",
        "purpose": "会議",
        "recipient": "委員",
        "section": ["response", "schools"],
    }
    unnamed = officer.post("/welfare/files/pack", data={**fields, "unnamed": "yes"})
    named = officer.post("/welfare/files/pack", data=fields)
    assert "s0学校" in text_of_pdf(named.content)
    assert not re.search(r"(s\d|c\d|lone|high|eight)学校", text_of_pdf(unnamed.content))
    assert "学校名と、学校ごとの数字は出していません" in text_of_pdf(unnamed.content)
    nothing = officer.post(
        "/welfare/files/pack", data={key_: v for key_, v in fields.items() if key_ != "section"}
    )
    assert nothing.status_code == 422


def test_a_pack_without_names_gives_no_school_away_by_its_size(house: House, officer: TestClient) -> None:
    """Everybody in a city knows which school is the small one: a row with its numbers names it."""
    csrf = re.search(r'name="csrf" value="(\w+)"', officer.get("/welfare/files/pack").text)
    assert csrf
    fields = {"csrf": csrf[1], "wave": "w2", "purpose": "会議", "recipient": "委員", "unnamed": "yes"}
    made = officer.post("/welfare/files/pack", data={**fields, "section": ["response", "schools"]}).content
    with house.runtime.reading() as db:
        table = released_waves(db, house.runtime.keys)[-1].release.table
    wide = {
        number
        for kind in (PlaceKind.CITY, PlaceKind.LEVEL)
        for _, cell in table.of(RESPONSE.id, kind)
        for number in (cell.people, cell.asked)
    }
    assert read_pdf(made) <= wide
    assert "学校A" not in text_of_pdf(made)
    rows = re.findall(r"(\d+)校(\d+)校(\d+)校", text_of_pdf(made))
    assert {sum(map(int, row)) for row in rows} <= {
        sum(1 for _ in table.of(note.id, PlaceKind.UNIT)) for note in table.indicators
    }
    assert rows


def test_a_level_of_one_school_is_that_school() -> None:
    """With every name left out, the only 中学校 of a city would still stand there as 中学校."""
    schools = [School(name, name) for name in "abcd"]
    counts = [GradeCount(name, 1, 30) for name in "abc"]
    plan = make_plan("w", schools, [*counts, GradeCount("d", 7, 30)])
    blocks = {f"{name}.elementary/1": BlockCount(27, 30) for name in "abc"}
    table = protect(
        plan, [RESPONSE], {RESPONSE.id: {**blocks, "d.junior_high/7": BlockCount(27, 30)}}, key=key()
    )
    named = [row["title"] for row in meeting_pack._response(table, Choice(unnamed=False))]
    assert any("中学校" in title for title in named)
    assert [row["title"] for row in meeting_pack._response(table, Choice())] == ["市全体"]


def test_days_in_a_list_of_parts_say_where_they_begin_and_in_a_curve_that_they_add_up() -> None:
    assert [outcomes.part_words(part, "3日まで") for part in ("d0", "d3", "not-yet")] == [
        "その日",
        "2〜3日後",
        "3日まで",
    ]
    assert [outcomes.by_words(last) for last in (0, 3)] == ["その日のうち", "3日以内"]


def test_below_sixty_percent_the_page_says_whose_numbers_they_are(pages: dict[str, str]) -> None:
    page = pages["/welfare/response"]
    (said,) = re.findall(r"<strong>([^<]+)</strong>: 回答が60%に届いていないかもしれません", page)
    rows = dict(re.findall(r'<th scope="row">([^<]+)</th><td>[^<]*</td><td>[^<]*</td><td>(\d+)〜', page))
    thin = {title for title, low in rows.items() if int(low) < 60}
    assert thin
    assert set(said.split("、")) == thin
    assert "答えた人だけのもの" in page
