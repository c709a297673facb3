"""Sentence vectors: the project's own small model read with numpy alone, or any model of sentence-transformers.

The own model is an ordinary SentenceTransformer (a ``StaticEmbedding`` over character n-grams, then ``Normalize``)
whose texts are split into n-grams first; reading it without PyTorch gives the same vectors and starts at once.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from knowledge_index.text import ngrams, normalise

Floats = NDArray[np.float32]
Side = Literal["query", "passage"]
Progress = Callable[[str], None]

OWN_MARK = "intake_embedder.json"
BATCH = 64


class EmbedderError(RuntimeError):
    """An embedder that cannot be loaded, or is not the one that an index was made with."""


class Embedder(Protocol):
    """``fingerprint`` changes whenever the vectors could. ``widened`` tells whether texts come with the lexicon's words
    added, which helps a bag of n-grams and would confuse a model that reads sentences."""

    source: str
    dimension: int
    fingerprint: str
    widened: bool

    def encode(self, texts: Sequence[str], side: Side = "passage", progress: Progress | None = None) -> Floats:
        """Vectors of shape (texts, dimension), each of length one (or zero for a text that means nothing to it)."""
        ...


class OwnEmbedder:
    """The trained default, from the folder that ``train_embedder`` wrote."""

    widened = True

    def __init__(self, folder: Path) -> None:
        self.source = str(folder)
        self._folder = folder
        self._vocabulary, self._weights = _read_own(folder)
        self.dimension = int(self._weights.shape[1])
        self.fingerprint = _digest([b"own", *_vocabulary_bytes(self._vocabulary), self._weights.tobytes()])

    def encode(self, texts: Sequence[str], side: Side = "passage", progress: Progress | None = None) -> Floats:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            ids = [i for token in ngrams(normalise(text)) if (i := self._vocabulary.get(token)) is not None]
            if ids:
                vectors[row] = self._weights[ids].sum(axis=0)
        if progress:
            progress(f"encoded {len(texts)}/{len(texts)}")
        return unit(vectors)

    def copy_to(self, folder: Path) -> None:
        """The model's files, so that a snapshot carries what reads it."""
        shutil.copytree(self._folder, folder)


class TransformerEmbedder:
    """Any model that sentence-transformers can load, by local directory or hub name."""

    widened = False

    def __init__(self, source: str) -> None:
        from sentence_transformers import SentenceTransformer

        self.source = source
        try:
            self._model = SentenceTransformer(source, device="cpu")
        except Exception as error:  # the loaders raise whatever they meet
            raise EmbedderError(f"INTAKE_EMBEDDER: {source} cannot be loaded: {type(error).__name__}") from error
        self.dimension = int(self._model.get_embedding_dimension() or 0)
        self.fingerprint = _digest(_state_bytes(self._model))

    def encode(self, texts: Sequence[str], side: Side = "passage", progress: Progress | None = None) -> Floats:
        encode = self._model.encode_query if side == "query" else self._model.encode_document
        batches = []
        for start in range(0, len(texts), BATCH):
            batch = list(texts[start : start + BATCH])
            batches.append(np.asarray(encode(batch, batch_size=BATCH, show_progress_bar=False), dtype=np.float32))
            if progress:
                progress(f"encoded {start + len(batch)}/{len(texts)}")
        return unit(np.concatenate(batches)) if batches else np.zeros((0, self.dimension), dtype=np.float32)


def load_embedder(source: str | Path) -> Embedder:
    """The embedder at a local directory (the own kind is recognised by its mark) or of a hub name.

    Raises EmbedderError.
    """
    folder = Path(source)
    if (folder / OWN_MARK).is_file():
        return OwnEmbedder(folder)
    return TransformerEmbedder(str(source))


def own_input(text: str) -> str:
    """What the own model's tokenizer must be given when it is loaded with sentence-transformers directly."""
    return " ".join(ngrams(normalise(text)))


def unit(vectors: Floats) -> Floats:
    """Each row scaled to length one; zero rows stay."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Floats = (vectors / np.maximum(lengths, 1e-12)).astype(np.float32)
    return scaled


def _read_own(folder: Path) -> tuple[dict[str, int], Floats]:
    from safetensors.numpy import load_file

    try:
        module = folder / json.loads((folder / "modules.json").read_text("utf-8"))[0]["path"]
        vocabulary = json.loads((module / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
        weights = load_file(module / "model.safetensors")["embedding.weight"]
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise EmbedderError(f"the embedder at {folder} is damaged: {type(error).__name__}") from error
    return vocabulary, np.ascontiguousarray(weights, dtype=np.float32)


def _vocabulary_bytes(vocabulary: dict[str, int]) -> list[bytes]:
    return [f"{token}\x1f{i}\n".encode() for token, i in sorted(vocabulary.items())]


def _state_bytes(model: Any) -> list[bytes]:
    parts = [type(module).__name__.encode() for module in model]
    for name, tensor in sorted(model.state_dict().items()):
        parts += [name.encode(), tensor.detach().cpu().contiguous().float().numpy().tobytes()]
    return parts


def _digest(parts: Sequence[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()[:32]
