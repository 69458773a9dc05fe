"""What /v1 says of the house itself: what happened."""

from __future__ import annotations

from billing_core import settings
from billing_core.reports import happenings
from billing_core.reports.happenings import Happening
from billing_core.rules import money
from paynow.api import shapes_house, telling
from paynow.api.bodies import NoFields
from paynow.api.calling import Answer, Call, filtered, moment
from paynow.api.operation import get
from paynow.api.parameters import EventsPage

_VERSION = "1"
_OF_HASH = 32


def list_events(call: Call[NoFields, EventsPage]) -> Answer:
    """What happened to charges, the latest first. To go on listening, ask for what is since the
    last created_at, and know an event by its event_id."""
    asked = call.parameters
    page = happenings.page(
        limit=asked.limit,
        after=asked.cursor,
        since=moment("since", asked.since),
        until=moment("until", asked.until),
        charge_id=filtered(asked.charge),
    )
    data = [_event(found) for found in page.rows]
    return Answer(shapes_house.EventList(data=data, next_cursor=page.next_id))


def _event(found: Happening) -> shapes_house.Event:
    charge = found.charge
    return shapes_house.Event(
        event_id=f"ev_{found.hash[:_OF_HASH]}",
        event_type=found.type,
        api_version=_VERSION,
        created_at=telling.moment(found.at) or "",
        org_id=settings.load().org_id,
        data=shapes_house.EventData(
            kind=found.kind,
            seq=found.seq,
            hash=found.hash,
            actor=shapes_house.Actor(**found.actor),
            charge_id=charge.id,
            invoice_id=charge.invoice_id,
            billing_customer_id=charge.customer_id,
            billable_item_id=charge.item_id,
            ts_id=charge.enrolment_id,
            milestone_id=charge.milestone_id,
            amount=money.to_text(charge.total_minor, charge.currency),
            amount_minor=charge.total_minor,
            currency=charge.currency,
            payload=found.payload,
        ),
    )


OPERATIONS = (
    get("listEvents", "events", "List what happened", list_events,
        parameters=EventsPage, answers=(shapes_house.EventList,)),
)  # fmt: skip
