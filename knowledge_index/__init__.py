"""The policy knowledge base: entries, the index that finds them, the gate that knows when not to answer, and its API.

Reads ``data/knowledge``, ``data/lexicon``, ``data/gate`` and the catalogue; knows nothing about conversations, channels
or tickets, and imports only ``core``.
"""

from knowledge_index.entry import Citation, Confusable, Entry, EntryError
from knowledge_index.search import Hit, KnowledgeBase, SearchResult

__all__ = ["Citation", "Confusable", "Entry", "EntryError", "Hit", "KnowledgeBase", "SearchResult"]
