"""How the default embedder is trained; apart from the trainer so that naming a model does not load PyTorch."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides what comes out, beside the entries and the lexicon. The same recipe gives the same
    model."""

    dimension: int = 192
    steps: int = 600
    batch_topics: int = 160
    learning_rate: float = 0.01
    scale: float = 16.0
    dropout: float = 0.3
    lexicon_weight: float = 0.25
    min_count: int = 2
    seed: int = 12345
