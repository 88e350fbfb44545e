"""The main job from report to reopening, through the schema, with the refusals on its way."""

from tests.support.county import County

CASE = "case { id number status version dueAt allowedSteps }"


async def test_report_to_reopening(county: County) -> None:
    report = await county.step(
        "member", "reportCase", f"{CASE} trackingCode notice replayed",
        description="村口水沟堵塞,雨水漫到路上三天了。", workItemCode="C-10",
    )
    assert report["problems"] == []
    case = report["case"]
    assert (case["status"], case["version"], case["dueAt"]) == ("REPORTED", 1, None)
