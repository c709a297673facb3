"""Weighted fusion of the rankers. Every number that decides an order is here, tuned on ``data/gate/in_scope.csv``."""

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

EXPANSION = 0.5  # what a word from the lexicon counts beside one that was typed
ENTERPRISE_FIRST = 1.1  # an enterprise asker's preference for enterprise entries
CONTEXT_TOPIC = 1.25  # a follow-up's preference for the topic of the answer before it
CONTEXT_RELATED = 1.1


@dataclass(frozen=True, slots=True)
class Weights:
    """Shares of the fused score; they add up to one."""

    question: float = 0.1
    document: float = 0.3
    dense: float = 0.6


@dataclass(frozen=True, slots=True)
class Components:
    """Raw scores by entry: best question's BM25, whole document's BM25, best passage's cosine."""

    question: Floats
    document: Floats
    dense: Floats


def fuse(components: Components, weights: Weights) -> Floats:
    """One score from 0 to 1 by entry: each ranker's scores relative to its own best, weighted."""
    total = np.zeros_like(components.dense)
    for name, weight in asdict(weights).items():
        total += weight * relative(getattr(components, name))
    return total


def relative(scores: Floats) -> Floats:
    """Scores divided by the highest, negatives as zero."""
    best = float(scores.max(initial=0.0))
    shares: Floats = (np.maximum(scores, 0) / max(best, 1e-9)).astype(np.float32)
    return shares
