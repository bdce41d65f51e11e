"""Somebody with a city login fetches everything there is, over all waves, and attacks it: nobody is pinned.

Planted cities: a school of 3, one of 8, grades of 1, a school that refused, a school of two levels, questions
that everybody or nobody answers yes to, twice the same answers in two waves (the attacker's best case).
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import event
from sqlmodel import col, delete, select
from starlette.testclient import TestClient

from survey_api.services.insights.bounds import Claim, bounds, percent_claim
from survey_api.services.insights.bundle import bundle_bytes
from survey_api.services.insights.intervals import people_over, words_of
from survey_api.services.insights.keys import release_key
from survey_api.services.insights.leaks import LEAKS
from survey_api.services.insights.limits import EPSILON
from survey_api.services.insights.outcomes import CaseFacts, Ending, Helped, skips, tallies, waiting
from survey_api.services.insights.safe import PlaceKind, SafeMeasure, SafeTable
from survey_api.tables.cases import Case, CaseEvent
from survey_api.tables.releases import Release
from survey_api.tables.results import Result
from survey_api.tables.submissions import Submission
from survey_api.tables.waves import Wave
from survey_api.vocabulary import Outcome, Urgency, WaveState
from tests.answered import answer, close, release
from tests.house import SETUP, House, open_house
from tests.survey_api.services.insights.planted import INDICATORS, City, city
from tests.survey_ui.crawl import Fetched, Page, crawl, doors_of_welfare, numbers, ranges
from tests.survey_ui.read_files import NAMES, Numbers, read_any, read_pdf

SEEDS = (1, 2, 3, 4, 5)
WAVES = ("w1", "w2")
DAY = date(2026, 1, 13)


@contextmanager
def planted_house(folder: Path, seed: int) -> Iterator[tuple[House, dict[str, City]]]:
    """A house whose stored releases are those of a planted city, two waves of it."""
    with open_house(folder, pupils=1) as house:
        key = release_key(house.runtime.keys.keys.get("rounding"), house.runtime.keys.keys.get("release"))
        cities = {wave: city(seed, wave) for wave in WAVES}
        with house.runtime.work(SETUP) as work:
            for number, (name, planted) in enumerate(cities.items()):
                opens = DAY + timedelta(days=182 * number)
                work.db.add(
                    Wave(
                        id=name, name=name, opens_on=opens, closes_on=opens, state=WaveState.CLOSED,
                        plan=planted.plan.canonical().decode(),
                    )
                )  # fmt: skip
                work.db.flush()
                bundle = bundle_bytes(planted.plan, planted.table(key, became()), key=key)
                made = datetime(opens.year, opens.month, opens.day, tzinfo=UTC)
                work.db.add(Release(id=name, wave_id=name, made_at=made, made_by="x", bundle=bundle))
        yield house, cities


def became() -> list:
    """Outcomes of some cases: what they say is in the bundle, and pinned by nothing."""
    cases = [
        CaseFacts(Urgency.TODAY, DAY, DAY + timedelta(days=n % 9), n % 2 == 0, waited=n % 9)
        for n in range(30)
    ]
    cases += [CaseFacts(Urgency.THIS_WEEK, DAY, None, False)] * 12
    over = [
        Ending(Outcome.OTHER_NEED, closed=True, handed_over=n % 2 == 0, met_again=True) for n in range(20)
    ]
    helped = [Helped(Urgency.CHECK, True, None)] * 15
    read = ["missed"] * 3 + ["rightly"] * 60
    silent = ["sent"] * 300 + ["none"] * 40 + ["guardian"] * 5
    made = tallies(
        cases,
        over,
        helped,
        promised_by=lambda day: day + timedelta(days=14),
        checks=read,
        silent=silent,
        supported=[n % 9 == 0 for n in range(300)],
    )
    places = [(f"s{n}.elementary", f"s{n}学校", frozenset({(f"s{n}", 1)})) for n in range(4)]
    many = cases * 3  # so many at each school that no noise puts one below the least that is shown
    waits = [replace(case, place=(f"s{n % 3}", 1)) for n, case in enumerate(many)]
    questions = skips("chu", {"sleep": "よく眠れますか。", "hurt": "けがをしましたか。"}, {"sleep": (9, 200)})
    return [*made, *waiting(waits, places), *questions]


@cache
def everything(seed: int) -> tuple[dict[str, Fetched], dict[str, City], dict[str, SafeTable]]:
    with TemporaryDirectory() as folder, planted_house(Path(folder), seed) as (house, cities):
        key = release_key(house.runtime.keys.keys.get("rounding"), house.runtime.keys.keys.get("release"))
        with house.client() as client:
            house.sign_in(client, "ito")
            fetched = crawl(client, choices=seed == SEEDS[0])
            fetched |= files_of(client)
        return fetched, cities, {name: one.table(key, became()) for name, one in cities.items()}


def files_of(client: TestClient) -> dict[str, Fetched]:
    """Every file a city login can take: each format over all waves, the pack with and without names."""
    csrf = re.search(r'name="csrf" value="(\w+)"', client.get("/welfare/files").text)
    assert csrf
    fields = {"csrf": csrf[1], "purpose": "攻撃の試験", "recipient": "攻撃者"}
    sections = {"section": ["city", "trends", "response", "outcomes", "schools"]}
    asked: list[tuple[str, str, dict[str, object]]] = [
        (f"file.{kind}", "/welfare/files", {"format": kind, "wave": ""}) for kind in FORMATS
    ]
    asked += [
        (f"{wave}{named or 'named'}.pdf", "/welfare/files/pack", {"wave": wave, "unnamed": named, **sections})
        for wave in WAVES
        for named in ("", "yes")
    ]
    found = {}
    for name, door, more in asked:
        answered = client.post(door, data={**fields, **more})
        assert answered.status_code == 200, answered.text
        kind = answered.headers["content-type"].partition(";")[0]
        found[name] = Fetched(name, kind, answered.content)
    return found


FORMATS = ("csv", "xlsx", "sav", "dta", "parquet", "zip", "pdf")


@cache
def rows_of(seed: int, name: str) -> Numbers:
    """What one of the files says, row by row."""
    with TemporaryDirectory() as folder:
        return read_any(name.partition(".")[2], everything(seed)[0][name].body, Path(folder))


@cache
def said(seed: int) -> dict[str, set[tuple[str, str, int, int]]]:
    """Per wave: (indicator id, place title, low, high) as found on the pages."""
    fetched, _, tables = everything(seed)
    titles = {note.title: note.id for table in tables.values() for note in table.indicators}
    found: dict[str, set[tuple[str, str, int, int]]] = {wave: set() for wave in WAVES}
    for one in fetched.values():
        if one.kind == "text/html":
            for number in numbers(one, list(WAVES)):
                indicator = titles.get(number.indicator, number.indicator)
                found[number.wave].add((indicator, number.place, number.low, number.high))
    for kind in FORMATS[:-1]:
        for row in (dict(zip(NAMES, line, strict=True)) for line in rows_of(seed, f"file.{kind}")):
            if row["people_low"] is not None and not row["part"]:
                place = row["place_title"]
                found[row["wave"]].add((row["indicator"], place, row["people_low"], row["people_high"]))
    return found


@cache
def claims_of(seed: int, wave: str) -> dict[str, list[Claim]]:
    """What the attacker knows after reading: the plan is public, so a title says which children it is about."""
    _, cities, tables = everything(seed)
    table, planted = tables[wave], cities[wave]
    named = {
        (cell.indicator, table.place(cell.place).title): table.place(cell.place)
        for cell in table.cells
        if table.place(cell.place).kind is not PlaceKind.GRADE
    }
    claims: dict[str, list[Claim]] = {}
    for indicator, title, low, high in said(seed)[wave]:
        place = named.get((indicator, title))
        if place is not None:
            atoms = frozenset(atom for atom, n in planted.answered.items() if n and place.holds(*atom))
            claims.setdefault(indicator, []).append(Claim(atoms, low, high))
    return claims


def test_every_door_of_a_city_login_is_in_the_crawl() -> None:
    """Whatever page is added for it, here or at another desk: the table of doors knows it, and it is attacked."""
    fetched, _, _ = everything(1)
    reached = {path.partition("?")[0] for path in fetched}
    assert {"/counselor/places", "/counselor/appointments", "/welfare/outcomes"} <= set(doors_of_welfare())
    moved_on = {"/staff"}  # sends everybody to their own first page
    assert set(doors_of_welfare()) - moved_on <= reached


@pytest.mark.parametrize("seed", SEEDS)
def test_every_protected_number_is_found_by_the_crawl(seed: int) -> None:
    """Otherwise the attack below would attack less than there is."""
    _, _, tables = everything(seed)
    for wave, table in tables.items():
        for cell in table.cells:
            title = table.place(cell.place).title
            assert (cell.indicator, title, cell.low, cell.high) in said(seed)[wave], (wave, cell)


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_that_is_shown_pins_anybody(seed: int) -> None:
    """A1, A2: no group's count, no all-yes, no all-no; and the ranges stay wide for protected groups."""
    _, cities, _ = everything(seed)
    for wave in WAVES:
        known, widths = cities[wave].answered, []
        for one in INDICATORS:
            sizes = {atom: n for atom, n in known.items() if atom[1] in one.grades and n > 0}
            claims = claims_of(seed, wave)[one.id]
            groups = [frozenset({atom}) for atom in sizes] + [claim.atoms for claim in claims]
            for group, (low, high) in zip(groups, bounds(sizes, claims, groups), strict=True):
                n = sum(sizes[atom] for atom in group)
                assert low < high, f"{one.id}: {group} is exactly {low}"
                assert low < n, f"{one.id}: everybody in {group}"
                assert high > 0, f"{one.id}: nobody in {group}"
                if len(group) == 1 and n < 10:
                    widths.append((high - low) / n)
        assert sum(widths) / len(widths) >= 0.6


