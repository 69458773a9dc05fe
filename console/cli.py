"""The `countersign` command: its verbs by name, and those that run a process.

Reads arguments, calls a flow or report, prints the answer. Never a rule, never SQL; and nothing
heavy is imported before the verb that needs it runs, so that `--help` answers at once.
Exit codes: 0 done, 1 the answer is no, 2 used wrongly.
"""

from __future__ import annotations

import importlib
import logging
import signal
import sys
import threading
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from console.cli_books import fire, ledger, link, report
from console.cli_evidence import erase, evidence
from console.cli_gateway import reconcile, refund, setup_link
from console.cli_upkeep import backup, db, doctor, keys, restore
from console.terminal import HOME, run

if TYPE_CHECKING:
    from billing_core.settings import Settings

app = typer.Typer(
    name="countersign",
    help="Milestone billing that the client countersigns.",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

_BAR = 40
Port = Annotated[int | None, typer.Option(min=1, max=65535, metavar="PORT")]
Tethered = Annotated[bool, typer.Option("--tethered", hidden=True)]


def main() -> None:
    """The entry point: every expected failure is one sentence and an exit code."""
    sys.exit(run(app))


@app.command()
def demo(
    small: Annotated[bool, typer.Option("--small", hidden=True)] = False,
) -> None:
    """Make the demo, a fictional agency in its own file; nothing happens when it is there."""
    from billing_core import demo as story
    from billing_core import settings

    logging.getLogger("countersign").setLevel("ERROR")
    if not (settings.load().data_dir / "demo.db").exists():
        print("Making the demo, two years of a fictional agency: half a minute …", flush=True)
    file = story.open_demo(_bar if sys.stdout.isatty() else None, small=small)
    print(f"The demo is in {file}.", flush=True)


@app.command()
def up(
    demo: Annotated[bool, typer.Option(help="Open the demo's books, not your own.")] = False,
    console_port: Port = None,
    pay_port: Port = None,
) -> None:
    """Start console, Pay Now and worker, and keep them up until Ctrl-C."""
    from console import launch

    launch.up(demo=demo, console_port=console_port, pay_port=pay_port)


@app.command()
def console(tethered: Tethered = False) -> None:
    """Run the console alone."""
    _begin(tethered=tethered)
    from billing_core import settings

    chosen = settings.load()
    sys.argv = ["streamlit", "run", str(HOME / "console" / "app.py"), *_server(chosen)]
    from streamlit.web.cli import main as streamlit

    from console import reconnecting

    reconnecting.mend()
    streamlit()


@app.command()
def pay(tethered: Tethered = False) -> None:
    """Run Pay Now alone: what clients, machines and the gateway reach."""
    _begin(tethered=tethered)
    # by name: the console's package knows nothing of Pay Now's
    importlib.import_module("paynow.serve").serve()


@app.command()
def worker(
    once: Annotated[bool, typer.Option("--once", help="Drain what is due, then exit.")] = False,
    tethered: Tethered = False,
) -> None:
    """Run the worker alone: mail, reminders, expiry, settlement."""
    _begin(tethered=tethered)
    from billing_core import jobs

    if once:
        done = jobs.drain()
        print(f"{done} {'job' if done == 1 else 'jobs'} done.")
    else:
        jobs.run_worker(_stop_event())


for verb in (fire, link, refund, ledger, report, reconcile, doctor, backup, restore, erase):
    app.command()(verb)
app.command(name="setup-link")(setup_link)
app.add_typer(db, name="db")
app.add_typer(keys, name="keys")
app.add_typer(evidence, name="evidence")


def _bar(share: float) -> None:
    """How far the making is, on one line of the terminal that is gone at the end."""
    full = round(share * _BAR)
    line = f"[{'#' * full}{'.' * (_BAR - full)}] {share:4.0%}" if share < 1 else " " * (_BAR + 7)
    print(f"\r{line}", end="" if share < 1 else "\r", flush=True)


def _begin(*, tethered: bool) -> None:
    """What each long-running process does first."""
    from billing_core import settings

    if tethered:
        from console import tether

        tether.hold_on()
    level = settings.load().log_level
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # servers tell of their own comings and goings; the launcher says what a person needs to know
    logging.getLogger("uvicorn").setLevel("DEBUG" if level == "DEBUG" else "WARNING")


def _server(chosen: Settings) -> list[str]:
    """Streamlit's flags. Naming our hosts keeps a foreign page from rebinding its name to us."""
    hosts = {"127.0.0.1", "localhost", chosen.console_host, urlsplit(chosen.console_base).hostname}
    return [
        f"--server.address={chosen.console_host}",
        f"--server.port={chosen.console_port}",
        f"--logger.level={'debug' if chosen.log_level == 'DEBUG' else 'warning'}",
        *(f"--server.allowedHosts={host}" for host in sorted(filter(None, hosts))),
    ]


def _stop_event() -> threading.Event:
    """Set by SIGTERM and SIGINT, from a thread of its own: a handler that set it itself could
    interrupt the very wait it means to end, while that holds the event's lock."""
    stop = threading.Event()

    def ask(*_: object) -> None:
        threading.Thread(target=stop.set).start()

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
    return stop


if __name__ == "__main__":
    main()
