"""Presses per address: a token bucket that forgets, and forms that are read or refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.types import Message

from billing_core import clock
from paynow import limits
from paynow.limits import PressLimit, Refusal, read_form
from tests.paynow.finishing import finish

FORM = "application/x-www-form-urlencoded"
ADDRESS = "203.0.113.9"


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The monotonic clock as one number a test can change."""
    now = [1000.0]
    monkeypatch.setattr(clock, "monotonic_s", lambda: now[0])
    return now


def test_a_burst_then_one_a_second(seconds: list[float]) -> None:
    presses = PressLimit(burst=3, per_second=1.0)
    for _ in range(3):
        presses.check(ADDRESS)
    with pytest.raises(Refusal) as refused:
        presses.check(ADDRESS)
    assert (refused.value.status, refused.value.retry_after_s) == (429, 2)
    seconds[0] += 1
    presses.check(ADDRESS)
    with pytest.raises(Refusal):
        presses.check(ADDRESS)


def test_a_long_silence_fills_the_bucket_and_no_more(seconds: list[float]) -> None:
    presses = PressLimit(burst=2, per_second=1.0)
    presses.check(ADDRESS)
    seconds[0] += 10_000
    presses.check(ADDRESS)
    presses.check(ADDRESS)
    with pytest.raises(Refusal):
        presses.check(ADDRESS)


def test_one_address_does_not_use_up_anothers(seconds: list[float]) -> None:
    presses = PressLimit(burst=1, per_second=0.1)
    presses.check(ADDRESS)
    presses.check("203.0.113.10")
    presses.check("2001:db8::1")
    with pytest.raises(Refusal):
        presses.check("2001:db8::2")


def test_memory_is_bounded_and_the_longest_silent_is_forgotten(seconds: list[float]) -> None:
    presses = PressLimit(burst=1, per_second=0.001, most=100)
    for n in range(1000):
        presses.check(f"198.18.{n // 250}.{n % 250}")
    assert len(presses) == 100
    with pytest.raises(Refusal):
        presses.check("198.18.3.249")
    presses.check("198.18.0.0")


def test_everybody_behind_an_unnamed_proxy_has_more_room(seconds: list[float]) -> None:
    presses = PressLimit(burst=2, per_second=1.0)
    for _ in range(100):
        presses.check("127.0.0.1")
    with pytest.raises(Refusal):
        presses.check("127.0.0.1")


def _form(
    *chunks: bytes, content_type: str = FORM, length: str = "", stalls: bool = False
) -> dict[str, str]:
    """``read_form`` over a request whose body arrives in ``chunks``."""
    headers = [(b"content-type", content_type.encode())] if content_type else []
    headers += [(b"content-length", length.encode())] if length else []

    async def bodies() -> AsyncIterator[Message]:
        for chunk in chunks:
            yield {"type": "http.request", "body": chunk, "more_body": True}
        if stalls:
            await anyio.sleep_forever()
        yield {"type": "http.request", "body": b"", "more_body": False}

    messages = bodies()
    scope = {"type": "http", "method": "POST", "headers": headers}
    request = Request(scope, partial(anext, messages))  # type: ignore[arg-type]
    return finish(read_form, request)


def _status(*chunks: bytes, **more: str) -> int:
    with pytest.raises(Refusal) as refused:
        _form(*chunks, **more)  # type: ignore[arg-type]
    return refused.value.status


def test_a_form_is_read_as_typed() -> None:
    assert _form(b"name=Alma+Reyes&no", b"te=%E2%82%AC%00&empty=") == {
        "name": "Alma Reyes",
        "note": "€\0",
        "empty": "",
    }
    assert _form(content_type="") == {}
    assert _form(b"a=1", content_type=f"{FORM}; charset=UTF-8") == {"a": "1"}


@settings(deadline=None)
@given(st.dictionaries(st.text(min_size=1), st.text(), max_size=limits.MOST_FIELDS))
def test_whatever_a_browser_encodes_comes_back(fields: dict[str, str]) -> None:
    from urllib.parse import urlencode

    try:
        body = urlencode(fields).encode()
    except UnicodeEncodeError:  # lone surrogates: no browser can send them
        return
    assert _form(body) == fields


@pytest.mark.parametrize("kind", ["", "application/json", "multipart/form-data; boundary=x"])
def test_only_forms_are_taken(kind: str) -> None:
    assert _status(b"a=1", content_type=kind) == 415


def test_another_encoding_is_refused() -> None:
    assert _status(b"a=1", content_type=f"{FORM}; charset=utf-16") == 415


@pytest.mark.parametrize("body", [b"name=%FF%FE", b"name=\xff", b"%C3%28=1", b"a=%ED%A0%80"])
def test_bad_text_is_refused(body: bytes) -> None:
    assert _status(body) == 400


def test_too_many_fields_and_a_field_twice_are_refused() -> None:
    assert _status(b"&".join(b"f%d=1" % n for n in range(limits.MOST_FIELDS + 1))) == 400
    assert _status(b"method=saved&method=new") == 400


def test_a_large_body_is_refused_declared_or_not() -> None:
    assert _status(b"a=1", length=str(limits.MOST_BODY_BYTES + 1)) == 413
    assert _status(b"a=1", length="9" * 40) == 413
    assert _status(*[b"a" * 1000] * 66) == 413
    assert len(_form(b"a=" + b"x" * (limits.MOST_BODY_BYTES - 2))["a"]) == 65_534


def test_a_body_that_stalls_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BODY_WITHIN_S", 0.05)
    with pytest.raises(Refusal) as refused:
        _form(b"name=Al", stalls=True)
    assert refused.value.status == 408
