"""The only source of ids, tokens, salts and codes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id(prefix: str) -> str:
    """``prefix_`` and 26 characters: 48 bits of time, then 80 random ones, so ids sort by age."""
    number = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    letters = []
    for _ in range(26):
        letters.append(_ALPHABET[number & 31])
        number >>= 5
    return f"{prefix}_{''.join(reversed(letters))}"


def new_salt() -> bytes:
    """32 random bytes for one commitment."""
    return secrets.token_bytes(32)


def new_secret() -> str:
    """A fresh secret key, 43 URL-safe characters."""
    return secrets.token_urlsafe(32)


def jitter() -> float:
    """A number in [0, 1) that keeps retries from marching in step."""
    return secrets.randbelow(1_000_000) / 1_000_000


def derive_key(secret: str, purpose: str) -> bytes:
    """A 32-byte key for one purpose, derived from the installation's secret."""
    return hmac.new(secret.encode(), b"countersign:" + purpose.encode(), hashlib.sha256).digest()


def link_token(secret: str, link_id: str) -> str:
    """The token of a link: base64url(HMAC-SHA256(K_link, link id)), 43 characters."""
    digest = hmac.new(derive_key(secret, "link"), link_id.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def mailed_code(secret: str, code_id: str) -> str:
    """The six decimal digits of a code, derived from its id so that they are stored nowhere."""
    digest = hmac.new(derive_key(secret, "code"), code_id.encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 1_000_000:06d}"


def sha256_hex(data: bytes | str) -> str:
    """Lower-case hex SHA-256."""
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def sign(secret: str, purpose: str, message: str) -> str:
    """A URL-safe signature of ``message`` under the key for ``purpose``."""
    digest = hmac.new(derive_key(secret, purpose), message.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def same(left: str, right: str) -> bool:
    """Compare two secrets in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())
