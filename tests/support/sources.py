"""The project's own sources, parsed once, for the tests that hold the rules of the house."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("billing_core", "paynow", "console", "pages")


@dataclass(frozen=True)
class Source:
    """One Python file: ``name`` is its path from the root, ``module`` its dotted name."""

    name: str
    text: str
    tree: ast.Module

    @property
    def module(self) -> str:
        return self.name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def within(self, *modules: str) -> bool:
        """True for a file of one of these modules or packages."""
        return any(f"{self.module}.".startswith(f"{module}.") for module in modules)

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Every function and method, nested ones included."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node

    @cached_property
    def imports(self) -> set[str]:
        """Dotted names of everything imported, wherever in the file."""
        found = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        return found

    @cached_property
    def calls(self) -> tuple[tuple[str, int], ...]:
        """``("datetime.now", line)`` for each call, as it is written."""
        calls = (node for node in ast.walk(self.tree) if isinstance(node, ast.Call))
        return tuple((ast.unparse(call.func), call.lineno) for call in calls)


@cache
def tracked() -> tuple[str, ...]:
    """Every file that is, or is about to be, under version control, as a path from the root."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return tuple(sorted(name for name in set(listed.splitlines()) if (ROOT / name).is_file()))


@cache
def sources(*folders: str) -> tuple[Source, ...]:
    """The parsed Python files of these top-level folders; without any, of the four floors."""
    wanted = folders or FLOORS
    found = [n for n in tracked() if n.endswith(".py") and n.split("/")[0] in wanted]
    return tuple(_read(name) for name in found)


@cache
def _read(name: str) -> Source:
    text = (ROOT / name).read_text(encoding="utf-8")
    return Source(name, text, ast.parse(text, filename=name))
