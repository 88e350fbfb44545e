"""Fixtures that every test may use: real servers, thrown away at the end."""

from collections.abc import Iterator

import pytest

from gridloom import embedded
from tests.support.servers import throw_away_servers


@pytest.fixture(scope="session")
def servers() -> Iterator[embedded.Urls]:
    """PostgreSQL and Redis for this test run, both empty."""
    with throw_away_servers() as urls:
        yield urls


@pytest.fixture(scope="session")
def postgres_url(servers: embedded.Urls) -> str:
    """The administrator's URL of the throw-away cluster (its database `gridloom` is empty)."""
    return servers.postgres


@pytest.fixture(scope="session")
def redis_url(servers: embedded.Urls) -> str:
    """The throw-away Redis."""
    return servers.redis
