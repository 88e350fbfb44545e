"""The schemas that are compared with the contract, and their text as it is kept.

`python -m tests.contract.built` writes the kept texts anew; look at the difference before you commit it.
"""

from functools import cache
from pathlib import Path

from graphql import GraphQLSchema, print_schema

from gridloom.contract.host import PluginHost
from gridloom.http.run import graphql_schema
from gridloom.schema import Schemas

HERE = Path(__file__).parent
KEPT = HERE / "schemas"
SETS: dict[str, frozenset[str] | None] = {"core": frozenset(), "core+court": frozenset({"court"}), "all": None}
"""Plugin sets by name; None stands for every installed plugin."""


@cache
def built(name: str) -> GraphQLSchema:
    """The schema of a plugin set."""
    host = PluginHost.load()
    enabled = SETS[name]
    return graphql_schema(Schemas(host).of(frozenset(host.mechanisms) if enabled is None else enabled))


def text_of(name: str) -> str:
    """The schema's text, in the order of its declarations."""
    return print_schema(built(name)) + "\n"


def kept(name: str) -> Path:
    """Where the text of a plugin set is kept."""
    return KEPT / f"{name}.graphql"


def main() -> None:
    """Write the kept texts anew."""
    KEPT.mkdir(exist_ok=True)
    for name in ("core", "core+court"):
        kept(name).write_text(text_of(name), encoding="utf-8")
        print(kept(name))


if __name__ == "__main__":
    main()
