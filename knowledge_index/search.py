"""The knowledge base as the assistant and the API use it: search, one entry, what is asked most."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.clock import now
from knowledge_index import hot
from knowledge_index.eligible import Eligibility
from knowledge_index.embed import Embedder
from knowledge_index.entry import Entry
from knowledge_index.follow_up import is_follow_up, names_asker
from knowledge_index.fuse import CONTEXT_RELATED, CONTEXT_TOPIC, ENTERPRISE_FIRST, Components, Weights, fuse
from knowledge_index.gate import SIGNALS, Decision, Gate
from knowledge_index.index import Index
from knowledge_index.lexicon import Lexicon
from knowledge_index.query import Query, prepare
from knowledge_index.signals import explain, signals
from knowledge_index.text import compact

Floats = NDArray[np.float32]
CLOSE = 0.6
MAX_CHOICES = 3
RIVAL = 0.1  # how far ahead something that may not be shown forbids an answer


@dataclass(frozen=True, slots=True)
class Hit:
    """``score`` is from 0 to 1: how likely this is what was asked, as the gate judges it. ``explain`` holds the matched
    terms, the lexicon's words, and each ranker's raw score, weight and share."""

    entry: Entry
    score: float
    explain: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class SearchResult:
    """``hits`` are ranked before the decision, one per topic; show them as ``decision`` says."""

    query: str
    decision: Decision
    hits: tuple[Hit, ...]

    @property
    def choices(self) -> tuple[Hit, ...]:
        """The two or three hits worth offering when the decision is ``choices``."""
        close = [hit for hit in self.hits if hit.score >= CLOSE * self.hits[0].score]
        return tuple((close if len(close) > 1 else self.hits)[:MAX_CHOICES])


class KnowledgeBase:
    """One immutable snapshot in memory; only ``withdraw`` changes what it shows."""

    def __init__(
        self,
        entries: Sequence[Entry],
        index: Index,
        embedder: Embedder,
        lexicon: Lexicon,
        gate: Gate,
        *,
        shadows: Sequence[Entry] = (),
        name: str = "",
        weights: Weights | None = None,
    ) -> None:
        self.entries = tuple(entries)
        self.shadows = tuple(shadows)
        self.name = name
        self.embedder = embedder
        self.lexicon = lexicon
        self.gate = gate
        self.weights = weights or Weights()
        self._index = index
        self._by_id = {entry.id: entry for entry in self.entries}
        self._all = (*self.entries, *self.shadows)
        self._eligible = Eligibility(self.entries, self.shadows)
        self._exact: dict[str, list[int]] = {}
        for position, entry in enumerate(self.entries):
            for question in entry.questions:
                self._exact.setdefault(compact(question), []).append(position)

    def search(
        self,
        query: str,
        *,
        audience: str | None = None,
        district: str | None = None,
        limit: int = 5,
        on: date | None = None,
        context: Entry | None = None,
    ) -> SearchResult:
        """The best entries for ``query``, one per topic, and whether to answer with the first.

        A citizen sees citizens' entries, an enterprise its own first and then the rest; ``on`` is the day of validity,
        today when absent; ``context`` is the entry answered before, used only for a question that leans on it.
        """
        leans = is_follow_up(query)
        leaning = context if leans else None
        asked = prepare(f"{query} {leaning.question}" if leaning else query, self.lexicon)
        shown = self._eligible.mask(audience, district, on or now().date())
        components = self._components(asked)
        fused = self._preferring(fuse(components, self.weights), audience, leaning, query)
        asks = self._exact.get(asked.key, [])
        exact = next((position for position in asks if shown[position]), None)
        if exact is not None:
            fused[exact] = fused.max() + 1e-3
        ranked = self._ranked(np.where(shown, fused, np.float32(0)), max(limit, MAX_CHOICES))
        if not asked.typed or not ranked:
            return SearchResult(query, "none", ())
        seen = signals(asked, ranked, components, fused, self._index)
        first, among = self.gate.probabilities(seen)
        certain = exact == ranked[0]
        about_nothing = leans and context is None
        about_hidden = exact is None and bool(asks)
        decision = self._decide(seen, certain=certain, refused=about_nothing or about_hidden)
        top = 1.0 if certain else max(first, among)
        return SearchResult(query, decision, self._hits(asked, ranked[:limit], components, fused, top, seen))

    def signals(self, query: str) -> tuple[dict[str, float], list[str]]:
        """What the gate sees for ``query`` asked today without filters, and the topics found, best first."""
        asked = prepare(query, self.lexicon)
        components = self._components(asked)
        fused = fuse(components, self.weights)
        shown = self._eligible.mask(None, None, now().date())
        ranked = self._ranked(np.where(shown, fused, np.float32(0)), MAX_CHOICES)
        if not asked.typed or not ranked:
            return dict.fromkeys(SIGNALS, 0.0), []
        return signals(asked, ranked, components, fused, self._index), [self.entries[p].topic for p in ranked]

    def entry(self, entry_id: str, *, on: date | None = None) -> Entry | None:
        """The entry when it exists and may be shown on that day (today when absent)."""
        found = self._by_id.get(entry_id)
        return found if found and self._shown(found, on or now().date()) else None

    def by_topic(self, topic: str, *, on: date | None = None) -> Entry | None:
        """The first entry in force of a topic."""
        day = on or now().date()
        return next((e for e in self.entries if e.topic == topic and self._shown(e, day)), None)

    def hot(
        self, audience: str | None = None, limit: int = 10, *, counts: Mapping[str, int] | None = None
    ) -> list[Entry]:
        """The most asked entries: by ``counts`` (askings by topic), then in the curated order."""
        counts = counts or {}
        day = now().date()
        curated = {topic: place for place, topic in enumerate(hot.curated(audience))}
        shown = self._eligible.mask(audience, None, day)
        own = [entry for position, entry in enumerate(self.entries) if shown[position]]
        if audience == "enterprise":
            own = [e for e in own if e.audience != "citizen"] or own
        own.sort(key=lambda e: (-counts.get(e.topic, 0), curated.get(e.topic, len(curated)), e.id))
        return own[:limit]

    def related(self, entry: Entry, *, on: date | None = None) -> list[Entry]:
        """The entries in force that ``entry`` names as related, then those it is confused with."""
        topics = dict.fromkeys([*entry.related, *(c.topic for c in entry.confusable)])
        found = [self.by_topic(topic, on=on) for topic in topics if topic != entry.topic]
        return [other for other in found if other is not None]

    def withdraw(self, entry_ids: set[str]) -> None:
        """From now on shows every entry but these, until the next snapshot leaves them out."""
        self._eligible.withdraw(entry_ids)

    def _shown(self, entry: Entry, day: date) -> bool:
        return entry.in_force(day) and entry.id not in self._eligible.withdrawn

    def _components(self, asked: Query) -> Components:
        """Also of what may not be shown: that it fits better is a reason not to answer with something else."""
        text = asked.widened if self.embedder.widened else asked.text
        return self._index.components(asked.weights, self.embedder.encode([text], side="query")[0])

    def _decide(self, seen: dict[str, float], *, certain: bool, refused: bool) -> Decision:
        """The gate's decision, but an exact question is answered, and nothing is while what may not be shown fits
        clearly better."""
        if certain:
            return "answer"
        decision = self.gate.decide(seen)
        if refused:
            return "none"
        return "choices" if decision == "answer" and seen["rival"] > RIVAL else decision

    def _preferring(self, fused: Floats, audience: str | None, leaning: Entry | None, query: str) -> Floats:
        if audience == "enterprise":
            fused = np.where(self._eligible.enterprise, fused * np.float32(ENTERPRISE_FIRST), fused)
        if leaning is not None:
            related = set(leaning.related) | {c.topic for c in leaning.confusable}
            own = 1.0 if names_asker(query) else CONTEXT_TOPIC
            factors = {topic: CONTEXT_RELATED for topic in related} | {leaning.topic: own}
            fused = fused * np.array([factors.get(e.topic, 1.0) for e in self._all], dtype=np.float32)
        return fused

    def _ranked(self, fused: Floats, limit: int) -> list[int]:
        """Positions of the best entries, one per topic, best first."""
        best: dict[str, int] = {}
        for position in np.argsort(-fused, kind="stable"):
            if fused[position] <= 0 or len(best) >= limit:
                break
            best.setdefault(self.entries[position].topic, int(position))
        return list(best.values())

    def _hits(
        self,
        asked: Query,
        ranked: Sequence[int],
        components: Components,
        fused: Floats,
        top: float,
        seen: dict[str, float],
    ) -> tuple[Hit, ...]:
        best = float(fused[ranked[0]])
        return tuple(
            Hit(
                self.entries[position],
                round(min(1.0, top * float(fused[position]) / best), 4),
                explain(asked, position, components, self.weights, self._index, seen if place == 0 else None),
            )
            for place, position in enumerate(ranked)
        )
