"""Checkout Sessions: a hosted page that takes a payment, or keeps a method for later."""

from __future__ import annotations

from typing import Any

from tests.stripe_fake import cards, payments, vault
from tests.stripe_fake.company import Company, Obj, Refusal
from tests.stripe_fake.wire import Asked

SHORTEST_S, LONGEST_S = 30 * 60, 24 * 60 * 60


def create(company: Company, asked: Asked) -> Obj:
    mode = asked.text("mode", required=True)
    success, cancel = asked.text("success_url", required=True), asked.text("cancel_url")
    customer, email = asked.text("customer"), asked.text("customer_email")
    reference, metadata = asked.text("client_reference_id"), asked.metadata()
    expires_at = asked.number("expires_at")
    items, inner = asked.text("line_items", default=[]), asked.mapping("payment_intent_data")
    setup, types = asked.mapping("setup_intent_data"), asked.text("payment_method_types")
    currency, locale = asked.text("currency"), asked.text("locale")
    converts = asked.mapping("adaptive_pricing").get("enabled") == "true"
    asked.text("submit_type")
    asked.text("customer_creation")
    asked.check_all_read()
    _check_dates(company, expires_at)
    if customer and email:
        raise Refusal("You may only specify one of these parameters: customer, customer_email.",
                      validation=True)  # fmt: skip
    if customer:
        company.get(customer, "customer", param="customer")
    if reference and len(reference) > 200:
        raise Refusal("client_reference_id is too long.", validation=True)
    amount = None
    if mode == "payment":
        amount, currency = _sum(items)
        payments.check_amount(company, amount, currency)
    elif mode != "setup":
        raise Refusal(f"Invalid mode: {mode}", param="mode", validation=True)
    made = company.add(
        "cs", "checkout.session", mode=mode, status="open", url=None, amount_total=amount,
        currency=currency, customer=customer, customer_email=email, metadata=metadata,
        client_reference_id=reference, success_url=success, cancel_url=cancel, locale=locale,
        payment_status="unpaid" if mode == "payment" else "no_payment_required",
        payment_intent=None, setup_intent=None, payment_method_types=types or ["card"],
        expires_at=expires_at or company.now() + LONGEST_S,
        private={"payment": inner, "setup": setup, "items": items, "problem": ""},
        adaptive_pricing={"enabled": converts},
    )  # fmt: skip
    made["url"] = f"{company.address}/c/pay/{made['id']}"
    if mode == "setup":
        found = vault.new_setup(company, customer, setup.get("metadata", {}), "off_session")
        made["setup_intent"] = found["id"]
    return made


def _check_dates(company: Company, expires_at: int | None) -> None:
    if expires_at is None:
        return
    ahead = expires_at - company.now()
    if not SHORTEST_S <= ahead <= LONGEST_S:
        raise Refusal("The `expires_at` timestamp must be at least 30 minutes and at most 24 hours "
                      "from Checkout Session creation.", param="expires_at",
                      validation=True)  # fmt: skip


def _sum(items: Any) -> tuple[int, str]:
    if not isinstance(items, list) or not items:
        raise Refusal("You must pass line_items in payment mode.", param="line_items",
                      validation=True)  # fmt: skip
    total, currency = 0, ""
    for item in items:
        price = item.get("price_data", {})
        product = price.get("product_data", {})
        if not product.get("name") or set(product) - {"name", "description"}:
            raise Refusal("Invalid product_data.", param="line_items", validation=True)
        if not str(price.get("unit_amount", "")).isdigit():
            raise Refusal("Invalid integer: unit_amount", param="line_items", validation=True)
        total += int(price["unit_amount"]) * int(item.get("quantity", 1))
        currency = price["currency"]
    return total, currency


def age(company: Company, session: Obj) -> None:
    """A session past its life has expired, whoever looks at it."""
    if session["status"] == "open" and company.now() >= session["expires_at"]:
        _end(company, session)


def expire(company: Company, asked: Asked, session: Obj) -> Obj:
    asked.check_all_read()
    age(company, session)
    if session["status"] != "open":
        raise Refusal(
            f"Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout "
            f"Session has a status of {session['status']}.",
        )  # fmt: skip
    _end(company, session)
    return session


def _end(company: Company, session: Obj) -> None:
    session |= {"status": "expired", "url": None}
    intent = company.objects.get(session["payment_intent"] or "")
    if intent is not None and intent["status"] not in ("succeeded", "canceled", "processing"):
        intent |= {"status": "canceled", "next_action": None}
    company.emit("checkout.session.expired", session)


def type_number(company: Company, session: Obj, number: str) -> str:
    """The client typed a card or account number; returns where the page sends them next."""
    age(company, session)
    if session["status"] != "open":
        return str(session["cancel_url"] or session["success_url"])
    method = cards.store(company, number, session["customer"])
    if session["mode"] == "setup":
        setup = company.objects[session["setup_intent"]]
        setup |= {"payment_method": method["id"]}
        setup["private"]["session"] = session["id"]
        vault.confirm_setup(company, setup, raises=True)
        return _after(company, session, setup)
    intent = _intent_of(company, session)
    intent["payment_method"] = method["id"]
    payments.confirm_intent(company, intent)
    return _after(company, session, intent)


def _intent_of(company: Company, session: Obj) -> Obj:
    """Made when the client submits, not with the session."""
    if session["payment_intent"]:
        return company.objects[session["payment_intent"]]
    inner = session["private"]["payment"]
    intent = payments.new_intent(
        company, amount=session["amount_total"], currency=session["currency"],
        customer=session["customer"], metadata=inner.get("metadata", {}),
        description=inner.get("description"),
        statement_descriptor_suffix=inner.get("statement_descriptor_suffix"),
    )  # fmt: skip
    intent["private"]["session"] = session["id"]
    intent["private"]["return_url"] = session["success_url"]
    session["payment_intent"] = intent["id"]
    return intent


def _after(company: Company, session: Obj, inner: Obj) -> str:
    if inner["status"] == "requires_action":
        return str(inner["next_action"]["redirect_to_url"]["url"])
    complete(company, session, inner)
    return landing(session)


def complete(company: Company, session: Obj, inner: Obj) -> None:
    """The client has done their part; a bank debit is paid only later."""
    if session["status"] != "open":
        return
    session |= {"status": "complete", "url": None}
    if session["mode"] == "payment":
        session["payment_status"] = "paid" if inner["status"] == "succeeded" else "unpaid"
    company.emit("checkout.session.completed", session)


def landing(session: Obj) -> str:
    """Where the client goes when the page is done."""
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def finish_slow(company: Company, intent: Obj, *, succeed: bool) -> None:
    """A bank debit arrived, or came back."""
    session = company.objects.get(intent["private"].get("session", ""))
    if succeed:
        payments.succeed(company, intent)
    else:
        company.objects[intent["latest_charge"]] |= {"status": "failed"}
        payments.fail(company, intent, cards.declined("insufficient_funds"), raises=False)
    if session is not None:
        session["payment_status"] = "paid" if succeed else "unpaid"
        word = "async_payment_succeeded" if succeed else "async_payment_failed"
        company.emit(f"checkout.session.{word}", session)
