"""How often somebody may try to sign in: counted in Redis for all processes, here alone while Redis is away."""

import hashlib
import logging
import time
from collections import OrderedDict
from dataclasses import dataclass

from redis.asyncio import Redis
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

PREFIX = "gridloom:try:"


@dataclass(frozen=True, slots=True)
class Rule:
    """So many attempts in so many seconds."""

    name: str
    attempts: int
    seconds: int


ACCOUNT_FROM_DEVICE = Rule("ad", 5, 300)
ACCOUNT = Rule("a", 30, 900)
DEVICE = Rule("d", 60, 300)


class Throttle:
    """Attempts are counted before they are tried and given back when they succeed, so that races gain nothing."""

    def __init__(self, redis: Redis, kept: int = 10_000) -> None:
        self._redis = redis
        self._local: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self._kept = kept

    async def attempt(self, account: str, device: str) -> int:
        """Count one attempt. 0 when it may be tried, else the seconds to wait."""
        keys = _keys(account, device)
        counts = await self._count(keys)
        waits = [rule.seconds for (_, rule), count in zip(keys, counts, strict=True) if count > rule.attempts]
        return max(waits, default=0)

    async def succeeded(self, account: str, device: str) -> None:
        """Forget the attempts on this account from this device, and this one elsewhere."""
        keys = _keys(account, device)
        for key, _ in keys:
            began, count = self._local.get(key, (0.0, 0))
            if count:
                self._local[key] = (began, 0 if key == keys[0][0] else count - 1)
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                pipe.delete(keys[0][0])
                for key, _ in keys[1:]:
                    pipe.decr(key)
                await pipe.execute()
        except (RedisError, OSError):
            logger.warning("sign-in attempts are counted in this process only: Redis does not answer")

    async def _count(self, keys: list[tuple[str, Rule]]) -> list[int]:
        # Counted here too, always: who brings Redis down meets what this process has seen.
        local = [self._count_here(key, rule) for key, rule in keys]
        try:
            async with self._redis.pipeline(transaction=True) as pipe:
                for key, rule in keys:
                    pipe.incr(key)
                    pipe.expire(key, rule.seconds, nx=True)
                answers = await pipe.execute()
        except (RedisError, OSError):
            logger.warning("sign-in attempts are counted in this process only: Redis does not answer")
            return local
        return [int(count) for count in answers[::2]]

    def _count_here(self, key: str, rule: Rule) -> int:
        now = time.monotonic()
        began, count = self._local.pop(key, (now, 0))
        if now - began > rule.seconds:
            began, count = now, 0
        self._local[key] = (began, count + 1)
        while len(self._local) > self._kept:
            self._local.popitem(last=False)
        return count + 1


def _keys(account: str, device: str) -> list[tuple[str, Rule]]:
    named = ((f"{account}|{device}", ACCOUNT_FROM_DEVICE), (account, ACCOUNT), (device, DEVICE))
    return [(f"{PREFIX}{rule.name}:{hashlib.sha256(text.encode()).hexdigest()[:32]}", rule) for text, rule in named]
