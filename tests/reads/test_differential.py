"""Random documents, answered on both paths, must come out equal, to the order of their keys."""

from tests.reads.asking import Compiling
from tests.reads.small_world import Example, compare


async def test_both_paths_agree(compiled: Compiling, random_documents: list[Example]) -> None:
    outcomes = await compare(random_documents, compiled)
    assert outcomes["compared"] > len(random_documents) * 0.5
    assert outcomes["cautious"] < len(random_documents) * 0.1
