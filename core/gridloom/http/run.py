"""Running a prepared operation on a schema: queries and mutations to one result, subscriptions to a stream of them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, aclosing
from functools import partial
from inspect import isawaitable
from typing import Any, Protocol, TypeGuard

import strawberry
from graphql import ExecutionResult, GraphQLError, GraphQLSchema, execute
from graphql.execution import (
    create_source_event_stream,
    execute_subscription_event,
)
from strawberry.execution.is_awaitable import optimized_is_awaitable

from gridloom.http.prepare import Prepared
from gridloom.http.share import SharedBodies

Answer = ExecutionResult | bytes
Finish = Callable[[ExecutionResult], bytes]
OpenContext = Callable[[], AbstractAsyncContextManager[Any]]


class Run(Protocol):
    """Runs a query or a mutation: a result, or the response body itself where it was compiled."""

    async def __call__(self, schema: strawberry.Schema, prepared: Prepared, context: Any) -> Answer: ...


def _is_awaitable(value: Any) -> TypeGuard[Awaitable[Any]]:
    return optimized_is_awaitable(value)


def graphql_schema(schema: strawberry.Schema) -> GraphQLSchema:
    """The graphql-core schema inside a Strawberry one."""
    return schema._schema


async def run_ordinary(schema: strawberry.Schema, prepared: Prepared, context: Any) -> ExecutionResult:
    """The per-field executor, with Strawberry's resolver info."""
    result = execute(
        graphql_schema(schema),
        prepared.document.node,
        context_value=context,
        variable_values=prepared.raw_variables,
        operation_name=prepared.operation_name,
        is_awaitable=_is_awaitable,
        hide_suggestions=True,
        executor_class=schema.execution_context_class,
        operation_extensions=None,
    )
    return await result if isawaitable(result) else result


async def run_subscription(
    schema: strawberry.Schema, prepared: Prepared, open_context: OpenContext, finish: Finish, bodies: SharedBodies
) -> AsyncIterator[bytes]:
    """Bodies of a subscription's events; each event is resolved in a context of its own, so that no transaction stays open.

    `finish` makes a body of a result. Events with an attribute `shared` that is not None have one body for all streams
    whose events have an equal one.
    """

    async def answer(event: Any) -> ExecutionResult:
        made = executor.build_per_event_executor(event)
        async with open_context() as context:
            made.context_value = context
            result = execute_subscription_event(made)
            return await result if isawaitable(result) else result

    executor, stream = await _source(schema, prepared, open_context)
    if isinstance(stream, ExecutionResult):
        yield finish(stream)
        return
    async with aclosing(stream):
        try:
            async for event in stream:
                shared = getattr(event, "shared", None)
                resolve = partial(answer, event)
                yield finish(await resolve()) if shared is None else await bodies.body(shared, resolve, finish)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            # The source itself failed: say so in the stream, then it ends.
            wrapped = GraphQLError("source failed", path=[], original_error=error)
            yield finish(ExecutionResult(None, errors=[wrapped]))


async def _source(
    schema: strawberry.Schema, prepared: Prepared, open_context: OpenContext
) -> tuple[Any, Any]:
    """The executor and the stream of events, or a result in its place where there is none."""
    async with open_context() as context:
        executor = schema.execution_context_class.build(
            graphql_schema(schema),
            prepared.document.node,
            context_value=context,
            raw_variable_values=prepared.raw_variables,
            operation_name=prepared.operation_name,
            is_awaitable=_is_awaitable,
            hide_suggestions=True,
            operation_extensions=None,
        )
        if isinstance(executor, list):
            return None, ExecutionResult(None, errors=executor)
        source = create_source_event_stream(executor)
        stream = await source if isawaitable(source) else source
    return executor, stream