@pytest.mark.parametrize("seed", SEEDS)
def test_both_waves_together_pin_nobody_where_a_trait_lasts(seed: int) -> None:
    """Worst case: nobody came, nobody left, nobody changed, and the attacker knows it."""
    _, cities, _ = everything(seed)
    sizes = {atom: n for atom, n in cities["w1"].answered.items() if n > 0}
    for one in INDICATORS:
        if not one.stable:
            continue
        asked = {atom: n for atom, n in sizes.items() if atom[1] in one.grades}
        claims = [claim for wave in WAVES for claim in claims_of(seed, wave)[one.id]]
        groups = [frozenset({atom}) for atom in asked] + [claim.atoms for claim in claims]
        for group, (low, high) in zip(groups, bounds(asked, claims, groups), strict=True):
            assert low < high
            assert (low, high) != (0, 0)
            assert low < sum(asked[atom] for atom in group)


def test_a_guesser_hardly_ever_finds_a_child() -> None:
    """A3: whoever takes the middle of every block as each child's chance never reaches 80 % confidence."""
    guesses, yes = 0, 0
    for seed in SEEDS:
        _, cities, _ = everything(seed)
        for wave in WAVES:
            for one in INDICATORS:
                if one.id in ("all-yes", "all-no", "response"):
                    continue
                yes += sum(cities[wave].yes[one.id].values())
                for claim in claims_of(seed, wave)[one.id]:
                    n = sum(cities[wave].answered[atom] for atom in claim.atoms)
                    if (claim.low + claim.high) / 2 / n >= 0.8:
                        guesses += n
    assert yes > 1000
    assert guesses <= yes / 1000


