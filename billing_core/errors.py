"""Every way Countersign refuses or fails. Nothing here knows a screen, a database or a gateway.

BillingError
├── Refused                 a rule says no: nothing was changed
│   ├── NotFound            no such thing (or not yours: the answer is the same)
│   ├── NotAllowed          the thing exists, its standing forbids this
│   ├── IllegalMove         the state table has no such move
│   ├── AmountRefused       an amount we do not accept
│   ├── TextRefused         a text we do not accept
│   ├── FieldsRefused       a form with problems, each under its field's name
│   ├── Duplicate           this has been charged already; names the charge
│   ├── SecondPersonNeeded  kept as a request: nothing happens until somebody else approves it
│   ├── KeyConflict         the same idempotency key with other values
│   ├── StillRunning        the same key is at work at this moment
│   ├── LinkUnknown         no link has this token
│   ├── LinkExpired         the link was replaced or is too old
│   ├── AlreadyDone         what was asked for has happened before
│   ├── StaleDocument       the page shows another document than the charge holds
│   └── TooMany             asked too often
├── GatewayError            the outside failed
│   ├── Down                no answer: the outcome is unknown, same key again
│   ├── Declined            final for this attempt
│   └── Misused             our request was wrong: wake someone
├── WebhookRejected         a message whose signature, time or shape is wrong
├── Parked                  a message we believe, but that our rules refuse: a person looks
├── EvidenceUnwritable      the chain could not be written, so nothing may go on
├── SettingsWrong           the environment cannot be run with
└── BooksBroken             an invariant does not hold; never caught
"""

from __future__ import annotations


class BillingError(Exception):
    """The root. ``code`` is for machines, ``sentence`` for people, ``facts`` for the log."""

    code = "BILLING_ERROR"

    def __init__(self, sentence: str, *, code: str | None = None, **facts: object) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code or type(self).code
        self.facts = facts


class Refused(BillingError):
    """A rule says no. Nothing was changed."""

    code = "REFUSED"


class NotFound(Refused):
    """No such thing; also the answer about things that belong to somebody else."""

    code = "NOT_FOUND"


class NotAllowed(Refused):
    """The thing exists, but its standing or settings forbid this."""

    code = "NOT_ALLOWED"


class IllegalMove(Refused):
    """The state table of document 1 has no such move."""

    code = "ILLEGAL_MOVE"


class AmountRefused(Refused):
    """An amount that is no amount, not positive, too fine, or above a limit."""

    code = "AMOUNT_INVALID"


class TextRefused(Refused):
    """A text that is missing, too long, or carries characters nobody can see."""

    code = "TEXT_INVALID"


class FieldsRefused(Refused):
    """A form with problems: ``problems`` maps each field's name to its sentence."""

    code = "FIELDS_INVALID"

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = problems


class Duplicate(Refused):
    """Charged already. ``charge_id`` names the charge that stands."""

    code = "MILESTONE_NOT_BILLABLE"

    def __init__(self, sentence: str, *, charge_id: str) -> None:
        super().__init__(sentence, charge_id=charge_id)
        self.charge_id = charge_id


class SecondPersonNeeded(Refused):
    """Above a limit for one person: kept as the request ``request_id``, and nothing else."""

    code = "SECOND_PERSON_NEEDED"

    def __init__(self, sentence: str, *, request_id: str) -> None:
        super().__init__(sentence, request_id=request_id)
        self.request_id = request_id


class KeyConflict(Refused):
    """The same idempotency key came with other values."""

    code = "IDEMPOTENCY_CONFLICT"


class StillRunning(Refused):
    """The same key is being worked on at this moment."""

    code = "REQUEST_IN_PROGRESS"


class LinkUnknown(Refused):
    """No link has this token. The answer tells a stranger nothing."""

    code = "LINK_UNKNOWN"


class LinkExpired(Refused):
    """The link was replaced by a newer one, or is too old."""

    code = "LINK_EXPIRED"


class AlreadyDone(Refused):
    """What was asked for has happened before; look at the status."""

    code = "ALREADY_DONE"


class StaleDocument(Refused):
    """The page was drawn from another document than the one the charge holds now."""

    code = "STALE_DOCUMENT"


class TooMany(Refused):
    """Asked more often than the limit allows."""

    code = "TOO_MANY"


class GatewayError(BillingError):
    """The payment gateway or mail server failed us."""

    code = "GATEWAY_ERROR"


class Down(GatewayError):
    """No answer. Whether it acted is unknown: ask again with the same key."""

    code = "GATEWAY_DOWN"


class Declined(GatewayError):
    """A final no for this attempt."""

    code = "CHARGE_DECLINED"


class Misused(GatewayError):
    """The gateway says our request is wrong. A person must look."""

    code = "GATEWAY_MISUSED"


class WebhookRejected(BillingError):
    """A message that is not the gateway's, not fresh, or no message at all. Nothing was kept."""

    code = "WEBHOOK_REJECTED"


class Parked(BillingError):
    """A message we believe, but that our rules refuse. It is kept and shown to a person."""

    code = "PARKED"


class EvidenceUnwritable(BillingError):
    """The evidence chain could not be written, so the approval is refused (I18)."""

    code = "EVIDENCE_UNWRITABLE"


class SettingsWrong(BillingError):
    """The environment cannot be run with; the sentence lists everything that is wrong."""

    code = "SETTINGS_WRONG"


class BooksBroken(BillingError):
    """An invariant of the books does not hold. Never caught: stop and look."""

    code = "BOOKS_BROKEN"
