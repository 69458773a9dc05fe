"""The tests' own ground: both PostgreSQL servers really start, the browser is found or named."""

from __future__ import annotations

import os
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from tests.support import chromium, postgres


@pytest.mark.postgres
@pytest.mark.parametrize("origin", ["debian", "wheel"])
def test_both_servers_start_and_leave_nothing(origin: str) -> None:
    binaries = postgres.debian_binaries() if origin == "debian" else postgres.wheel_binaries()
    if binaries is None:
        assert not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")), "installed, not found"
        return
    with postgres.started(binaries, copy=origin == "wheel") as server:
        folder = Path(str(make_url(server.url).query["host"]))
        name = server.create()
        address = make_url(server.database(name)).set(drivername="postgresql")
        with psycopg.connect(address.render_as_string(hide_password=False)) as connection:
            shown = connection.execute("SELECT current_database()").fetchone()
            where = connection.execute("SHOW listen_addresses").fetchone()
        assert shown == (name,)
        assert where == ("",), "listens to nothing but its own folder"
        owner = 65534 if os.geteuid() == 0 else os.geteuid()
        assert (folder / "data/PG_VERSION").stat().st_uid == owner
    assert not folder.exists()


def test_a_browser_is_found() -> None:
    assert os.access(chromium.find(), os.X_OK)


def test_a_wrong_browser_path_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM_PATH", "/nowhere/chromium")
    with pytest.raises(chromium.NoBrowser, match="CHROMIUM_PATH names /nowhere/chromium"):
        chromium.find()


def test_no_browser_is_one_sentence_that_names_the_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("CHROMIUM_PATH", "CI", "COUNTERSIGN_TEST_APT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    with pytest.raises(chromium.NoBrowser, match="install the package chromium") as said:
        chromium.find()
    assert "\n" not in str(said.value)
