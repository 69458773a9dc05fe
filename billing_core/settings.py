"""The environment, read once into one frozen object (prefix ``COUNTERSIGN_``, or ``.env``).

What the organisation decides for itself (terms, company name …) is not here: see records/company.
"""

from __future__ import annotations

import os
import re
from functools import cached_property, lru_cache
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from billing_core.errors import SettingsWrong

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
SHORTEST_SECRET = 32
_STRIPE_KEY = re.compile(r"[sr]k_(test|live)_\w+", re.ASCII)


class Settings(BaseSettings):
    """Every setting with its default; document 2 lists them."""

    model_config = SettingsConfigDict(
        env_prefix="COUNTERSIGN_", env_file=".env", extra="ignore", frozen=True
    )

    data_dir: Path = Path("data/var")
    database_url: str = ""
    gateway: Literal["sandbox", "stripe"] = "sandbox"
    stripe_secret_key: str = ""
    stripe_webhook_secret: str = ""
    stripe_api_base: str = ""
    smtp_url: str = ""
    mail_from: str = ""
    public_url: str = ""
    console_url: str = ""
    console_host: str = "127.0.0.1"
    console_port: int = Field(default=8501, ge=1, le=65535)
    pay_host: str = "127.0.0.1"
    pay_port: int = Field(default=8502, ge=1, le=65535)
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()
    secret_key: str = ""
    org_id: str = "org_local"
    brand_id: str = "brand_local"
    environment: Literal["local", "production"] = "local"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _split_proxies(cls, value: object) -> object:
        parts = value.split(",") if isinstance(value, str) else value
        if not isinstance(parts, (list, tuple)):
            return value
        cleaned = tuple(str(p).strip() for p in parts if str(p).strip())
        if "*" in cleaned:
            raise ValueError("“*” would trust an address the client wrote; name your proxies")
        for part in cleaned:
            ip_network(part, strict=False)
        return cleaned

    @field_validator("stripe_api_base", mode="after")
    @classmethod
    def _bare(cls, value: str) -> str:
        return value.rstrip("/")

    @field_validator("public_url", "console_url", mode="after")
    @classmethod
    def _no_trailing_slash(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return value.rstrip("/")

    @field_validator("smtp_url", mode="after")
    @classmethod
    def _smtp_scheme(cls, value: str) -> str:
        if value and not value.startswith(("smtp://", "smtps://")):
            raise ValueError("must start with smtp:// or smtps://")
        return value

    @model_validator(mode="after")
    def _fit_together(self) -> Settings:
        problems = []
        if self.database_url and not self.is_sqlite and not self.secret_key:
            problems.append("SECRET_KEY must be given when the database is not SQLite")
        if self.database_url and not self.database_url.startswith(
            ("sqlite:///", "postgresql+psycopg://")
        ):
            problems.append("DATABASE_URL must be sqlite:///… or postgresql+psycopg://…")
        if self.gateway == "stripe":
            problems += self._stripe_problems()
        if self.secret_key and len(self.secret_key) < SHORTEST_SECRET:
            problems.append(f"SECRET_KEY must have at least {SHORTEST_SECRET} characters")
        if self.console_host not in _LOOPBACK:
            problems.append("CONSOLE_HOST must be 127.0.0.1: the console has no sign-in yet")
        if self.environment == "production":
            problems += self._production_problems()
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _stripe_problems(self) -> list[str]:
        key, problems = self.stripe_secret_key, []
        if not _STRIPE_KEY.fullmatch(key):
            kind = "a publishable key" if key.startswith("pk_") else "no secret key of Stripe's"
            wrong = f"STRIPE_SECRET_KEY is {kind}" if key else "STRIPE_SECRET_KEY is missing"
            problems.append(f"GATEWAY=stripe needs a key that starts with sk_ or rk_: {wrong}")
        secrets = [s.strip() for s in self.stripe_webhook_secret.split(",") if s.strip()]
        if not all(secret.startswith("whsec_") for secret in secrets):
            problems.append("STRIPE_WEBHOOK_SECRET must start with whsec_")
        if self.stripe_api_base and not self.stripe_api_base.startswith(("http://", "https://")):
            problems.append("STRIPE_API_BASE must start with http:// or https://")
        return problems

    def _production_problems(self) -> list[str]:
        problems = ["staff sign-in is not set up, and production needs it"]
        if not self.public_url.startswith("https://"):
            problems.append("production needs PUBLIC_URL with https://")
        if not self.smtp_url:
            problems.append("production needs SMTP_URL")
        if self.gateway == "sandbox":
            problems.append("production refuses the sandbox gateway")
        elif "_live_" not in self.stripe_secret_key:
            problems.append("production needs a live STRIPE_SECRET_KEY")
        elif not self.stripe_webhook_secret:
            problems.append("production needs STRIPE_WEBHOOK_SECRET")
        return problems

    @property
    def is_sqlite(self) -> bool:
        """True when the books are an SQLite file."""
        return self.database.startswith("sqlite")

    @cached_property
    def database(self) -> str:
        """The SQLAlchemy address of the books."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'countersign.db'}"

    @property
    def pay_base(self) -> str:
        """The address clients reach Pay Now under, without a trailing slash."""
        return self.public_url or f"http://{self.pay_host}:{self.pay_port}"

    @property
    def console_base(self) -> str:
        """The address operators reach the console under."""
        return self.console_url or f"http://{self.console_host}:{self.console_port}"


@lru_cache(maxsize=1)
def load() -> Settings:
    """The settings of this process. SettingsWrong lists everything wrong, in one message."""
    try:
        settings = Settings()
    except ValidationError as error:
        raise SettingsWrong(_all_problems(error)) from None
    _make_folder(settings.data_dir)
    return settings


def forget() -> None:
    """Read the environment anew at the next call (tests, and the demo's own file)."""
    load.cache_clear()


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsWrong(
            f"COUNTERSIGN_DATA_DIR: the folder {folder} cannot be made ({error.strerror})."
        ) from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise SettingsWrong(f"COUNTERSIGN_DATA_DIR: the folder {folder} cannot be written to.")


def _all_problems(error: ValidationError) -> str:
    return "Settings are wrong: " + "; ".join(_lines(error) + _hidden(error)) + "."


def _lines(error: ValidationError) -> list[str]:
    lines = []
    for problem in error.errors():
        name = "_".join(str(part) for part in problem["loc"]).upper()
        message = problem["msg"].removeprefix("Value error, ")
        lines.append(f"COUNTERSIGN_{name}: {message}" if name else message)
    return lines


def _hidden(error: ValidationError) -> list[str]:
    """What does not fit together, which is looked at only once every setting can be read."""
    unread = [str(problem["loc"][0]) for problem in error.errors() if problem["loc"]]
    if not unread:
        return []
    try:
        Settings(**{name: Settings.model_fields[name].default for name in unread})
    except ValidationError as rest:
        return _lines(rest)
    return []
