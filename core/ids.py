"""Identifiers and secrets."""

import hashlib
import os
import secrets
import time
import uuid


def new_id() -> str:
    """A 32-character hexadecimal id that sorts by creation time (48-bit milliseconds, then 80 random bits)."""
    return f"{time.time_ns() // 1_000_000:012x}{os.urandom(10).hex()}"


def new_token() -> str:
    """An opaque, URL-safe bearer secret of 256 random bits."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is stored in place of a token, so that a stolen database opens no session."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def stable_uuid(*parts: str) -> str:
    """The same UUID for the same parts, for keys that must survive a repeated computation."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, "\x1f".join(parts)))
