"""Cleaning of foreign text for storage and display."""

import re
from functools import cache

from opencc import OpenCC

_STRIPPED = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f"  # control characters but tab, newline, carriage return
    "\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"  # zero-width and bidirectional overrides
    "\ufffe\uffff\ud800-\udfff]"
)


def legal_text(text: str) -> str:
    """``text`` without characters that cannot be stored everywhere or that disguise what is shown; the zero-width
    joiner stays, since emoji need it."""
    return _STRIPPED.sub("", text).replace("\r\n", "\n").replace("\r", "\n")


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


def simplified(text: str) -> str:
    """``text`` with traditional characters as simplified ones."""
    return text if text.isascii() else str(_converter().convert(text))
