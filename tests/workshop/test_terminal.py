"""What the terminal says to a person: in Japanese, before anything is lost, and true."""

import ast
import json
import re
import socket
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from survey_api.cli import practice, serve
from survey_api.cli.main import app, run
from survey_api.kit.actor import Actor
from survey_api.kit.db import make_engine
from survey_api.kit.keyfile import read_key_file
from survey_api.kit.problems import Problem
from survey_api.settings import Settings
from survey_api.tables.waves import Ticket
from survey_api.vocabulary import TicketState
from tests.architecture.tree import PROJECT
from tests.house import House, open_house


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.chdir(tmp_path)
    with open_house(tmp_path) as opened:
        settings = opened.runtime.settings
        for name in ("survey_database_url", "vault_database_url", "key_file", "checkpoint_folder"):
            monkeypatch.setenv(f"KIZUKI_{name.upper()}", str(getattr(settings, name)))
        yield opened


def typed(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def told(done: Result) -> str:
    """What a person reads: what was printed, or the one sentence of a refusal."""
    if done.exception and not isinstance(done.exception, SystemExit):
        assert isinstance(done.exception, Problem), repr(done.exception)
        return done.exception.detail
    return done.output


def test_replacing_the_keys_asks_for_a_copy_of_the_former_ones_and_says_how_long_to_keep_it(
    house: House,
) -> None:
    path = house.runtime.settings.key_file
    before = read_key_file(path)
    asked = typed("keys", "rotate")
    assert "--former-copied" in told(asked)
    assert read_key_file(path) == before, "nothing was changed"
    said = told(typed("keys", "rotate", "--former-copied"))
    assert read_key_file(path) != before
    for words in ("前の鍵ファイルでだけ開きます", "35日", "`kizuki backup`"):
        assert words in said


@pytest.mark.parametrize("words", [("keys", "backup"), ("lab", "key")])
def test_a_private_key_that_cannot_be_written_is_one_sentence(tmp_path: Path, words: Sequence[str]) -> None:
    there = tmp_path / "there"
    there.write_text("kept")
    for path in (there, tmp_path / "absent" / "key"):
        assert str(path) in told(typed(*words, str(path)))
    assert there.read_text() == "kept"


def test_databases_are_for_their_owner_only(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/new/survey.db", read_only=False)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
        made = sorted(each.name for each in (tmp_path / "new").iterdir())
        modes = {stat.S_IMODE(each.stat().st_mode) for each in (tmp_path / "new").iterdir()}
    engine.dispose()
    assert made == ["survey.db", "survey.db-shm", "survey.db-wal"]
    assert modes == {0o600}
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_it_says_that_it_runs_once_it_answers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []

    def answers(_settings: Settings) -> bool:
        asked.append(capsys.readouterr().out)
        return len(asked) == 3

    monkeypatch.setattr(serve, "answers", answers)
    monkeypatch.setattr(serve, "BETWEEN_TRIES", 0)
    serve.say_when_it_answers(Settings(_env_file=None))
    assert asked == ["", "", ""]
    assert "で動いています" in capsys.readouterr().out
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.undo()
        assert not serve.answers(Settings(port=free.getsockname()[1], _env_file=None))


def test_the_address_that_is_printed_can_be_opened_from_elsewhere() -> None:
    for host in ("0.0.0.0", "::"):
        address = Settings(host=host, port=8100, _env_file=None).address
        assert host not in address.removesuffix(":8100")
        assert address.startswith("http://")
    assert Settings(host="127.0.0.1", port=8100, _env_file=None).address == "http://127.0.0.1:8100"


def test_a_ticket_that_was_only_opened_is_not_called_used(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    states = (TicketState.UNUSED, TicketState.OPENED, TicketState.SPENT, TicketState.REVOKED)
    shown = dict(zip(("sho-low", "sho-high", "chu", "kou"), house.pupils, strict=False))
    with house.runtime.work(Actor.job("test")) as work:
        for pupil, state in zip(shown.values(), states, strict=True):
            work.db.get_one(Ticket, pupil.ticket_id).state = state
    note = {
        "tickets": {bank: f"http://x/t#{pupil.ticket.secret}" for bank, pupil in shown.items()},
        "codes": {bank: pupil.ticket.code for bank, pupil in shown.items()},
        "sign_ins": {},
    }
    (tmp_path / "practice.json").write_text(json.dumps(note))
    practice.say_what_to_open(house.runtime.settings)
    lines = [line for line in capsys.readouterr().out.splitlines() if "/t#" in line]
    assert ["使用済み" in line for line in lines] == [False, False, True, False]
    assert "つづき" in lines[1]
    assert "使えません" in lines[3]


def test_the_trail_and_the_jobs_speak_to_their_operator(house: House) -> None:
    assert "記録の鎖はつながっています" in told(typed("audit", "verify"))
    said = told(typed("jobs", "run"))
    assert "保存期間を過ぎたもの" in said
    assert "対応待ちができたこと" in said
    table = told(typed("retention"))
    assert "調査回の終わり" in table
    assert not [word for word in ("wave_end", "left_school", "written", "published") if word in table]


def test_a_lost_key_file_is_not_replaced_by_an_invented_one(house: House) -> None:
    """In practice too: a new one opens nothing, and a backup would name it as the one it needs."""
    path = house.runtime.settings.key_file
    path.unlink()
    for words in (("backup",), ("audit", "verify"), ("drill", "--identity", "absent")):
        assert "写しを" in told(typed(*words))
    assert not path.exists()


def test_a_setting_that_cannot_be_read_is_named_and_what_was_given_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["kizuki", "retention"])
    for name, given, words in (
        ("KIZUKI_CITY_CODE", "052079", "全国地方公共団体コード"),
        ("KIZUKI_PORT", "himitsu", ""),
    ):
        with monkeypatch.context() as there:
            there.setenv(name, given)
            with pytest.raises(SystemExit) as ended:
                run()
        said = capsys.readouterr().err
        assert ended.value.code == 1
        assert f"設定 {name} を読めません" in said
        assert words in said
        assert given not in said


SAID_BY = {"LabMistake", "Problem", "echo", "say"}
LAB = [*(PROJECT / "scoring" / "lab").glob("*.py"), *(PROJECT / "survey_api" / "cli").glob("lab*.py")]


def sentences(file: Path) -> Iterator[str]:
    """The text of each sentence that a file says to whoever runs it, without what is filled in."""
    for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        name = getattr(call, "func", None)
        if isinstance(call, ast.Call) and (getattr(name, "id", "") or getattr(name, "attr", "")) in SAID_BY:
            parts = [
                part.value for word in call.args for part in ast.walk(word) if isinstance(part, ast.Constant)
            ]
            yield "".join(part for part in parts if isinstance(part, str))


def test_the_lab_speaks_to_the_people_who_run_it_as_every_other_command_does() -> None:
    found = [(file.name, text) for file in LAB for text in sentences(file) if re.search("[A-Za-z]{3}", text)]
    assert len(found) > 20
    assert [one for one in found if not re.search("[ぁ-ん]", one[1])] == []
