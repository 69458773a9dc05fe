"""A short paper is set without being measured first: that may save time, never change the paper."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from billing_core.documents import pdf
from billing_core.documents.sheet import ReceiptFacts
from tests.documents import samples

PAID = ReceiptFacts(
    paid_at=datetime(2026, 3, 20, 15, tzinfo=UTC),
    method="Visa •••• 4242",
    reference="pay_01",
    amount_minor=450000,
    seal=samples.SEAL,
)


def both_ways(
    monkeypatch: pytest.MonkeyPatch, document: dict[str, Any], most: int | None
) -> list[bytes]:
    """A receipt as it is judged, and as if it were long."""
    if most is not None:
        document["title"] = "A title of many words " * (most // 22)
    made = [pdf.receipt_pdf(document, payment=PAID)]
    monkeypatch.setattr(pdf, "is_short", lambda data: False)
    return [*made, pdf.receipt_pdf(document, payment=PAID)]


@pytest.mark.parametrize("most", [None, 176], ids=["as it is", "as much as is still short"])
def test_it_is_the_same_paper(monkeypatch: pytest.MonkeyPatch, most: int | None) -> None:
    judged: list[bool] = []
    is_short = pdf.is_short
    monkeypatch.setattr(pdf, "is_short", lambda data: judged.append(is_short(data)) or judged[-1])
    quick, measured = both_ways(monkeypatch, samples.taxed(), most)
    assert judged == [True]
    assert quick == measured


def test_long_ones_and_plans_are_measured() -> None:
    def of(**more: Any) -> dict[str, Any]:
        blank = {"to": {"label": "", "lines": []}, "facts": [], "head": "", "tail": "", "foot": ""}
        return blank | {"sections": []} | more

    assert pdf.is_short(of())
    assert not pdf.is_short(of(head="x" * 801))
    assert not pdf.is_short(of(facts=[["a"]] * 29))
    for kind in ("progress", "files"):
        assert not pdf.is_short(of(sections=[{"kind": kind}]))
