"""Nearest vectors by inner product, over FAISS. Vectors are float32 and of length one, so the product is the cosine."""

from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
EXACT_UP_TO = 100_000

# One query at a time gains nothing from more threads, and their waiting for each other makes the slowest searches slow.
faiss.omp_set_num_threads(1)


class DenseIndex:
    """Rows are numbered in the order given. ``vectors`` stay readable beside the FAISS index, to score chosen rows."""

    def __init__(self, index: faiss.Index, vectors: Floats) -> None:
        self._index = index
        self.vectors = vectors

    @classmethod
    def build(cls, vectors: Floats) -> "DenseIndex":
        """From vectors of shape (rows, dimension): exact search up to ``EXACT_UP_TO`` rows, a graph beyond."""
        index = _new_index(vectors.shape[1], len(vectors))
        index.add(np.ascontiguousarray(vectors))
        return cls(index, vectors)

    def nearest(self, query: Floats, k: int) -> tuple[NDArray[np.int64], Floats]:
        """The ``k`` nearest rows and their cosines, best first; ``query`` has shape (dimension,)."""
        scores, rows = self._index.search(query.reshape(1, -1), min(k, len(self.vectors)))
        kept = rows[0] >= 0
        return rows[0][kept], scores[0][kept]

    def cosines(self, query: Floats, rows: NDArray[np.integer]) -> Floats:
        """Of the given rows, in their order."""
        product: Floats = self.vectors[rows] @ query
        return product

    def save(self, folder: Path) -> None:
        """Writes ``dense.faiss`` and ``vectors.npy``."""
        faiss.write_index(self._index, str(folder / "dense.faiss"))
        np.save(folder / "vectors.npy", self.vectors, allow_pickle=False)

    @classmethod
    def load(cls, folder: Path) -> "DenseIndex":
        vectors = np.load(folder / "vectors.npy", allow_pickle=False, mmap_mode="r")
        return cls(faiss.read_index(str(folder / "dense.faiss")), vectors)


def _new_index(dimension: int, rows: int) -> faiss.Index:
    if rows <= EXACT_UP_TO:
        return faiss.IndexFlatIP(dimension)
    index = faiss.IndexHNSWFlat(dimension, 32, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = 128
    index.hnsw.efSearch = 96
    return index
