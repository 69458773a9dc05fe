"""What /v1 says of the house itself: what happened, and its settings."""

from __future__ import annotations

from billing_core.flows.noticing import noticing
from billing_core.flows.read_form import Value
from billing_core.flows.save_company import save_company
from billing_core.reports import happenings
from billing_core.reports.company import company
from paynow.api import amounts_in, shapes_house, telling_house
from paynow.api.bodies import NewSettings, NoFields
from paynow.api.calling import Answer, Call, filtered, moment
from paynow.api.operation import get, post
from paynow.api.parameters import EventsPage, Parameters


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
    data = [shapes_house.Event(**telling_house.event(found)) for found in page.rows]
    return Answer(shapes_house.EventList(data=data, next_cursor=page.next_id))


def show_settings(call: Call[NoFields, Parameters]) -> Answer:
    """The settings as they are now."""
    return Answer(shapes_house.Settings(**telling_house.settings(company())))


def change_settings(call: Call[NewSettings, Parameters]) -> Answer:
    """Changes never act backwards: what was frozen in an invoice stays."""
    with noticing() as seen:
        now = save_company(_values(call.body), actor=call.caller.actor, key=call.key)
    told = telling_house.settings(now)
    return Answer(shapes_house.SettingsTold(**told, idempotent_replay=seen.replay))


def _values(body: NewSettings) -> dict[str, Value]:
    """The fields of ``save_company``'s form that were sent."""
    sent = body.model_dump(exclude_none=True, exclude={"address", "reminder_days"})
    currency = body.reporting_currency or company().reporting_currency
    amounts = {
        name: amounts_in.read(name, sent.pop(name, None), sent.pop(f"{name}_minor", None), currency)
        for name in ("default_cap", "minimum_initial")
    }
    values: dict[str, Value] = {name: str(value) for name, value in sent.items()}
    for name, minor in amounts.items():
        if minor is not None:
            values[name] = amounts_in.as_typed(minor, currency)
    if body.address is not None:
        place = body.address.model_dump()
        values |= {name: str(line or "") for name, line in place.items()}
    if body.reminder_days is not None:
        values["reminder_days"] = ", ".join(map(str, body.reminder_days))
    return values


OPERATIONS = (
    get("listEvents", "events", "List what happened", list_events,
        parameters=EventsPage, answers=(shapes_house.EventList,)),
    get("getSettings", "settings", "Show the settings", show_settings,
        answers=(shapes_house.Settings,)),
    post("changeSettings", "settings", "Change settings", change_settings,
         body=NewSettings, answers=(shapes_house.SettingsTold,), refuses=("amount_invalid",)),
)  # fmt: skip
