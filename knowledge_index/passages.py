"""What of an entry is searched: its questions, the catalogue's title and scope, and its body by section."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from core import catalog
from knowledge_index.entry import Entry
from knowledge_index.lexicon import Lexicon
from knowledge_index.text import bigrams, normalise

Kind = Literal["question", "scope", "body"]

_HEADING = re.compile(r"^#{1,6}\s*(.+?)\s*$", re.MULTILINE)
_MARKS = re.compile(r"[#*_`>|\[\]]|^\s*-\s+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Passage:
    """One searchable text; ``entry`` is the entry's position in the list that was given."""

    entry: int
    kind: Kind
    text: str


def passages(entries: Sequence[Entry]) -> list[Passage]:
    """Of all entries, in their order, so that an entry's passages stand together."""
    return [Passage(i, kind, text) for i, entry in enumerate(entries) for kind, text in _texts(entry)]


def _texts(entry: Entry) -> Iterable[tuple[Kind, str]]:
    for question in entry.questions:
        yield "question", question
    yield "scope", scope_text(entry)
    for section in sections(entry.body):
        yield "body", section


def scope_text(entry: Entry) -> str:
    """The catalogue's title and scope of the entry's topic; the question alone for a topic outside the catalogue."""
    topic = catalog.topics().get(entry.topic)
    return f"{entry.question} {topic.title} {topic.scope}" if topic else entry.question


def sections(body: str) -> list[str]:
    """The opening and each headed section of a Markdown body as plain text; a heading leads its section."""
    parts = _HEADING.split(body)
    texts = [parts[0], *(f"{head} {text}" for head, text in zip(parts[1::2], parts[2::2], strict=True))]
    return [plain for text in texts if (plain := " ".join(_MARKS.sub(" ", text).split()))]


def document_tokens(entry: Entry) -> list[str]:
    """Everything that the entry says, as one bag of bigrams; cited documents are part of it."""
    cited = " ".join(f"{c.document} {c.number or ''}" for c in entry.citations)
    texts = [*entry.questions, scope_text(entry), entry.body, cited, entry.unit]
    return [token for text in texts for token in bigrams(normalise(text))]


def widened(text: str, lexicon: Lexicon) -> str:
    """Normalised text followed by what its words also mean: what an embedder is given."""
    normal = normalise(text)
    return " ".join([normal, *(meaning for _, meaning in lexicon.expand(normal))])
