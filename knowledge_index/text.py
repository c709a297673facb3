"""The one normalisation of Chinese text that every ranker uses, and the tokens made of it."""

import re
import unicodedata
from functools import cache

_HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_OTHER = re.compile(rf"[^{_HAN}a-z0-9]+")
_RUNS = re.compile(rf"[{_HAN}]+|[a-z0-9]+")
MAX_CHARACTERS = 2_000


@cache
def _simplify() -> dict[int, str]:
    """Traditional to simplified, character by character: 60 ms once, then nothing per query."""
    from opencc import OpenCC

    traditional = [chr(code) for code in range(0x3400, 0xA000)]
    simplified = OpenCC("t2s").convert("\n".join(traditional)).split("\n")
    return {ord(t): s for t, s in zip(traditional, simplified, strict=True) if t != s}


def normalise(text: str) -> str:
    """NFKC, lower case, simplified characters; everything but Han, letters and digits becomes one space."""
    folded = unicodedata.normalize("NFKC", text[:MAX_CHARACTERS]).lower().translate(_simplify())
    return _OTHER.sub(" ", folded).strip()


def compact(text: str) -> str:
    """``normalise`` without spaces: the key under which two questions count as the same."""
    return normalise(text).replace(" ", "")


def runs(normal: str) -> list[str]:
    """The runs of Han characters and of letters and digits in normalised text."""
    return _RUNS.findall(normal)


def is_han(token: str) -> bool:
    """Whether a token or run is of Han characters."""
    return token[0] >= "\u3400"


def bigrams(normal: str) -> list[str]:
    """Overlapping Han bigrams and whole letter or digit runs; a lone Han character stands for itself."""
    tokens: list[str] = []
    for run in runs(normal):
        if not is_han(run) or len(run) == 1:
            tokens.append(run)
        else:
            tokens += [run[i : i + 2] for i in range(len(run) - 1)]
    return tokens


def ngrams(normal: str) -> list[str]:
    """What the project's own embedder reads: the bigrams and, so that a new word still means something, each
    character."""
    tokens = bigrams(normal)
    for run in runs(normal):
        if len(run) > 1:
            tokens += list(run) if is_han(run) else []
    return tokens
