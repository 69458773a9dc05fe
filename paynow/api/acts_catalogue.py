"""What /v1 does with items, customers and enrollments: bodies into flows, nouns into shapes."""

from __future__ import annotations

from decimal import Decimal

from billing_core.errors import TextRefused
from billing_core.flows.enroll_customer import change_enrolment, enroll_customer
from billing_core.flows.noticing import noticing
from billing_core.flows.read_form import Value
from billing_core.flows.request_setup import request_setup
from billing_core.flows.save_customer import save_customer
from billing_core.flows.save_item import save_item
from billing_core.reports import pages
from billing_core.rules import amounts, texts
from paynow.api import amounts_in, shapes, telling
from paynow.api.bodies import NewCustomer, NewEnrollment, NewItem, NoFields
from paynow.api.calling import NOBODY, Answer, Call, filtered, known, naming, renaming
from paynow.api.checking import refused_fields
from paynow.api.operation import get, post
from paynow.api.parameters import CustomersPage, EnrollmentsPage, Paging, Parameters

_ONE_PERCENT_PPM = Decimal(amounts.PPM).scaleb(-2)
_ITEM_NAMES = {"tax_rate": "tax_rate_ppm"}
_PLACE = ("line1", "line2", "city", "postal_code", "state", "country")
_CUSTOMER_NAMES = {"time_zone": "timezone"} | {name: f"address.{name}" for name in _PLACE}


def make_item(call: Call[NewItem, Parameters]) -> Answer:
    """A new item."""
    with noticing() as seen, renaming(_ITEM_NAMES):
        made = save_item(None, _item_values(call.body), actor=call.caller.actor, key=call.key)
    shape = shapes.ItemTold(**telling.item(made), idempotent_replay=seen.replay)
    return Answer(shape, new=not seen.replay)


def show_item(call: Call[NoFields, Parameters]) -> Answer:
    """One item."""
    with naming("item_not_found"):
        return Answer(shapes.Item(**telling.item(pages.item(known(call.id, "item_not_found")))))


def list_items(call: Call[NoFields, Paging]) -> Answer:
    """Items, newest first."""
    asked = call.parameters
    page = pages.items(limit=asked.limit, after=asked.cursor)
    data = [shapes.Item(**telling.item(found)) for found in page.rows]
    return Answer(shapes.ItemList(data=data, next_cursor=page.next_id))


def make_customer(call: Call[NewCustomer, Parameters]) -> Answer:
    """A new customer, or the one who has this contact id."""
    values = _customer_values(call.body)
    with noticing() as seen, renaming(_CUSTOMER_NAMES):
        made = save_customer(None, values, actor=call.caller.actor, key=call.key)
    shape = shapes.CustomerMade(
        **telling.customer(made), existing=seen.existing, idempotent_replay=seen.replay
    )
    return Answer(shape, new=not (seen.replay or seen.existing))


def show_customer(call: Call[NoFields, Parameters]) -> Answer:
    """One customer."""
    with naming("customer_not_found"):
        found = pages.customer(known(call.id, "customer_not_found"))
    return Answer(shapes.Customer(**telling.customer(found)))


def list_customers(call: Call[NoFields, CustomersPage]) -> Answer:
    """Customers, newest first."""
    asked = call.parameters
    contact = asked.contact_id
    if contact is not None and not contact.isprintable():
        contact = NOBODY
    page = pages.customers(limit=asked.limit, after=asked.cursor, contact_id=contact)
    data = [shapes.Customer(**telling.customer(found)) for found in page.rows]
    return Answer(shapes.CustomerList(data=data, next_cursor=page.next_id))


def make_setup_link(call: Call[NoFields, Parameters]) -> Answer:
    """A page of the gateway where the client stores a payment method; its address is mailed to
    them. It is open for a day."""
    customer_id = known(call.id, "customer_not_found")
    with noticing() as seen, naming("customer_not_found"):
        made = request_setup(customer_id, actor=call.caller.actor, key=call.key)
    shape = shapes.SetupTold(**telling.setup(made), idempotent_replay=seen.replay)
    return Answer(shape, new=not seen.replay)


