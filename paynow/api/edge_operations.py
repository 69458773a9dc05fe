"""The table of Edge's endpoints, with every path each one answers at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from paynow.api import acts_edge, edge_bodies
from paynow.api.acts_charges import GATE
from paynow.api.calling import Call
from paynow.api.edge_words import Envelope

#: What every call of Edge's may be answered.
ALWAYS = (
    "missing_api_key", "invalid_api_key", "scope_missing", "org_mismatch", "body_invalid",
    "request_timeout", "body_too_large", "content_type_unsupported", "fields_invalid",
    "address_too_long", "idempotency_key_invalid", "idempotency_conflict",
    "request_in_progress", "too_many_requests", "internal_error", "unavailable",
)  # fmt: skip
_ORG, _BRAND = "org_id", "brand_id"


@dataclass(frozen=True, slots=True)
class EdgeOperation:
    """One endpoint: POST only, 200 always. ``needs`` are the ids of ours a caller must name."""

    name: str
    paths: tuple[str, ...]
    scope: str
    summary: str
    act: Callable[[Call[Any, Any]], Envelope]
    body: type[edge_bodies.EdgeBody]
    needs: tuple[str, ...] = (_ORG, _BRAND)
    refuses: tuple[str, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code it may answer, as Edge writes them."""
        missing = tuple(f"missing_{name.removesuffix('_id')}" for name in self.needs)
        return tuple(code.upper() for code in dict.fromkeys((*ALWAYS, *missing, *self.refuses)))


def _sibling(name: str, *rest: Any, **more: Any) -> EdgeOperation:
    paths = (f"/apis/public/edge/{name}.php", f"/public/edge/{name}")
    return EdgeOperation(name, paths, *rest, **more)


_CUSTOMER = ("missing_customer", "customer_not_found")
_ASKED = (*_CUSTOMER, "customer_not_active", "gateway_cannot", "gateway_unavailable")
OPERATIONS: tuple[EdgeOperation, ...] = (
    EdgeOperation(
        "fire",
        ("/apis/edge/trigger/fire.php", "/apis/public/edge/fire.php", "/public/edge/fire"),
        "fire",
        "Fire a charge",
        acts_edge.fire,
        edge_bodies.EdgeFire,
        refuses=GATE,
    ),
    _sibling(
        "createCustomer", "manage", "A customer for a contact, or the one the contact has",
        acts_edge.create_customer, edge_bodies.EdgeNewCustomer,
        refuses=("missing_contact", "amount_invalid", "gateway_unavailable"),
    ),
    _sibling(
        "getCustomer", "read", "A customer with payment method and enrollments",
        acts_edge.get_customer, edge_bodies.EdgeOneCustomer, needs=(), refuses=_CUSTOMER,
    ),
    _sibling(
        "enroll", "manage", "A customer in an item, or the enrollment that stands",
        acts_edge.enroll, edge_bodies.EdgeEnroll,
        refuses=(*_CUSTOMER, "missing_item", "item_not_found", "item_inactive",
                 "customer_not_active", "currency_mismatch"),
    ),
    _sibling(
        "getEnrollments", "read", "A page of enrollments",
        acts_edge.get_enrollments, edge_bodies.EdgeEnrollmentsPage, needs=(_ORG,),
    ),
    _sibling(
        "getItems", "read", "Every active trigger item",
        acts_edge.get_items, edge_bodies.EdgeItems,
    ),
    _sibling(
        "setupPaymentMethod", "manage", "Store a payment method, or ask the client for one",
        acts_edge.setup_method, edge_bodies.EdgeMethod, needs=(), refuses=_ASKED,
    ),
    _sibling(
        "confirmPaymentMethod", "manage", "See which payment method the client stored",
        acts_edge.confirm_method, edge_bodies.EdgeMethod, needs=(),
        refuses=(*_ASKED, "no_payment_method"),
    ),
    _sibling(
        "buildCustomerProfileSetup", "manage", "The page where a client stores a payment method",
        acts_edge.build_setup, edge_bodies.EdgeOneCustomer, needs=(), refuses=_ASKED,
    ),
    _sibling(
        "suspendCustomer", "manage", "Stop all billing of a customer",
        acts_edge.suspend, edge_bodies.EdgeOneCustomer, needs=(),
        refuses=(*_CUSTOMER, "illegal_move"),
    ),
    _sibling(
        "restoreCustomer", "manage", "Bring a suspended customer back",
        acts_edge.restore, edge_bodies.EdgeOneCustomer, needs=(),
        refuses=(*_CUSTOMER, "illegal_move"),
    ),
)  # fmt: skip
