"""Questions: answered from the knowledge base with their source, or honestly not answered."""

from typing import Any

from bot.actions.base import Acted, IntakeAction, Turn
from bot.actions.tickets import about_named
from bot.replies import Choice, Reply, Say, choices
from knowledge_index.entry import Entry
from knowledge_index.search import SearchResult

MAX_QUERY = 500

_ENDINGS = (
    "这个问题我没有查到可靠的答案，不敢乱说。",
    "抱歉，这一条知识库里还没有，我没法给您准确答复。",
)


def answer_event(entry: Entry, suggestions: list[Choice]) -> Say:
    """The ``answer`` event for an entry."""
    body: dict[str, Any] = {
        "text": entry.body,
        "topic": entry.topic,
        "entry": entry.id,
        "question": entry.question,
        "citations": [citation.public() for citation in entry.citations],
        "updated": entry.updated.isoformat(),
        "suggestions": [{"id": option.id, "title": option.title} for option in suggestions],
    }
    for name in ("effective_from", "expires"):
        if (day := getattr(entry, name)) is not None:
            body[name] = day.isoformat()
    return Say("answer", body)


class Answer(IntakeAction):
    """``action_answer``: what the knowledge base decides for the question."""

    action_name = "action_answer"

    async def act(self, turn: Turn) -> Acted:
        result = self.search(turn)
        replies, topic = self.replies(turn, result)
        return Acted(replies, {"last_topic": topic or turn.slots.get("last_topic"), "misses": 0 if topic else 1})

    def search(self, turn: Turn) -> SearchResult:
        """The knowledge base's decision for what was said, after the answer before it."""
        knowledge = self.services.knowledge()
        last = turn.slots.get("last_topic")
        context = knowledge.by_topic(last) if last else None
        # A citizen may well ask how to open a company: only an enterprise narrows the corpus, by putting its own first.
        audience = "enterprise" if turn.audience == "enterprise" else None
        return knowledge.search(turn.heard.words[:MAX_QUERY], audience=audience, context=context)

    def replies(self, turn: Turn, result: SearchResult) -> tuple[list[Reply], str | None]:
        """What to say for ``result``, and the topic when it was answered."""
        if result.decision == "answer":
            best = result.hits[0].entry
            return [answer_event(best, self.related(best))], best.topic
        if result.decision == "choices":
            options = [Choice(f"topic:{hit.entry.topic}", hit.entry.question) for hit in result.choices]
            options.append(Choice("none", "都不是"))
            return [choices("您想问的是下面哪一个？", options, asks="which")], None
        return [not_known(turn)], None

    def related(self, entry: Entry) -> list[Choice]:
        """At most three neighbouring questions."""
        near = self.services.knowledge().related(entry)[:3]
        return [Choice(f"topic:{other.topic}", other.question) for other in near]


class Choose(IntakeAction):
    """``action_choose``: a tapped choice that no form waits for."""

    action_name = "action_choose"

    async def act(self, turn: Turn) -> Acted:
        kind, _, value = turn.heard.choice.partition(":")
        if kind == "topic":
            return self._topic(turn, value)
        if kind == "ticket":
            return await about_named(self.services, turn, value) or Acted([not_known(turn)])
        return Acted([not_known(turn)], {"misses": 1})

    def _topic(self, turn: Turn, topic: str) -> Acted:
        entry = self.services.knowledge().by_topic(topic)
        if entry is None:
            return Acted([not_known(turn)])
        related = Answer(self.services).related(entry)
        return Acted([answer_event(entry, related)], {"last_topic": topic, "misses": 0})


def not_known(turn: Turn) -> Say:
    """An honest no with ways on; worded differently the second time in a row."""
    said = any(_ENDINGS[0] in str(reply) for reply in turn.last_said)
    words = _ENDINGS[1] if said else _ENDINGS[0]
    options = [Choice("human", "转人工"), Choice("report", "我要反映问题")]
    return choices(f"{words}可以换个说法再问，也可以转人工，或者把问题登记下来由部门答复。", options)
