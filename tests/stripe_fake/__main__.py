"""``python -m tests.stripe_fake --port 12111``: the fake as its own process, by hand or for tests.

It is not Stripe: no money moves, and what it keeps is forgotten when it stops.
"""

from __future__ import annotations

import argparse
import os
import socket

import uvicorn

from tests.stripe_fake.app import build
from tests.stripe_fake.tie import end_with_parent

SAYS = """This is not Stripe: no money moves, and everything is forgotten when it stops.
In another terminal:

  COUNTERSIGN_GATEWAY=stripe COUNTERSIGN_STRIPE_SECRET_KEY=sk_test_countersign \\
  COUNTERSIGN_STRIPE_WEBHOOK_SECRET=whsec_countersign COUNTERSIGN_STRIPE_API_BASE={address} \\
  COUNTERSIGN_DATA_DIR=data/var/fake-stripe make run DEMO=0

Webhooks go to {hook}. Stop with Ctrl-C.
"""


def main() -> None:
    """Serve until stopped. With ``--tied`` it ends when its standard input closes."""
    parser = argparse.ArgumentParser(prog="tests.stripe_fake")
    parser.add_argument("--port", type=int, default=12111)
    parser.add_argument("--webhooks", default="")
    parser.add_argument("--tied", action="store_true")
    given = parser.parse_args()
    application = build()
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", given.port))
    # whoever reads the address may come at once: they wait in line, and are not refused
    listening.listen(128)
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    application.state.courier.url = given.webhooks
    application.state.courier.hold = not given.webhooks
    if given.tied:
        end_with_parent()
        print(address, flush=True)
    else:
        print(SAYS.format(address=address, hook=given.webhooks or "nobody"), flush=True)
    level = os.environ.get("FAKE_STRIPE_LOG", "critical")
    server = uvicorn.Server(uvicorn.Config(application, log_level=level, lifespan="off"))
    server.run([listening])


if __name__ == "__main__":
    main()
