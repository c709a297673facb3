"""Topics of the catalogue that no entry answers yet.

They are indexed, so that a question about one of them is recognised as such instead of being answered with a
neighbour's entry; they are never shown.
"""

from collections.abc import Sequence

from core import catalog
from core.clock import now
from knowledge_index.entry import Entry


def shadows(entries: Sequence[Entry]) -> list[Entry]:
    """A stand-in for each topic without an entry, made of the catalogue's title and scope."""
    covered = {entry.topic for entry in entries}
    return [_shadow(topic) for topic in catalog.topics().values() if topic.id not in covered]


def _shadow(topic: catalog.Topic) -> Entry:
    values = {
        "id": f"shadow.{topic.id}",
        "topic": topic.id,
        "audience": topic.audience,
        "department": topic.department,
        "question": topic.title,
        "similar": (),
        "citations": (),
        "updated": now().date(),
        "unit": "",
        "body": f"{topic.scope} {topic.basis}",
    }
    return Entry.of(values, topic.id)
