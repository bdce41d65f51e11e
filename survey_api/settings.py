"""Every setting, with its meaning. Read by doors only; values travel on as arguments."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from survey_api.kit.area_code import is_area_code
from survey_api.kit.own_address import EVERYWHERE, own_address


class Mode(StrEnum):
    PRACTICE = "practice"
    PRODUCTION = "production"


class SsoService(BaseModel):
    """One sign-in service of the city (OpenID Connect).

    Google Workspace: issuer https://accounts.google.com, claims {"hd": "<your domain>"}. Microsoft Entra:
    issuer https://login.microsoftonline.com/<tenant>/v2.0, claims {"tid": "<tenant>"}.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z]{2,20}$")
    """Part of our own address: /signin/sso/<name>/back is what to register there."""
    label: str
    """On the button."""
    issuer: str = Field(pattern=r"^https://|^http://(localhost|127\.0\.0\.1)[:/]")
    client_id: str
    client_secret: str
    claims: dict[str, str] = Field(min_length=1)
    """What an identity must carry exactly, so that only the city's own accounts come in."""
    email_domains: tuple[str, ...] = Field(min_length=1)
    second_factor_there: bool = False
    """True when the service itself makes a second factor compulsory; otherwise one is asked here."""


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
    backup_folder: Path = Path("var/backups")
    """Where `kizuki backup` puts its sealed files; copy them to another place."""
    backup_recipient: str = ""
    """The public key (age1…) backups are sealed to; `kizuki keys backup FILE` makes the pair."""
    metrics_token: SecretStr = SecretStr("")
    """Whoever sends it as a bearer token may read /metrics; empty: there is no such page."""
    retention_file: Path | None = None
    """The board's own table of how long what is kept; empty: survey_api/services/erasure/retention.yaml."""
    postgres_bin: Path | None = None
    """Folder with pg_dump and pg_restore; empty: those on the PATH."""
    host: str = "127.0.0.1"
    port: int = 8000
    proxy_address: str = ""
    """Address of the proxy in front, e.g. 127.0.0.1: whom it forwards for is believed from there only."""
    public_url: str = ""
    """Address printed on tickets, e.g. https://kizuki.example.lg.jp; empty: http://HOST:PORT.

    A HOST that means every address (0.0.0.0) is printed as this machine's own on its network.
    """
    secure_cookies: bool = False
    """Set true behind TLS: cookies get Secure and the __Host- prefix, and HSTS is sent."""
    workers: int = 1
    """Processes; more than one only with PostgreSQL (SQLite has one writer)."""
    smtp_host: str = ""
    """The city's mail server for notifications; empty: no mail leaves."""
    smtp_port: int = 587
    smtp_starttls: bool = True
    """False only for a server on the same machine or network that offers no encryption."""
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_from: str = "kizuki@localhost"
    """Sender of the notifications."""
    webhook_url: str = ""
    """Where notifications are POSTed, signed; empty: nowhere. https to a public address."""
    webhook_secret: SecretStr = SecretStr("")
    """Signs the webhook: X-Kizuki-Signature is v1=HMAC-SHA256(secret, timestamp.body)."""
    webhook_inside_hosts: str = ""
    """Host names, separated by commas, that may be called although they are not public."""
    sso: tuple[SsoService, ...] = ()
    """Sign-in services of the city, as a JSON list; empty: passwords and passkeys only."""
    city_code: str = ""
    """The city's 全国地方公共団体コード, six digits, in the files of released numbers; empty: that column stays empty."""
    practice_now: datetime | None = None
    """Practice mode only: the moment at which the service's clock starts."""

    @field_validator("city_code")
    @classmethod
    def _city_code_is_one(cls, given: str) -> str:
        if given and not is_area_code(given):
            raise ValueError(
                "全国地方公共団体コード(最後の検査数字まで入れた数字6けた。例: 湯沢市 052078)にしてください。"
            )
        return given

    @property
    def address(self) -> str:
        host = own_address() if self.host in EVERYWHERE else self.host
        return self.public_url or f"http://{host}:{self.port}"
