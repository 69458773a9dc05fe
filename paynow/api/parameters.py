"""What may stand in the address of a list: limit, cursor and filters, unknown ones refused."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 200


def _digits(value: object) -> object:
    if isinstance(value, str):
        if not (value.isascii() and value.isdigit() and len(value) < 10):
            raise PydanticCustomError("whole", "This must be a whole number.")
        return int(value)
    return value


class Parameters(BaseModel):
    """No parameters at all."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Limit = Annotated[int, Field(ge=1, le=LARGEST_LIMIT), BeforeValidator(_digits)]


class Paging(Parameters):
    """A page of a list: newest first, stable while things are added."""

    limit: Limit = DEFAULT_LIMIT
    cursor: Annotated[
        str,
        Field(
            pattern="^[a-z]{2,3}_[0-9a-z]{26}$",
            description="The next_cursor of the page before.",
        ),
    ] = ""


Filter = Annotated[str, Field(min_length=1, max_length=200)]


#: A bound in time, as a list is cut by it.
When = Annotated[
    str,
    Field(
        pattern=r"^[12][0-9]{3}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?$",
        description="2026-03-16T14:00:00Z, or a day: its first moment in the reporting zone. "
        "From since on, and before until",
    ),
]


class CustomersPage(Paging):
    """Customers, or the one with an external contact id."""

    contact_id: Filter | None = None


class EnrollmentsPage(Paging):
    """Enrollments, of one customer where it is named."""

    customer: Filter | None = None


class ProjectsPage(Paging):
    """Projects, of one customer where it is named."""

    customer: Filter | None = None


class MilestonesPage(Paging):
    """Milestones, of one project where it is named."""

    project: Filter | None = None


class RequestsPage(Paging):
    """Requests, in one state where it is named."""

    state: Filter | None = None


class ChargesPage(Paging):
    """Charges, of one customer, of one project or in one state where it is named."""

    customer: Filter | None = None
    project: Filter | None = None
    state: Filter | None = None


class DisputesPage(Paging):
    """Disputes, of one charge or with one status where it is named."""

    charge: Filter | None = None
    status: Filter | None = None


class RevenuePage(Paging):
    """Revenue, of a span of time, a customer, a project, a currency where it is named."""

    since: When | None = None
    until: When | None = None
    customer: Filter | None = None
    project: Filter | None = None
    currency: Filter | None = None


class EventsPage(Parameters):
    """What happened, in a span of time or to one charge where it is named."""

    limit: Limit = DEFAULT_LIMIT
    cursor: Annotated[
        str,
        Field(
            pattern=r"^sc_[0-9a-z]{26}\.[1-9][0-9]{0,8}$",
            description="The next_cursor of the page before.",
        ),
    ] = ""
    since: When | None = None
    until: When | None = None
    charge: Filter | None = None