@pytest.mark.parametrize("seed", SEEDS)
def test_every_number_of_people_anywhere_is_in_the_signed_bundle(seed: int) -> None:
    """A4, whatever the page or file; exact numbers of people appear in the public plan only."""
    fetched, _, tables = everything(seed)
    known = {cell.people for table in tables.values() for cell in table.cells}
    known |= {cell.asked for table in tables.values() for cell in table.cells}
    for table in tables.values():
        known |= sums(table)
    known |= sums(*tables.values())
    for path, one in fetched.items():
        if one.kind == "application/pdf":
            shown = read_pdf(one.body)
            assert len(shown) > 5, path
        elif one.kind == "text/html":
            shown = set(re.findall(r"\d+〜\d+人", one.page.text + "\n".join(one.page.spoken)))
            for tag, attributes in one.page.shapes:
                assert set(attributes) <= SHAPE_ATTRIBUTES, f"{path}: {tag} carries {set(attributes)}"
        else:
            continue
        assert shown <= known, f"{path}: {shown - known}"


@pytest.mark.parametrize("seed", SEEDS)
def test_every_file_holds_exactly_the_bundles_numbers(seed: int) -> None:
    """A4 for CSV, XLSX, SAV, DTA, Parquet and the package: the same rows, number for number, and no others."""
    _, _, tables = everything(seed)
    expected = {
        (wave, cell.indicator, "", cell.place, cell.low, cell.high, cell.n_low, cell.n_high)
        for wave, table in tables.items()
        for cell in table.cells
    } | {
        (wave, measure.id, part.id, "city", part.low, part.high, None, None)
        for wave, table in tables.items()
        for measure in table.measures
        for part in measure.parts
    }
    wanted = [NAMES.index(name) for name in ("wave", "indicator", "part", "place")]
    numbers = [NAMES.index(name) for name in ("people_low", "people_high", "asked_low", "asked_high")]
    for kind in FORMATS[:-1]:
        rows = [tuple(row[at] for at in wanted + numbers) for row in rows_of(seed, f"file.{kind}")]
        assert {row for row in rows if row[4] is not None} == expected, kind
        assert len(rows) == len(set(rows)), kind


