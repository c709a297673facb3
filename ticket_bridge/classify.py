"""Sorting a request: what kind it is, which second-level category, who is responsible, how urgent.

A linear model over character n-grams, trained from the catalogue and our own examples, made at set-up and kept in the
cache under the hash of what it is made from.
"""

import argparse
import csv
import hashlib
import io
import pickle
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline

from core.catalog import CATALOG, ROOT, categories

EXAMPLES = ROOT / "data" / "tickets" / "examples.csv"
CATEGORIES = CATALOG / "ticket_categories.csv"
FORM = "3"
"""Raised when the model's make-up changes, so that cached ones are made anew."""

_REQUEST_WORDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("report", re.compile(r"举报|检举|违法|无证|偷排|私自|非法|传销|造假")),
    ("complaint", re.compile(r"投诉|不作为|态度|乱收费|欺骗|骗|扰民|拖欠|不退|不管|推诿|霸道|没人管")),
    ("suggestion", re.compile(r"建议|希望能|能否增设")),
    ("praise", re.compile(r"表扬|感谢|点赞|锦旗")),
)
_URGENT = re.compile(
    r"窨井盖(?:没|缺|丢|不见)|塌(?:陷|了)|漏电|电线(?:掉|断|垂)|倒(?:塌|下来)|断(?:水|电)(?:好几|两|三|四)?天|爆管|危险|随时会"
)


@dataclass(frozen=True, slots=True)
class Classification:
    """``confidence`` is the probability of ``category``, 0 to 1; ``top3`` are (category, probability), best first."""

    request_type: str
    category: str
    unit: str
    urgency: str
    confidence: float
    top3: tuple[tuple[str, float], ...]


class Classifier:
    """A trained model."""

    def __init__(self, model: Pipeline) -> None:
        self._model = model

    def classify(self, title: str, description: str) -> Classification:
        """Sort one request."""
        words = description if title in description else f"{title} {description}"
        odds = self._model.predict_proba([_plain(words)])[0]
        best = np.argsort(-odds)[:3]
        top3 = tuple((str(self._model.classes_[i]), float(odds[i])) for i in best)
        category = top3[0][0]
        return Classification(
            request_type=request_type(words),
            category=category,
            unit=categories()[category].department,
            urgency="urgent" if _URGENT.search(words) else "normal",
            confidence=top3[0][1],
            top3=top3,
        )


def request_type(words: str) -> str:
    """The kind of request by the words used; a plea for help when nothing says otherwise."""
    return next((kind for kind, pattern in _REQUEST_WORDS if pattern.search(words)), "help")


def load_or_train(cache: Path) -> Classifier:
    """The model for the present examples: from ``cache``, else trained now and kept there."""
    path = cache / "classifier" / f"{_inputs_hash()}.pickle"
    if path.is_file():
        return Classifier(pickle.loads(path.read_bytes()))
    model = train(_rows())
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_bytes(pickle.dumps(model))
    fresh.replace(path)
    return Classifier(model)


def train(rows: Iterable[tuple[str, str]]) -> Pipeline:
    """A model from (text, category) rows."""
    texts, labels = zip(*rows, strict=True)
    features = FeatureUnion(
        [
            ("short", TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True)),
            ("long", TfidfVectorizer(analyzer="char", ngram_range=(2, 3), sublinear_tf=True)),
        ]
    )
    model = Pipeline([("features", features), ("choose", LogisticRegression(C=30.0, max_iter=400))])
    return model.fit([_plain(text) for text in texts], labels)


def _rows() -> list[tuple[str, str]]:
    rows = []
    for category in categories().values():
        if category.parent:
            rows += [(category.name, category.code), *((example, category.code) for example in category.examples)]
    if EXAMPLES.is_file():
        with EXAMPLES.open(encoding="utf-8", newline="") as file:
            rows += [(row["text"], row["category"]) for row in csv.DictReader(file)]
    return rows


def _plain(text: str) -> str:
    return re.sub(r"[\d\s，。！？、,.!?]+", " ", text).strip()


def _inputs_hash() -> str:
    total = hashlib.sha256(FORM.encode())
    for path in (CATEGORIES, EXAMPLES):
        total.update(path.read_bytes() if path.is_file() else b"")
    return total.hexdigest()[:20]


def evaluate(classifier: Classifier, file: io.TextIOBase | Iterable[str]) -> dict[str, Any]:
    """Contract 6's measures over CSV rows ``text,category[,request_type]``; right codes separated by ``|``."""
    first = third = kinds = with_kind = count = 0
    for row in csv.DictReader(file):
        right = set(row["category"].split("|"))
        found = classifier.classify("", row["text"])
        count += 1
        first += found.category in right
        third += any(code in right for code, _ in found.top3)
        if row.get("request_type"):
            with_kind += 1
            kinds += found.request_type in row["request_type"].split("|")
    result: dict[str, Any] = {"n": count, "top1": _share(first, count), "top3": _share(third, count)}
    if with_kind:
        result["request_type_accuracy"] = _share(kinds, with_kind)
    return result


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def main(argv: Sequence[str] | None = None) -> None:
    """``python -m ticket_bridge.classify --cache DIR``: make the model if it is not there."""
    parser = argparse.ArgumentParser(description="Train the sorting of requests into the cache.")
    parser.add_argument("--cache", type=Path, required=True)
    began = time.monotonic()
    load_or_train(parser.parse_args(argv).cache)
    print(f"sorting of requests ready after {time.monotonic() - began:.1f} s")


if __name__ == "__main__":
    main()