def make_enrollment(call: Call[NewEnrollment, Parameters]) -> Answer:
    """A new enrollment, or the one that stands."""
    customer = known(call.body.customer, "customer_not_found")
    item = known(call.body.item, "item_not_found")
    with noticing() as seen:
        made = enroll_customer(customer, item, actor=call.caller.actor, key=call.key)
    shape = shapes.EnrollmentMade(
        **telling.enrollment(made), existing=seen.existing, idempotent_replay=seen.replay
    )
    return Answer(shape, new=not (seen.replay or seen.existing))


def show_enrollment(call: Call[NoFields, Parameters]) -> Answer:
    """One enrollment."""
    with naming("enrollment_not_found"):
        found = pages.enrolment(known(call.id, "enrollment_not_found"))
    return Answer(shapes.Enrollment(**telling.enrollment(found)))


def list_enrollments(call: Call[NoFields, EnrollmentsPage]) -> Answer:
    """Enrollments, newest first."""
    asked = call.parameters
    page = pages.enrolments(
        limit=asked.limit, after=asked.cursor, customer_id=filtered(asked.customer)
    )
    data = [shapes.Enrollment(**telling.enrollment(found)) for found in page.rows]
    return Answer(shapes.EnrollmentList(data=data, next_cursor=page.next_id))


def pause_enrollment(call: Call[NoFields, Parameters]) -> Answer:
    """Nothing fires until it is resumed."""
    return _move_enrollment(call, "pause")


def resume_enrollment(call: Call[NoFields, Parameters]) -> Answer:
    """Active again, failures counted anew."""
    return _move_enrollment(call, "resume")


def cancel_enrollment(call: Call[NoFields, Parameters]) -> Answer:
    """Ended for good."""
    return _move_enrollment(call, "cancel")


def _move_enrollment(call: Call[NoFields, Parameters], verb: str) -> Answer:
    enrolment_id = known(call.id, "enrollment_not_found")
    with noticing() as seen, naming("enrollment_not_found"):
        moved = change_enrolment(enrolment_id, verb, actor=call.caller.actor, key=call.key)
    told = telling.enrollment(moved)
    return Answer(shapes.EnrollmentTold(**told, idempotent_replay=seen.replay))


def _item_values(body: NewItem) -> dict[str, Value]:
    """The fields of ``save_item``'s form."""
    price = amounts_in.read("unit_price", body.unit_price, body.unit_price_minor, body.currency)
    cap = amounts_in.read("max_capture", body.max_capture, body.max_capture_minor, body.currency)
    percent = Decimal(body.tax_rate_ppm or 0) / _ONE_PERCENT_PPM
    return {
        "name": body.name,
        "description": body.description or "",
        "unit_price": amounts_in.as_typed(amounts_in.required("unit_price", price), body.currency),
        "currency": body.currency,
        "trigger_mode": body.trigger_mode,
        "capture_mode": body.capture_mode or "",
        "allow_override": body.allow_override or False,
        "max_capture": amounts_in.as_typed(cap, body.currency),
        "condition": body.condition or "",
        "threshold": body.threshold or "",
        "floor": body.floor or "",
        "tax_name": body.tax_name or "",
        "tax_rate": f"{percent:f}",
        "tax_included": body.tax_included or False,
    }


def _customer_values(body: NewCustomer) -> dict[str, Value]:
    """The fields of ``save_customer``'s form."""
    initial = amounts_in.read(
        "initial_amount", body.initial_amount, body.initial_amount_minor, body.currency
    )
    place = {name: (getattr(body.address, name, None) or "") for name in _PLACE}
    return {
        "name": body.name,
        "email": body.email,
        "cc": ", ".join(_checked_copies(body.cc or [])),
        "company": body.company or "",
        **place,
        "tax_id": body.tax_id or "",
        "language": body.language or "",
        "time_zone": body.timezone or "",
        "currency": body.currency,
        "contact_id": body.contact_id or "",
        "allow_trigger": body.allow_trigger or False,
        "require_initial": body.require_initial or False,
        "initial_amount": amounts_in.as_typed(initial, body.currency),
        "notes": body.notes or "",
        "payment_method": body.payment_method or "",
    }


