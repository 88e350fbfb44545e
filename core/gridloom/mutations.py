"""Every mutation runs here: one transaction, the key's memory, refusals as problems.

Refusals come in this order: NOT_FOUND, FORBIDDEN, KEY_REUSED, VALIDATION, CONFLICT, then the step's own. A refusal does not
consume its key.
"""

import dataclasses
import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from strawberry import UNSET

from gridloom.db import constraint_of
from gridloom.errors import Denied, ProblemCode, Refusal, invalid
from gridloom.outbox import IdempotencyKey
from gridloom.work import Actor, CountyView, Work, Works

KEY_LENGTH = 200
BEFORE_KEY = (ProblemCode.NOT_FOUND,)


class Asking(Protocol):
    """What a mutation needs of the request."""

    @property
    def works(self) -> Works: ...

    @property
    def county(self) -> CountyView: ...

    @property
    def actor(self) -> Actor: ...


Step = Callable[[Work], Awaitable[dict[str, Any]]]
"""A step of a service; returns the ids of what it made, kept with the key."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a mutation: the ids its step returned, whether it had run before, and why nothing changed."""

    ids: dict[str, Any] = field(default_factory=dict)
    replayed: bool = False
    problems: tuple[Refusal, ...] = ()


async def run(asking: Asking, operation: str, key: str, body: Any, step: Step) -> Outcome:
    """Run a step once. `body` is the input (a dataclass, its `key` is left out of the digest).

    Raises `Denied` for missing permission; every `Refusal` comes back as a problem and nothing has changed.
    """
    digest = _digest(body)
    try:
        return await _attempt(asking, operation, key, digest, step)
    except Refusal as refusal:
        return Outcome(problems=(refusal,))
    except IntegrityError as error:
        if constraint_of(error) != "pk_idempotency_key":
            raise
        # The same key committed in another request while this one ran: answer as it did.
        return await _attempt(asking, operation, key, digest, step)


async def _attempt(asking: Asking, operation: str, key: str, digest: str, step: Step) -> Outcome:
    async with asking.works.open(asking.county, asking.actor) as work:
        if not 0 < len(key) <= KEY_LENGTH or "\x00" in key:
            raise invalid("problem-key", "key")
        kept = (await work.heads(key)).kept
        if kept is not None:
            if (kept["operation"], kept["body_hash"]) == (operation, digest):
                return Outcome(dict(kept["result"]), replayed=True)
            await _refuse_reuse(work, step)
        if work.county.state == "SUSPENDED":
            raise Refusal(ProblemCode.SUSPENDED, "problem-suspended")
        ids = await step(work)
        work.writes.insert(IdempotencyKey, [
            {"actor_id": work.actor.id, "key": key, "operation": operation, "body_hash": digest, "result": ids,
             "at": work.now}
        ])
        return Outcome(ids)


async def _refuse_reuse(work: Work, step: Step) -> None:
    """Unknown subjects and missing permission are said before the reuse; whatever the step did is rolled back."""
    reused = Refusal(ProblemCode.KEY_REUSED, "problem-key-reused", path=("key",))
    try:
        await step(work)
    except Refusal as refusal:
        raise (refusal if refusal.code in BEFORE_KEY else reused) from None
    except Denied:
        raise
    raise reused


def _digest(body: Any) -> str:
    values = {name: value for name, value in _plain(body).items() if name != "key"}
    return hashlib.sha256(json.dumps(values, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = ((one.name, getattr(value, one.name)) for one in dataclasses.fields(value))
        return {name: _plain(part) for name, part in fields if part is not UNSET}
    if isinstance(value, dict):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (datetime, date, UUID)):
        return str(value)
    return value
