import pytest

import gridloom_court

pytest_plugins = ["gridloom.testing.fixtures"]


@pytest.fixture(scope="session")
def plugins():
    return [gridloom_court]
