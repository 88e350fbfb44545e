"""Fixtures that every test may use: real servers, thrown away at the end."""

from collections.abc import Iterator

import pytest

from gridloom import embedded
from tests.support.servers import throw_away_servers


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "database: uses PostgreSQL; runs again on the oldest supported version")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses the servers, so that it can be run again on another PostgreSQL."""
    for item in items:
        if "servers" in getattr(item, "fixturenames", ()) or "embedded" in item.path.parts:
            item.add_marker("database")


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
