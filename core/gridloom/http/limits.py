"""What one request may ask for, checked on the bare document, before anything expensive looks at it.

Validation itself is quadratic in places (merging selections of equal names), so shape is bounded first, in linear time.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    parse,
)

from gridloom.errors import Denied

LIMIT_EXCEEDED = "LIMIT_EXCEEDED"


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps of one request. Bytes, seconds and counts; `cost` is fields × list sizes, known before execution.

    `prepare_…`: processor seconds that a caller who is no developer may use for documents the process has not seen.
    """

    body_bytes: int = 1_000_000
    drain_bytes: int = 32_000_000
    response_bytes: int = 8_000_000
    seconds: float = 10.0
    source_characters: int = 100_000
    tokens: int = 4_000
    comments: int = 200
    depth: int = 15
    fields: int = 1_000
    document_fields: int = 5_000
    aliases: int = 50
    directives: int = 50
    fragments: int = 50
    merges: int = 4_000
    cost: int = 20_000
    page: int = 200
    integer: int = 10_000_000
    list_items: int = 1_000
    variable_values: int = 50_000
    variable_depth: int = 40
    prepare_burst: float = 10.0
    prepare_per_second: float = 0.2
    streams_per_actor: int = 20
    streams: int = 2_000
    # Lists without `first` are counted as this long, unless they say that they are shorter.
    assumed_list: int = 5


def too_much(what: str, limit: int) -> Denied:
    """The refusal of a request that passes a cap; `what` completes the message id `limit-<what>`."""
    return Denied(LIMIT_EXCEEDED, f"limit-{what}", limit=limit)


def parse_within(source: str, limits: Limits) -> DocumentNode:
    """The document. Raises `Denied` over a cap, GraphQLSyntaxError for a broken one."""
    if len(source) > limits.source_characters:
        raise too_much("source", limits.source_characters)
    document = parse(
        source, no_location=False, max_lexical_tokens=limits.tokens, max_comments=limits.comments,
        max_source_length=limits.source_characters,
    )
    check_shape(document, limits)
    return document


@dataclass(slots=True)
class _Shape:
    """One definition on its own: spreads are named with the field depth at which they stand."""

    fields: int = 0
    aliases: int = 0
    directives: int = 0
    depth: int = 0
    spreads: list[tuple[str, int]] = field(default_factory=list)


def check_shape(document: DocumentNode, limits: Limits) -> None:
    """Refuse (with `Denied`) what is too deep, too wide or too repetitive, fragments expanded. Needs no schema."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if len(fragments) > limits.fragments:
        raise too_much("fragments", limits.fragments)
    shapes = {name: _shape(node) for name, node in fragments.items()}
    own = [_shape(node) for node in operations]
    every = [*own, *shapes.values()]
    if sum(len(shape.spreads) for shape in every) > 2 * limits.fragments + len(operations) * 5:
        raise too_much("fragments", limits.fragments)
    if sum(shape.aliases for shape in every) > limits.aliases:
        raise too_much("aliases", limits.aliases)
    if sum(shape.directives for shape in every) > limits.directives:
        raise too_much("directives", limits.directives)
    expanded = _Expanded(shapes)
    sizes = [expanded.size_and_depth(shape) for shape in every]
    if any(depth > limits.depth for _, depth in sizes):
        raise too_much("depth", limits.depth)
    if any(size > limits.fields for size, _ in sizes) or sum(size for size, _ in sizes) > limits.document_fields:
        raise too_much("fields", limits.fields)
    merges = sum(_merges(node.selection_set, fragments) for node in (*operations, *fragments.values()))
    if merges > limits.merges:
        raise too_much("merges", limits.merges)


def _shape(definition: OperationDefinitionNode | FragmentDefinitionNode) -> _Shape:
    shape = _Shape(directives=len(definition.directives or ()))
    stack: list[tuple[SelectionSetNode, int]] = [(definition.selection_set, 1)]
    while stack:
        selections, depth = stack.pop()
        for node in selections.selections:
            shape.directives += len(node.directives or ())
            if isinstance(node, FragmentSpreadNode):
                shape.spreads.append((node.name.value, depth - 1))
            elif isinstance(node, InlineFragmentNode):
                stack.append((node.selection_set, depth))
            elif isinstance(node, FieldNode):
                shape.fields += 1
                shape.aliases += node.alias is not None
                shape.depth = max(shape.depth, depth)
                if node.selection_set is not None:
                    stack.append((node.selection_set, depth + 1))
    return shape


class _Expanded:
    """Sizes with fragments counted at each spread; each fragment is measured once, so doubling chains cost nothing."""

    def __init__(self, fragments: Mapping[str, _Shape]) -> None:
        self._fragments = fragments
        self._known: dict[str, tuple[int, int]] = {}
        self._open: set[str] = set()

    def size_and_depth(self, shape: _Shape) -> tuple[int, int]:
        size, deepest = shape.fields, shape.depth
        for name, depth in shape.spreads:
            inner_size, inner_depth = self._fragment(name)
            size += inner_size
            deepest = max(deepest, depth + inner_depth)
        return size, deepest

    def _fragment(self, name: str) -> tuple[int, int]:
        if name not in self._fragments:
            return 0, 0  # validation names unknown fragments
        if name in self._open:
            # Refused here and not by validation: every walk below opens fragments and would never end.
            raise Denied("GRAPHQL_VALIDATION_FAILED", "limit-cycle")
        if name not in self._known:
            self._open.add(name)
            self._known[name] = self.size_and_depth(self._fragments[name])
            self._open.remove(name)
        return self._known[name]


def _merges(root: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]) -> int:
    """How many pairs of equally named fields validation must compare."""
    pairs = 0
    stack: list[list[SelectionSetNode]] = [[root]]
    while stack:
        groups: dict[str, list[FieldNode]] = {}
        for node in flatten(stack.pop(), fragments):
            groups.setdefault((node.alias or node.name).value, []).append(node)
        for nodes in groups.values():
            pairs += len(nodes) * (len(nodes) - 1) // 2
            inner = [node.selection_set for node in nodes if node.selection_set is not None]
            if inner:
                stack.append(inner)
    return pairs


def flatten(
    sets: Iterable[SelectionSetNode], fragments: Mapping[str, FragmentDefinitionNode]
) -> Iterator[FieldNode]:
    """The fields of selection sets, fragments opened (each once per list of sets, as execution does)."""
    stack: list[SelectionNode] = [node for selections in sets for node in selections.selections]
    seen: set[str] = set()
    while stack:
        node = stack.pop()
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, InlineFragmentNode):
            stack.extend(node.selection_set.selections)
        elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
            seen.add(node.name.value)
            fragment = fragments.get(node.name.value)
            if fragment is not None:
                stack.extend(fragment.selection_set.selections)
