"""The first start of a real house, typed at the terminal: keys, databases, a signed bank, the first person."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import Result
from sqlmodel import Session, create_engine, select
from typer.testing import CliRunner

from survey_api.cli.main import app
from survey_api.kit.problems import Problem
from survey_api.tables.instruments import BankVersion

BANKS = Path(__file__).resolve().parents[2] / "question_banks"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    settings = {
        "MODE": "production",
        "SURVEY_DATABASE_URL": f"sqlite:///{tmp_path}/survey.db",
        "VAULT_DATABASE_URL": f"sqlite:///{tmp_path}/vault.db",
        "KEY_FILE": str(tmp_path / "keys.json"),
        "CHECKPOINT_FOLDER": str(tmp_path / "checkpoints"),
        "BACKUP_FOLDER": str(tmp_path / "backups"),
        "PUBLIC_URL": "https://kizuki.example.jp",
        "SECURE_COOKIES": "true",
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"KIZUKI_{name}", value)
    shutil.copytree(BANKS, tmp_path / "question_banks")
    return tmp_path


def typed(words: Sequence[str], keyboard: str = "") -> Result:
    return CliRunner().invoke(app, list(words), input=keyboard, catch_exceptions=True)


def test_a_house_begins_at_the_terminal(place: Path) -> None:
    folder = ["--folder", str(place / "question_banks")]
    for words in (["keys", "create"], ["migrate"]):
        done = typed(words)
        assert done.exit_code == 0, (words, done.output, done.exception)

    unsigned = typed(["banks", "publish", "chu", *folder])
    assert isinstance(unsigned.exception, Problem)
    assert "署名前" in unsigned.exception.detail
    assert published(place) == []

    assert typed(["banks", "sign", "chu", "--by", "架空 養護教諭 2026-11-25", *folder]).exit_code == 0
    for _ in range(2):  # the same content again changes nothing
        done = typed(["banks", "publish", "chu", *folder])
        assert done.exit_code == 0, (done.output, done.exception)
    assert published(place) == ["chu"]

    unknown = typed(["banks", "publish", "nowhere", *folder])
    assert isinstance(unknown.exception, Problem)

    word = "ながい あいことば 2026 なつ\n"
    done = typed(["staff", "add", "first", "架空 一郎", "operator"], word * 2)
    assert done.exit_code == 0, (done.output, done.exception)


def published(place: Path) -> list[str]:
    engine = create_engine(f"sqlite:///{place}/survey.db")
    with Session(engine) as db:
        found = list(db.exec(select(BankVersion.bank)))
    engine.dispose()
    return found
