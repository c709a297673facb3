"""Everyday words and the official words they stand for: ``data/lexicon/*.csv`` with the columns everyday,official."""

import csv
import re
from collections.abc import Iterable
from pathlib import Path

from core import catalog
from knowledge_index.text import compact

FOLDER = catalog.ROOT / "data" / "lexicon"


class Lexicon:
    """Finds words in normalised text and gives the words that mean the same to the offices.

    ``pairs`` are (everyday, official); several pairs may share a word. Both directions expand, since similar questions
    use the everyday word as often as answers use the official one.
    """

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self.pairs = sorted({(compact(a), compact(b)) for a, b in pairs if compact(a) and compact(b)})
        self._meanings: dict[str, list[str]] = {}
        for everyday, official in self.pairs:
            self._meanings.setdefault(everyday, []).append(official)
        for everyday, official in self.pairs:
            self._meanings.setdefault(official, []).append(everyday)
        words = sorted(self._meanings, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, words)) or r"(?!)")

    def expand(self, normal: str) -> list[tuple[str, str]]:
        """(word found, word it also means), left to right, longest word first; words already there are left out."""
        found: dict[tuple[str, str], None] = {}
        for match in self._pattern.finditer(normal):
            for meaning in self._meanings[match.group()]:
                if meaning not in normal:
                    found[match.group(), meaning] = None
        return list(found)


def read_pairs(folder: Path = FOLDER) -> list[tuple[str, str]]:
    """Every pair of every CSV in ``folder``. Raises ValueError that names file and line."""
    pairs: list[tuple[str, str]] = []
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            if rows.fieldnames is None or not {"everyday", "official"} <= set(rows.fieldnames):
                raise ValueError(f"{path.name}: the first line must name the columns everyday,official")
            for row in rows:
                everyday, official = (row["everyday"] or "").strip(), (row["official"] or "").strip()
                if not everyday or not official or compact(everyday) == compact(official):
                    raise ValueError(f"{path.name}, line {rows.line_num}: two different words are needed")
                pairs.append((everyday, official))
    return pairs
