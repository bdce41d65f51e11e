"""Every setting, with its meaning. Read by doors only; values travel on as arguments."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Mode(StrEnum):
    PRACTICE = "practice"
    PRODUCTION = "production"


class Settings(BaseSettings):
    """Read from the environment (prefix KIZUKI_) or a .env file."""

    model_config = SettingsConfigDict(env_prefix="KIZUKI_", env_file=".env", extra="ignore")

    mode: Mode = Mode.PRACTICE
    """practice: an invented city, keys made on first use. production: nothing is invented."""
    survey_database_url: str = "sqlite:///var/survey.db"
    """Answers, results, cases; no names."""
    vault_database_url: str = "sqlite:///var/vault.db"
    """Names; nothing else."""
    key_file: Path = Path("var/keys.json")
    """The keys of both databases. Keep it outside both and back it up separately."""
    keys: SecretStr = SecretStr("")
    """The content of the key file itself, from a secret store; empty: read it from the file."""
    key_passphrase: SecretStr = SecretStr("")
    """Opens a key file that was sealed with `kizuki keys seal`."""
    checkpoint_folder: Path = Path("var/checkpoints")
    """Signed notes of how long the trail was, one a day. Best on a disk that others look after."""
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = ""
    """Address printed on tickets, e.g. https://kizuki.example.lg.jp; empty: http://HOST:PORT."""
    secure_cookies: bool = False
    """Set true behind TLS: cookies get Secure and the __Host- prefix, and HSTS is sent."""
    workers: int = 1
    """Processes; more than one only with PostgreSQL (SQLite has one writer)."""
    practice_now: datetime | None = None
    """Practice mode only: the moment at which the service's clock starts."""

    @property
    def address(self) -> str:
        return self.public_url or f"http://{self.host}:{self.port}"
