"""BM25 over character bigrams, scored from a compressed matrix: each posting list carries finished scores."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

K1 = 1.2
B = 0.6

Floats = NDArray[np.float32]
Postings = list[list[tuple[int, float]]]  # by token: (row, term weight)


class LexicalIndex:
    """Token lists as rows. ``idf`` and the postings are float32; rows are numbered in the order given."""

    def __init__(
        self,
        vocabulary: dict[str, int],
        idf: Floats,
        starts: NDArray[np.int64],
        rows: NDArray[np.int32],
        impact: Floats,
        n_rows: int,
    ) -> None:
        self.vocabulary = vocabulary
        self.idf = idf
        self.n_rows = n_rows
        self._starts = starts
        self._rows = rows
        self._impact = impact
        self.idf_unknown = float(np.log(1 + (n_rows + 0.5) / 0.5))

    @classmethod
    def build(cls, documents: Sequence[Sequence[str]], b: float = B) -> "LexicalIndex":
        """``documents`` are token lists; ``b`` is BM25's length penalty."""
        counts = [Counter(tokens) for tokens in documents]
        vocabulary: dict[str, int] = {}
        postings: Postings = []
        lengths = np.array([sum(c.values()) for c in counts], dtype=np.float64)
        mean = float(lengths.mean()) if len(lengths) and lengths.any() else 1.0
        for row, count in enumerate(counts):
            norm = K1 * (1 - b + b * lengths[row] / mean)
            for token, frequency in count.items():
                token_id = vocabulary.setdefault(token, len(postings))
                if token_id == len(postings):
                    postings.append([])
                postings[token_id].append((row, frequency * (K1 + 1) / (frequency + norm)))
        return cls._packed(vocabulary, postings, len(documents))

    @classmethod
    def _packed(cls, vocabulary: dict[str, int], postings: Postings, n_rows: int) -> "LexicalIndex":
        sizes = np.array([len(p) for p in postings], dtype=np.int64)
        starts = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(sizes)])
        idf = np.log(1 + (n_rows - sizes + 0.5) / (sizes + 0.5)).astype(np.float32)
        rows = np.array([row for p in postings for row, _ in p], dtype=np.int32)
        impact = np.array([tf for p in postings for _, tf in p], dtype=np.float32) * np.repeat(idf, sizes)
        return cls(vocabulary, idf, starts, rows, impact.astype(np.float32), n_rows)

    def scores(self, weights: dict[str, float]) -> Floats:
        """BM25 of every row for the query tokens, each counted with its weight."""
        total = np.zeros(self.n_rows, dtype=np.float32)
        for token, weight in weights.items():
            token_id = self.vocabulary.get(token)
            if token_id is not None:
                span = slice(self._starts[token_id], self._starts[token_id + 1])
                total[self._rows[span]] += weight * self._impact[span]
        return total

    def rarity(self, token: str) -> float:
        """Inverse document frequency; that of a token never seen is the highest."""
        token_id = self.vocabulary.get(token)
        return self.idf_unknown if token_id is None else float(self.idf[token_id])

    def holds(self, row: int, token: str) -> bool:
        """Whether the token occurs in the row."""
        token_id = self.vocabulary.get(token)
        if token_id is None:
            return False
        rows = self._rows[self._starts[token_id] : self._starts[token_id + 1]]
        at = int(np.searchsorted(rows, row))
        return at < len(rows) and int(rows[at]) == row

    def save(self, path: Path) -> None:
        """As one ``.npz``."""
        tokens = np.array("\n".join(self.vocabulary).encode("utf-8"), dtype=np.bytes_)
        np.savez(
            path, tokens=tokens, idf=self.idf, starts=self._starts, rows=self._rows, impact=self._impact,
            n_rows=np.array(self.n_rows),
        )  # fmt: skip

    @classmethod
    def load(cls, path: Path) -> "LexicalIndex":
        with np.load(path, allow_pickle=False) as data:
            tokens = bytes(data["tokens"]).decode("utf-8").split("\n") if data["idf"].size else []
            vocabulary = {token: i for i, token in enumerate(tokens)}
            return cls(vocabulary, data["idf"], data["starts"], data["rows"], data["impact"], int(data["n_rows"]))
