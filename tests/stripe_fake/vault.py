"""Customers, their payment methods, and setting one up without charging it."""

from __future__ import annotations

from tests.stripe_fake import cards
from tests.stripe_fake.company import Company, Obj, Refusal
from tests.stripe_fake.wire import Asked

_PLAIN = ("name", "email", "description", "phone")


def create_customer(company: Company, asked: Asked) -> Obj:
    fields = {name: asked.text(name) for name in _PLAIN}
    address, metadata = asked.text("address"), asked.metadata()
    locales = asked.text("preferred_locales", default=[])
    asked.check_all_read()
    return company.add("cus", "customer", **fields, address=address, metadata=metadata,
                       preferred_locales=locales, currency=None,
                       invoice_settings={"default_payment_method": None})  # fmt: skip


def change_customer(company: Company, asked: Asked, customer: Obj) -> Obj:
    for name in (*_PLAIN, "address"):
        value = asked.text(name)
        if value is not None:
            customer[name] = value
    customer["metadata"] = customer["metadata"] | asked.metadata()
    settings = asked.mapping("invoice_settings")
    asked.check_all_read()
    customer["invoice_settings"] = customer["invoice_settings"] | settings
    return customer


def methods_of(company: Company, customer: str) -> list[Obj]:
    return [m for m in company.all("payment_method") if m["customer"] == customer]


def create_method(company: Company, asked: Asked) -> Obj:
    kind, card = asked.text("type", required=True), asked.mapping("card")
    asked.check_all_read()
    number = str(card.get("number", "")) or cards.TOKENS.get(
        str(card.get("token", "")).replace("tok_", "pm_card_"), ""
    )
    if kind != "card" or not number:
        raise Refusal("Missing required param: card.", param="card", validation=True)
    return cards.store(company, number)


def attach(company: Company, asked: Asked, ref: str) -> Obj:
    customer = str(asked.text("customer", required=True))
    asked.check_all_read()
    company.get(customer, "customer", param="customer")
    method = cards.find(company, ref)
    if method["does"].get("detached"):
        raise Refusal("This PaymentMethod was previously used without being attached to a Customer "
                      "or was detached from a Customer, and may not be used again.")  # fmt: skip
    method["customer"] = customer
    company.emit("payment_method.attached", method)
    return method


def detach(company: Company, asked: Asked, method: Obj) -> Obj:
    asked.check_all_read()
    if not method["customer"]:
        raise Refusal("The payment method you provided is not attached to a customer so detachment "
                      "is impossible.", code="payment_method_not_attached")  # fmt: skip
    method["customer"], method["does"] = None, method["does"] | {"detached": True}
    company.emit("payment_method.detached", method)
    return method


def create_setup(company: Company, asked: Asked) -> Obj:
    customer, usage = asked.text("customer"), asked.text("usage", default="off_session")
    method, confirm = asked.text("payment_method"), asked.flag("confirm")
    return_url, metadata = asked.text("return_url"), asked.metadata()
    asked.text("payment_method_types")
    asked.check_all_read()
    made = new_setup(company, customer, metadata, usage)
    made["private"]["return_url"] = return_url
    if method:
        made["payment_method"] = cards.find(company, method)["id"]
    if confirm:
        confirm_setup(company, made, raises=True)
    return made


def new_setup(company: Company, customer: str | None, metadata: Obj, usage: str) -> Obj:
    """A setup intent that waits for a method."""
    return company.add(
        "seti", "setup_intent", customer=customer, metadata=metadata, usage=usage,
        status="requires_payment_method", payment_method=None, next_action=None,
        last_setup_error=None, private={"return_url": None},
    )  # fmt: skip


def confirm_setup(company: Company, setup: Obj, *, raises: bool) -> None:
    """Check the method with its bank, and keep it."""
    method = company.objects[setup["payment_method"]]
    does = method["does"]["does"]
    if does == "declines" and method["does"]["code"] != "generic_decline":
        error = cards.declined(method["does"]["code"])
        setup |= {"status": "requires_payment_method", "last_setup_error": error}
        company.emit("setup_intent.setup_failed", setup)
        if raises:
            raise Refusal(error["message"], status=402, kind="card_error", code=error["code"])
    elif does in ("asks", "asks_once"):
        url = f"{company.address}/3ds/{setup['id']}"
        setup |= {"status": "requires_action", "next_action": {
            "type": "redirect_to_url", "redirect_to_url": {"url": url}}}  # fmt: skip
    else:
        finish_setup(company, setup)


def finish_setup(company: Company, setup: Obj) -> None:
    """The method may be charged later without its owner."""
    method = company.objects[setup["payment_method"]]
    method["does"] = method["does"] | {"set_up": True}
    method["customer"] = setup["customer"]
    setup |= {"status": "succeeded", "next_action": None}
    company.emit("payment_method.attached", method)
    company.emit("setup_intent.succeeded", setup)
