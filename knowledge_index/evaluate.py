"""Measures a knowledge base on labelled queries."""

import csv
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from knowledge_index.search import KnowledgeBase, SearchResult

DEPTH = 10
_AUDIENCES = ("citizen", "enterprise")


@dataclass(frozen=True, slots=True)
class Row:
    """``topics`` are the right ones; none means out of scope."""

    query: str
    topics: tuple[str, ...]
    audience: str | None = None


@dataclass(frozen=True, slots=True)
class _Outcome:
    row: Row
    found: tuple[str, ...]
    decision: str
    milliseconds: float

    @property
    def rank(self) -> int:
        """1 is first; 0 is not among the first ten."""
        return next((place for place, topic in enumerate(self.found, start=1) if topic in self.row.topics), 0)


def read_rows(path: Path) -> list[Row]:
    """From a CSV ``query,topic[,audience]``; several right topics are separated by ``|``.

    Raises ValueError that names the line.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        table = csv.DictReader(file)
        if not {"query", "topic"} <= set(table.fieldnames or ()):
            raise ValueError(f"{path.name}: the first line must name the columns query,topic")
        return [_row(cells, f"{path.name}, line {table.line_num}") for cells in table]


def _row(cells: dict[str, Any], place: str) -> Row:
    query = (cells["query"] or "").strip()
    if not query:
        raise ValueError(f"{place}: the query is empty")
    audience = (cells.get("audience") or "").strip()
    topics = tuple(part.strip() for part in (cells["topic"] or "").split("|") if part.strip())
    return Row(query, topics, audience if audience in _AUDIENCES else None)


def evaluate(kb: KnowledgeBase, rows: Iterable[Row]) -> dict[str, Any]:
    """The measures of contract 5. Shares are None where there is nothing to divide by; times are of whole searches."""
    kb.search("预热一下")
    outcomes = [_outcome(kb, row) for row in rows]
    inside = [o for o in outcomes if o.row.topics]
    outside = [o for o in outcomes if not o.row.topics]
    answered = [o for o in inside if o.decision == "answer"]
    times = [o.milliseconds for o in outcomes]
    return {
        "n": len(outcomes),
        "recall@1": _share([o.rank == 1 for o in inside]),
        "recall@5": _share([1 <= o.rank <= 5 for o in inside]),
        "mrr@10": _share([1 / o.rank if o.rank else 0.0 for o in inside]),
        "answered_in_scope": _share([o.decision == "answer" for o in inside]),
        "answered_out_of_scope": _share([o.decision == "answer" for o in outside]),
        "right_when_answered": _share([o.rank == 1 for o in answered]),
        "p50_ms": _percentile(times, 50),
        "p95_ms": _percentile(times, 95),
        "misses": [_miss(o) for o in outcomes if _is_miss(o)],
    }


def _outcome(kb: KnowledgeBase, row: Row) -> _Outcome:
    began = time.perf_counter()
    result: SearchResult = kb.search(row.query, audience=row.audience, limit=DEPTH)
    spent = (time.perf_counter() - began) * 1000
    return _Outcome(row, tuple(hit.entry.topic for hit in result.hits), result.decision, spent)


def _is_miss(outcome: _Outcome) -> bool:
    return outcome.rank != 1 if outcome.row.topics else outcome.decision == "answer"


def _miss(outcome: _Outcome) -> dict[str, Any]:
    return {
        "query": outcome.row.query,
        "topic": "|".join(outcome.row.topics),
        "rank": outcome.rank,
        "decision": outcome.decision,
        "found": list(outcome.found[:5]),
    }


def _share(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 4) if values else None


def _percentile(values: Sequence[float], percent: float) -> float | None:
    return round(float(np.percentile(values, percent)), 3) if values else None
