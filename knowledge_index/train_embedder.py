"""Trains the default embedder on the entries: two texts of one topic are pulled together, other topics pushed away.

A batch holds at most one pair per topic, so every other pair is a negative, the confusable neighbours among them.
Tokens are dropped at random so that no single word decides; pairs of the lexicon are trained beside the topics.
"""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, normalize

from knowledge_index.embed import OWN_MARK
from knowledge_index.entry import Entry
from knowledge_index.lexicon import Lexicon
from knowledge_index.passages import passages, widened
from knowledge_index.recipe import Recipe
from knowledge_index.text import ngrams

Progress = Callable[[str], None]
UNKNOWN = "[UNK]"
_Text = tuple[str, str, list[str]]  # topic, kind, n-grams


@dataclass(frozen=True, slots=True)
class _Corpus:
    """Texts as token ids, by topic: questions, and what the office says; and the pairs of the lexicon."""

    questions: list[list[list[int]]]
    official: list[list[list[int]]]
    pairs: list[tuple[list[int], list[int]]]


def train(
    entries: Sequence[Entry], lexicon: Lexicon, folder: Path, recipe: Recipe | None = None, progress: Progress = print
) -> None:
    """Writes a SentenceTransformer to ``folder``. The same inputs and recipe give the same model."""
    recipe = recipe or Recipe()
    texts = [(entries[p.entry].topic, p.kind, ngrams(widened(p.text, lexicon))) for p in passages(entries)]
    vocabulary, rarity = _vocabulary(texts, lexicon, recipe.min_count)
    corpus = _corpus(texts, lexicon, vocabulary)
    with _one_thread():
        weights = _weights(corpus, vocabulary, rarity, recipe, progress)
    _save(weights, vocabulary, folder, recipe)
    progress(f"embedder: {len(vocabulary)} n-grams, {recipe.dimension} dimensions, saved")


@contextmanager
def _one_thread() -> Iterator[None]:
    """These small batches are twice as fast on one thread, and the same on every machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _weights(
    corpus: _Corpus, vocabulary: dict[str, int], rarity: NDArray[np.float32], recipe: Recipe, progress: Progress
) -> NDArray[np.float32]:
    """The trained table, shape (n-grams, dimension); the unknown n-gram's row stays zero."""
    torch.manual_seed(recipe.seed)
    table = nn.EmbeddingBag(len(vocabulary), recipe.dimension, mode="mean")
    with torch.no_grad():
        table.weight.copy_(torch.randn_like(table.weight) * torch.from_numpy(rarity)[:, None])
        table.weight[0] = 0
    _fit(table, corpus, recipe, progress)
    trained: NDArray[np.float32] = table.weight.detach().numpy()
    return trained


def _vocabulary(texts: Sequence[_Text], lexicon: Lexicon, min_count: int) -> tuple[dict[str, int], NDArray[np.float32]]:
    """Token ids and the length each token's vector starts with: the rarer a token, the more it says."""
    seen_in: dict[str, int] = {}
    kept: set[str] = {token for pair in lexicon.pairs for word in pair for token in ngrams(word)}
    for _, kind, tokens in texts:
        for token in set(tokens):
            seen_in[token] = seen_in.get(token, 0) + 1
        if kind != "body":
            kept.update(tokens)
    kept.update(token for token, count in seen_in.items() if count >= min_count)
    vocabulary = {UNKNOWN: 0, **{token: i for i, token in enumerate(sorted(kept), start=1)}}
    counts = np.array([seen_in.get(token, 1) for token in vocabulary], dtype=np.float32)
    rarity = np.log(1 + len(texts) / counts)
    return vocabulary, (rarity / rarity.mean()).astype(np.float32)


