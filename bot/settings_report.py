"""``intake settings``: what each setting is, and why."""

import os
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.settings import Settings

_PREFIX = "INTAKE_"


def report(settings: Settings) -> str:
    """One block a setting: name, value (secrets masked), source, default, help."""
    in_file = _names_in_file(Path(".env"))
    return "\n".join(_block(settings, name, in_file) for name in type(settings).model_fields)


def _block(settings: Settings, name: str, in_file: set[str]) -> str:
    field = type(settings).model_fields[name]
    variable = f"{_PREFIX}{name.upper()}"
    value, default = getattr(settings, name), field.get_default(call_default_factory=True)
    source = "environment" if variable in _environment() else ".env" if variable in in_file else "default"
    return f"{variable} = {_shown(value)}   [{source}; default {_shown(default)}]\n    {field.description}"


def _environment() -> set[str]:
    return {name.upper() for name in os.environ}


def _names_in_file(path: Path) -> set[str]:
    if not path.is_file():
        return set()
    lines = path.read_text(encoding="utf-8").splitlines()
    return {line.split("=", 1)[0].strip().upper() for line in lines if "=" in line and not line.startswith("#")}


def _shown(value: Any) -> str:
    if isinstance(value, SecretStr):
        return "********" if value.get_secret_value() else "(empty)"
    return "(empty)" if value == "" else str(value)
