"""One decision for each query: answer it, offer choices, or say that nothing fits.

Two logistic regressions over the same signals: is the first hit right, and is the right one among the first three.
Their coefficients are fitted when an index is built (``gate_fit``) and stored with it.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

Decision = Literal["answer", "choices", "none"]

SIGNALS = (
    "cosine",  # best passage of the first hit, dense
    "question",  # share of the query's rarity found in the first hit's best question
    "coverage",  # share of the query's rarity found anywhere in the first hit
    "known",  # share of the query's rarity that any entry knows
    "margin",  # how far the second topic is behind the first, 0 to 1
    "agreement",  # rankers that put the same topic first, 0 to 1
    "rival",  # how far something that may not be shown (a topic without entry, say) is ahead of the first hit, 0 to 0.5
    "length",  # logarithm of the query's length
)
DIRECTION = {"length": 0, "rival": -1}  # which way a signal may pull; every other one only towards an answer


@dataclass(frozen=True, slots=True)
class Line:
    """A logistic regression over standardised signals."""

    weights: tuple[float, ...]
    bias: float


@dataclass(frozen=True, slots=True)
class Gate:
    """``answer_at`` and ``choices_at`` are probabilities: the operating point."""

    mean: tuple[float, ...]
    scale: tuple[float, ...]
    first: Line
    among: Line
    answer_at: float
    choices_at: float

    def probabilities(self, signals: Mapping[str, float]) -> tuple[float, float]:
        """That the first hit is right, and that the right one is among the first three."""
        values = [(signals[name] - m) / s for name, m, s in zip(SIGNALS, self.mean, self.scale, strict=True)]
        return _sigmoid(self.first, values), _sigmoid(self.among, values)

    def decide(self, signals: Mapping[str, float]) -> Decision:
        first, among = self.probabilities(signals)
        if first >= self.answer_at:
            return "answer"
        return "choices" if among >= self.choices_at else "none"

    def save(self, path: Path) -> None:
        path.write_text(json.dumps({"signals": SIGNALS, **asdict(self)}, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "Gate":
        """Raises ValueError when the file was made for other signals."""
        return cls.of(json.loads(path.read_text(encoding="utf-8")))

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Gate":
        if tuple(values["signals"]) != SIGNALS:
            raise ValueError("the gate was fitted for other signals; build the index again")
        lines = {name: Line(tuple(values[name]["weights"]), values[name]["bias"]) for name in ("first", "among")}
        return cls(
            tuple(values["mean"]), tuple(values["scale"]), lines["first"], lines["among"],
            values["answer_at"], values["choices_at"],
        )  # fmt: skip


def _sigmoid(line: Line, values: list[float]) -> float:
    z = line.bias + sum(w * v for w, v in zip(line.weights, values, strict=True))
    return 1 / (1 + math.exp(-max(-50.0, min(50.0, z))))
