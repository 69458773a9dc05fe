"""An invoice on the screen: the canonical document as a small page of its own.

Everything in it may have been typed by people, so it is escaped and shown in a ``data:`` frame,
where it cannot reach the console.
"""

from __future__ import annotations

from html import escape
from typing import Any

import streamlit as st

from billing_core.documents import wording as spoken
from billing_core.flows.commands import Command
from billing_core.reports import dossier
from console import charts, widgets

_STYLE = """
*{box-sizing:border-box}html{color-scheme:%(scheme)s}
body{margin:0;padding:4px;background:transparent;color:%(ink)s;font-variant-numeric:tabular-nums;
 font:15px/1.5 "Source Sans","Source Sans Pro",system-ui,sans-serif}
main{background:%(sheet)s;border:1px solid %(rule)s;border-top:3px solid %(ink)s;border-radius:3px;
 padding:20px 24px 24px;overflow-wrap:anywhere}
header,.two{display:flex;flex-wrap:wrap;gap:8px 24px;justify-content:space-between}
.two{margin:16px 0}.two>div{flex:1 1 180px}
h1{font-size:19px;font-weight:600;line-height:1.3;margin:16px 0 0}
h1 span{color:%(soft)s;font-weight:400}
p{margin:0}small,.soft{color:%(soft)s;font-size:13px}
.sum{font-size:27px;font-weight:600;margin:4px 0 12px}
table{width:100%%;border-collapse:collapse}td{padding:5px 0;border-top:1px solid %(rule)s}
td:last-child{text-align:right;white-space:nowrap;padding-left:16px}
tr.total td{border-top:1.5px solid %(ink)s;font-weight:600}
pre{white-space:pre-wrap;font:inherit;color:%(soft)s;font-size:13px;margin:12px 0 0}
"""


def page(document: dict[str, Any], *, height: int = 430) -> None:
    """Draw the invoice ``document``; the digest and the PDF belong to it alone."""
    widgets.framed(_html(document), height=height, about="Preview of the invoice")


def sent(command: Command) -> None:
    """After a fire: what went to whom, and the link to copy."""
    if command.charge_id is None:
        st.text("The condition was not met, so nothing was charged.")
        return
    shown = dossier.dossier(command.charge_id)
    charge, customer = shown.charge, shown.customer
    repeat = (command.result or {}).get("replay") == "yes"
    total = widgets.money(charge.total_minor, charge.currency)
    if charge.capture_mode == "off_session" and charge.state == "captured":
        done = f"{total} was charged."
    elif repeat:
        done = "This was charged a moment ago already. Nothing was sent a second time."
    else:
        done = f"Sent to {customer.email}."
    widgets.strong(done)
    widgets.facts(
        [
            ("Amount", total),
            ("Invoice", charge.invoice_number),
            ("For", charge.description),
            ("Customer", customer.billed_as()),
            ("Due", spoken.day(charge.due_on)),
        ]
    )
    if shown.pay_url:
        st.caption("The client's link. Whoever holds it can approve and pay.")
        st.code(shown.pay_url, language=None, wrap_lines=True)


def _html(d: dict[str, Any]) -> str:
    colours = charts.tokens()
    dark = colours is charts.DARK
    style = _STYLE % {
        **colours,
        "sheet": "#181F2C" if dark else "#FFFFFF",
        "scheme": "dark" if dark else "light",
    }
    head, tail = spoken.split_title(d["title"])
    tail_html = f"<br><span>— {escape(tail)}</span>" if tail else ""
    total = spoken.money(d["total_minor"], d["currency"], d["language"])
    return (
        f"<!doctype html><meta charset=utf-8><title>Invoice</title><style>{style}</style><main>"
        f"<header><b>{escape(d['seller']['name'])}</b>"
        f"<span>Invoice {escape(d['number'])}</span></header>"
        f"<h1>{escape(head)}{tail_html}</h1><p class=sum>{escape(total)}</p>"
        f"<p class=soft>Issued {_day(d, 'issued_on')} · due {_day(d, 'due_on')}{_po(d)}</p>"
        f"{_parties(d)}<table>{_lines(d)}</table>"
        f"<pre>{escape(d['terms']['text'])}</pre></main>"
    )


def _day(d: dict[str, Any], name: str) -> str:
    return escape(spoken.day(d[name], d["language"]))


def _po(d: dict[str, Any]) -> str:
    return f" · PO {escape(d['po_number'])}" if d["po_number"] else ""


def _parties(d: dict[str, Any]) -> str:
    parts = []
    for words, party in (("From", d["seller"]), ("To", d["buyer"])):
        names = [party["name"], party.get("company", ""), *party["address"], party["tax_id"]]
        lines = "<br>".join(escape(line) for line in dict.fromkeys(names) if line)
        parts.append(f"<div><small>{words}</small><p>{lines}</p></div>")
    return f"<div class=two>{''.join(parts)}</div>"


def _lines(d: dict[str, Any]) -> str:
    def row(words: str, minor: int, mark: str = "") -> str:
        shown = spoken.money(minor, d["currency"], d["language"])
        return f"<tr{mark}><td>{escape(words)}</td><td>{escape(shown)}</td></tr>"

    tax = d["tax"]
    name = f"{tax['name'] or 'Tax'} {spoken.percent(tax['rate_ppm'], d['language'])}"
    rows = [row(line["description"], line["amount_minor"]) for line in d["lines"]]
    if d["tax_minor"]:
        included = " included" if tax["included"] else ""
        rows.append(row(name + included, d["tax_minor"]))
    if tax["note"]:
        rows.append(f"<tr><td colspan=2 class=soft>{escape(tax['note'])}</td></tr>")
    rows.append(row("Total", d["total_minor"], " class=total"))
    return "".join(rows)
