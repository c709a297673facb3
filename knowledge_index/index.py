"""The searchable form of a list of entries: two lexical indexes and one dense, all numbered by passage or entry."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge_index.dense import DenseIndex
from knowledge_index.embed import Embedder, unit
from knowledge_index.entry import Entry
from knowledge_index.fuse import Components
from knowledge_index.lexical import LexicalIndex
from knowledge_index.lexicon import Lexicon
from knowledge_index.passages import Passage, document_tokens, passages, widened
from knowledge_index.text import bigrams, normalise

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]
NEAREST = 300


@dataclass(frozen=True, slots=True)
class Index:
    """``question_entry`` and ``dense_entry`` give, row by row, the entry that a row belongs to, ascending."""

    questions: LexicalIndex
    documents: LexicalIndex
    dense: DenseIndex
    question_entry: Rows
    dense_entry: Rows
    n_entries: int

    @classmethod
    def build(
        cls, entries: Sequence[Entry], embedder: Embedder, lexicon: Lexicon, progress: Callable[[str], None] = print
    ) -> "Index":
        """Encodes every passage; ``progress`` gets one line per batch."""
        found = passages(entries)
        asked = [p for p in found if p.kind != "body"]
        progress(f"index: {len(entries)} entries, {len(found)} passages")
        vectors, owners = _vectors(found, embedder, lexicon, progress)
        return cls(
            LexicalIndex.build([bigrams(normalise(p.text)) for p in asked], b=0.4),
            LexicalIndex.build([document_tokens(entry) for entry in entries]),
            DenseIndex.build(vectors),
            np.array([p.entry for p in asked], dtype=np.int64),
            owners,
            len(entries),
        )

    def components(self, weights: dict[str, float], vector: Floats) -> Components:
        """Every entry's raw scores. Dense scores are exact for the nearest rows and zero for entries far away."""
        rows, cosines = self.dense.nearest(vector, NEAREST)
        nearest = np.zeros(self.n_entries, dtype=np.float32)
        np.maximum.at(nearest, self.dense_entry[rows], cosines)
        question = _best(self.questions.scores(weights), self.question_entry, self.n_entries)
        return Components(question, self.documents.scores(weights), nearest)

    def save(self, folder: Path) -> None:
        self.questions.save(folder / "questions.npz")
        self.documents.save(folder / "documents.npz")
        self.dense.save(folder)
        np.savez(folder / "rows.npz", question_entry=self.question_entry, dense_entry=self.dense_entry)

    @classmethod
    def load(cls, folder: Path, n_entries: int) -> "Index":
        with np.load(folder / "rows.npz", allow_pickle=False) as rows:
            question_entry, dense_entry = rows["question_entry"], rows["dense_entry"]
        return cls(
            LexicalIndex.load(folder / "questions.npz"),
            LexicalIndex.load(folder / "documents.npz"),
            DenseIndex.load(folder),
            question_entry,
            dense_entry,
            n_entries,
        )


def _vectors(
    found: list[Passage], embedder: Embedder, lexicon: Lexicon, progress: Callable[[str], None]
) -> tuple[Floats, Rows]:
    """A vector for each passage and one for each entry's questions together, ordered by entry."""
    own = embedder.encode([widened(p.text, lexicon) if embedder.widened else p.text for p in found], progress=progress)
    owners = np.array([p.entry for p in found], dtype=np.int64)
    asked = np.array([p.kind == "question" for p in found])
    n_entries = int(owners.max(initial=-1)) + 1
    sums = np.zeros((n_entries, embedder.dimension), dtype=np.float32)
    np.add.at(sums, owners[asked], own[asked])
    vectors, all_owners = np.concatenate([own, unit(sums)]), np.concatenate([owners, np.arange(n_entries)])
    order = np.argsort(all_owners, kind="stable")
    return np.ascontiguousarray(vectors[order]), all_owners[order]


def _best(scores: Floats, owners: Rows, n_entries: int) -> Floats:
    """The highest score among each entry's rows."""
    best = np.zeros(n_entries, dtype=np.float32)
    if len(scores):
        starts = np.flatnonzero(np.diff(owners, prepend=-1))
        best[owners[starts]] = np.maximum.reduceat(scores, starts)
    return best