def _corpus(texts: Sequence[_Text], lexicon: Lexicon, vocabulary: dict[str, int]) -> _Corpus:
    def ids(tokens: list[str]) -> list[int]:
        return [vocabulary[token] for token in tokens if token in vocabulary]

    questions: dict[str, list[list[int]]] = {}
    official: dict[str, list[list[int]]] = {}
    for topic, kind, tokens in texts:
        if found := ids(tokens):
            (questions if kind == "question" else official).setdefault(topic, []).append(found)
    topics = sorted(questions)
    pairs = [(ids(ngrams(a)), ids(ngrams(b))) for a, b in lexicon.pairs]
    return _Corpus([questions[t] for t in topics], [official.get(t, questions[t]) for t in topics], pairs)


def _fit(table: nn.EmbeddingBag, corpus: _Corpus, recipe: Recipe, progress: Progress) -> None:
    chance = random.Random(recipe.seed)
    optimizer = torch.optim.Adam(table.parameters(), lr=recipe.learning_rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, recipe.learning_rate, total_steps=recipe.steps)
    for step in range(1, recipe.steps + 1):
        loss = _topic_loss(table, corpus, recipe, chance)
        if len(corpus.pairs) > 1:
            pairs = chance.sample(corpus.pairs, min(64, len(corpus.pairs)))
            loss = loss + recipe.lexicon_weight * _contrast(table, pairs, recipe.scale)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        if table.weight.grad is not None:
            table.weight.grad[0] = 0
        optimizer.step()
        schedule.step()
        if step % max(1, recipe.steps // 10) == 0:
            progress(f"embedder: step {step}/{recipe.steps}, loss {loss.item():.3f}")


def _topic_loss(table: nn.EmbeddingBag, corpus: _Corpus, recipe: Recipe, chance: random.Random) -> Tensor:
    topics = chance.sample(range(len(corpus.questions)), min(recipe.batch_topics, len(corpus.questions)))
    pairs = [_pair(corpus, topic, recipe.dropout, chance) for topic in topics]
    return _contrast(table, pairs, recipe.scale)


def _pair(corpus: _Corpus, topic: int, dropout: float, chance: random.Random) -> tuple[list[int], list[int]]:
    asked = corpus.questions[topic]
    first = chance.choice(asked)
    second = chance.choice(asked if chance.random() < 0.5 else corpus.official[topic])
    return _dropped(first, dropout, chance), _dropped(second, dropout, chance)


def _dropped(ids: list[int], dropout: float, chance: random.Random) -> list[int]:
    return [i for i in ids if chance.random() >= dropout] or ids


def _contrast(table: nn.EmbeddingBag, pairs: Sequence[tuple[list[int], list[int]]], scale: float) -> Tensor:
    """Symmetric cross-entropy of the cosine matrix, the diagonal being right."""
    left = _encode(table, [pair[0] for pair in pairs])
    right = _encode(table, [pair[1] for pair in pairs])
    cosines = scale * left @ right.T
    target = torch.arange(len(pairs))
    return (cross_entropy(cosines, target) + cross_entropy(cosines.T, target)) / 2


def _encode(table: nn.EmbeddingBag, texts: list[list[int]]) -> Tensor:
    starts = np.cumsum([0, *(len(ids) for ids in texts[:-1])])
    flat = torch.tensor([i for ids in texts for i in ids], dtype=torch.long)
    encoded: Tensor = table(flat, torch.from_numpy(starts))
    return normalize(encoded, dim=1)


def _save(weights: NDArray[np.float32], vocabulary: dict[str, int], folder: Path, recipe: Recipe) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding
    from tokenizers import Tokenizer, models, pre_tokenizers

    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    model = SentenceTransformer(
        modules=[StaticEmbedding(tokenizer, embedding_weights=weights), Normalize()], device="cpu"
    )
    model.save(str(folder), create_model_card=False)
    mark = {"input": "character n-grams separated by spaces", "recipe": asdict(recipe)}
    (folder / OWN_MARK).write_text(json.dumps(mark, indent=1) + "\n", encoding="utf-8")
