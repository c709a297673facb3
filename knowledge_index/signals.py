"""What is seen of one search: the signals that the gate decides on, and the reasons shown for each hit."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge_index.fuse import Components, Weights
from knowledge_index.index import Index
from knowledge_index.query import Query

Floats = NDArray[np.float32]


def signals(
    asked: Query, ranked: Sequence[int], components: Components, fused: Floats, index: Index
) -> dict[str, float]:
    """The gate's signals for the entries ``ranked`` best first, at least one; see ``gate.SIGNALS``.

    ``components`` and ``fused`` also hold what may not be shown, which ``ranked`` leaves out.
    """
    top = ranked[0]
    second = float(fused[ranked[1]]) if len(ranked) > 1 else 0.0
    best_of = [int(np.argmax(scores)) for scores in (components.question, components.document, components.dense)]
    return {
        "cosine": float(components.dense[top]),
        "question": _question_share(asked, top, components, index),
        "coverage": coverage(asked, top, index),
        "known": _known(asked, index),
        "margin": 1 - second / max(float(fused[top]), 1e-9),
        "agreement": sum(position == top for position in best_of) / len(best_of),
        "rival": min(1.5, float(fused.max()) / max(float(fused[top]), 1e-9)) - 1,
        "length": math.log1p(len(asked.typed)),
    }


def coverage(asked: Query, position: int, index: Index) -> float:
    """The share of the query's rarity that the entry holds, in the asker's words or the lexicon's."""
    documents = index.documents
    weights = {token: documents.rarity(token) for token in asked.typed}
    held = sum(w for token, w in weights.items() if _holds(asked, token, position, index))
    return held / max(sum(weights.values()), 1e-9)


def _holds(asked: Query, token: str, position: int, index: Index) -> bool:
    documents = index.documents
    return documents.holds(position, token) or any(
        all(documents.holds(position, part) for part in parts) for parts in asked.stand_ins.get(token, ())
    )


def _question_share(asked: Query, position: int, components: Components, index: Index) -> float:
    """The best question's score against that of a question which has exactly the query's words."""
    possible = sum(index.questions.rarity(token) for token in asked.typed) * 1.2
    return min(1.5, float(components.question[position]) / max(possible, 1e-9))


def _known(asked: Query, index: Index) -> float:
    weights = {token: index.documents.rarity(token) for token in asked.typed}
    known = sum(w for token, w in weights.items() if token in index.documents.vocabulary)
    return known / max(sum(weights.values()), 1e-9)


def explain(
    asked: Query, position: int, components: Components, weights: Weights, index: Index, seen: dict[str, float] | None
) -> dict[str, Any]:
    """Why the entry was found: matched terms, the lexicon's words that helped, each ranker's part."""
    documents = index.documents
    reasons: dict[str, Any] = {
        "matched": [token for token in asked.typed if documents.holds(position, token)],
        "lexicon": [f"{word}→{meaning}" for word, meaning in asked.expansions],
        "components": {
            name: _part(getattr(components, name), position, getattr(weights, name))
            for name in ("question", "document", "dense")
        },
    }
    if seen is not None:
        reasons["signals"] = {name: round(value, 4) for name, value in seen.items()}
    return reasons


def _part(scores: Floats, position: int, weight: float) -> dict[str, float]:
    raw, best = float(scores[position]), float(scores.max())
    return {"raw": round(raw, 4), "relative": round(max(raw, 0) / max(best, 1e-9), 4), "weight": weight}
