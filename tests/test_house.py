"""The rules of the house, as tests: what a file, a function and a floor may be and do."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterable

import pytest

from tests.support.sources import FLOORS, ROOT, Source, sources, tracked

README = (ROOT / "README.md").read_text(encoding="utf-8")
HEAVY = {"pandas", "streamlit", "numpy", "pyarrow", "plotly"}

# call as written → the only modules that may make it
ONLY_IN: dict[str, tuple[str, ...]] = {
    r"(datetime\.)?datetime\.(now|utcnow|today)|(datetime\.)?date\.today": ("billing_core.clock",),
    r"time\.(time|monotonic)": ("billing_core.clock", "console"),
    r"time\.time_ns": ("billing_core.clock", "billing_core.ids"),
    r"(uuid|secrets|random)\.\w+|os\.urandom": ("billing_core.ids",),
    r"db\.begin": ("billing_core.flows", "billing_core.jobs", "billing_core.records.db"),
    r"float": ("billing_core.reports", "console"),
    r"print": ("console.cli", "console.launch"),
    r"(subprocess\.(run|Popen|call|check_\w+))|os\.system": ("console.launch",),
    r"eval|exec|compile|__import__|pickle\.\w+": (),
    r"time\.sleep": ("billing_core.records.patience",),
    r"create_engine|sqlite3\.connect|psycopg\.connect": (
        "billing_core.records.db", "billing_core.gateway.sandbox_file",
    ),
}  # fmt: skip
# module → the only modules that may import it
IMPORTED_ONLY_BY: dict[str, tuple[str, ...]] = {
    "uuid": ("billing_core.ids",),
    "secrets": ("billing_core.ids",),
    "random": ("billing_core.ids",),
    "stripe": ("billing_core.gateway",),
    "smtplib": ("billing_core.gateway",),
    "sqlalchemy": ("billing_core",),
    "sqlite3": ("billing_core.records", "billing_core.gateway"),
    "pandas": ("billing_core.reports", "console", "pages"),
    "duckdb": ("billing_core.reports.sql",),
    "streamlit": ("console", "pages"),
    "starlette": ("paynow",),
    "requests": (),
    "httpx": (),
    "urllib.request": ("billing_core.gateway",),
    "pickle": (),
}


def test_the_test_sees_the_house() -> None:
    """Guards all others: an empty list of files would let every rule pass."""
    assert {source.module.split(".")[0] for source in sources()} == set(FLOORS)
    assert len(sources()) > 100


def test_files_stay_short() -> None:
    def limit(source: Source) -> int:
        return 150 if source.within("pages") else 300

    everything = sources(*FLOORS, "tests")
    lengths = {s.name: (s.text.count("\n"), limit(s)) for s in everything}
    assert not {name: found for name, found in lengths.items() if found[0] > found[1]}


def test_functions_stay_short() -> None:
    def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
        first = node.body[1:] if ast.get_docstring(node) else node.body
        return (node.end_lineno or 0) - first[0].lineno + 1 if first else 0

    assert not [
        f"{s.name}:{f.lineno} {f.name}, {length(f)} lines"
        for s in sources()
        for f in s.functions()
        if length(f) > 50
    ]


def test_files_open_with_what_lives_there() -> None:
    everything = sources(*FLOORS, "tests", "data")
    assert not [s.name for s in everything if not ast.get_docstring(s.tree)]


def test_public_things_of_the_business_have_docstrings() -> None:
    assert not [
        f"{s.name}:{node.lineno} {node.name}"
        for s in sources("billing_core")
        for node in _public(s.tree.body)
        if not ast.get_docstring(node)
    ]


def _public(
    body: Iterable[ast.stmt],
) -> Iterable[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    for node in body:
        if isinstance(node, kinds) and not node.name.startswith("_"):
            yield node
            yield from _public(node.body) if isinstance(node, ast.ClassDef) else ()


@pytest.mark.parametrize("call", ONLY_IN)
def test_calls_are_made_only_where_they_belong(call: str) -> None:
    assert not [
        f"{s.name}:{line} {written}"
        for s in sources()
        if not s.within(*ONLY_IN[call])
        for written, line in s.calls
        if re.fullmatch(call, written)
    ]


@pytest.mark.parametrize("module", IMPORTED_ONLY_BY)
def test_modules_are_imported_only_where_they_belong(module: str) -> None:
    assert not [
        s.name
        for s in sources()
        if not s.within(*IMPORTED_ONLY_BY[module])
        if any(f"{name}.".startswith(f"{module}.") for name in s.imports)
    ]


def test_rules_import_only_the_standard_library_and_errors() -> None:
    def foreign(name: str) -> bool:
        ours = name.startswith(("billing_core.rules", "billing_core.errors"))
        ours = ours or name in ("billing_core", "__future__")
        return not ours and name.partition(".")[0] not in sys.stdlib_module_names

    found = {s.name: sorted(filter(foreign, s.imports)) for s in sources("billing_core")}
    assert not {n: f for n, f in found.items() if f and n.startswith("billing_core/rules/")}


def test_money_code_knows_exponents_not_hundreds() -> None:
    """A literal 100 (or 10 ** 2) beside an operator is dollars and cents in disguise."""
    floats = [
        f"{s.name}:{node.lineno}"
        for s in sources("billing_core")
        if s.within("billing_core.rules", "billing_core.flows", "billing_core.gateway")
        for node in ast.walk(s.tree)
        if isinstance(node, ast.BinOp)
        if any(isinstance(v, ast.Constant) and v.value in (100, 100.0) for v in _sides(node))
    ]
    assert not floats


def _sides(node: ast.BinOp) -> tuple[ast.expr, ast.expr]:
    return node.left, node.right


def test_names_say_what_a_thing_is() -> None:
    empty = re.compile(r"(^|_)(utils?|helpers?|common|managers?|base|misc)($|_)", re.IGNORECASE)
    modules = {part for s in sources() for part in s.module.split(".")}
    classes = {n.name for s in sources() for n in ast.walk(s.tree) if isinstance(n, ast.ClassDef)}
    assert not sorted(name for name in modules if empty.search(name))
    assert not sorted(name for name in classes if re.search(r"Util|Helper|Manager|Common", name))


def test_nothing_is_put_off_or_silenced() -> None:
    words = r"#.*\b(TODO|FIXME|XXX|HACK)\b|pytest\.mark\.(skip|xfail)|pytest\.skip\("
    words += r"|# *type: *ignore($|[^\[])|except( Exception)?:\s*pass$|unsafe_allow_html=True"
    put_off = re.compile(words, re.MULTILINE)
    everything = sources(*FLOORS, "tests", "data")
    here = "tests/test_house.py"
    assert not [s.name for s in everything if s.name != here and put_off.search(s.text)]


def test_no_address_of_a_machine_or_package_index() -> None:
    traces = re.compile(r"pypi\.|pythonhosted|/simple/|file://|(?<![\w.])/(work|opt|root)/")
    locks = re.compile(r"https?://|^--?(index|find-links|extra)", re.MULTILINE)
    found = []
    for name in tracked():
        if name.endswith((".png", ".pdf", ".woff2")) or name == "tests/test_house.py":
            continue
        text = (ROOT / name).read_text(encoding="utf-8")
        if traces.search(text) or (name.endswith(".lock") and locks.search(text)):
            found.append(name)
    assert not found


@pytest.mark.parametrize("module", ["paynow.app", "billing_core.jobs"])
def test_pay_now_and_worker_never_load_what_screens_and_reports_need(module: str) -> None:
    assert not _loaded_by(f"import {module}") & HEAVY


def test_help_loads_nothing_heavy() -> None:
    run = "import sys; sys.argv = ['countersign', '--help']; import console.cli as c; c.app()"
    loaded = _loaded_by(f"try:\n    {run}\nexcept SystemExit: pass")
    assert not loaded & (HEAVY | {"sqlalchemy", "alembic", "starlette", "uvicorn"})


def _loaded_by(code: str) -> set[str]:
    shown = f"{code}\nimport sys; print('LOADED', *{{n.split('.')[0] for n in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", shown], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split("LOADED", 1)[1].split())


def test_readme_draws_the_folders_there_are() -> None:
    tree = _block("billing_core/ ")
    drawn, path = set(), []
    for line in tree.splitlines():
        name = re.match(r"( *)([\w.]+)/ ", line)
        assert name, f"not a folder with what it is for: {line!r}"
        path = [*path[: len(name[1]) // 2], name[2]]
        drawn.add("/".join(path))
    tops = {"data", "tests", *FLOORS}
    folders = {"/".join(n.split("/")[:i]) for n in tracked() for i in range(1, n.count("/") + 1)}
    there = {f for f in folders if f.split("/")[0] in tops and f.count("/") < 2}
    deeper = {folder for folder in drawn if folder.count("/") > 1}
    assert drawn - deeper == {f for f in there if f.split("/")[0] != "tests" or f in drawn}
    assert deeper <= folders


def test_readme_draws_the_moves_there_are() -> None:
    from billing_core.rules.charge_states import TABLE

    rows = [
        f"| {m.name} | {', '.join(f'`{s}`' for s in m.sources)} | `{m.target}` | {m.says} |"
        for m in TABLE
    ]
    table = README.split("<!-- states")[1].split("<!-- /states")[0]
    assert [line for line in table.splitlines() if line.startswith("| ")][1:] == rows


def test_readme_names_every_setting() -> None:
    from billing_core.settings import Settings

    table = README.split("## Settings")[1].split("## ")[0]
    named = {n for r in re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE) for n in _ticked(r)}
    assert named == {name.upper() for name in Settings.model_fields}


def test_readme_names_every_command() -> None:
    from console.cli import app

    verbs = {c.name or c.callback.__name__ for c in app.registered_commands if c.callback}
    for group in app.registered_groups:
        assert group.typer_instance is not None
        inner = group.typer_instance.registered_commands
        verbs |= {f"{group.name} {c.name or c.callback.__name__}" for c in inner if c.callback}
    table = README.split("## The command line")[1].split("## ")[0]
    rows = re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE)
    named = {re.split(r" (?:[-\[A-Z]|sc_|bc_|key_)", n)[0] for row in rows for n in _ticked(row)}
    assert named == verbs


def test_every_page_is_reachable_and_tested() -> None:
    pages = {s.name.split("/")[1].removesuffix(".py") for s in sources("pages")} - {"__init__"}
    entry = next(s.text for s in sources("console") if s.name == "console/app.py")
    tests = "".join(s.text for s in sources("tests") if s.name != "tests/test_house.py")
    assert not {page for page in pages if f'"{page}"' not in entry}, "not in the navigation"
    touched = r"pages/{0}\b|/{0}[\"'?]|[\"']{0}[\"']"
    assert not {p for p in pages if not re.search(touched.format(p), tests)}, "in no test"


def _block(starts: str) -> str:
    blocks = re.findall(r"^```\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    return next(block for block in blocks if block.startswith(starts))


def _ticked(row: str) -> list[str]:
    return re.findall(r"`([^`]+)`", row)
