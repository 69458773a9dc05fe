"""Pay again under the approval already given, after an attempt that did not pay."""

from __future__ import annotations

from billing_core.errors import AlreadyDone, EvidenceUnwritable, FieldsRefused
from billing_core.flows import read_link
from billing_core.flows.approve_charge import (
    NextStep,
    check_method,
    check_not_recorded,
    next_step,
)
from billing_core.flows.check_code import check_code, needs_code
from billing_core.flows.end_attempt import end_alive_attempt
from billing_core.flows.start_attempt import start_attempt
from billing_core.records import attempts, db, links
from billing_core.records.patience import repeatably
from billing_core.rules.nouns import SYSTEM, Actor, Attempt, Visit
from billing_core.rules.sentences import Sentence


def pay_again(
    token: str, *, nonce: str, method: str, code: str, visit: Visit, accept: str | None = None
) -> NextStep:
    """Start one new attempt. State ``approved`` and no attempt alive, else AlreadyDone.

    ``accept`` is what a form with a box sent, None where there was none: what charges a stored card
    or closes an open page on a press of our own form wants a tick, so that no robot does it.
    An open page gives way to another way of paying: it is closed first, and one that was paid
    meanwhile means paid (AlreadyDone).

    Raises what ``approve_charge`` raises.
    """
    form = (nonce, method, code, accept)
    try:
        attempt_id = _pay(token, form, visit)
        if attempt_id is None:
            # the client turned to another way: what could still be paid goes first (I2)
            end_alive_attempt(_charge_of(token), actor=SYSTEM)
            attempt_id = _pay(token, form, visit)
        if attempt_id is None:
            raise AlreadyDone("This invoice has moved on.")
    except db.SQLAlchemyError as error:
        check_not_recorded(nonce)
        raise EvidenceUnwritable(
            Sentence(
                "Your payment could not be started just now. Nothing was charged. Please try again."
            )
        ) from error
    return next_step(attempt_id, token)


@repeatably
def _pay(token: str, form: tuple[str, str, str, str | None], visit: Visit) -> str | None:
    """The new attempt; None while another way to pay has to be closed first."""
    nonce, method, code, accept = form
    with db.begin() as connection:
        entered = read_link.enter(connection, token, lock=True)
        charge, link = entered.charge, entered.link
        read_link.check_nonce_unspent(connection, nonce)
        alive = attempts.find_alive(connection, charge.id)
        if charge.state != "approved" or (alive and not _gives_way(alive, method)):
            raise AlreadyDone("This invoice has moved on.")
        read_link.check_available(entered)
        read_link.check_document(entered, nonce, charge.document_sha256)
        problems: dict[str, str] = {}
        if accept not in (None, "yes") and (method == "saved" or alive):
            problems["accept"] = Sentence("Tick the box first.")
        if problem := check_method(entered, method):
            problems["method"] = problem
        elif needs_code(entered, method):
            problem = check_code(connection, charge, code, spend=alive is None and not problems)
            problems |= {"code": problem} if problem else {}
        if not problems and alive is not None:
            return None
        if not problems:
            if not links.spend(connection, nonce, link.id):
                raise AlreadyDone("This was done already.")
            via = "saved" if method == "saved" else "checkout"
            actor = Actor("client", link.id)
            attempt = start_attempt(
                connection, charge, entered.customer, via=via, link=link, actor=actor
            )
            return attempt.id
    raise FieldsRefused(problems)


def _gives_way(alive: Attempt, method: str) -> bool:
    """True when the client may leave an open page, or their bank's question, for another way."""
    wanted = "saved" if method == "saved" else "checkout"
    return alive.outcome == "requires_action" and alive.via != wanted


def _charge_of(token: str) -> str:
    with db.read_only() as connection:
        return read_link.read_link(connection, token).charge_id
