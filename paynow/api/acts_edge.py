"""What Edge's endpoints do: the same flows as /v1, under Edge's names."""

from __future__ import annotations

from billing_core import settings
from billing_core.flows.check_fire import FireCommand
from billing_core.flows.enroll_customer import enroll_customer
from billing_core.flows.finish_setup import finish_newest_setup
from billing_core.flows.fire_charge import fire_charge
from billing_core.flows.noticing import noticing
from billing_core.flows.read_form import Value
from billing_core.flows.request_setup import request_setup
from billing_core.flows.save_customer import save_customer
from billing_core.flows.store_method import store_method
from billing_core.flows.suspend_customer import restore_customer, suspend_customer
from billing_core.reports import pages
from billing_core.rules.nouns import Customer
from paynow.api import acts_charges, amounts_in, edge_words
from paynow.api.calling import Call, filtered, known, naming, renaming
from paynow.api.checking import refused_fields
from paynow.api.edge_bodies import (
    EdgeEnroll,
    EdgeEnrollmentsPage,
    EdgeFire,
    EdgeItems,
    EdgeMethod,
    EdgeNewCustomer,
    EdgeOneCustomer,
    EdgePaymentData,
)
from paynow.api.edge_words import Envelope, success
from paynow.api.parameters import LARGEST_LIMIT, Parameters
from paynow.api.problems import Problem

#: There is no CRM to take these from.
_OF_THE_NEW = ("name", "email", "currency")


def fire(call: Call[EdgeFire, Parameters]) -> Envelope:
    """The same idempotency key gives the same charge, in its present state."""
    body = call.body
    item_id = known(body.billable_item_id, "item_not_found")
    command = FireCommand(
        customer=body.billing_customer_id,
        item=item_id,
        amount=acts_charges.decimal_amount(item_id, body.override_amount, None),
        description=body.override_description or "",
        milestone=body.milestone_id or "",
        metric_value=body.metric_value or "",
    )
    fired = fire_charge(command, actor=call.caller.actor, origin="api", key=call.key)
    if fired.charge is None:
        return success(edge_words.not_met(body.metric_value))
    acts_charges.check_declined(fired)
    return success(edge_words.fired(fired, fired.charge))


def create_customer(call: Call[EdgeNewCustomer, Parameters]) -> Envelope:
    """A customer for a contact, or the one the contact has."""
    if call.body.gateway not in (None, settings.load().gateway):
        told = f"This installation charges through “{settings.load().gateway}”."
        raise refused_fields({"gateway": told})
    missing = [name for name in _OF_THE_NEW if not getattr(call.body, name)]
    if missing:
        return _made(_of_contact(call.body.contact_id, missing), existing=True, replay=False)
    with noticing() as seen, renaming({"payment_method": "payment_data.pm_id"}):
        made = save_customer(None, _values(call.body), actor=call.caller.actor, key=call.key)
    return _made(made, existing=seen.existing, replay=seen.replay)


def get_customer(call: Call[EdgeOneCustomer, Parameters]) -> Envelope:
    """A customer with the stored method and every enrollment."""
    found = _customer(call.body)
    enrolled = pages.enrolments(limit=LARGEST_LIMIT, customer_id=found.id).rows
    data = edge_words.customer(found) | {"bc_payment_data": edge_words.payment_data(found)}
    shown = [edge_words.enrollment(one, found.contact_id) for one in enrolled]
    return success(data, enrollments=shown)


def enroll(call: Call[EdgeEnroll, Parameters]) -> Envelope:
    """A customer in an item, or the enrollment that stands."""
    body = call.body
    item_id = known(body.billable_item_id, "item_not_found")
    found = _one(body.billing_customer_id)
    if body.contact_id and found.contact_id and body.contact_id != found.contact_id:
        raise Problem("customer_not_found", "This contact has another billing customer.")
    with noticing() as seen:
        made = enroll_customer(found.id, item_id, actor=call.caller.actor, key=call.key)
    data = edge_words.enrollment(made, found.contact_id)
    told = {"existing": seen.existing, "idempotent_replay": seen.replay}
    return success(data, ts_id=made.id, **told)


def get_enrollments(call: Call[EdgeEnrollmentsPage, Parameters]) -> Envelope:
    """A page of enrollments, newest first."""
    asked = call.body
    page = pages.enrolments(
        limit=asked.limit,
        skip=asked.offset,
        customer_id=filtered(asked.billing_customer_id),
        item_id=filtered(asked.billable_item_id),
        status=asked.status,
    )
    contacts = pages.contacts([one.customer_id for one in page.rows])
    shown = [edge_words.enrollment(one, contacts.get(one.customer_id)) for one in page.rows]
    return success(shown, count=len(shown))


