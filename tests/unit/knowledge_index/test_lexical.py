from collections import Counter
from math import log
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from knowledge_index.lexical import K1, B, LexicalIndex

documents = st.lists(st.lists(st.sampled_from("abcdef"), max_size=8), min_size=1, max_size=8)


def _bm25(docs: list[list[str]], query: list[str]) -> list[float]:
    mean = sum(map(len, docs)) / len(docs) or 1.0
    scores = []
    for doc in docs:
        count, total = Counter(doc), 0.0
        for token in query:
            holding = sum(token in d for d in docs)
            idf = log(1 + (len(docs) - holding + 0.5) / (holding + 0.5))
            total += idf * count[token] * (K1 + 1) / (count[token] + K1 * (1 - B + B * len(doc) / mean))
        scores.append(total)
    return scores


@given(documents, st.lists(st.sampled_from("abcdefg"), unique=True, max_size=7))
def test_scores_are_bm25(docs: list[list[str]], query: list[str]) -> None:
    scores = LexicalIndex.build(docs).scores(dict.fromkeys(query, 1.0))
    np.testing.assert_allclose(scores, _bm25(docs, query), rtol=1e-4, atol=1e-5)


def test_a_saved_index_scores_the_same(tmp_path: Path) -> None:
    index = LexicalIndex.build([["失业", "业金"], ["公积", "积金"], []])
    index.save(tmp_path / "a.npz")
    loaded = LexicalIndex.load(tmp_path / "a.npz")
    query = {"失业": 1.0, "积金": 0.5}
    np.testing.assert_array_equal(index.scores(query), loaded.scores(query))
    assert loaded.holds(1, "积金") and not loaded.holds(0, "积金") and not loaded.holds(0, "没有")
