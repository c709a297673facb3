"""The connection to Redis, or none when no address is set (single process, tests)."""

from redis.asyncio import Redis
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry


def connect(url: str) -> Redis | None:
    """A client with short time-outs: hot state may be missing, but it must never make a citizen wait."""
    if not url:
        return None
    retry = Retry(ExponentialBackoff(cap=0.2, base=0.02), 2)
    return Redis.from_url(
        url,
        socket_connect_timeout=1.0,
        socket_timeout=None,
        retry=retry,
        retry_on_error=[RedisConnectionError],
        health_check_interval=15,
    )
