"""The addresses of the API, as the application mounts them."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from paynow.api import asking, description, docs_page, edge_operations, operations
from paynow.api.edge_serving import EdgeResource
from paynow.api.serving import Resource
from paynow.api.turns import Turns
from paynow.desk import desk_of
from paynow.routing import Plain


def routes() -> list[Route]:
    """Every route of the API."""
    turns = Turns()
    found = [Route(path, Resource(rows, turns)) for path, rows in operations.by_path().items()]
    for edge in edge_operations.OPERATIONS:
        found += [Route(path, EdgeResource(edge, turns)) for path in edge.paths]
    return [
        *found,
        Route("/openapi.json", Plain(get=_description)),
        Route("/docs", Plain(get=_docs)),
    ]


async def _description(request: Request) -> Response:
    return Response(description.as_json(desk_of(request).settings.pay_base), media_type=asking.JSON)


async def _docs(request: Request) -> Response:
    return docs_page.page(desk_of(request))
