"""Countersign in Stripe mode, in front of the stand-in: fresh books, a fresh account, one clock."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import stripe

from billing_core import settings
from billing_core.gateway import stripe_client
from tests.conftest import Clock, opened_books
from tests.stripe.till import Till
from tests.stripe_fake import running
from tests.stripe_fake.running import KEY, SECRET, Fake


@pytest.fixture(scope="session")
def stand_in() -> Iterator[Fake]:
    """One stand-in for all tests of this process."""
    with running.running() as fake:
        yield fake


@pytest.fixture
def fake(stand_in: Fake, driven_clock: Clock) -> Iterator[Fake]:
    """The stand-in with nothing in it, on the test's clock.

    A request that is not shaped as Stripe describes it fails the test, whatever else came of it.
    """
    stand_in.control("reset")
    stand_in.control("clock", at=int(driven_clock.now.timestamp()))
    yield stand_in
    assert stand_in.look("misfits") == []


@pytest.fixture
def in_stripe_mode(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The settings of an agency with a Stripe account; the SDK repeats as often, but sooner."""
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0.01)
    monkeypatch.setattr(stripe.HTTPClient, "MAX_DELAY", 0.05)
    monkeypatch.setenv("COUNTERSIGN_GATEWAY", "stripe")
    monkeypatch.setenv("COUNTERSIGN_STRIPE_SECRET_KEY", KEY)
    monkeypatch.setenv("COUNTERSIGN_STRIPE_WEBHOOK_SECRET", SECRET)
    monkeypatch.setenv("COUNTERSIGN_STRIPE_API_BASE", fake.address)
    settings.forget()
    yield
    stripe_client.forget()
    monkeypatch.undo()
    settings.forget()


@pytest.fixture
def till(books: str, in_stripe_mode: None, fake: Fake, driven_clock: Clock) -> Till:
    """The recipe's company on SQLite, taking money through Stripe."""
    return Till(fake, driven_clock)


@pytest.fixture
def each_till(database: str, in_stripe_mode: None, fake: Fake, driven_clock: Clock) -> Till:
    """As ``till``, once on SQLite and once on PostgreSQL."""
    return Till(fake, driven_clock)


@pytest.fixture
def postgres_till(
    postgres_url: str,
    fake: Fake,
    driven_clock: Clock,
    request: pytest.FixtureRequest,
) -> Iterator[Till]:
    """As ``till``, on PostgreSQL."""
    with opened_books(postgres_url):
        request.getfixturevalue("in_stripe_mode")
        yield Till(fake, driven_clock)
