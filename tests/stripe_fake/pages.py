"""The pages that the fake hosts: its checkout, and the question of the client's bank."""

from __future__ import annotations

import html
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from tests.stripe_fake import cards, checkout, payments, vault
from tests.stripe_fake.company import Company, Obj, Refusal

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{{font:16px system-ui;max-width:34rem;margin:3rem auto;padding:0 1rem}}
button,input{{font:inherit;padding:.5rem;margin:.25rem 0}}</style>
<p><strong>This is not Stripe.</strong> It is a stand-in for trying things out and for tests: no
money moves, and no real card number belongs here.</p><h1>{title}</h1>{body}</html>"""
_NOT_THEM = {
    "type": "card_error",
    "code": "payment_intent_authentication_failure",
    "decline_code": "",
    "message": "The bank could not confirm that it was you.",
}


async def show(request: Request, company: Company) -> Response:
    """``GET /c/pay/{session}``."""
    session = company.objects.get(request.path_params["session"])
    if session is None:
        return _page("There is no such session", "", status=404)
    checkout.age(company, session)
    if session["status"] != "open":
        return _page(f"This session is {session['status']}", _link(_back(session), "Back"))
    return _form(session, "")


async def submit(request: Request, company: Company) -> Response:
    """``POST /c/pay/{session}``: a number was typed."""
    session = company.objects.get(request.path_params["session"])
    if session is None:
        return _page("There is no such session", "", status=404)
    company.livemode = session["livemode"]
    form = await request.form()
    try:
        where = checkout.type_number(company, session, str(form.get("number", "")))
    except Refusal as refusal:
        return _form(session, str(refusal), status=402)
    return RedirectResponse(where, status_code=303)


def _form(session: Obj, problem: str, *, status: int = 200) -> Response:
    what = session["private"]["items"][0]["price_data"]["product_data"] if session["amount_total"] \
        else {"name": "Keep a payment method"}  # fmt: skip
    known = "".join(f"<li><code>{n}</code> {c.does}</li>" for n, c in cards.NUMBERS.items())
    shown = f"{session['amount_total']} {session['currency']}" if session["amount_total"] else ""
    body = (
        f'<p id="sum">{html.escape(shown)}</p><p role="alert">{html.escape(problem)}</p>'
        f'<form method="post"><label>Card or account number <input name="number" '
        f'autocomplete="off"></label> <button>Pay</button></form>'
        f"{_link(_back(session), 'Back without paying')}<ul>{known}</ul>"
    )
    return _page(html.escape(what["name"]), body, status=status)


async def ask(request: Request, company: Company) -> Response:
    """``GET /3ds/{object}``: the bank's question."""
    body = (
        '<form method="post"><button name="answer" value="yes">Complete</button> '
        '<button name="answer" value="no">Fail</button></form>'
    )
    return _page("Your bank asks: is this you?", body)


async def answered(request: Request, company: Company) -> Response:
    """``POST /3ds/{object}``: the client answered the bank."""
    found = company.objects.get(request.path_params["ref"])
    if found is None:
        return _page("There is no such question", "", status=404)
    company.livemode = found["livemode"]
    yes = (await request.form()).get("answer") == "yes"
    session = company.objects.get(found["private"].get("session", ""))
    if found["status"] == "requires_action":
        _settle(company, found, session, yes=yes)
    if session is not None:
        done = session["status"] == "complete"
        return RedirectResponse(
            checkout.landing(session) if done else session["url"] or _back(session),
            status_code=303,
        )
    back = str(found["private"]["return_url"] or company.address)
    name = "payment_intent" if found["object"] == "payment_intent" else "setup_intent"
    query = urlencode({name: found["id"], "redirect_status": "succeeded" if yes else "failed"})
    return RedirectResponse(f"{back}{'&' if '?' in back else '?'}{query}", status_code=303)


def _settle(company: Company, found: Obj, session: Obj | None, *, yes: bool) -> None:
    if found["object"] == "setup_intent":
        if yes:
            vault.finish_setup(company, found)
        else:
            found |= {"status": "requires_payment_method", "next_action": None}
    elif yes:
        payments.succeed(company, found)
    else:
        payments.fail(company, found, dict(_NOT_THEM), raises=False)
    if yes and session is not None:
        checkout.complete(company, session, found)


def _back(session: Obj) -> str:
    return str(session["cancel_url"] or session["success_url"])


def _link(where: str, text: str) -> str:
    return f'<p><a href="{html.escape(where)}">{text}</a></p>'


def _page(title: str, body: str, *, status: int = 200) -> Response:
    return HTMLResponse(_PAGE.format(title=title, body=body), status_code=status)
