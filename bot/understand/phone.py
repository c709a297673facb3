"""Telephone numbers, however they are typed."""

import re

from bot.understand.numerals import spelled_digits

_AREA = "0527"  # Suqian
_GAPS = re.compile(r"(?<=[\d+])[\s\-—–_.·()（）]+(?=\d)")
_MOBILE = re.compile(r"(?<!\d)(?:\+?86)?(1[3-9]\d{9})(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)(0\d{2,3})(\d{7,8})(?!\d)")
_LOCAL = re.compile(r"(?<!\d)([2-8]\d{7})(?!\d)")


def find_phone(text: str) -> str | None:
    """The first mobile number (11 digits) or landline (area-number) in ``text``; None when there is none."""
    digits = _GAPS.sub("", spelled_digits(text))
    if found := _MOBILE.search(digits):
        return found[1]
    if found := _LANDLINE.search(digits):
        return f"{found[1]}-{found[2]}"
    if found := _LOCAL.search(digits):
        return f"{_AREA}-{found[1]}"
    return None


def looks_like_number(text: str) -> bool:
    """Whether someone tried to type a number: at least five digits."""
    return sum(char.isdigit() for char in spelled_digits(text)) >= 5
