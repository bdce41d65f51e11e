"""Somebody with a city login fetches everything there is, over all waves, and attacks it: nobody is pinned.

Planted cities: a school of 3, one of 8, grades of 1, a school that refused, a school of two levels, questions
that everybody or nobody answers yes to, twice the same answers in two waves (the attacker's best case).
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from survey_api.services.insights.bounds import Claim, bounds, percent_claim
from survey_api.services.insights.bundle import bundle_bytes
from survey_api.services.insights.intervals import people_over, words_of
from survey_api.services.insights.keys import release_key
from survey_api.services.insights.leaks import LEAKS
from survey_api.services.insights.limits import EPSILON
from survey_api.services.insights.outcomes import CaseFacts, Ending, Helped, tallies
from survey_api.services.insights.safe import PlaceKind, SafeMeasure, SafeTable
from survey_api.tables.releases import Release
from survey_api.tables.submissions import Submission
from survey_api.tables.waves import Wave
from survey_api.vocabulary import Outcome, Urgency, WaveState
from tests.answered import answer, close, release
from tests.house import SETUP, House, open_house
from tests.survey_api.services.insights.planted import INDICATORS, City, city
from tests.survey_ui.crawl import Fetched, Page, crawl, numbers, ranges

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
    cases = [CaseFacts(Urgency.TODAY, DAY, DAY + timedelta(days=n % 9), n % 2 == 0) for n in range(30)]
    cases += [CaseFacts(Urgency.THIS_WEEK, DAY, None, False)] * 12
    over = [
        Ending(Outcome.OTHER_NEED, closed=True, handed_over=n % 2 == 0, met_again=True) for n in range(20)
    ]
    helped = [Helped(Urgency.CHECK, True, None)] * 15
    return list(tallies(cases, over, helped, promised_by=lambda day: day + timedelta(days=14)))


@cache
def everything(seed: int) -> tuple[dict[str, Fetched], dict[str, City], dict[str, SafeTable]]:
    with TemporaryDirectory() as folder, planted_house(Path(folder), seed) as (house, cities):
        key = release_key(house.runtime.keys.keys.get("rounding"), house.runtime.keys.keys.get("release"))
        with house.client() as client:
            house.sign_in(client, "ito")
            fetched = crawl(client, choices=seed == SEEDS[0])
        return fetched, cities, {name: one.table(key, became()) for name, one in cities.items()}


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
                if one.id in ("all-yes", "all-no"):
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
    for path, one in fetched.items():
        if one.kind != "text/html":
            continue
        shown = set(re.findall(r"\d+〜\d+人", one.page.text))
        assert shown <= known, f"{path}: {shown - known}"
        for tag, attributes in one.page.shapes:
            assert set(attributes) <= SHAPE_ATTRIBUTES, f"{path}: {tag} carries {set(attributes)}"


def sums(table: SafeTable) -> set[str]:
    """Sums of parts of one outcome, and of the same parts over outcomes of one kind: all that pages add up."""
    alike: dict[tuple[str, ...], list[SafeMeasure]] = {}
    for measure in table.measures:
        if measure.parts:
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


KINDS = {"text/html"}


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
                for row in work.db.exec(select(Submission).limit(5)).all():
                    row.state = "declined"
                    work.db.add(row)
            assert figures(client) == before
            assert len(before) > 20


def figures(client: TestClient) -> dict[str, str]:
    return {
        path: re.sub(r'name="csrf" value="\w+"', "", one.body.decode())
        for path, one in crawl(client, choices=False).items()
        if one.kind == "text/html"
    }


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
