"""Running a prepared operation on a schema: queries and mutations to one result, subscriptions to a stream of them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, aclosing
from inspect import isawaitable
from typing import Any, Protocol, TypeGuard

import strawberry
from graphql import ExecutionResult, GraphQLError, GraphQLSchema, execute
from graphql.execution import (
    Executor,
    create_source_event_stream,
    execute_subscription_event,
    map_source_to_response_event,
)
from strawberry.execution.is_awaitable import optimized_is_awaitable

from gridloom.http.prepare import Prepared

Answer = ExecutionResult | bytes
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
    schema: strawberry.Schema, prepared: Prepared, open_context: OpenContext
) -> AsyncIterator[ExecutionResult]:
    """Results of a subscription; each event is resolved in a context of its own, so that no transaction stays open."""

    async def resolve(executor: Executor[Any]) -> ExecutionResult:
        async with open_context() as context:
            executor.context_value = context
            result = execute_subscription_event(executor)
            return await result if isawaitable(result) else result

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
            yield ExecutionResult(None, errors=executor)
            return
        source = create_source_event_stream(executor)
        stream = await source if isawaitable(source) else source
        if isinstance(stream, ExecutionResult):
            yield stream
            return
        results = map_source_to_response_event(executor, stream, resolve)
        async with aclosing(results):
            try:
                async for result in results:
                    yield result
            except asyncio.CancelledError:
                raise
            except Exception as error:
                # The source itself failed: say so in the stream, then it ends.
                wrapped = GraphQLError("source failed", path=[], original_error=error)
                yield ExecutionResult(None, errors=[wrapped])
