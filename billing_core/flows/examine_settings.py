"""What `doctor` says of the environment: folders, key, mail, gateway, addresses. Asks no database.

Looks and changes nothing; each answer is a Finding, never an exception.
"""

from __future__ import annotations

import shutil
import stat
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from billing_core.gateway import mail
from billing_core.records import keyfile
from billing_core.settings import Settings

OK, WARN, BAD = "ok", "warn", "bad"
_LITTLE_ROOM = 500 * 2**20
_NO_ROOM = 50 * 2**20
_MODE = 0o777
#: Networks larger than these are no proxies of anybody's: /8 in IPv4, /16 in IPv6.
_WIDEST = {4: 8, 6: 16}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. ``grade`` is ok, warn or bad; ``cure`` what to do, "" when ok."""

    name: str
    grade: str
    sentence: str
    cure: str = ""


def examine_settings(here: Settings) -> list[Finding]:
    """Everything that can be said without the books."""
    return [
        _data_dir(here.data_dir),
        _room(here.data_dir),
        _key(here),
        _env_file(Path(".env")),
        _mail(here),
        _gateway(here),
        _public_url(here),
        _proxies(here),
    ]


def _data_dir(folder: Path) -> Finding:
    mode = _mode(folder)
    if mode & 0o022:
        return Finding(
            "data folder", BAD, f"Others on this machine may write into {folder} ({mode:04o}).",
            f"chmod 700 {folder}",
        )  # fmt: skip
    if mode & 0o055:
        return Finding(
            "data folder", WARN, f"Others on this machine may read {folder} ({mode:04o}).",
            f"chmod 700 {folder}",
        )  # fmt: skip
    return Finding("data folder", OK, f"{folder} is yours alone.")


def _room(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    said = f"{free // 2**20:,} MB are free under {folder}."
    if free >= _LITTLE_ROOM:
        return Finding("disk", OK, said)
    grade = BAD if free < _NO_ROOM else WARN
    return Finding("disk", grade, said, "Make room: a full disk stops charging and approving.")


def _key(here: Settings) -> Finding:
    if here.secret_key:
        return Finding("key", OK, "The key comes from COUNTERSIGN_SECRET_KEY. Keep a copy safe.")
    file = here.data_dir / keyfile.NAME
    if not file.exists():
        return Finding(
            "key", WARN, "There is no key yet; the first start makes one.", "countersign up"
        )
    mode = _mode(file)
    if mode & 0o077:
        return Finding(
            "key", BAD, f"Others may read the key file {file} ({mode:04o}): with it "
            "and the books anybody can open every invoice.", f"chmod 600 {file}",
        )  # fmt: skip
    return Finding("key", OK, f"{file} is yours alone ({mode:04o}).")


def _env_file(file: Path) -> Finding:
    if not file.exists():
        return Finding("settings", OK, "The settings come from the environment alone.")
    mode = _mode(file)
    if mode & 0o077:
        return Finding(
            "settings", WARN, f"Others on this machine may read .env ({mode:04o}).",
            "chmod 600 .env",
        )  # fmt: skip
    return Finding("settings", OK, ".env is yours alone.")


def _mail(here: Settings) -> Finding:
    if not here.smtp_url:
        return Finding(
            "mail", WARN, "No mail server is set: mail waits in the outbox and reaches nobody.",
            "Set COUNTERSIGN_SMTP_URL and COUNTERSIGN_MAIL_FROM.",
        )  # fmt: skip
    address = urlsplit(here.smtp_url)
    private = address.scheme == "smtps" or "starttls=1" in address.query
    if address.password and not private and not _is_near(address.hostname or ""):
        return Finding(
            "mail", BAD, "The mail server's password would travel in clear.",
            "Use smtps:// or add ?starttls=1 to COUNTERSIGN_SMTP_URL.",
        )  # fmt: skip
    problem = mail.greet()
    if problem:
        return Finding("mail", BAD, problem, "Check COUNTERSIGN_SMTP_URL, or wait and look again.")
    return Finding("mail", OK, f"The mail server at {address.hostname} answers.")


def _gateway(here: Settings) -> Finding:
    if here.gateway == "sandbox":
        return Finding(
            "gateway", WARN, "The sandbox is the gateway: no real money moves.",
            "Fine for trying out; a real gateway is set with COUNTERSIGN_GATEWAY.",
        )  # fmt: skip
    return Finding("gateway", OK, f"Payments go through {here.gateway}.")


def _public_url(here: Settings) -> Finding:
    address = urlsplit(here.pay_base)
    if address.scheme == "https":
        return Finding("public address", OK, f"Clients open {here.pay_base}.")
    cure = "Put Pay Now behind TLS and set COUNTERSIGN_PUBLIC_URL=https://…"
    if _is_near(address.hostname or ""):
        return Finding(
            "public address", WARN,
            f"Links lead to {here.pay_base}: they open on this machine only.", cure,
        )  # fmt: skip
    return Finding(
        "public address", BAD,
        f"Links lead to {here.pay_base}: without https anybody on the way can read and use them.",
        cure,
    )  # fmt: skip


def _proxies(here: Settings) -> Finding:
    name = "trusted proxies"
    wide = [p for p in here.trusted_proxies if _is_wide(p)]
    if wide:
        return Finding(
            name, BAD, f"{', '.join(wide)} is no proxy but half the world: any client there could "
            "write the address that stands in your evidence.", "Name your proxies' addresses.",
        )  # fmt: skip
    if here.trusted_proxies:
        return Finding(name, OK, f"Believed: {', '.join(here.trusted_proxies)}.")
    if urlsplit(here.pay_base).scheme == "https":
        return Finding(
            name, WARN, "No proxy is trusted, though clients come by https: in your evidence every "
            "client may have the proxy's address.", "Set COUNTERSIGN_TRUSTED_PROXIES.",
        )  # fmt: skip
    return Finding(name, OK, "None: clients' addresses are those of their connections.")


def _is_near(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _is_wide(network: str) -> bool:
    found = ip_network(network, strict=False)
    return found.prefixlen < _WIDEST[found.version]


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode) & _MODE
