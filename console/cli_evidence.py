"""The verbs of evidence: export a pack, verify one, verify all chains in the books.

Reads arguments, calls a flow, prints the answer; no rule, no SQL, nothing heavy loaded.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.terminal import Json, Misused, path_from_here, say, say_json

if TYPE_CHECKING:
    from billing_core.flows.verify_evidence import VerifyResult

evidence = typer.Typer(help="The evidence chains.", no_args_is_help=True, rich_markup_mode=None)

#: No pack comes near this: above it, a file is not read at all.
_LARGEST_PACK = 2**31


@evidence.command()
def export(
    charge: Annotated[str, typer.Argument(metavar="sc_…")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE.zip", help="Where it goes.")],
    through: Annotated[
        int | None, typer.Option("--through", metavar="N", help="Stop after event N.", min=1)
    ] = None,
    as_json: Json = False,
) -> None:
    """Write one charge's evidence pack: the same charge gives the same bytes."""
    path = path_from_here(out)
    _check_place(path, charge)
    from billing_core.flows.export_evidence import export_evidence
    from billing_core.flows.who import local_actor

    pack = export_evidence(charge, actor=local_actor(), through_seq=through)
    _write(path, pack.data)
    if as_json:
        say_json({
            "file": str(path), "charge": pack.charge_id, "through_seq": pack.through_seq,
            "head": pack.head, "bytes": len(pack.data),
        })  # fmt: skip
        return
    say(f"{path}: {pack.through_seq} events of {pack.charge_id}, {len(pack.data)} bytes.")
    say(f"Anybody can check it: python verify.py {path.name} (verify.py is in it).")


def erase(
    customer: Annotated[str, typer.Argument(metavar="bc_…")],
    *,
    why: Annotated[str, typer.Option(metavar="TEXT", help="Who asked, and when; packs tell it.")],
    as_json: Json = False,
) -> None:
    """Take a customer's personal values out of the evidence, for good; invoices are kept."""
    from billing_core.flows.erase_person import erase_person
    from billing_core.flows.who import local_actor

    erased = erase_person(customer, why=why, actor=local_actor())
    if as_json:
        until = erased.invoices_until
        say_json({
            "customer": customer, "values": erased.values, "chains": erased.chains,
            "invoices_until": until.isoformat() if until else None,
        })  # fmt: skip
        return
    say(erased.sentence)


@evidence.command()
def verify(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE.zip", help="A pack.", show_default=False)
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every chain in the books.")] = False,
    as_json: Json = False,
) -> None:
    """Check a pack, or every chain in the books; exit 1 and the first broken link if it fails."""
    if file is not None and every:
        raise Misused("Name a pack or say --all, not both.")
    if file is not None:
        _verify_file(path_from_here(file), as_json=as_json)
    elif every:
        from billing_core.flows.verify_evidence import verify_all

        _tell_all(verify_all(), as_json=as_json)
    else:
        raise Misused("Say what to verify: countersign evidence verify FILE.zip, or --all")


def _tell_all(result: VerifyResult, *, as_json: bool) -> None:
    if as_json:
        say_json({"checked": result.checked, "problems": list(result.problems)})
    else:
        for problem in result.problems:
            say(problem)
        verdict = "all hold" if not result.problems else f"{len(result.problems)} do not hold"
        say(f"{result.checked} {'chain' if result.checked == 1 else 'chains'}: {verdict}.")
    if result.problems:
        raise typer.Exit(1)


def _verify_file(path: Path, *, as_json: bool) -> None:
    from billing_core.documents import pack_verifier

    if not path.is_file():
        raise Misused(f"There is no file {path}.")
    try:
        if path.stat().st_size > _LARGEST_PACK:
            raise pack_verifier.Wrong("it is larger than any pack")
        manifest = pack_verifier.check(path.read_bytes())
    except pack_verifier.Wrong as wrong:
        say_json({"ok": False, "problem": str(wrong)}) if as_json else say(f"{path.name}: {wrong}.")
        raise typer.Exit(1) from None
    told = {name: manifest[name] for name in ("charge", "through_seq", "head")}
    if as_json:
        say_json({"ok": True, **told})
        return
    say(f"{path.name}: whole. {told['through_seq']} events of {told['charge']}.")
    say(f"Head: {told['head']}")


def _check_place(path: Path, charge: str) -> None:
    """Never write over anything but an earlier pack of the same charge."""
    from billing_core.documents import pack_verifier

    if path.is_dir():
        raise Misused(f"{path} is a folder: name the file.")
    if not path.exists():
        return
    with suppress(pack_verifier.Wrong):
        if pack_verifier.check(path.read_bytes())["charge"] == charge:
            return
    raise Misused(f"{path} is there already, and is no pack of this charge: name another file.")


def _write(path: Path, data: bytes) -> None:
    """The whole file or none: a full disk leaves what was there before."""
    half = path.with_name(f".{path.name}.half")
    try:
        half.write_bytes(data)
        os.replace(half, path)
    finally:
        half.unlink(missing_ok=True)
