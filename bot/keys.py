"""Secrets that the product makes for itself and keeps under ``INTAKE_VAR/keys``, readable by its owner only."""

import base64
import os
import secrets
from pathlib import Path


def own_key(var: Path, name: str) -> bytes:
    """32 random bytes, made at first use; the same afterwards, also for processes that start at once."""
    path = var / "keys" / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(handle, "wb") as file:
        key = secrets.token_bytes(32)
        file.write(key)
    return key


def own_webhook_secret(var: Path) -> str:
    """A ``whsec_…`` secret shared with the built-in simulator."""
    return "whsec_" + base64.b64encode(own_key(var, "dispatch")).decode()
