"""The documents that outside systems send, cut out of the contract's file character by character."""

from pathlib import Path

from graphql import FragmentDefinitionNode, FragmentSpreadNode, Node, OperationDefinitionNode, Visitor, parse, visit

FILE = Path(__file__).parents[1] / "contract" / "main-job.graphql"


class _Spreads(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_rest: object) -> None:
        self.names.add(node.name.value)


def _spread(node: Node) -> set[str]:
    spreads = _Spreads()
    visit(node, spreads)
    return spreads.names


def _text(node: Node) -> str:
    assert node.loc is not None
    return node.loc.source.body[node.loc.start:node.loc.end]


def documents() -> dict[str, str]:
    """Operation name → its text with the fragments it uses, each as it stands in the contract."""
    parsed = parse(FILE.read_text(encoding="utf-8"))
    fragments = {one.name.value: one for one in parsed.definitions if isinstance(one, FragmentDefinitionNode)}
    found = {}
    for operation in parsed.definitions:
        if isinstance(operation, OperationDefinitionNode):
            assert operation.name is not None
            used = [one for name, one in fragments.items() if name in _spread(operation)]
            assert not any(_spread(one) for one in used), "a fragment that uses another would need it too"
            found[operation.name.value] = "\n".join(_text(one) for one in (*used, operation))
    return found


DOCUMENTS = documents()
