"""Settings: document 2's defaults, and everything that is wrong in one message."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from billing_core import settings
from billing_core.errors import SettingsWrong

SECRET = "canary-secret-that-nobody-may-ever-print-anywhere"
POSTGRES = "postgresql+psycopg://u:canary-password@127.0.0.1/db"
# document 2, "Settings"
DEFAULTS = {
    "database_url": "",
    "gateway": "sandbox",
    "stripe_secret_key": "",
    "stripe_webhook_secret": "",
    "stripe_api_base": "",
    "smtp_url": "",
    "mail_from": "",
    "public_url": "",
    "console_url": "",
    "console_host": "127.0.0.1",
    "console_port": 8501,
    "pay_host": "127.0.0.1",
    "pay_port": 8502,
    "trusted_proxies": (),
    "secret_key": "",
    "org_id": "org_local",
    "brand_id": "brand_local",
    "environment": "local",
    "log_level": "INFO",
}
WRONG = {
    "GATEWAY": ["paypal", "Sandbox", "stripe"],
    "CONSOLE_PORT": ["0", "65536", "eighty", "-1", "8501.5"],
    "PAY_PORT": ["0", "x"],
    "TRUSTED_PROXIES": ["*", "10.0.0.1, *", "proxy.local", "10.0.0.0/33", "10.0.0.300"],
    "PUBLIC_URL": ["pay.example", "ftp://pay.example", "javascript:alert(1)"],
    "CONSOLE_URL": ["localhost:8501"],
    "SMTP_URL": ["mail.example", "http://mail.example"],
    "ENVIRONMENT": ["prod", "test"],
    "LOG_LEVEL": ["loud", "debug"],
    "SECRET_KEY": ["short", "x" * 31],
    "DATABASE_URL": ["mysql://u@h/db", "postgres://u@h/db", "file.db", "sqlite:/file.db"],
    "CONSOLE_HOST": ["0.0.0.0", "192.168.1.5", "console.example"],
}


@pytest.fixture
def load(settings_env: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    """``load(NAME=value …)`` reads settings from just these."""

    def read(**given: str) -> settings.Settings:
        for name, value in given.items():
            monkeypatch.setenv(f"COUNTERSIGN_{name}", value)
        settings.forget()
        return settings.load()

    return read


def refused(load: object, **given: str) -> str:
    """The one message about settings that are wrong."""
    with pytest.raises(SettingsWrong) as wrong:
        load(**given)  # type: ignore[operator]
    assert wrong.value.code == "SETTINGS_WRONG"
    return wrong.value.sentence


def test_defaults_are_document_2s(load: object) -> None:
    found = load().model_dump()  # type: ignore[operator]
    assert found.pop("data_dir") != settings.Settings.model_fields["data_dir"].default
    assert found == DEFAULTS
    assert settings.Settings.model_fields["data_dir"].default == Path("data/var")


def test_the_addresses_that_follow(load: object, settings_env: Path) -> None:
    here = load()  # type: ignore[operator]
    assert here.database == f"sqlite:///{settings_env.resolve() / 'countersign.db'}"
    assert here.is_sqlite
    assert (here.pay_base, here.console_base) == ("http://127.0.0.1:8502", "http://127.0.0.1:8501")
    there = load(  # type: ignore[operator]
        DATABASE_URL=POSTGRES, SECRET_KEY=SECRET, PUBLIC_URL="https://pay.example/",
        CONSOLE_URL="https://desk.example/x/", PAY_PORT="9000",
    )  # fmt: skip
    assert not there.is_sqlite
    assert there.database == POSTGRES
    assert (there.pay_base, there.console_base) == ("https://pay.example", "https://desk.example/x")


def test_the_folder_is_made(load: object, settings_env: Path) -> None:
    assert not settings_env.exists()
    load()  # type: ignore[operator]
    assert settings_env.is_dir()


def test_settings_never_change_once_read(load: object) -> None:
    here = load()  # type: ignore[operator]
    with pytest.raises(ValidationError):
        here.gateway = "stripe"
    assert settings.load() is here


def test_a_file_is_read_and_the_environment_comes_first(load: object, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("COUNTERSIGN_PAY_PORT=9100\nCOUNTERSIGN_ORG_ID=org_file\n")
    here = load(PAY_PORT="9200")  # type: ignore[operator]
    assert (here.pay_port, here.org_id) == (9200, "org_file")


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("", ()),
        ("10.0.0.1", ("10.0.0.1",)),
        (" 10.0.0.1 ,192.168.0.0/16,", ("10.0.0.1", "192.168.0.0/16")),
        ("::1, fd00::/8", ("::1", "fd00::/8")),
    ],
)
def test_proxies_are_addresses_or_networks(load: object, given: str, read: tuple[str, ...]) -> None:
    assert load(TRUSTED_PROXIES=given).trusted_proxies == read  # type: ignore[operator]


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in WRONG.items() for value in values]
)
def test_a_wrong_setting_is_named(load: object, name: str, value: str) -> None:
    message = refused(load, **{name: value})
    assert name in message
    assert message.startswith("Settings are wrong: ")
    assert message.endswith(".")


def test_everything_wrong_is_in_one_message(load: object) -> None:
    given = {name: values[0] for name, values in WRONG.items()}
    message = refused(load, **given)
    assert not [name for name in WRONG if name not in message], message
    assert "production needs" not in message


def test_a_wrong_setting_hides_no_other(load: object) -> None:
    """What does not fit together is told also while something else cannot even be read."""
    message = refused(load, PAY_PORT="x", SECRET_KEY="short", CONSOLE_HOST="0.0.0.0")
    assert [name in message for name in ("PAY_PORT", "SECRET_KEY", "CONSOLE_HOST")] == [True] * 3
    message = refused(load, ENVIRONMENT="production", PAY_PORT="x")
    assert "PAY_PORT" in message
    assert "production needs SMTP_URL" in message


def test_a_star_would_trust_what_the_client_wrote(load: object) -> None:
    assert "would trust an address the client wrote" in refused(load, TRUSTED_PROXIES="*")


def test_another_database_needs_a_given_secret(load: object) -> None:
    assert "SECRET_KEY must be given" in refused(load, DATABASE_URL=POSTGRES)


def test_no_message_tells_a_secret(load: object) -> None:
    message = refused(
        load, SECRET_KEY=SECRET, DATABASE_URL=POSTGRES, STRIPE_SECRET_KEY=SECRET, PAY_PORT="x",
        SMTP_URL="canary-user:canary-password@mail",
    )  # fmt: skip
    assert "canary" not in message
    assert {"PAY_PORT", "SMTP_URL"} <= set(
        message.replace(":", "").replace("COUNTERSIGN_", "").split()
    )


def test_production_is_refused_with_every_reason(load: object) -> None:
    message = refused(load, ENVIRONMENT="production", PUBLIC_URL="http://pay.example")
    for reason in ("staff sign-in", "PUBLIC_URL with https://", "SMTP_URL", "sandbox gateway"):
        assert reason in message, reason
    load_less = refused(load, PUBLIC_URL="https://pay.example", SMTP_URL="smtps://u:p@mail.example")
    assert "PUBLIC_URL" not in load_less
    assert "SMTP_URL" not in load_less
    assert "staff sign-in" in load_less


@pytest.mark.parametrize("below", ["", "/deeper"])
def test_a_folder_that_cannot_be_made_is_one_sentence(
    load: object, tmp_path: Path, below: str
) -> None:
    (tmp_path / "taken").write_text("a file")
    message = refused(load, DATA_DIR=f"{tmp_path}/taken{below}")
    assert message.startswith("COUNTERSIGN_DATA_DIR: the folder ")
    assert f"{tmp_path}/taken" in message
