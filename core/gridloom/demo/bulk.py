"""Many rows in one statement: each column travels as one array and is unnested in the database."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, cast

from sqlalchemy import ARRAY, Dialect, Table, TextClause, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg

from gridloom.db import TenantRow
from gridloom.work import Work

BATCH = 2_000
DIALECT: Dialect = PGDialect_asyncpg()  # type: ignore[no-untyped-call]
Encode = Callable[[Any], Any]


async def insert_rows(work: Work, model: type[TenantRow], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all name the same columns. No default of the model is applied: name every column."""
    if not rows:
        return
    names = tuple(rows[0])
    statement, encoders = _statement(model, names)
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        columns: dict[str, Any] = {}
        for place, (name, encode) in enumerate(zip(names, encoders, strict=True)):
            values = [row[name] for row in batch]
            columns[f"c{place}"] = values if encode is None else [None if v is None else encode(v) for v in values]
        await work.session.execute(statement, columns)


@cache
def _statement(model: type[TenantRow], names: tuple[str, ...]) -> tuple[TextClause, tuple[Encode | None, ...]]:
    """Arrays of arrays and of JSON travel as text: unnest would take an inner array apart as well."""
    table = cast(Table, model.__table__)
    kinds = [table.c[name].type for name in names]
    encoders = tuple(_array if isinstance(one, ARRAY) else _json if isinstance(one, JSONB) else None for one in kinds)
    real = [one.compile(dialect=DIALECT) for one in kinds]
    sent = ["TEXT" if encode else kind for kind, encode in zip(real, encoders, strict=True)]
    columns = ", ".join(f'"{name}"' for name in names)
    picked = ", ".join(f'CAST("{name}" AS {kind})' if encode else f'"{name}"'
                       for name, kind, encode in zip(names, real, encoders, strict=True))
    arrays = ", ".join(f"CAST(:c{place} AS {kind}[])" for place, kind in enumerate(sent))
    return text(
        f'INSERT INTO "{table.name}" ({columns}) SELECT {picked} FROM unnest({arrays}) AS given ({columns})'
    ), encoders


def _array(values: Sequence[object]) -> str:
    escaped = (str(one).replace("\\", "\\\\").replace('"', '\\"') for one in values)
    return "{" + ",".join(f'"{one}"' for one in escaped) + "}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
