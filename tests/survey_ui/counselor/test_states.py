"""States a case page may be in beside the usual one: taken back, broken off; and ways in: signing in, another order."""

from pathlib import Path

from survey_api.access import queries as access_queries
from survey_api.journeys.withdraw_answers import withdraw_answers
from survey_api.kit.actor import Actor, ActorKind
from survey_api.vocabulary import WithdrawnBy
from tests.house import bank, open_house, worst_answers
from tests.survey_ui.counselor.room import open_room, send
from tests.survey_ui.counselor.test_queue import wishing


def test_a_case_whose_answers_were_taken_back_says_so(tmp_path: Path) -> None:
    """What a person wrote and why somebody was called stays; no answer does, on the page or beside the queue."""
    with open_room(tmp_path) as room:
        room.post("note", words="保健室で会う約束をした")
        office = room.house.staff["ono"]
        with room.house.runtime.reading() as db:
            actor = Actor(ActorKind.STAFF, office, access_queries.grants_of(db, office))
        with room.house.runtime.work(actor) as work:
            withdraw_answers(
                work, room.house.schools["north"], "青-100", room.house.wave_id, WithdrawnBy.GUARDIAN
            )
        for place in (room.here, f"{room.here}/glance"):
            page = room.client.get(place).text
            assert "取り消" in page
            assert "いえに かえりたくない" not in page
            assert "12〜14日" not in page
        assert "保健室で会う約束をした" in room.client.get(room.here).text
        assert room.client.get("/counselor/").status_code == 200


def test_an_answer_sheet_that_broke_off_says_what_that_means(tmp_path: Path) -> None:
    with open_house(tmp_path, pupils=1) as house, house.client() as client:
        whole = worst_answers(bank("chu"))
        send(house, house.pupils[0], dict(list(whole.items())[:6]))
        house.sign_in(client, "aoki")
        queue = client.get("/counselor/").text
        page = client.get("/counselor/cases/" + queue.split("/counselor/cases/")[1].split('"')[0]).text
    assert "途中までの回答です" in page
    assert "問題なしの意味ではありません" in page


def test_the_order_of_the_queue_is_the_same_every_time(tmp_path: Path) -> None:
    """Most urgent first, then by due day, then as they came in a fixed order; nobody's look changes it."""
    with open_house(tmp_path, pupils=6) as house, house.client() as client:
        for number, pupil in enumerate(house.pupils):
            send(house, pupil, wishing() if number % 2 else worst_answers(bank("chu")))
        house.sign_in(client, "aoki")
        orders = {
            tuple(part.split('"')[0] for part in client.get("/counselor/").text.split('<tr id="')[1:])
            for _ in range(3)
        }
        page = client.get("/counselor/").text
    assert len(orders) == 1
    assert page.rindex('class="pill today"') < page.index('class="pill this_week"')


def test_a_one_time_code_can_be_pasted(tmp_path: Path) -> None:
    """Every field for a code names itself to the browser and takes what is pasted: no script stands in the way."""
    templates = Path(__file__).resolve().parents[3] / "survey_ui" / "signin" / "templates"
    fields = [
        (template.name, line)
        for template in templates.glob("*.html")
        for line in template.read_text().splitlines()
        if 'name="code"' in line
    ]
    assert {name for name, _ in fields} >= {"second.html", "enrol.html"}
    assert all('autocomplete="one-time-code"' in line for _, line in fields)
    assert all("readonly" not in line and "onpaste" not in line for _, line in fields)
    scripts = Path(__file__).resolve().parents[3] / "survey_ui" / "static" / "js"
    assert not any('"paste"' in path.read_text() for path in scripts.rglob("*.js"))
