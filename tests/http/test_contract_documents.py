"""The documents of outside systems stay far from the caps, at the largest pages they may ask for."""

from pathlib import Path

from graphql import OperationDefinitionNode, build_schema
from graphql.execution.values import VariableValues

from gridloom.http.cost import measure
from gridloom.http.limits import Limits
from gridloom.http.prepare import Documents

CONTRACT = Path(__file__).parents[1] / "contract"


def test_every_document_is_within_the_limits_even_sent_as_one() -> None:
    schema = build_schema((CONTRACT / "core.graphql").read_text(encoding="utf-8"))
    limits = Limits()
    text = (CONTRACT / "main-job.graphql").read_text(encoding="utf-8")
    document = Documents(limits).get(schema, text, developer=False)
    variables = VariableValues({}, {"first": limits.page})

    def cost(operation: OperationDefinitionNode) -> int:
        return measure(schema, operation, document.fragments, variables, limits)

    costs = {operation.name.value: cost(operation) for operation in document.operations if operation.name}
    assert len(costs) == 35
    assert max(costs.values()) == costs["CaseList"] == 13_608
    assert (costs["Case"], costs["Inbox"], costs["ReportCase"], costs["CaseChanged"]) == (1_263, 3_608, 58, 9)
