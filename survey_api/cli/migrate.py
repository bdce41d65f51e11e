"""Bring both databases to the newest schema."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from survey_api.settings import Settings

INI = Path(__file__).resolve().parents[2] / "migrations" / "alembic.ini"
SECTIONS = ("survey", "vault")


def config_for(section: str, url: str) -> Config:
    """Alembic's configuration for one of the two databases."""
    config = Config(str(INI), ini_section=section)
    config.set_section_option(section, "url", url.replace("%", "%%"))
    return config


def upgrade_both(settings: Settings) -> None:
    """Run every migration that has not run yet, vault first."""
    command.upgrade(config_for("vault", settings.vault_database_url), "head")
    command.upgrade(config_for("survey", settings.survey_database_url), "head")