@pytest.mark.parametrize("seed", SEEDS)
def test_no_coordinate_of_a_drawing_says_more_than_the_bundle(seed: int) -> None:
    """Whatever is measured off an interval or a funnel is an end of a released range, not a share in between."""
    fetched, _, tables = everything(seed)
    checked = 0
    for path, one in fetched.items():
        indicator = re.search(r"/indicators/([^/?]+)", path)
        if one.kind != "text/html" or indicator is None:
            continue
        cells = [cell for table in tables.values() for cell in table.cells if cell.indicator == indicator[1]]
        allowed = {float(end) for cell in cells for end in (cell.likely_low, cell.likely_high)}
        allowed |= {
            100 * end / ((cell.n_low + cell.n_high) / 2) for cell in cells for end in (cell.low, cell.high)
        }
        for drawing in re.findall(r"<svg.*?</svg>", one.body.decode(), re.S):
            for value, top in measured_off(drawing):
                near = min(abs(value - min(end, top)) for end in allowed)
                assert near <= 0.0012 * top, f"{path}: {value:.2f} %"
                checked += 1
    assert checked > 100


def measured_off(drawing: str) -> list[tuple[float, float]]:
    """Ends of the whiskers of one drawing in percent, by its own axis; and the axis's highest number."""
    found: list[tuple[float, float]] = []
    marks = re.findall(
        r'<line x1="([\d.]+)" x2="([\d.]+)" y1="([\d.]+)" y2="([\d.]+)" class="tick"/>\s*<text[^>]*>(\d+)%',
        drawing,
    )
    axis = [(float(x1), float(y1), int(n)) for x1, _, y1, _, n in marks]
    if len(axis) < 2:
        return found
    flat = axis[0][0] == axis[1][0]  # lines from side to side: the percentage runs upwards
    (first, low), (last, high) = ((a[1] if flat else a[0], a[2]) for a in (axis[0], axis[-1]))
    whiskers = re.findall(
        r'<line x1="([\d.-]+)" x2="([\d.-]+)" y1="([\d.-]+)" y2="([\d.-]+)" class="whisker"/>', drawing
    )
    for x1, x2, y1, y2 in whiskers:
        for end in (y1, y2) if flat else (x1, x2):
            found.append((low + (float(end) - first) * (high - low) / (last - first), float(high)))
    return found


def sums(*tables: SafeTable) -> set[str]:
    """Sums of parts of one outcome, and of the same parts over outcomes of one kind: all that pages add up.

    Of several waves only the random checks are put together, on the method page.
    """
    alike: dict[tuple[str, ...], list[SafeMeasure]] = {}
    for measure in (measure for table in tables for measure in table.measures):
        if measure.parts and (len(tables) == 1 or measure.id == "checks"):
            alike.setdefault(tuple(part.id for part in measure.parts), []).append(measure)
    return {
        words_of(people_over(some, parts))
        for names, measures in alike.items()
        for some in [*([one] for one in measures), measures]
        for size in range(1, len(names) + 1)
        for parts in combinations(names, size)
    }


SHAPE_ATTRIBUTES = {
    "x1", "x2", "y1", "y2", "cx", "cy", "r", "x", "y", "width", "height", "points", "d", "class", "fill",
}  # fmt: skip


def test_all_that_was_fetched_is_a_kind_we_know_and_has_no_row_about_a_child() -> None:
    fetched, _, _ = everything(1)
    assert len(fetched) > 20
    for path, one in fetched.items():
        assert one.kind in KINDS, f"{path} is {one.kind}: teach the attack to read it"
        assert b"pseudonym" not in one.body


