"""Which address of ``/v1`` does what. A list of objects is answered as one page of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.stripe_fake import checkout, payments, refunds, vault
from tests.stripe_fake.company import Company, Obj, Refusal
from tests.stripe_fake.wire import Asked

Run = Callable[..., Any]
_ID = "([A-Za-z0-9_]+)"


def template(pattern: str) -> str:
    """The address of an endpoint as descriptions write it, with ``{}`` for an id."""
    return pattern.replace(_ID, "{}")


def _get(kind: str) -> Run:
    return lambda company, asked, ref: company.get(ref, kind)


def _list(kind: str, *filters: str) -> Run:
    def run(company: Company, asked: Asked) -> list[Obj]:
        wanted = {name: asked.text(name) for name in filters}
        kept = {name: value for name, value in wanted.items() if value is not None}
        return [o for o in company.all(kind) if all(o.get(n) == v for n, v in kept.items())]

    return run


def _on(kind: str, act: Callable[[Company, Asked, Obj], Obj]) -> Run:
    return lambda company, asked, ref: act(company, asked, company.get(ref, kind))


def _session(company: Company, asked: Asked, ref: str) -> Obj:
    found = company.get(ref, "checkout.session")
    checkout.age(company, found)
    return found


def _sessions(company: Company, asked: Asked) -> list[Obj]:
    intent, status = asked.text("payment_intent"), asked.text("status")
    found = company.all("checkout.session")
    for session in found:
        checkout.age(company, session)
    return [s for s in found if intent in (None, s["payment_intent"])
            and status in (None, s["status"])]  # fmt: skip


def _file(company: Company, asked: Asked) -> Obj:
    purpose, body = asked.text("purpose", required=True), asked.text("file", required=True)
    asked.check_all_read()
    made = company.add("file", "file", purpose=purpose, size=len(body), type="pdf", filename=None)
    company.bodies[made["id"]] = body
    return made


def _change_dispute(company: Company, asked: Asked, made: Obj) -> Obj:
    evidence, submit = asked.mapping("evidence"), asked.flag("submit")
    made["metadata"] = made["metadata"] | asked.metadata()
    asked.check_all_read()
    if made["status"] in ("won", "lost", "warning_closed"):
        raise Refusal("This dispute is already closed.")
    made["evidence"] = made["evidence"] | evidence
    made["evidence_details"]["has_evidence"] = bool(made["evidence"])
    if submit:
        made["evidence_details"]["submission_count"] += 1
        warned = made["status"].startswith("warning")
        made["status"] = "warning_under_review" if warned else "under_review"
    company.emit("charge.dispute.updated", made)
    return made


def _close_dispute(company: Company, asked: Asked, made: Obj) -> Obj:
    asked.check_all_read()
    payments.close(company, made, "lost")
    return made


def _account(company: Company, asked: Asked) -> Obj:
    return company.account


def _balance(company: Company, asked: Asked) -> Obj:
    sums = company.ledger()["totals"]
    net = [{"currency": c, "amount": t["net"]} for c, t in sorted(sums.items())]
    return {"object": "balance", "livemode": company.livemode, "available": [], "pending": net}


def _delete_customer(company: Company, asked: Asked, customer: Obj) -> Obj:
    for method in vault.methods_of(company, customer["id"]):
        method["customer"] = None
    del company.objects[customer["id"]]
    company.order.remove(customer["id"])
    return {"id": customer["id"], "object": "customer", "deleted": True}


def _methods(company: Company, asked: Asked, customer: str) -> list[Obj]:
    kind = asked.text("type")
    company.get(customer, "customer")
    return [m for m in vault.methods_of(company, customer) if kind in (None, m["type"])]


ENDPOINTS: list[tuple[str, str, Run]] = [
    ("GET", "account", _account),
    ("GET", "balance", _balance),
    ("POST", "customers", vault.create_customer),
    ("GET", "customers", _list("customer", "email")),
    ("GET", f"customers/{_ID}", _get("customer")),
    ("POST", f"customers/{_ID}", _on("customer", vault.change_customer)),
    ("DELETE", f"customers/{_ID}", _on("customer", _delete_customer)),
    ("GET", f"customers/{_ID}/payment_methods", _methods),
    ("POST", "payment_methods", vault.create_method),
    ("GET", f"payment_methods/{_ID}", _get("payment_method")),
    ("POST", f"payment_methods/{_ID}/attach", vault.attach),
    ("POST", f"payment_methods/{_ID}/detach", _on("payment_method", vault.detach)),
    ("POST", "setup_intents", vault.create_setup),
    ("GET", f"setup_intents/{_ID}", _get("setup_intent")),
    ("POST", "checkout/sessions", checkout.create),
    ("GET", "checkout/sessions", _sessions),
    ("GET", f"checkout/sessions/{_ID}", _session),
    ("POST", f"checkout/sessions/{_ID}/expire", _on("checkout.session", checkout.expire)),
    ("POST", "payment_intents", payments.create),
    ("GET", "payment_intents", _list("payment_intent", "customer")),
    ("GET", f"payment_intents/{_ID}", _get("payment_intent")),
    ("POST", f"payment_intents/{_ID}/confirm", _on("payment_intent", payments.confirm)),
    ("POST", f"payment_intents/{_ID}/cancel", _on("payment_intent", payments.cancel)),
    ("GET", "charges", _list("charge", "payment_intent", "customer")),
    ("GET", f"charges/{_ID}", _get("charge")),
    ("POST", "refunds", refunds.create),
    ("GET", "refunds", _list("refund", "payment_intent", "charge")),
    ("GET", f"refunds/{_ID}", _get("refund")),
    ("GET", "disputes", _list("dispute", "payment_intent", "charge")),
    ("GET", f"disputes/{_ID}", _get("dispute")),
    ("POST", f"disputes/{_ID}", _on("dispute", _change_dispute)),
    ("POST", f"disputes/{_ID}/close", _on("dispute", _close_dispute)),
    ("POST", "files", _file),
    ("GET", f"files/{_ID}", _get("file")),
    ("GET", "events", _list("event", "type")),
    ("GET", f"events/{_ID}", _get("event")),
    ("GET", "balance_transactions", _list("balance_transaction", "source", "type", "currency")),
    ("GET", f"balance_transactions/{_ID}", _get("balance_transaction")),
]
