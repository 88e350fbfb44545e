"""Instances for Python resolvers and mutation payloads."""

from collections.abc import Mapping
from typing import TypeVar

import strawberry
from sqlalchemy import inspect

from gridloom.reads.registry import Registry
from gridloom.reads.resolve import by_key

T = TypeVar("T")


async def load(info: strawberry.Info, cls: type[T], id: object) -> T | None:
    """The instance of this id, or None when there is none or the caller may not see it. Reads committed data."""
    found: T | None = await by_key((_registry(info).type_of(cls),), id, info.context.loaders, through=False)
    return found


def prime(info: strawberry.Info, cls: type[T], row: object) -> T:
    """The instance of a row that the caller may see: a loaded model instance, or a mapping by column name."""
    if not isinstance(row, Mapping):
        row = {attribute.columns[0].name: getattr(row, attribute.key) for attribute in inspect(type(row)).column_attrs}
    made: T = _registry(info).type_of(cls).make(row)
    return made


def _registry(info: strawberry.Info) -> Registry:
    registry: Registry = info.schema.registry  # type: ignore[attr-defined]
    return registry
