"""GraphQL types that every connection shares."""

import strawberry


@strawberry.type(description="Where a page ends.")
class PageInfo:
    """Where a page ends."""

    has_next_page: bool = strawberry.field(description="whether rows follow this page")
    end_cursor: str | None = strawberry.field(description="give it as `after` for the next page; null on an empty one")


@strawberry.type(description="How many rows all pages hold.")
class Count:
    """How many rows all pages hold."""

    value: int = strawberry.field(description="the number; at least this many when not exact")
    exact: bool = strawberry.field(description="false when counting stopped at 1,000")


@strawberry.type(description="What can be read.")
class Query:
    """What can be read."""
