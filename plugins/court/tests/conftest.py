import gridloom_court
import pytest

pytest_plugins = ["gridloom.testing.fixtures"]


@pytest.fixture(scope="session")
def plugins():
    return [gridloom_court]
