"""Books for a benchmark: a folder of its own, migrated, with the recipe's customer and item."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from billing_core import settings
from billing_core.flows.upgrade_db import upgrade_db
from billing_core.records import db
from tests import books
from tests.books import Seeded


@contextmanager
def fresh_books(**customer: str | bool) -> Iterator[tuple[Path, Seeded]]:
    """The file of fresh SQLite books, and what the recipe put in; gone afterwards. Fields of the
    ``customer`` replace the recipe's own."""
    with tempfile.TemporaryDirectory(prefix="countersign-bench-") as folder:
        before = {k: v for k, v in os.environ.items() if k.startswith("COUNTERSIGN_")}
        for name in before:
            del os.environ[name]
        os.environ["COUNTERSIGN_DATA_DIR"] = folder
        settings.forget()
        try:
            upgrade_db()
            seeded = books.seed(item={"max_capture": "99999.00"}, **customer)
            yield Path(folder) / "countersign.db", seeded
        finally:
            db.forget()
            del os.environ["COUNTERSIGN_DATA_DIR"]
            os.environ.update(before)
            settings.forget()
