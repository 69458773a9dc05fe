"""The verbs that read and write the books: fire, link, ledger, report.

Reads arguments, calls a flow or report, prints the answer; no rule, no SQL, nothing heavy loaded.
"""

from __future__ import annotations

import codecs
import re
import sys
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.terminal import (
    Column,
    Json,
    Misused,
    check_given,
    say,
    say_bytes,
    say_json,
    say_table,
    say_wrong,
)

if TYPE_CHECKING:
    import pandas as pd

    from billing_core.flows.fire_charge import Fired
    from billing_core.rules.nouns import Charge

Text = Annotated[str | None, typer.Option(metavar="TEXT")]
Day = Annotated[str | None, typer.Option("--from", metavar="YYYY-MM-DD", help="The first day.")]
LastDay = Annotated[
    str | None, typer.Option("--to", metavar="YYYY-MM-DD", help="The last day, included.")
]
_DAY = re.compile(r"[12]\d{3}-\d{2}-\d{2}", re.ASCII)


class Form(StrEnum):
    """What a report can come out as."""

    table = "table"
    csv = "csv"
    parquet = "parquet"
    json = "json"


def fire(
    *,
    customer: Annotated[str, typer.Option(metavar="bc_…", help="Whom to bill.")],
    item: Annotated[str, typer.Option(metavar="bi_…", help="What for.")],
    amount: Annotated[
        str | None, typer.Option(metavar="4500.00", help="Instead of the item's price.")
    ] = None,
    description: Text = None,
    milestone: Annotated[str | None, typer.Option(metavar="ms_…")] = None,
    po_number: Text = None,
    metric_value: Annotated[str | None, typer.Option(metavar="NUMBER")] = None,
    idempotency_key: Annotated[
        str | None, typer.Option(metavar="KEY", help="The same key never charges twice.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Fire a charge; exit 1 and the reason when it is refused."""
    check_given(
        customer=customer, item=item, amount=amount, description=description, milestone=milestone,
        po_number=po_number, metric_value=metric_value, idempotency_key=idempotency_key,
    )  # fmt: skip
    from billing_core import ids
    from billing_core.flows.check_fire import FireCommand
    from billing_core.flows.fire_charge import fire_charge
    from billing_core.flows.who import local_actor

    command = FireCommand(
        customer=customer,
        item=item,
        amount=amount or "",
        description=description or "",
        milestone=milestone or "",
        po_number=po_number or "",
        metric_value=metric_value or "",
    )
    # a key of our own lets a lost answer of the database be read back, never a second charge
    key = idempotency_key or ids.new_id("cli")
    _tell_fired(fire_charge(command, actor=local_actor(), key=key), as_json=as_json)


def link(charge: Annotated[str, typer.Argument(metavar="sc_…")]) -> None:
    """Mint a fresh Pay Now link for a charge; the old one dies."""
    from billing_core.flows.mint_link import mint_link
    from billing_core.rules.nouns import LOCAL_OPERATOR

    say(mint_link(charge, actor=LOCAL_OPERATOR))


def ledger(as_json: Json = False) -> None:
    """Print the trial balance; exit 1 if it does not sum to zero."""
    from billing_core.reports.trial_balance import trial_balance
    from billing_core.rules import money

    balance = trial_balance()
    if as_json:
        accounts = [
            {"account": a.account, "currency": a.currency, "balance_minor": a.balance_minor}
            for a in balance.accounts
        ]
        say_json({"accounts": accounts, "balanced": balance.balanced})
    else:
        rows = [
            (a.account, a.currency, money.to_text(a.balance_minor, a.currency))
            for a in balance.accounts
        ]
        say_table((Column("account"), Column("currency"), Column("balance", is_number=True)), rows)
        say("Balanced." if balance.balanced else "NOT balanced.")
    if not balance.balanced:
        raise typer.Exit(1)


def report(
    name: Annotated[str, typer.Argument(metavar="NAME", help="charges, revenue …")],
    since: Day = None,
    until: LastDay = None,
    form: Annotated[Form, typer.Option("--format", help="What it comes out as.")] = Form.table,
    as_json: Json = False,
) -> None:
    """Print a report frame; days are those of the reporting zone."""
    if as_json:
        if form not in (Form.table, Form.json):
            raise Misused("--json and another --format: say one of them.")
        form = Form.json
    from billing_core import reports

    names = sorted(reports.__all__)
    if name not in names:
        raise Misused(f"There is no report “{name}”. There are: {', '.join(names)}.")
    first, last = _day(since, "--from"), _day(until, "--to")
    if first and last and first > last:
        raise Misused("--from is after --to.")
    if form is Form.parquet and sys.stdout.isatty():
        raise Misused(f"Parquet is for files: countersign report {name} --format parquet > FILE")
    after = last + timedelta(days=1) if last else None
    _tell_frame(getattr(reports, name)(since=_midnight(first), until=_midnight(after)), form)


def _tell_fired(fired: Fired, *, as_json: bool) -> None:
    charge = fired.charge
    if charge is None:
        sentence = "The item's condition does not hold for this metric value: nothing was charged."
        say_json({"id": None, "condition_met": False}) if as_json else say(sentence)
        raise typer.Exit(1)
    if as_json:
        say_json(_charge_json(charge, fired))
    else:
        _say_charge(charge, fired)
    if charge.state == "failed":
        problem = fired.attempt.problem if fired.attempt else ""
        say_wrong(problem or "The payment failed.")
        raise typer.Exit(1)


def _say_charge(charge: Charge, fired: Fired) -> None:
    from billing_core.rules import money
    from billing_core.rules.charge_states import WORDS

    sum_text = f"{money.to_text(charge.total_minor, charge.currency)} {charge.currency}"
    again = " It was fired before: nothing new was charged." if fired.replay else ""
    state = WORDS[charge.state].lower()
    say(f"{charge.id}: invoice {charge.invoice_number} for {sum_text}, {state}.{again}")
    if fired.url:
        say(fired.url)


def _charge_json(charge: Charge, fired: Fired) -> dict[str, Any]:
    """A charge in the shape of the machine API (document 2)."""
    from billing_core import clock
    from billing_core.rules import money

    return {
        "id": charge.id,
        "state": charge.state,
        "amount": money.to_text(charge.total_minor, charge.currency),
        "amount_minor": charge.total_minor,
        "net_minor": charge.net_minor,
        "tax_minor": charge.tax_minor,
        "currency": charge.currency,
        "description": charge.description,
        "capture_mode": charge.capture_mode,
        "origin": charge.origin,
        "customer": charge.customer_id,
        "item": charge.item_id,
        "enrollment": charge.enrolment_id,
        "milestone": charge.milestone_id,
        "invoice": {
            "id": charge.invoice_id,
            "number": charge.invoice_number,
            "document_sha256": charge.document_sha256,
        },
        "invoice_url": fired.url,
        "idempotent_replay": fired.replay,
        "created_at": clock.stamp(charge.fired_at),
    }


def _day(text: str | None, option: str) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text if _DAY.fullmatch(text) else "")
    except ValueError:
        raise Misused(
            f"{option} “{text}” is not a day: write year-month-day, such as 2026-03-15."
        ) from None


def _midnight(day: date | None) -> datetime | None:
    """The first moment of a day in the reporting zone, where days are cut (document 1)."""
    if day is None:
        return None
    from billing_core import clock
    from billing_core.reports.company import company

    return datetime.combine(day, time(0), tzinfo=clock.zone(company().reporting_zone))


def _tell_frame(frame: pd.DataFrame, form: Form) -> None:
    from billing_core.reports import exports

    if form is Form.csv:
        # the mark at its start is for spreadsheets that open a file; a pipe leads to a program
        say_bytes(exports.csv(frame).removeprefix(codecs.BOM_UTF8))
    elif form is Form.parquet:
        say_bytes(exports.parquet(frame))
    elif form is Form.json:
        say_json(exports.records(frame))
    elif frame.empty:
        say("Nothing in these days.")
    else:
        names, rows = exports.table(frame)
        numbers = {
            str(n).removesuffix("_minor") for n in frame.columns if str(n).endswith("_minor")
        }
        say_table([Column(n, is_number=n in numbers) for n in names], rows)
