"""One server of a conversation at a time, across processes.

The lock only saves work: that a message is answered once is the database's doing. So without Redis turns go on.
"""

import contextlib
from collections.abc import AsyncIterator

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from core.ids import new_id

HOLD_MS = 60_000
_RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end"
_log = structlog.get_logger("locks")


class ConversationLock:
    """Locks by conversation id. One lost to a crash ends after ``HOLD_MS``, or when the same ``instance`` (a name that
    survives its restart) comes back."""

    def __init__(self, redis: Redis | None, instance: str) -> None:
        self._redis = redis
        self._instance = instance

    async def reclaim(self) -> None:
        """Drop what an earlier life of this instance still holds."""
        if self._redis is None:
            return
        with contextlib.suppress(RedisError, OSError):
            async for key in self._redis.scan_iter("intake:turn:*"):
                owner = await self._redis.get(key)
                name = owner.decode() if isinstance(owner, bytes) else owner
                if name is not None and name.startswith(f"{self._instance}/"):
                    await self._redis.delete(key)

    @contextlib.asynccontextmanager
    async def held(self, conversation: str) -> AsyncIterator[bool]:
        """True inside when the conversation is ours to serve."""
        if self._redis is None:
            yield True
            return
        key, owner = f"intake:turn:{conversation}", f"{self._instance}/{new_id()}"
        ours = await self._take(key, owner)
        try:
            yield ours
        finally:
            if ours:
                await self._release(key, owner)

    async def _take(self, key: str, owner: str) -> bool:
        assert self._redis is not None
        try:
            return bool(await self._redis.set(key, owner, nx=True, px=HOLD_MS))
        except (RedisError, OSError) as error:
            _log.warning("lock_unavailable", kind=type(error).__name__)
            return True

    async def _release(self, key: str, owner: str) -> None:
        assert self._redis is not None
        with contextlib.suppress(RedisError, OSError):
            await self._redis.eval(_RELEASE, 1, key, owner)