KINDS = {
    "text/html",
    "text/csv",
    "application/pdf",
    "application/zip",
    "application/octet-stream",
    "application/vnd.apache.parquet",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def test_fifty_reloads_and_two_people_see_the_same_figures(tmp_path: Path) -> None:
    """A5."""
    with planted_house(tmp_path, 1) as (house, _):
        seen = set()
        for login in ("ito", "kato"):
            with house.client() as client:
                house.sign_in(client, login)
                for _ in range(25):
                    seen.add(re.sub(r'name="csrf" value="\w+"', "", client.get("/welfare/schools").text))
    assert len(seen) == 1


def test_an_answer_more_or_less_after_the_release_changes_no_figure(tmp_path: Path) -> None:
    """A6: on the real way, with real answers."""
    with open_house(tmp_path, banks=("sho-high", "chu"), pupils=14) as house:
        answer(house, worried=4, silent=1)
        close(house)
        release(house)
        with house.client() as client:
            house.sign_in(client, "ito")
            before = figures(client)
            with house.runtime.work(SETUP) as work:
                rows = work.db.exec(select(Submission).order_by(col(Submission.id))).all()
                for row in rows[:5]:
                    row.state = "declined"
                for row in rows[5:10]:
                    row.sealed = rows[12].sealed  # an answer that is another one now
                work.db.add_all(rows)
                work.db.connection().execute(delete(CaseEvent))
                work.db.connection().execute(delete(Case))
                gone = rows[14].id
                work.db.connection().execute(delete(Result).where(col(Result.submission_id) == gone))
                work.db.connection().execute(delete(Submission).where(col(Submission.id) == gone))
            assert figures(client) == before
            assert len(before) > 20


def figures(client: TestClient) -> dict[str, str]:
    return {
        path: re.sub(r'name="csrf" value="\w+"', "", one.body.decode())
        for path, one in crawl(client, choices=False).items()
        if one.kind == "text/html" and path != "/welfare/files"  # which also lists who took what
    } | {"file": client.post("/welfare/files", data=_csv_fields(client)).text}


def _csv_fields(client: TestClient) -> dict[str, str]:
    csrf = re.search(r'name="csrf" value="(\w+)"', client.get("/welfare/files").text)
    assert csrf
    return {"csrf": csrf[1], "format": "csv", "wave": "", "purpose": "くらべる", "recipient": "試験"}


RAW = (
    "submissions", "results", "cases", "case_events", "students", "tickets", "answer_keys", "drafts", "check_items",
)  # fmt: skip


def test_no_page_and_no_file_reads_a_row_about_a_child(tmp_path: Path) -> None:
    """Structure behind the scale: whatever the number of submissions, pages and files read stored bundles."""
    with planted_house(tmp_path, 1) as (house, _), house.client() as client:
        house.sign_in(client, "ito")
        asked: list[str] = []
        store = house.runtime.survey
        for engine in {store.read, store.write}:
            event.listen(engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
        crawl(client, choices=False)
        files_of(client)
    assert len(asked) > 50
    touched = {table for table in RAW for words in asked if re.search(rf"\b{table}\b", words)}
    assert touched == set()


@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: leak.name)
def test_the_attack_has_teeth(leak) -> None:  # type: ignore[no-untyped-def]
    """A9: each careless table, printed as a page, is read and broken."""
    names = {frozenset(claim.atoms): "・".join(sorted(claim.atoms)) for claim in leak.claims}
    percent = {claim.atoms for claim in leak.claims if leak.name.startswith("exact percentage")}
    rows = "".join(
        f"<tr><th>{names[claim.atoms]}</th><td>{'14.3%' if claim.atoms in percent else f'{claim.low}人'}</td></tr>"
        for claim in leak.claims
    )
    page = Page("/welfare/indicators/q")
    page.feed(f"<table><tr><th>所</th><th>人数</th></tr>{rows}</table>")
    titles = {title: atoms for atoms, title in names.items()}
    read = []
    for row in page.rows[1:]:
        atoms = titles[row[0]]
        if "%" in row[1]:
            size = sum(leak.sizes[atom] for atom in atoms)
            read.append(percent_claim(atoms, row[1].rstrip("%"), size))
        else:
            ((low, high),) = ranges(row[1])
            read.append(Claim(atoms, low, high))
    low, high = bounds(dict(leak.sizes), read, [frozenset({leak.victim})])[0]
    assert low == high


def test_epsilon_is_printed_where_parents_can_read_it() -> None:
    fetched, _, _ = everything(1)
    assert f"ε={EPSILON}" in fetched["/method"].page.text