def _checked_copies(addresses: list[str]) -> list[str]:
    """Each is one address: a comma inside would make two of it further on."""
    problems = {}
    for place, address in enumerate(addresses):
        try:
            texts.check_email(address, "A copy's address")
        except TextRefused as refusal:
            problems[f"cc.{place}"] = refusal.sentence
    if problems:
        raise refused_fields(problems)
    return addresses


_ITEM_NOT_FOUND = ("item_not_found",)
_CUSTOMER_NOT_FOUND = ("customer_not_found",)
_ENROLLMENT_NOT_FOUND = ("enrollment_not_found",)
_NOT_ENROLLED_BECAUSE = (
    "missing_item", "missing_customer", "item_not_found", "customer_not_found",
    "customer_not_active", "item_inactive", "currency_mismatch",
)  # fmt: skip
OPERATIONS = (
    post("createItem", "items", "Add an item", make_item,
         body=NewItem, answers=(shapes.ItemTold,), makes=True, refuses=("amount_invalid",)),
    get("listItems", "items", "List items", list_items,
        parameters=Paging, answers=(shapes.ItemList,)),
    get("getItem", "items/{id}", "Show an item", show_item,
        answers=(shapes.Item,), refuses=_ITEM_NOT_FOUND),
    post("createCustomer", "customers", "Add a customer", make_customer,
         body=NewCustomer, answers=(shapes.CustomerMade,), makes=True,
         refuses=("amount_invalid", "gateway_unavailable")),
    get("listCustomers", "customers", "List customers", list_customers,
        parameters=CustomersPage, answers=(shapes.CustomerList,)),
    get("getCustomer", "customers/{id}", "Show a customer", show_customer,
        answers=(shapes.Customer,), refuses=_CUSTOMER_NOT_FOUND),
    post("createSetupLink", "customers/{id}/setup-link", "Ask the client for a payment method",
         make_setup_link, answers=(shapes.SetupTold,), makes=True,
         refuses=(*_CUSTOMER_NOT_FOUND, "customer_not_active", "gateway_cannot",
                  "gateway_unavailable")),
    post("createEnrollment", "enrollments", "Enroll a customer in an item", make_enrollment,
         body=NewEnrollment, answers=(shapes.EnrollmentMade,), makes=True,
         refuses=_NOT_ENROLLED_BECAUSE),
    get("listEnrollments", "enrollments", "List enrollments", list_enrollments,
        parameters=EnrollmentsPage, answers=(shapes.EnrollmentList,)),
    get("getEnrollment", "enrollments/{id}", "Show an enrollment", show_enrollment,
        answers=(shapes.Enrollment,), refuses=_ENROLLMENT_NOT_FOUND),
    post("pauseEnrollment", "enrollments/{id}/pause", "Pause an enrollment", pause_enrollment,
         answers=(shapes.EnrollmentTold,), refuses=(*_ENROLLMENT_NOT_FOUND, "illegal_move")),
    post("resumeEnrollment", "enrollments/{id}/resume", "Resume an enrollment", resume_enrollment,
         answers=(shapes.EnrollmentTold,), refuses=(*_ENROLLMENT_NOT_FOUND, "illegal_move")),
    post("cancelEnrollment", "enrollments/{id}/cancel", "Cancel an enrollment for good",
         cancel_enrollment, answers=(shapes.EnrollmentTold,),
         refuses=(*_ENROLLMENT_NOT_FOUND, "illegal_move")),
)  # fmt: skip
