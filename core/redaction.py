"""Masks personal data in anything that leaves for a log: phone, ID and bank numbers, e-mail, tokens."""

import re
from typing import Any

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?<!\d)\d{17}[\dXx](?![\dA-Za-z])"), "[身份证号]"),
    (re.compile(r"(?<!\d)\d{6}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]"), "[身份证号]"),
    (re.compile(r"(?<![\d.])(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?!\d)"), "[手机号]"),
    (re.compile(r"(?<![\d.])0\d{2,3}[- ]\d{7,8}(?!\d)"), "[座机号]"),
    (re.compile(r"(?<!\d)\d{16,19}(?!\d)"), "[长数字]"),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"), "[邮箱]"),
    (re.compile(r"(?i)(bearer\s+)[A-Za-z0-9._~+/=-]{16,}"), r"\1[令牌]"),
    (re.compile(r"whsec_[A-Za-z0-9+/=]+"), "[密钥]"),
)

_SECRET_KEYS = frozenset(
    {
        "token", "password", "secret", "authorization", "cookie", "otp", "csrf",
        "text", "description", "address", "contact", "contact_name", "contact_phone", "phone", "name", "body",
    }
)  # fmt: skip


def redact_text(text: str) -> str:
    """``text`` with every number or secret that could identify a person replaced by what it was."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def redact(value: Any) -> Any:
    """``value`` with strings redacted at any depth; what keys known for personal data hold is dropped whole."""
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, dict):
        return {k: "[已隐去]" if str(k).lower() in _SECRET_KEYS else redact(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [redact(item) for item in value]
    return value
