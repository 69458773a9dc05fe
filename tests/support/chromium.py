"""The browser of the tests: where it is, or one sentence about what to install.

CHROMIUM_PATH, else an installed chromium or chrome, else Playwright's own download, else apt (only
as root, and only with CI or COUNTERSIGN_TEST_APT=1). Run as a module, it is the suite's first step.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_MAC = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
_ASK = """
from playwright.sync_api import sync_playwright
with sync_playwright() as running:
    print(running.chromium.executable_path)
"""
_PACKAGES = ("chromium", "fonts-liberation", "fonts-noto-core")


class NoBrowser(RuntimeError):
    """No browser can be had; the message is one sentence that names the package."""


def find() -> str:
    """The path of a Chromium. NoBrowser when there is none."""
    given = os.environ.get("CHROMIUM_PATH", "")
    if given:
        if os.access(given, os.X_OK):
            return given
        raise NoBrowser(f"CHROMIUM_PATH names {given}, which cannot be run.")
    found = installed() or playwrights()
    if found:
        return found
    if _may_use_apt():
        _apt()
        if found := installed():
            return found
    raise NoBrowser(
        "The tests need a browser: install the package chromium, or set CHROMIUM_PATH "
        "(as root, COUNTERSIGN_TEST_APT=1 lets the tests install it)."
    )


def installed() -> str | None:
    """A Chromium or Chrome of this machine, if there is one."""
    on_path = next(filter(None, map(shutil.which, _NAMES)), None)
    return on_path or next((path for path in _MAC if Path(path).exists()), None)


def playwrights() -> str | None:
    """The browser `playwright install chromium` brings, if somebody ran that."""
    # asked in a process of its own: a test may already have a Playwright running in this one
    asked = subprocess.run(
        [sys.executable, "-c", _ASK], capture_output=True, text=True, check=True, timeout=60
    )
    path = asked.stdout.strip()
    return path if Path(path).exists() else None


def _may_use_apt() -> bool:
    asked = os.environ.get("CI") or os.environ.get("COUNTERSIGN_TEST_APT") == "1"
    return bool(asked) and os.geteuid() == 0 and shutil.which("apt-get") is not None


def _apt() -> None:
    sys.stdout.write(f"Installing {', '.join(_PACKAGES)} for the tests\n")
    sys.stdout.flush()
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update"], ["install", "-y", "--no-install-recommends", *_PACKAGES]):
        done = subprocess.run(
            ["apt-get", "-qq", *words], env=quiet, capture_output=True, text=True, check=False
        )
        if done.returncode:
            last = (done.stderr.strip() or "no reason given").splitlines()[-1]
            raise NoBrowser(f"The package chromium could not be installed: {last}")


if __name__ == "__main__":
    try:
        find()
    except NoBrowser as problem:
        sys.exit(str(problem))
