"""A question made ready for the rankers: its tokens with their weights, and what the lexicon adds."""

from dataclasses import dataclass

from knowledge_index.fuse import EXPANSION
from knowledge_index.lexicon import Lexicon
from knowledge_index.text import bigrams, compact, normalise


@dataclass(frozen=True, slots=True)
class Query:
    """``typed`` are the asker's own tokens; ``expansions`` are (word found, word it also means).

    ``stand_ins`` gives for a token of such a word the tokens of each official word.
    """

    text: str
    key: str
    typed: tuple[str, ...]
    expansions: tuple[tuple[str, str], ...]
    weights: dict[str, float]
    widened: str
    stand_ins: dict[str, list[list[str]]]


def prepare(text: str, lexicon: Lexicon) -> Query:
    """Repeated tokens count once, so that a long story does not drown in one word."""
    normal = normalise(text)
    typed = tuple(dict.fromkeys(bigrams(normal)))
    expansions = tuple(lexicon.expand(normal))
    weights = {token: EXPANSION for _, meaning in expansions for token in bigrams(meaning)}
    weights.update(dict.fromkeys(typed, 1.0))
    widened = " ".join([normal, *(meaning for _, meaning in expansions)])
    stand_ins: dict[str, list[list[str]]] = {}
    for word, meaning in expansions:
        for token in bigrams(word):
            stand_ins.setdefault(token, []).append(bigrams(meaning))
    return Query(text, compact(text), typed, expansions, weights, widened, stand_ins)
