import pytest

import gridloom_justice
from gridloom.testing.fixtures import trial, trial_servers

__all__ = ["plugins", "trial", "trial_servers"]


@pytest.fixture(scope="session")
def plugins():
    return [gridloom_justice]
