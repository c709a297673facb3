"""Fits the gate on queries that must be answered and queries that must not (``data/gate``)."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core import catalog
from knowledge_index.gate import DIRECTION, SIGNALS, Gate, Line

FOLDER = catalog.ROOT / "data" / "gate"
FALLBACK = FOLDER / "default.json"
ENOUGH = 25
ANSWERED_OUT_OF_SCOPE = 0.05
RIGHT_WHEN_ANSWERED = 0.94
OFFERED_OUT_OF_SCOPE = 0.30

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Observation:
    """A query's signals, and where the right topic stood: 1 is first, 0 is nowhere or out of scope."""

    signals: dict[str, float]
    in_scope: bool
    rank: int


@dataclass(frozen=True, slots=True)
class Sample:
    """A calibration query; no topic means that it must not be answered."""

    query: str
    topics: tuple[str, ...]


def read_samples(folder: Path = FOLDER) -> list[Sample]:
    """From ``in_scope.csv`` (query,topic) and ``out_of_scope.csv`` (query)."""
    samples = []
    for name in ("in_scope.csv", "out_of_scope.csv"):
        path = folder / name
        if path.is_file():
            with path.open(encoding="utf-8-sig", newline="") as file:
                samples += [
                    Sample(row["query"].strip(), tuple(t for t in (row.get("topic") or "").split("|") if t))
                    for row in csv.DictReader(file)
                ]
    return samples


def fit(observations: Sequence[Observation], log: Callable[[str], None] = print) -> Gate:
    """The gate for ``observations``; with too few of either kind the one that ships with the project."""
    inside = sum(o.in_scope for o in observations)
    if min(inside, len(observations) - inside) < ENOUGH:
        log("gate: too few calibration queries for these entries, the shipped coefficients are used")
        return Gate.load(FALLBACK)
    values = np.array([[o.signals[name] for name in SIGNALS] for o in observations], dtype=np.float64)
    mean, scale = values.mean(axis=0), np.maximum(values.std(axis=0), 1e-6)
    standard = (values - mean) / scale
    first, first_odds = _regress(standard, np.array([o.rank == 1 for o in observations]))
    among, among_odds = _regress(standard, np.array([1 <= o.rank <= 3 for o in observations]))
    gate = Gate(
        tuple(mean.tolist()), tuple(scale.tolist()), first, among,
        _answer_at(first_odds, observations), _choices_at(among_odds, observations),
    )  # fmt: skip
    log(f"gate: fitted on {inside} + {len(observations) - inside} queries, answers from {gate.answer_at:.2f}")
    return gate


def _regress(values: Floats, target: NDArray[np.bool_]) -> tuple[Line, Floats]:
    """The regression, and each row's probability from a fit that did not see it.

    Signals that overlap can get a weight of the wrong sign, by which a better match would count against an answer; such
    signals are left out.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    model = LogisticRegression(C=1.0, max_iter=1000)
    allowed = np.array([DIRECTION.get(name, 1) for name in SIGNALS])
    used = np.ones(len(SIGNALS), dtype=bool)
    while True:
        model.fit(values[:, used], target)
        weights = np.zeros(len(SIGNALS))
        weights[used] = model.coef_[0]
        wrong = weights * allowed < 0
        if not wrong.any():
            break
        used[np.argmin(weights * allowed)] = False
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    unseen = cross_val_predict(model, values[:, used], target, cv=folds, method="predict_proba")[:, 1]
    return Line(tuple(weights.tolist()), float(model.intercept_[0])), unseen


def _answer_at(odds: Floats, observations: Sequence[Observation]) -> float:
    """The lowest threshold that keeps both promises: few answers out of scope, most answers right."""
    inside = np.array([o.in_scope for o in observations])
    right = np.array([o.rank == 1 for o in observations])
    for threshold in np.arange(0.30, 0.96, 0.01):
        answered = odds >= threshold
        outside = answered[~inside].mean()
        correct = right[answered & inside].mean() if (answered & inside).any() else 1.0
        if outside <= ANSWERED_OUT_OF_SCOPE and correct >= RIGHT_WHEN_ANSWERED:
            return round(float(threshold), 2)
    return 0.95


def _choices_at(odds: Floats, observations: Sequence[Observation]) -> float:
    """The threshold above which no more than the allowed share of out-of-scope queries stays."""
    outside = odds[[not o.in_scope for o in observations]]
    return round(float(np.clip(np.quantile(outside, 1 - OFFERED_OUT_OF_SCOPE), 0.2, 0.9)), 2)
