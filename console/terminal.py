"""What every verb shares with the terminal: saying things, tables, wrong use, exit codes.

Nothing heavy is imported here, and no verb lives here.
"""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from collections.abc import Callable, Sequence
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

HOME = Path(__file__).resolve().parent.parent
#: The folder the command was called from: paths on the command line mean this one.
_called_from: ContextVar[Path] = ContextVar("countersign_called_from", default=HOME)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


class Misused(typer.TyperException):
    """Used wrongly: one sentence, exit code 2."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: its heading, and whether it holds numbers."""

    name: str
    is_number: bool = False


def run(app: Callable[..., object]) -> int:
    """Run the command; every expected failure is one sentence on stderr and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # a terminal that cannot show a name shows its code points, and the work goes on
            stream.reconfigure(errors="backslashreplace")
    try:
        return _run(app)
    except BrokenPipeError:
        # whoever read our answer has read enough; say nothing more, also not while ending
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _run(app: Callable[..., object]) -> int:
    from billing_core.errors import BillingError, BooksBroken

    try:
        _check_words(sys.argv[1:])
        _move_home()
        code = app(standalone_mode=False)
        sys.stdout.flush()
    except typer.TyperException as wrong:
        return _complain(_about_use(wrong), wrong.exit_code)
    except typer.Abort:
        return 1
    except BooksBroken:
        raise
    except BillingError as refusal:
        return _complain(refusal.sentence, 1)
    except BrokenPipeError:
        raise
    except OSError as error:
        return _complain(_about_file(error), 1)
    except Exception as error:
        sentence = _about_database(error)
        if sentence is None:
            raise
        return _complain(sentence, 1)
    return code if isinstance(code, int) else 0


def path_from_here(path: Path) -> Path:
    """A path as the caller meant it: from the folder where the command was given."""
    return _called_from.get() / path


def check_given(**options: str | None) -> None:
    """Misused when an option was given with nothing in it, as ``--amount "$UNSET"`` does."""
    for name, value in options.items():
        if value is not None and not value.strip():
            option = name.replace("_", "-")
            raise Misused(f"--{option} is empty: leave it out, or give it a value.")


def say(text: str) -> None:
    """One line of answer; characters that would steer the terminal are shown, not sent."""
    typer.echo(plain(text))


def say_wrong(sentence: str) -> None:
    """One line on stderr: why not."""
    line = " ".join(plain(part) for part in sentence.splitlines())
    typer.echo(f"{line[:1].upper()}{line[1:]}".rstrip(), err=True)


def say_json(value: object) -> None:
    """The answer as one JSON value on one line."""
    typer.echo(json.dumps(value))


def say_bytes(data: bytes) -> None:
    """The answer as bytes, for files and pipes."""
    typer.echo(data, nl=False)


def say_table(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    """Rows under their headings, each column as wide as it needs to be, numbers to the right."""
    cells = [[plain(column.name) for column in columns]]
    cells += [[plain(cell) for cell in row] for row in rows]
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        padded = [
            _pad(cell, width, right=column.is_number)
            for cell, width, column in zip(row, widths, columns, strict=True)
        ]
        typer.echo("  ".join(padded).rstrip())


def plain(text: str) -> str:
    """Text without anything a terminal would obey: control and bidi characters become ``�``."""
    return "".join("�" if _steers(character) else character for character in text)


def _steers(character: str) -> bool:
    # joiners belong to emoji and to Persian; every other format character only misleads
    joiners = "\u200c\u200d"
    return character not in joiners and unicodedata.category(character) in _STEERING


_STEERING = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def _width(text: str) -> int:
    """Columns on the screen: East Asian letters take two, combining marks none."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.combining(c) > 0 for c in text)


def _pad(text: str, width: int, *, right: bool) -> str:
    space = " " * (width - _width(text))
    return f"{space}{text}" if right else f"{text}{space}"


def _check_words(words: Sequence[str]) -> None:
    if any(0xD800 <= ord(c) <= 0xDFFF for word in words for c in word):
        raise Misused("The command holds bytes that are no text (UTF-8).")


def _move_home() -> None:
    """.env, data/var and .streamlit mean the same wherever the command is called from."""
    # a folder that was removed meanwhile has no name any more
    with suppress(FileNotFoundError):
        _called_from.set(Path.cwd())
    os.chdir(HOME)


def _complain(sentence: str, code: int) -> int:
    if sentence:
        say_wrong(sentence)
    return code


def _about_use(wrong: typer.TyperException) -> str:
    """What is wrong in one sentence; a group called bare names what it has, not its whole help."""
    ctx = getattr(wrong, "ctx", None)
    if type(wrong).__name__ != "NoArgsIsHelpError" or ctx is None:
        return wrong.format_message().replace("Value error, ", "")
    *others, last = ctx.command.list_commands(ctx)
    verbs = f"{', '.join(others)} or {last}" if others else last
    group = f"countersign {ctx.info_name}" if ctx.parent else "countersign"
    return f"Say what to do: {group} {verbs}. Add --help to see more."


def _about_file(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}."


def _about_database(error: Exception) -> str | None:
    """A sentence only when a database was at work at all: looking must not load one."""
    if "sqlalchemy" not in sys.modules:
        return None
    from billing_core.records import failures

    return failures.sentence_of(error)
