"""Digits and numbers in their written varieties."""

import unicodedata

_DIGITS = str.maketrans("零〇一幺壹二两贰三叁四肆五伍六陆七柒八捌九玖", "0011122233445566778899")
_VALUE = {
    c: i
    for i, cs in enumerate(("零〇", "一壹", "二两贰", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"))
    for c in cs
}


def plain(text: str) -> str:
    """Full-width letters and digits as ordinary ones (NFKC)."""
    return unicodedata.normalize("NFKC", text)


def spelled_digits(text: str) -> str:
    """Chinese digit characters, read one by one as in a phone number, as ASCII digits."""
    return plain(text).translate(_DIGITS)


def number(text: str) -> int | None:
    """A whole number below 10,000 in digits or in Chinese (十二, 一百零五); None otherwise."""
    text = plain(text)
    if text.isascii() and text.isdecimal():
        return int(text)
    total, current = 0, 0
    for char in text:
        if char in _VALUE:
            current = _VALUE[char]
        elif (unit := {"十": 10, "百": 100, "千": 1000}.get(char)) is not None:
            total += (current or 1) * unit
            current = 0
        else:
            return None
    return total + current if text else None


NUMBER = r"(?:\d{1,4}|[零〇一二两三四五六七八九十百]{1,5})"
"""A pattern for what ``number`` reads."""
