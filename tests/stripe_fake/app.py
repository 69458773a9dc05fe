"""The fake as a web application: keys, idempotency, faults, routes. State is in ``company``."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import sys
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tests.stripe_fake import pages, shapes
from tests.stripe_fake.company import Company, Obj, Refusal
from tests.stripe_fake.control import Control
from tests.stripe_fake.courier import Courier
from tests.stripe_fake.endpoints import ENDPOINTS, template
from tests.stripe_fake.wire import Asked, answer, listed, read_form

KEY_LIFE_S = 24 * 60 * 60
_VERSION = re.compile(r"20\d\d-\d\d-\d\d(\.[a-z]+)?")


class Dropped(Response):
    """An answer that breaks off: more is promised than ever comes."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-length", b"4096"), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{", "more_body": False})


class Api:
    """``/v1``: one request at a time, as the state is one."""

    def __init__(self, company: Company, courier: Courier, control: Control) -> None:
        self.company, self.courier, self.control = company, courier, control

    async def handle(self, request: Request) -> Response:
        """Authenticate, replay or run, remember, and fail where a test wants it."""
        body = await request.body()
        fault = self._fault(request)
        if fault == "drop_before":
            return Dropped()
        if fault == "hang_before":
            await asyncio.sleep(3600)
        if fault == "limit":
            return self._error(Refusal("Too many requests", status=429, code="rate_limit"))
        given = self._given(request, body)
        kept = {k: v for k, v in given.items() if k != "file"}
        self.company.asked.append(
            {"method": request.method, "path": request.url.path, "given": kept,
             "key": request.headers.get("idempotency-key", ""),
             "version": request.headers.get("stripe-version", "")}
        )  # fmt: skip
        try:
            status, told = self._run(request, given, fault)
        except Refusal as refusal:
            return self._error(refusal)
        self.courier.nudge()
        if fault == "drop_after":
            return Dropped()
        if fault == "hang_after":
            await asyncio.sleep(3600)
        return JSONResponse(told, status, headers={"request-id": self.company.new_id("req", 14)})

    def _given(self, request: Request, body: bytes) -> Obj:
        kind = request.headers.get("content-type", "")
        if kind.startswith("multipart/"):
            purpose = re.search(rb'name="purpose"\s+([a-z_]+)', body)
            return {"purpose": purpose[1].decode() if purpose else "", "file": body}
        return read_form(body.decode() if request.method == "POST" else request.url.query)

    def _fault(self, request: Request) -> str:
        for fault in self.control.faults:
            fits = fault["method"] == request.method and re.match(fault["path"], request.url.path)
            if fits and fault["times"] > 0:
                fault["times"] -= 1
                return str(fault["kind"])
        return ""

    def _run(self, request: Request, given: Obj, fault: str) -> tuple[int, Any]:
        self._authenticate(request)
        key = request.headers.get("idempotency-key", "")
        if request.method != "POST" or not key:
            return self._act(request, given, fault)
        name = f"{self.company.livemode}:{key}"
        print_of = hashlib.sha256(repr((request.url.path, sorted(given.items()))).encode())
        kept = self.control.replayed.get(name)
        if kept and self.company.now() - kept["at"] < KEY_LIFE_S:
            if kept["print"] != print_of.hexdigest():
                raise Refusal(
                    "Keys for idempotent requests can only be used with the same parameters they "
                    f"were first used with. Try using a key other than '{key}'.",
                    kind="idempotency_error",
                )
            return kept["status"], json.loads(kept["told"])
        try:
            status, told = self._act(request, given, fault)
        except Refusal as refusal:
            if refusal.validation:
                raise
            status, told = refusal.status, {"error": refusal.error}
        self.control.replayed[name] = {"at": self.company.now(), "print": print_of.hexdigest(),
                                       "status": status, "told": json.dumps(told)}  # fmt: skip
        return status, told

    def _act(self, request: Request, given: Obj, fault: str) -> tuple[int, Any]:
        if fault == "error":
            return 500, {"error": {"type": "api_error", "message": "Something went wrong."}}
        told = self._endpoint(request, given)
        if fault == "error_after":
            return 500, {"error": {"type": "api_error", "message": "Something went wrong."}}
        return 200, told

    def _endpoint(self, request: Request, given: Obj) -> Any:
        path = request.url.path.removeprefix("/v1/")
        expand = [str(e) for e in given.get("expand", [])]
        for method, pattern, run in ENDPOINTS:
            match = re.fullmatch(pattern, path)
            if match and method == request.method:
                self._check_shape(f"{method} /v1/{template(pattern)}", given)
                asked = Asked(given)
                found = run(self.company, asked, *match.groups())
                if isinstance(found, list):
                    page = listed(asked, found, f"/v1/{path}")
                    return answer(self.company, page, expand)
                asked.check_all_read()
                return answer(self.company, found, expand)
        raise Refusal(f"Unrecognized request URL ({request.method}: /v1/{path}).", status=404)

    def _check_shape(self, endpoint: str, given: Obj) -> None:
        """A request that is not shaped as described fails loudly: the test that made it fails."""
        if problem := shapes.misfit(endpoint, given):
            self.company.misfits.append(f"{endpoint}: {problem}")
            print("misfit:", self.company.misfits[-1], file=sys.stderr, flush=True)
            raise Refusal(f"Not as Stripe describes this request: {problem}", validation=True)

    def _authenticate(self, request: Request) -> None:
        kind, _, key = request.headers.get("authorization", "").partition(" ")
        if kind != "Bearer" or key not in self.company.keys:
            shown = f"{key[:8]}****{key[-4:]}"
            raise Refusal(f"Invalid API Key provided: {shown}", status=401, validation=True)
        if self.company.keys[key]:
            raise Refusal("Expired API Key provided.", status=401, code="api_key_expired",
                          validation=True)  # fmt: skip
        if not _VERSION.fullmatch(request.headers.get("stripe-version", "")):
            raise Refusal("Invalid Stripe API version.", validation=True)
        self.company.livemode = "_live_" in key

    def _error(self, refusal: Refusal) -> Response:
        self.courier.nudge()
        return JSONResponse({"error": refusal.error}, refusal.status,
                            headers={"request-id": self.company.new_id("req", 14)})  # fmt: skip


def build() -> Starlette:
    """The application with empty books."""
    company = Company()
    courier = Courier(company)
    control = Control(company, courier)
    api = Api(company, courier, control)

    async def v1(request: Request) -> Response:
        company.address = f"http://{request.headers['host']}"
        return await api.handle(request)

    async def told(request: Request) -> Response:
        verb = request.path_params["verb"]
        if request.method == "GET":
            views: dict[str, Callable[[], Any]] = {
                "ledger": company.ledger, "asked": lambda: company.asked,
                "objects": lambda: list(company.objects.values()),
                "answers": lambda: courier.answers, "alive": dict,
                "misfits": lambda: company.misfits,
            }  # fmt: skip
            return JSONResponse(views[verb]())
        done = await control.act(verb, json.loads(await request.body() or b"{}"))
        courier.nudge()
        return JSONResponse(done)

    def page(handler: Callable[..., Any]) -> Callable[..., Any]:
        async def shown(request: Request) -> Response:
            found: Response = await handler(request, company)
            courier.nudge()
            return found

        return shown

    application = Starlette(
        routes=[
            Route("/v1/{path:path}", v1, methods=["GET", "POST", "DELETE"]),
            Route("/_control/{verb}", told, methods=["GET", "POST"]),
            Route("/c/pay/{session}", page(pages.show), methods=["GET"]),
            Route("/c/pay/{session}", page(pages.submit), methods=["POST"]),
            Route("/3ds/{ref}", page(pages.ask), methods=["GET"]),
            Route("/3ds/{ref}", page(pages.answered), methods=["POST"]),
        ]
    )
    application.state.courier = courier
    return application
