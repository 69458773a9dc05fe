"""The notebooks in ``data/notebooks``: valid, without outputs, and they run on the demo."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SECRET
from tests.demo.conftest import Made
from tests.support.processes import ROOT

NOTEBOOKS = sorted((ROOT / "data" / "notebooks").glob("*.ipynb"))
pytestmark = [pytest.mark.timeout(900)]


def cells(file: Path, kind: str) -> list[str]:
    book: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == kind]


def shown(source: str) -> str:
    """The cell as a notebook runs it: the value of its last line is looked at."""
    return f"exec_cell({source!r})"


RUNNER = """
import ast

def exec_cell(source):
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), globals())
    if last is not None:
        print(repr(eval(compile(ast.Expression(last.value), "cell", "eval"), globals())))
"""


def test_there_are_three() -> None:
    assert [file.stem for file in NOTEBOOKS] == [
        "client_payment_behaviour", "dispute_exposure", "revenue_review",
    ]  # fmt: skip


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_it_is_a_notebook_without_outputs(file: Path) -> None:
    book = json.loads(file.read_text(encoding="utf-8"))
    assert (book["nbformat"], book["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in book["cells"]}) == len(book["cells"])
    for cell in book["cells"]:
        assert set(cell) >= {"cell_type", "id", "metadata", "source"}
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None)
    assert cells(file, "code")[0].startswith("from billing_core import reports\n")
    assert cells(file, "markdown")[0].startswith("# ")


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_it_runs_on_the_demo(small_demo: Made, tmp_path: Path, file: Path) -> None:
    program = tmp_path / "program.py"
    lines = [RUNNER, *(shown(source) for source in cells(file, "code"))]
    program.write_text("\n".join(lines), encoding="utf-8")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("COUNTERSIGN_")}
    environment |= {
        "COUNTERSIGN_DATA_DIR": str(small_demo.folder),
        "COUNTERSIGN_DATABASE_URL": f"sqlite:///{small_demo.file}",
        "COUNTERSIGN_SECRET_KEY": SECRET,
    }
    done = subprocess.run(
        [sys.executable, "-W", "error", str(program)], env=environment, cwd=tmp_path,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "USD" in done.stdout
    assert len(done.stdout.splitlines()) > 15