def get_items(call: Call[EdgeItems, Parameters]) -> Envelope:
    """Every active trigger item, the newest 200."""
    found = [
        one
        for one in pages.items(limit=LARGEST_LIMIT, active=True).rows
        if one.billing_type == "trigger"
    ]
    return success([edge_words.item(one) for one in found], count=len(found))


def suspend(call: Call[EdgeOneCustomer, Parameters]) -> Envelope:
    """Nothing is charged until the customer is restored."""
    found = _customer(call.body)
    with noticing() as seen:
        moved = suspend_customer(found.id, actor=call.caller.actor, key=call.key)
    return success(edge_words.customer(moved), idempotent_replay=seen.replay)


def restore(call: Call[EdgeOneCustomer, Parameters]) -> Envelope:
    """Active again."""
    found = _customer(call.body)
    with noticing() as seen:
        moved = restore_customer(found.id, actor=call.caller.actor, key=call.key)
    return success(edge_words.customer(moved), idempotent_replay=seen.replay)


def setup_method(call: Call[EdgeMethod, Parameters]) -> Envelope:
    """Store the method that is named, or open a page of the gateway where the client stores one:
    its address is mailed to them, and stands in setup_url for a day."""
    if call.body.payment_data is not None:
        return _stored(call, call.body.payment_data)
    return build_setup(call)


def build_setup(call: Call[EdgeMethod, Parameters] | Call[EdgeOneCustomer, Parameters]) -> Envelope:
    """A page of the gateway where the client stores a payment method; its address is mailed to
    them, and stands in setup_url for a day."""
    found = _customer(call.body)
    with noticing() as seen:
        made = request_setup(found.id, actor=call.caller.actor, key=call.key)
    return success(edge_words.setup(found, made), idempotent_replay=seen.replay)


def confirm_method(call: Call[EdgeMethod, Parameters]) -> Envelope:
    """Ask the gateway what became of the page, and say which method is stored now. Where a method
    is named, it is stored."""
    if call.body.payment_data is not None:
        return _stored(call, call.body.payment_data)
    asked = finish_newest_setup(_customer(call.body).id)
    found = _customer(call.body)
    if asked is None and found.payment_method is None:
        raise Problem("no_payment_method", "This customer was never asked for a payment method.")
    return success(edge_words.setup(found, asked))


def _stored(call: Call[EdgeMethod, Parameters], method: EdgePaymentData) -> Envelope:
    found = _customer(call.body)
    with noticing() as seen, renaming({"payment_method": "payment_data.pm_id"}):
        stored = store_method(found.id, method.pm_id, actor=call.caller.actor, key=call.key)
    return success(edge_words.setup(stored, None), idempotent_replay=seen.replay)


def _customer(body: EdgeOneCustomer) -> Customer:
    wanted = body.bc_id or body.billing_customer_id
    if wanted is None:
        raise Problem("missing_customer", "Name the customer: bc_id.")
    return _one(wanted)


def _one(customer_id: str) -> Customer:
    with naming("customer_not_found"):
        return pages.customer(known(customer_id, "customer_not_found"))


def _of_contact(contact_id: str, missing: list[str]) -> Customer:
    """The customer a contact has; without one, what a new customer would need is missing."""
    found: tuple[Customer, ...] = ()
    if contact_id.isprintable():
        found = pages.customers(limit=1, contact_id=contact_id.strip()).rows
    if not found:
        raise refused_fields(dict.fromkeys(missing, "This field is missing."))
    return found[0]


def _made(found: Customer, *, existing: bool, replay: bool) -> Envelope:
    return success(
        edge_words.customer(found),
        existing=existing,
        billing_customer_id=found.id,
        idempotent_replay=replay,
    )


def _values(body: EdgeNewCustomer) -> dict[str, Value]:
    """The fields of ``save_customer``'s form."""
    currency = body.currency or ""
    initial = amounts_in.read("initial_amount", body.initial_amount, None, currency)
    return {
        "contact_id": body.contact_id,
        "name": body.name or "",
        "email": body.email or "",
        "currency": currency,
        "company": body.company or "",
        "allow_trigger": body.allow_trigger or False,
        "require_initial": body.require_initial or False,
        "initial_amount": amounts_in.as_typed(initial, currency),
        "notes": body.notes or "",
        "payment_method": body.payment_data.pm_id if body.payment_data else "",
    }
