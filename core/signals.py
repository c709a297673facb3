"""Wake-ups between tasks and processes: a topic was touched, look again.

Within a process they go directly; between processes over Redis publish/subscribe. A lost signal costs latency, never
data, because whoever waits reads the database by sequence number and also looks by itself from time to time.
"""

import asyncio
import contextlib
from collections import defaultdict

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

_CHANNEL = "intake:signals"
_RETRY_S = 1.0
_log = structlog.get_logger("signals")


class Follower:
    """One waiter on one topic; ``wait`` returns at once when a signal came since the last wait."""

    def __init__(self, signals: "Signals", topic: str) -> None:
        self._signals = signals
        self._topic = topic
        self._event = asyncio.Event()

    async def wait(self, timeout: float) -> bool:
        """True when signalled, False after ``timeout`` seconds."""
        try:
            await asyncio.wait_for(self._event.wait(), timeout)
        except TimeoutError:
            return False
        self._event.clear()
        return True

    def touch(self) -> None:
        self._event.set()

    def close(self) -> None:
        self._signals.forget(self._topic, self)


class Signals:
    """Topics and their followers. Without Redis it serves one process."""

    def __init__(self, redis: Redis | None = None) -> None:
        self._redis = redis
        self._followers: dict[str, set[Follower]] = defaultdict(set)
        self._outgoing: asyncio.Queue[str] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []

    def follow(self, topic: str) -> Follower:
        """A new follower of ``topic``; close it when done."""
        follower = Follower(self, topic)
        self._followers[topic].add(follower)
        return follower

    def forget(self, topic: str, follower: Follower) -> None:
        waiting = self._followers.get(topic)
        if waiting is not None:
            waiting.discard(follower)
            if not waiting:
                del self._followers[topic]

    def publish(self, topic: str) -> None:
        """Wake everyone here now, and other processes as soon as Redis carries it."""
        self._wake(topic)
        if self._redis is not None:
            self._outgoing.put_nowait(topic)

    def _wake(self, topic: str) -> None:
        for follower in tuple(self._followers.get(topic, ())):
            follower.touch()

    async def start(self) -> None:
        """Begin to exchange signals with other processes."""
        if self._redis is not None:
            self._tasks = [asyncio.create_task(self._send()), asyncio.create_task(self._listen())]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _send(self) -> None:
        assert self._redis is not None
        while True:
            topic = await self._outgoing.get()
            try:
                await self._redis.publish(_CHANNEL, topic)
            except (RedisError, OSError) as error:
                _log.warning("signal_not_sent", kind=type(error).__name__)

    async def _listen(self) -> None:
        while True:
            try:
                await self._listen_once()
            except (RedisError, OSError) as error:
                _log.warning("signals_interrupted", kind=type(error).__name__)
                await asyncio.sleep(_RETRY_S)

    async def _listen_once(self) -> None:
        assert self._redis is not None
        async with self._redis.pubsub() as subscription:
            await subscription.subscribe(_CHANNEL)
            for topic in tuple(self._followers):
                self._wake(topic)  # whatever was missed while away
            async for message in subscription.listen():
                if message["type"] == "message":
                    self._wake(message["data"].decode())
