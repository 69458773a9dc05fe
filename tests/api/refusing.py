"""What a clear refusal is, by either way in."""

from __future__ import annotations

import httpx

from paynow.api.problems import STATUS


def refused(answer: httpx.Response, *codes: str) -> str:
    """The code of a refusal that is clear: its status, its words, and no word of our insides."""
    told = answer.json()
    if answer.headers["content-type"] == "application/problem+json":
        code, said = told["code"], told["detail"]
        assert answer.status_code == STATUS[code]
    else:
        assert (answer.status_code, told["status"]) == (200, "error"), answer.text
        (code,), (said,) = map(str.lower, told["error_codes"]), told["errors"]
    assert code in codes, answer.text
    assert 5 < len(said) < 1000
    assert not [word for word in ("Traceback", "sqlalchemy", "Error(", "psycopg") if word in said]
    return str(code)
