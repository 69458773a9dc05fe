"""The `countersign` command: one short function per verb.

Reads arguments, calls a flow or report, prints the answer. Never a rule, never SQL; and nothing
heavy is imported before the verb that needs it runs, so that `--help` answers at once.
Exit codes: 0 done, 1 the answer is no, 2 used wrongly.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

if TYPE_CHECKING:
    from billing_core.settings import Settings

HOME = Path(__file__).resolve().parent.parent

app = typer.Typer(
    name="countersign",
    help="Milestone billing that the client countersigns.",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
db = typer.Typer(help="The books' schema.", no_args_is_help=True)
evidence = typer.Typer(help="The evidence chains.", no_args_is_help=True)
app.add_typer(db, name="db")
app.add_typer(evidence, name="evidence")

Port = Annotated[int | None, typer.Option(min=1, max=65535, metavar="PORT")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Tethered = Annotated[bool, typer.Option("--tethered", hidden=True)]


class _Misused(typer.TyperException):
    exit_code = 2


def main() -> None:
    """The entry point: every expected failure is one sentence and an exit code."""
    from billing_core.errors import BillingError, BooksBroken

    # .env, data/var and .streamlit mean the same wherever the command is called from
    os.chdir(HOME)
    try:
        code = app(standalone_mode=False)
    except typer.TyperException as wrong:
        sys.exit(_say_wrong(wrong))
    except typer.Abort:
        sys.exit(1)
    except BooksBroken:
        raise
    except BillingError as refusal:
        print(refusal.sentence, file=sys.stderr)
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)


@app.command()
def demo() -> None:
    """Make the demo, a fictional agency in its own file; nothing happens when it is there."""
    from billing_core import demo as story
    from billing_core import settings

    if not (settings.load().data_dir / "demo.db").exists():
        print("Making the demo, a fictional agency: a few seconds …", flush=True)
    print(f"The demo is in {story.open_demo()}.", flush=True)


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


@app.command()
def ledger(as_json: Json = False) -> None:
    """Print the trial balance; exit 1 if it does not sum to zero."""
    from billing_core.reports.trial_balance import trial_balance

    balance = trial_balance()
    if as_json:
        lines = [
            {"account": a.account, "currency": a.currency, "balance_minor": a.balance_minor}
            for a in balance.accounts
        ]
        print(json.dumps({"accounts": lines, "balanced": balance.balanced}))
    else:
        for a in balance.accounts:
            print(f"{a.account:<24} {a.currency} {a.balance_minor:>16} minor units")
        print("Balanced." if balance.balanced else "NOT balanced.")
    if not balance.balanced:
        raise typer.Exit(1)


@app.command()
def link(charge: Annotated[str, typer.Argument(metavar="sc_…")]) -> None:
    """Mint a fresh Pay Now link for a charge; the old one dies."""
    from billing_core.flows.mint_link import mint_link
    from billing_core.rules.nouns import LOCAL_OPERATOR

    print(mint_link(charge, actor=LOCAL_OPERATOR))


@db.command()
def upgrade() -> None:
    """Bring the schema up to date; safe to repeat."""
    from billing_core.flows.upgrade_db import upgrade_db

    print(f"The books are at revision {upgrade_db()}.")


@evidence.command()
def verify(
    every: Annotated[bool, typer.Option("--all", help="Every chain in the books.")] = False,
    as_json: Json = False,
) -> None:
    """Read evidence again from its bytes; exit 1 and the first broken link when it fails."""
    if not every:
        raise _Misused("Say what to verify: countersign evidence verify --all")
    from billing_core.flows.verify_evidence import verify_all

    result = verify_all()
    if as_json:
        print(json.dumps({"checked": result.checked, "problems": list(result.problems)}))
    else:
        for problem in result.problems:
            print(problem)
        verdict = "all hold" if not result.problems else f"{len(result.problems)} do not hold"
        print(f"{result.checked} {'chain' if result.checked == 1 else 'chains'}: {verdict}.")
    if result.problems:
        raise typer.Exit(1)


def _say_wrong(wrong: typer.TyperException) -> int:
    sentence = wrong.format_message()
    if sentence:
        print(f"{sentence[0].upper()}{sentence[1:]}".rstrip(), file=sys.stderr)
    return wrong.exit_code


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
