"""The knowledge base that serves now: the published snapshot, else the one made at set-up."""

import asyncio
from pathlib import Path

from knowledge_index.embed import load_embedder
from knowledge_index.search import KnowledgeBase
from knowledge_index.snapshot import current_name, open_current

LOOK_S = 2.0


class Knowledge:
    """Holds one snapshot in memory and swaps it for a newer one between two queries."""

    def __init__(self, cache: Path, var: Path, embedder: str) -> None:
        self._roots = (var / "knowledge", cache / "knowledge")
        self._embedder = load_embedder(embedder) if embedder else None
        self._serving = open_current(self._root(), self._embedder)
        self._looked_at = current_name(self._root())

    def current(self) -> KnowledgeBase:
        """The snapshot that serves."""
        return self._serving

    async def follow(self) -> None:
        """Until cancelled: load a snapshot as soon as it is made current."""
        while True:
            await asyncio.sleep(LOOK_S)
            root = self._root()
            name = current_name(root)
            if name is not None and name != self._looked_at:
                self._looked_at = name  # a damaged one is tried once, and the last good one goes on serving
                self._serving = await asyncio.to_thread(open_current, root, self._embedder)

    async def alive(self) -> bool:
        """Whether there is anything to answer from."""
        return bool(self._serving.entries)

    def _root(self) -> Path:
        published, made = self._roots
        return published if current_name(published) is not None else made
